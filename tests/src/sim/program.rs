//! Random configurations: a graph of things, and changes of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Random;

/// A configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    things: BTreeMap<u64, Thing>,
    next: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Thing {
    size: u64,
    zone: u64,
    create_first: bool,
    /// Its health is looked at, which its attribute `extra` says, too.
    is_asked: bool,
    /// It is replaced with the first of those that it needs.
    follows: bool,
    /// Things with lower numbers.
    needs: Vec<u64>,
}

impl Program {
    /// Returns a configuration with some things.
    pub fn new(random: &mut Random) -> Self {
        let mut program = Self::default();
        for _ in 0..1 + random.below(8) {
            program.add(random);
        }
        program
    }

    fn add(&mut self, random: &mut Random) {
        let number = self.next;
        self.next += 1;
        let needs = self.needs(number, random);
        let thing = Thing {
            size: random.below(9),
            zone: random.below(3),
            create_first: random.percent(30),
            is_asked: random.percent(30),
            follows: random.percent(20),
            needs,
        };
        self.things.insert(number, thing);
    }

    fn needs(&self, number: u64, random: &mut Random) -> Vec<u64> {
        let lower: Vec<u64> = self.things.keys().copied().filter(|own| *own < number).collect();
        let percent = [0, 20, 60][random.below(3) as usize];
        lower.into_iter().filter(|_| random.percent(percent)).take(3).collect()
    }

    /// Changes something, and says what.
    pub fn change(&mut self, random: &mut Random) -> String {
        let numbers: Vec<u64> = self.things.keys().copied().collect();
        let kind = random.below(9);
        if numbers.is_empty() || kind == 0 {
            self.add(random);
            return format!("add r{}", self.next - 1);
        }
        let number = numbers[random.below(numbers.len() as u64) as usize];
        let needs = self.needs(number, random);
        let Some(thing) = self.things.get_mut(&number) else { return String::new() };
        match kind {
            1 | 2 => {
                thing.size += 1;
                format!("change r{number}")
            }
            3 => {
                thing.zone += 1;
                format!("replace r{number}")
            }
            4 => {
                thing.create_first = !thing.create_first;
                thing.zone += 1;
                format!("replace r{number} the other way")
            }
            5 => {
                thing.needs = needs;
                format!("let r{number} need others")
            }
            6 => {
                self.remove(number);
                format!("remove r{number}")
            }
            7 => {
                thing.is_asked = !thing.is_asked;
                format!("ask after r{number} or not")
            }
            _ => {
                let thing = thing.clone();
                self.remove(number);
                self.things.insert(self.next, thing);
                self.next += 1;
                format!("rename r{number} to r{}", self.next - 1)
            }
        }
    }

    fn remove(&mut self, number: u64) {
        self.things.remove(&number);
        for thing in self.things.values_mut() {
            thing.needs.retain(|own| *own != number);
        }
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.things.clear();
    }

    /// Returns the source.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("environment dev {\n");
        for (number, thing) in &self.things {
            let needs: Vec<String> = thing.needs.iter().map(|own| format!("r{own}.id")).collect();
            let first = if thing.create_first { "@replace(create_first)  " } else { "" };
            let follows = match thing.needs.first().filter(|_| thing.follows) {
                Some(need) => format!("@replace_with(r{need})  "),
                None => String::new(),
            };
            let asked = if thing.is_asked {
                "@health(tcp = \"${self.id}:1\", every = 1s, within = 20s)  extra = \"asked\", "
            } else {
                ""
            };
            let _infallible = writeln!(
                text,
                "  resource mem.thing r{number} {{ {first}{follows}{asked}name = \"r{number}\", size = {}, zone = \"z{}\", members = [{}] }}",
                thing.size,
                thing.zone,
                needs.join(", ")
            );
        }
        text + "}\n"
    }
}
