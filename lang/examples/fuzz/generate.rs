//! Programs that are mostly right: a seed to a text.
//!
//! Expressions are made for a kind of value from names that have it, so that most programs get
//! through the checks and something is evaluated; one in some is wrong on purpose.

use std::fmt::Write as _;

use super::random::Random;

/// What an expression is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Bool,
    Text,
    Ints,
    Texts,
    Map,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Int, "int"),
    (Kind::Bool, "bool"),
    (Kind::Text, "string"),
    (Kind::Ints, "[int]"),
    (Kind::Texts, "[string]"),
    (Kind::Map, "{string: string}"),
];

// Shapes, in which `#` stands for an int, `^` for a bool, `~` for a text, `@` for a list of ints, `;`
// for one of texts, `%` for a map.

const INTS: &[&str] = &[
    "# + #",
    "# * #",
    "(# - #)",
    "if ^ then # else #",
    "length(@)",
    "-(#)",
    "@[0]",
    "twice(#)",
    "# % 7",
    "match ~ { \"a\" | \"b\" => #, _ => # }",
    "lists.first(@) ?? #",
    "std.lists.sum(@)",
    "std.strings.length(~)",
];

const BOOLS: &[&str] = &[
    "# < #",
    "# <= # < #",
    "^ && ^",
    "^ || ^",
    "!(^)",
    "~ == ~",
    "# in @",
    "~ in %",
    "std.lists.all(@, n => n > #)",
];

const TEXTS: &[&str] = &[
    "\"${~}-${#}\"",
    "~ + ~",
    "if ^ then ~ else ~",
    "%[\"a\"] ?? ~",
    "\"v${%}\"",
    "std.strings.upper(~)",
    "std.strings.join(;, \",\")",
    "joined(\"-\", ~, ~)",
    "std.hashes.sha256(~)",
    "std.base64.encode(~)",
    "std.json.encode(%)",
    "\"\"\"\n    a ${~}\n    b\n    \"\"\"",
];

const LISTS_OF_INTS: &[&str] = &[
    "[#, #]",
    "[...@, #]",
    "[for x in @: x * 2]",
    "[for x in @ if x > #: x]",
    "@ + @",
    "std.lists.sort(@)",
    "std.lists.map(@, n => n + #)",
    "std.lists.reverse(@)",
];

const LISTS_OF_TEXTS: &[&str] = &[
    "[~, ~]",
    "[...;]",
    "[for k, v in %: k]",
    "[for x in @: \"${x}\"]",
    "std.maps.keys(%)",
    "std.strings.split(~, \",\")",
];

const MAPS: &[&str] = &[
    "{ a = ~, b = ~ }",
    "{ ...%, c = ~ }",
    "{for k, v in %: \"${k}x\" => v}",
    "{for x in @: \"${x}\" => ~}",
    "{ [~] = ~ }",
    "std.maps.merge(%, %)",
];

/// Declarations that programs begin with.
const ITEMS: [&str; 11] = [
    "type Size = \"small\" | \"large\"",
    "type Port = int where 0 < it < 65536",
    "type Rule = { port: Port, hosts: [string], note?: string = \"none\" }",
    "type Any = any?",
    "type Choice =\n  // which\n  | \"a\" // first\n  | \"b\"",
    "fn twice(n: int) -> int = n * 2",
    "fn pick<T>(list: [T], at: int, otherwise: T) -> T = if at < length(list) then list[at] else otherwise",
    "fn joined(separator: string, ...parts: string) -> string = std.strings.join(parts, separator)",
    "use std.lists",
    "use std.strings as text",
    "component Box {\n  param size: int = 1\n  param tag: string = \"t\"\n  resource mem.thing inner { name = \"box-${tag}\", size }\n  output id = inner.id\n}",
];

/// Writes one program.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    /// The names that expressions may use.
    names: Vec<(String, Kind)>,
    depth: usize,
}

/// Returns a program.
pub(crate) fn program(random: &mut Random) -> String {
    let mut writer = Writer { random, text: String::new(), names: Vec::new(), depth: 0 };
    writer.gap();
    writer.declarations();
    writer.base();
    writer.layers();
    writer.text
}

/// Returns a program of a few members, in one environment or two.
pub(crate) fn small(random: &mut Random) -> String {
    let mut writer = Writer { random, text: String::new(), names: Vec::new(), depth: 2 };
    if writer.random.one_in(4) {
        let item = writer.random.pick(&ITEMS);
        writer.add(item);
        writer.gap();
        writer.add("\n");
    }
    writer.add("environment a {\n");
    for at in 0..1 + writer.random.below(3) {
        writer.member(at);
        writer.add("\n");
    }
    writer.add("}\n");
    if writer.random.one_in(4) {
        writer.add("environment b extends a {\n");
        writer.changes();
        writer.add("}\n");
    }
    writer.text
}

impl Writer<'_> {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Space of any shape, comments among it.
    fn gap(&mut self) {
        let text = self.random.pick(&[
            "\n",
            "\n",
            "\n",
            "\n\n",
            "\n\n\n",
            " // note\n",
            "\n/* note */\n",
            "\n// a\n// b\n",
            "\r\n",
            "\n\t",
            "\n/// doc\n",
        ]);
        self.add(text);
    }

    fn declarations(&mut self) {
        for item in ITEMS {
            if !self.random.one_in(3) {
                self.add(item);
                self.gap();
                self.add("\n");
            }
        }
    }

    fn base(&mut self) {
        self.add("abstract environment base {");
        self.gap();
        for at in 0..2 + self.random.below(7) {
            self.member(at);
            self.gap();
            self.add("\n");
        }
        self.add("}\n");
    }

    fn member(&mut self, at: usize) {
        let (kind, ty) = KINDS[self.random.below(KINDS.len())];
        match self.random.below(9) {
            0..=2 => {
                let name = format!("p{at}");
                let secret = if self.random.one_in(8) { "secret " } else { "" };
                let _ = write!(self.text, "{secret}param {name}: {ty} = ");
                self.expression(kind);
                self.names.push((name, kind));
            }
            3 | 4 => {
                let _ = write!(self.text, "let l{at} = ");
                self.expression(kind);
                self.names.push((format!("l{at}"), kind));
            }
            5 | 6 => self.resource(at),
            7 => {
                let _ = write!(self.text, "output o{at} = ");
                self.expression(kind);
            }
            _ if self.random.one_in(2) => {
                self.add("ensure ");
                self.expression(Kind::Bool);
                self.add(" else ");
                self.expression(Kind::Text);
            }
            _ => {
                let _ = write!(self.text, "unit u{at} = Box {{ size = ");
                self.expression(Kind::Int);
                self.add(" }");
            }
        }
    }

    fn resource(&mut self, at: usize) {
        let _ = write!(self.text, "resource mem.thing r{at}");
        let keyed = self.random.one_in(4);
        if keyed {
            let text = self.random.pick(&[
                "[k in [\"a\", \"b\"]]",
                "[k, v in { a = 1 }]",
                "[k in range(3)]",
            ]);
            self.add(text);
        } else if self.random.one_in(5) {
            self.add(" if ");
            self.expression(Kind::Bool);
        }
        self.add(" {");
        self.gap();
        if self.random.one_in(4) {
            let text =
                self.random.pick(&["@protect\n", "@ignore(zone)\n", "@replace(create_first)\n"]);
            self.add(text);
        }
        self.add(if keyed { "name = \"n${k}\"\n" } else { "name = \"n\"\n" });
        for (attribute, kind) in [
            ("size", Kind::Int),
            ("zone", Kind::Text),
            ("tags", Kind::Map),
            ("members", Kind::Texts),
        ] {
            if self.random.one_in(2) {
                let _ = write!(self.text, "  {attribute} = ");
                self.expression(kind);
                self.gap();
                self.add("\n");
            }
        }
        self.add("}");
        if !keyed {
            self.names.push((format!("r{at}.id"), Kind::Text));
        }
    }

    /// Overlays and environments that amend what is there.
    fn layers(&mut self) {
        let overlays = self.random.below(3);
        for at in 0..overlays {
            let _ = writeln!(self.text, "overlay m{at} for base {{");
            self.changes();
            self.add("}\n");
        }
        let with: Vec<String> = (0..overlays).map(|at| format!("m{at}")).collect();
        let with =
            if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
        let _ = writeln!(self.text, "environment dev extends base{with} {{");
        self.changes();
        self.add("}\nenvironment prod extends dev {\n");
        self.changes();
        self.add("}\n");
    }

    fn changes(&mut self) {
        for (name, kind) in self.names.clone() {
            if !self.random.one_in(3) || name.starts_with('l') {
                continue;
            }
            let mark = if self.random.one_in(12) { "  final " } else { "  " };
            self.add(mark);
            if let Some(resource) = name.strip_suffix(".id") {
                let change = self.random.pick(&[
                    " { size = 3 }",
                    ".zone = \"x\"",
                    " { tags += { k = \"v\" } }",
                    " { @protect }",
                    ".tags.a = \"b\"",
                ]);
                let _ = writeln!(self.text, "{resource}{change}");
                continue;
            }
            let adds = matches!(kind, Kind::Ints | Kind::Texts | Kind::Map);
            let operator = if adds && self.random.one_in(2) { "+=" } else { "=" };
            let _ = write!(self.text, "{name} {operator} ");
            if self.random.one_in(4) && operator == "=" {
                self.add("super");
            } else {
                self.expression(kind);
            }
            self.gap();
            self.add("\n");
        }
    }

    fn expression(&mut self, kind: Kind) {
        // One in a hundred is of another kind: a mistake.
        let kind = if self.random.one_in(100) { KINDS[self.random.below(6)].0 } else { kind };
        self.depth += 1;
        if self.depth > 5 || self.random.one_in(3) {
            self.leaf(kind);
        } else {
            self.composed(kind);
        }
        self.depth -= 1;
    }

    fn leaf(&mut self, kind: Kind) {
        let fitting: Vec<String> = self
            .names
            .iter()
            .filter(|(_, own)| *own == kind)
            .map(|(name, _)| name.clone())
            .collect();
        if !fitting.is_empty() && !self.random.one_in(3) {
            let name = fitting[self.random.below(fitting.len())].clone();
            return self.add(&name);
        }
        let text = match kind {
            Kind::Int => self.random.pick(&["0", "1", "7", "-3", "1_000", "99999999999"]),
            Kind::Bool => self.random.pick(&["true", "false"]),
            Kind::Text => self.random.pick(&[
                "\"\"",
                "\"a\"",
                "\"ä\u{1f980}\"",
                "\"a\\n\\\"b\\\"\"",
                "environment.name",
                "\"\"\"\n    one\n      two\n    \"\"\"",
            ]),
            Kind::Ints => self.random.pick(&["[]", "[1]", "[1, 2,\n 3]", "range(4)"]),
            Kind::Texts => self.random.pick(&["[]", "[\"a\"]", "[\"a\", // one\n \"b\"]"]),
            Kind::Map => {
                self.random.pick(&["{}", "{ a = \"1\" }", "{ \"k k\" = \"v\", b = \"2\" }"])
            }
        };
        self.add(text);
    }

    /// Writes a shape of a kind, its parts made in turn.
    fn composed(&mut self, kind: Kind) {
        let shape = match kind {
            Kind::Int => self.random.pick(INTS),
            Kind::Bool => self.random.pick(BOOLS),
            Kind::Text => self.random.pick(TEXTS),
            Kind::Ints => self.random.pick(LISTS_OF_INTS),
            Kind::Texts => self.random.pick(LISTS_OF_TEXTS),
            Kind::Map => self.random.pick(MAPS),
        };
        for letter in shape.chars() {
            let kind = match letter {
                '#' => Kind::Int,
                '^' => Kind::Bool,
                '~' => Kind::Text,
                '@' => Kind::Ints,
                ';' => Kind::Texts,
                '%' if !shape.contains("% 7") => Kind::Map,
                _ => {
                    self.text.push(letter);
                    continue;
                }
            };
            self.expression(kind);
        }
    }
}
