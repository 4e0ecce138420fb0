//! Compiles `src/syntax/grammar.pest` to the functions that match it.
//!
//! Takes the grammar, which pest's own library reads, validates and simplifies, and writes
//! `grammar.rs` into the build folder: the enumeration of the rules, and a function for each. A
//! function looks at the next byte before it tries an alternative, so that what cannot start there
//! costs one look into a table; where failures are tracked (`TRACK`) it tries all, in pest's order.
//! `src/syntax/machine.rs` is what the functions run on.

#![expect(clippy::wildcard_enum_match_arm, reason = "what pest has beyond this grammar is refused")]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use pest_meta::ast::RuleType;
use pest_meta::optimizer::{OptimizedExpr as Expr, OptimizedRule};

const GRAMMAR: &str = "src/syntax/grammar.pest";
/// What follows is no byte but the end of the text.
const END: usize = 256;

#[expect(clippy::disallowed_methods, reason = "the build is no evaluation")]
fn main() {
    println!("cargo::rerun-if-changed={GRAMMAR}");
    println!("cargo::rerun-if-changed=build.rs");
    let text = std::fs::read_to_string(GRAMMAR).expect("the grammar is readable");
    let (_, rules) = pest_meta::unwrap_or_report(pest_meta::parse_and_optimize(&text));
    let folder = std::env::var_os("OUT_DIR").expect("cargo names the build folder");
    let code = Compiler::new(rules).compile();
    std::fs::write(Path::new(&folder).join("grammar.rs"), code).expect("the code is written");
}

/// A set of what can follow: bytes, and the end.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Set([bool; END + 1]);

impl Set {
    const NONE: Self = Self([false; END + 1]);
    const ALL: Self = Self([true; END + 1]);

    fn of(first: u8, last: u8) -> Self {
        let mut set = Self::NONE;
        set.0[usize::from(first)..=usize::from(last)].fill(true);
        set
    }

    fn combine(self, other: Self, rule: impl Fn(bool, bool) -> bool) -> Self {
        Self(std::array::from_fn(|at| rule(self.0[at], other.0[at])))
    }

    fn or(self, other: Self) -> Self {
        self.combine(other, |one, two| one || two)
    }

    fn and(self, other: Self) -> Self {
        self.combine(other, |one, two| one && two)
    }

    fn without(self, other: Self) -> Self {
        self.combine(other, |one, two| one && !two)
    }

    fn members(&self) -> Vec<usize> {
        (0..=END).filter(|at| self.0[*at]).collect()
    }
}

/// What has to follow for an expression to match.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Starts {
    /// What it takes something of; more may be here than matches.
    taking: Set,
    /// Where it matches and takes nothing; more may be here than matches.
    empty: Set,
    /// Where it matches for sure.
    sure: Set,
}

impl Starts {
    const NONE: Self = Self { taking: Set::NONE, empty: Set::NONE, sure: Set::NONE };

    fn any(&self) -> Set {
        self.taking.or(self.empty)
    }
}

struct Compiler {
    rules: Vec<OptimizedRule>,
    starts: HashMap<String, Starts>,
    /// The tables that the code looks into, each once.
    tables: Vec<[u16; END + 1]>,
}

impl Compiler {
    fn new(rules: Vec<OptimizedRule>) -> Self {
        let mut compiler = Self { rules, starts: HashMap::new(), tables: Vec::new() };
        // What matches for sure comes first, since what does not follow is told by it.
        for is_sure in [true, false] {
            loop {
                let mut changed = false;
                for rule in &compiler.rules {
                    let mut found = compiler.starts_of(&rule.expr);
                    let known = compiler.starts.get(&rule.name).copied().unwrap_or(Starts::NONE);
                    if is_sure {
                        found = Starts { sure: found.sure, ..Starts::NONE };
                    } else {
                        found.sure = known.sure;
                    }
                    if found != known {
                        compiler.starts.insert(rule.name.clone(), found);
                        changed = true;
                    }
                }
                if !changed {
                    break;
                }
            }
        }
        compiler
    }

    fn rule(&self, name: &str) -> &OptimizedRule {
        let rule = self.rules.iter().find(|rule| rule.name == name);
        rule.unwrap_or_else(|| panic!("{GRAMMAR}: `{name}` is no rule that is supported"))
    }

    fn starts_of(&self, expr: &Expr) -> Starts {
        let all_bytes = Set::of(0, u8::MAX);
        match expr {
            Expr::Str(text) => match text.as_bytes() {
                [] => Starts { taking: Set::NONE, empty: Set::ALL, sure: Set::ALL },
                [only] => {
                    let set = Set::of(*only, *only);
                    Starts { taking: set, empty: Set::NONE, sure: set }
                }
                [first, ..] => Starts { taking: Set::of(*first, *first), ..Starts::NONE },
            },
            Expr::Range(..) => {
                let set = class_of_range(expr);
                Starts { taking: set, empty: Set::NONE, sure: set }
            }
            Expr::Ident(name) if name == "ANY" => {
                Starts { taking: all_bytes, empty: Set::NONE, sure: all_bytes }
            }
            Expr::Ident(name) if name == "EOI" => {
                let end = Set::ALL.without(all_bytes);
                Starts { taking: Set::NONE, empty: end, sure: end }
            }
            Expr::Ident(name) => self.starts.get(name).copied().unwrap_or(Starts::NONE),
            Expr::PosPred(inner) => {
                let inner = self.starts_of(inner);
                Starts { taking: Set::NONE, empty: inner.any(), sure: inner.sure }
            }
            Expr::NegPred(inner) => {
                let inner = self.starts_of(inner);
                let sure = Set::ALL.without(inner.any());
                Starts { taking: Set::NONE, empty: Set::ALL.without(inner.sure), sure }
            }
            Expr::Seq(first, second) => {
                let (first, second) = (self.starts_of(first), self.starts_of(second));
                Starts {
                    taking: first.taking.or(first.empty.and(second.taking)),
                    empty: first.empty.and(second.empty),
                    sure: Set::NONE,
                }
            }
            Expr::Choice(first, second) => {
                let (first, second) = (self.starts_of(first), self.starts_of(second));
                Starts {
                    taking: first.taking.or(second.taking),
                    empty: first.empty.or(second.empty),
                    sure: first.sure.or(second.sure),
                }
            }
            Expr::Opt(inner) | Expr::Rep(inner) => {
                let taking = self.starts_of(inner).taking;
                Starts { taking, empty: Set::ALL, sure: Set::ALL }
            }
            Expr::Skip(_) => Starts { taking: all_bytes, empty: Set::ALL, sure: Set::ALL },
            other => panic!("{GRAMMAR}: {other:?} is not supported"),
        }
    }

    /// Returns the bytes of which an expression takes exactly one, if it is no more than that.
    fn class(&self, expr: &Expr) -> Option<Set> {
        match expr {
            Expr::Str(text) if text.len() == 1 => {
                Some(Set::of(text.as_bytes()[0], text.as_bytes()[0]))
            }
            Expr::Range(..) => Some(class_of_range(expr)),
            Expr::Choice(first, second) => Some(self.class(first)?.or(self.class(second)?)),
            Expr::Ident(name) if name != "ANY" && name != "EOI" => {
                let rule = self.rule(name);
                if rule.ty == RuleType::Silent { self.class(&rule.expr) } else { None }
            }
            _ => None,
        }
    }

    fn compile(mut self) -> String {
        let rules = self.rules.clone();
        let named: Vec<&OptimizedRule> =
            rules.iter().filter(|rule| rule.ty != RuleType::Silent).collect();
        let mut code = String::from(
            "/// The rules that make pairs.\n\
             #[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub(in crate::syntax) enum Rule {\n",
        );
        for rule in &named {
            let _ = writeln!(code, "    r#{},", rule.name);
        }
        code.push_str("    EOI,\n}\n\n");
        code.push_str(
            "/// Matches a rule at the machine's place.\npub(super) fn matches<const TRACK: bool>(\
             rule: Rule, m: &mut Machine<'_, TRACK>) -> bool {\n    match rule {\n",
        );
        for rule in &named {
            let _ = writeln!(code, "        Rule::r#{0} => r_{0}(m),", rule.name);
        }
        code.push_str("        Rule::EOI => m.end(),\n    }\n}\n\n");
        let bodies: Vec<String> = rules.iter().map(|rule| self.code(&rule.expr)).collect();
        for (rule, body) in rules.iter().zip(&bodies) {
            let name = &rule.name;
            // A class of bytes is looked up where it stands, and the like.
            let is_called = bodies.iter().any(|body| body.contains(&format!("r_{name}(m)")));
            if rule.ty == RuleType::Silent && !is_called {
                continue;
            }
            let body = match rule.ty {
                RuleType::Silent => body.clone(),
                RuleType::Normal => format!("m.rule(Rule::r#{name}, |m| {body})"),
                RuleType::Atomic => {
                    self.assert_silent(name, &rule.expr);
                    format!("m.rule(Rule::r#{name}, |m| {body})")
                }
                other => panic!("{GRAMMAR}: `{name}` is {other:?}, which is not supported"),
            };
            let _ = writeln!(
                code,
                "fn r_{name}<const TRACK: bool>(m: &mut Machine<'_, TRACK>) -> bool {{ {body} }}"
            );
        }
        for (at, table) in self.tables.iter().enumerate() {
            let _ = writeln!(code, "static T{at}: Table = {table:?};");
        }
        code
    }

    /// Refuses pairs within an atomic rule, which would have to be left out.
    fn assert_silent(&self, name: &str, expr: &Expr) {
        for part in expr.iter_top_down() {
            if let Expr::Ident(called) = &part
                && called != "ANY"
            {
                let rule = self.rule(called);
                assert!(rule.ty == RuleType::Silent, "{GRAMMAR}: `{name}` holds `{called}`");
                self.assert_silent(name, &rule.expr);
            }
        }
    }

    fn table(&mut self, table: [u16; END + 1]) -> usize {
        let known = self.tables.iter().position(|own| *own == table);
        known.unwrap_or_else(|| {
            self.tables.push(table);
            self.tables.len() - 1
        })
    }

    /// Returns code that tells whether what follows is in a set.
    fn test(&mut self, set: Set) -> String {
        match set.members().as_slice() {
            [] => "false".to_owned(),
            [one] => format!("m.next() == {one}"),
            [one, two] => format!("matches!(m.next(), {one} | {two})"),
            members if members.len() > END => "true".to_owned(),
            _ => {
                let table = self.table(set.0.map(u16::from));
                format!("T{table}[m.next()] != 0")
            }
        }
    }

    /// Returns code for an expression, a `bool`. Where that is false the machine may stand anywhere.
    fn code(&mut self, expr: &Expr) -> String {
        if let Some(set) = self.class(expr) {
            let test = self.test(set);
            return format!("({test} && m.step())");
        }
        match expr {
            Expr::Str(text) if text.is_empty() => "true".to_owned(),
            Expr::Str(text) => format!("m.literal(b{text:?})"),
            Expr::Ident(name) if name == "ANY" => "m.any()".to_owned(),
            Expr::Ident(name) if name == "EOI" => "m.end()".to_owned(),
            Expr::Ident(name) => {
                let never = self.starts_of(expr).any() == Set::NONE;
                format!("({}r_{name}(m))", if never { "TRACK && " } else { "" })
            }
            Expr::PosPred(inner) => match self.class(inner) {
                Some(set) => format!("({})", self.test(set)),
                None => {
                    let inner = self.code(inner);
                    format!("m.ahead(|m| {inner})")
                }
            },
            Expr::NegPred(inner) => match self.class(inner) {
                Some(set) => format!("!({})", self.test(set)),
                None => {
                    let inner = self.code(inner);
                    format!("m.not_ahead(|m| {inner})")
                }
            },
            Expr::Seq(..) => {
                let mut parts = Vec::new();
                flatten(expr, &mut parts, &|expr| match expr {
                    Expr::Seq(first, second) => Some((first, second)),
                    _ => None,
                });
                let parts: Vec<String> = parts.iter().map(|part| self.code(part)).collect();
                format!("({})", parts.join(" && "))
            }
            Expr::Choice(..) => self.choice(expr),
            Expr::Opt(inner) => {
                let (test, inner) = (self.can_start(inner), self.code(inner));
                format!("{{ if {test} {{ m.try_take(|m| {inner}); }} true }}")
            }
            Expr::Rep(inner) => self.repeat(inner),
            Expr::Skip(strings) => self.skip(strings),
            other => panic!("{GRAMMAR}: {other:?} is not supported"),
        }
    }

    /// Returns code that tells whether it is worth trying an expression that is not to be empty.
    fn can_start(&mut self, expr: &Expr) -> String {
        let starts = self.starts_of(expr).any();
        format!("TRACK || {}", self.test(starts))
    }

    fn choice(&mut self, expr: &Expr) -> String {
        let mut parts = Vec::new();
        flatten(expr, &mut parts, &|expr| match expr {
            Expr::Choice(first, second) => Some((first, second)),
            _ => None,
        });
        let mut table = [0; END + 1];
        for (at, part) in parts.iter().enumerate() {
            for member in self.starts_of(part).any().members() {
                table[member] |= 1 << at;
            }
        }
        let table = self.table(table);
        let last = parts.len() - 1;
        let tried: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let moves =
                    at < last && self.class(part).is_none() && !matches!(part, Expr::Str(_));
                let code = self.code(part);
                let back = if moves { " || m.back(place)" } else { "" };
                format!("(TRACK || set & {} != 0) && ({code}{back})", 1_u32 << at)
            })
            .collect();
        format!("{{ let (place, set) = (m.place(), T{table}[m.next()]); {} }}", tried.join(" || "))
    }

    fn repeat(&mut self, inner: &Expr) -> String {
        if let Some(set) = self.class(inner) {
            let test = self.test(set);
            return format!("{{ while {test} {{ m.step(); }} true }}");
        }
        if let Expr::Seq(first, second) = inner
            && let Expr::NegPred(stop) = &**first
            && matches!(&**second, Expr::Ident(name) if name == "ANY")
            && let Some(stop) = self.class(stop)
        {
            return self.skip_to(stop);
        }
        let (test, code) = (self.can_start(inner), self.code(inner));
        format!("{{ while ({test}) && m.try_take(|m| {code}) {{}} true }}")
    }

    fn skip(&mut self, strings: &[String]) -> String {
        if strings.iter().all(|string| string.len() == 1) {
            let one = |string: &String| Set::of(string.as_bytes()[0], string.as_bytes()[0]);
            return self.skip_to(strings.iter().map(one).fold(Set::NONE, Set::or));
        }
        assert!(strings.iter().all(|string| string.is_ascii()), "{GRAMMAR}: {strings:?}");
        let strings: Vec<String> = strings.iter().map(|string| format!("b{string:?}")).collect();
        format!(
            "m.skip_to(&[{}])",
            strings.iter().map(|own| format!("&{own}[..]")).collect::<Vec<_>>().join(", ")
        )
    }

    /// Returns code that skips to the next of some bytes of ASCII, or to the end.
    fn skip_to(&mut self, stop: Set) -> String {
        let end = Set::ALL.without(Set::of(0, u8::MAX));
        let test = self.test(stop.or(end));
        format!("{{ while !({test}) {{ m.step(); }} true }}")
    }
}

/// Returns the parts of a nest of pairs, in order.
fn flatten<'e>(
    expr: &'e Expr,
    into: &mut Vec<&'e Expr>,
    open: &impl Fn(&'e Expr) -> Option<(&'e Expr, &'e Expr)>,
) {
    match open(expr) {
        Some((first, second)) => {
            flatten(first, into, open);
            flatten(second, into, open);
        }
        None => into.push(expr),
    }
}

fn class_of_range(expr: &Expr) -> Set {
    let Expr::Range(first, last) = expr else { return Set::NONE };
    match (first.as_bytes(), last.as_bytes()) {
        ([first], [last]) => Set::of(*first, *last),
        _ => panic!("{GRAMMAR}: {first}..{last} is no range of ASCII"),
    }
}
