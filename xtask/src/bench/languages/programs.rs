//! The same program in every language: so many resources in three chained environments.
//!
//! Takes a number and whether the resources are written out or made in a loop; returns the text. The
//! meaning, the same for all: parameters `env`, `replicas`, `owner`, `tier`; resource `i` has `name`
//! `app-ENV-rI`, `size` `replicas * 2 + i`, `tags` of owner, tier and env, and `prev`, the name of the
//! tenth before it or `none`. `staging` stands on `base` with 2 replicas and `versioning` on each
//! hundredth from the fifth on; `prod` stands on `staging` with 5 and `retention` from the seventh on.

use std::fmt::Write as _;

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload {
    /// How many resources an environment has.
    pub(super) size: usize,
    /// They are made by a loop.
    pub(super) looped: bool,
}

/// An environment that amends the one before it.
struct Amended {
    name: &'static str,
    class: &'static str,
    parent: &'static str,
    replicas: usize,
    first: usize,
    key: &'static str,
    value: &'static str,
}

const AMENDED: [Amended; 2] = [
    Amended {
        name: "staging",
        class: "Staging",
        parent: "base",
        replicas: 2,
        first: 5,
        key: "versioning",
        value: "true",
    },
    Amended {
        name: "prod",
        class: "Prod",
        parent: "staging",
        replicas: 5,
        first: 7,
        key: "retention",
        value: "30",
    },
];

impl Workload {
    fn amended(self, first: usize) -> impl Iterator<Item = usize> {
        (first..self.size).step_by(100)
    }

    fn last(self) -> usize {
        self.size.saturating_sub(1)
    }
}

/// A text to which lines are added.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _infallible = writeln!(self.0, "{line}");
    }
}

/// Returns what the resource before a resource is called, in a language's words.
fn before(index: usize, name: impl Fn(usize) -> String) -> String {
    index.checked_sub(10).map_or_else(|| "\"none\"".to_owned(), name)
}

/// Ours. An instance may not name its siblings, so the loop has the names in a list.
pub(super) fn sync(work: Workload) -> String {
    let mut text = Text::default();
    text.line(format_args!(
        "abstract environment core {{\n  param replicas: int where it >= 1 = 1\n  \
         param owner: string = \"team-shop\"\n  param tier: string = \"gold\""
    ));
    if work.looped {
        text.line(format_args!(
            "  let names = [for i in range({}): \"app-${{environment.name}}-r${{i}}\"]\n  \
             resource app.node r[i in range({})] {{\n    name = names[i]\n    \
             size = replicas * 2 + i\n    tags = {{ owner, tier, env = environment.name }}\n    \
             prev = if i >= 10 then names[i - 10] else \"none\"\n  }}",
            work.size, work.size
        ));
    } else {
        for i in 0..work.size {
            let prev = before(i, |i| format!("r{i}.name"));
            text.line(format_args!(
                "  resource app.node r{i} {{\n    name = \"app-${{environment.name}}-r{i}\"\n    \
                 size = replicas * 2 + {i}\n    tags = {{ owner, tier, env = environment.name }}\n    \
                 prev = {prev}\n  }}"
            ));
        }
    }
    text.line(format_args!("}}\nenvironment base extends core {{}}"));
    for own in &AMENDED {
        let Amended { name, parent, replicas, key, value, .. } = own;
        text.line(format_args!("environment {name} extends {parent} {{\n  replicas = {replicas}"));
        for i in work.amended(own.first) {
            let target = if work.looped { format!("r[{i}]") } else { format!("r{i}") };
            text.line(format_args!("  {target} {{ {key} = {value} }}"));
        }
        text.line(format_args!("}}"));
    }
    text.0
}

/// Jsonnet.
pub(super) fn jsonnet(work: Workload) -> String {
    let mut text = Text::default();
    let last = work.last();
    text.line(format_args!(
        "local base = {{\n  env:: \"base\", replicas:: 1, owner:: \"team-shop\", tier:: \"gold\",\n  \
         resources: {{"
    ));
    const TAGS: &str = "tags: { owner: $.owner, tier: $.tier, env: $.env }";
    if work.looped {
        text.line(format_args!(
            "    [\"r\" + i]: {{ name: \"app-\" + $.env + \"-r\" + i, size: $.replicas * 2 + i, \
             {TAGS}, prev: if i >= 10 then $.resources[\"r\" + (i - 10)].name else \"none\" }}\n    \
             for i in std.range(0, {last})"
        ));
    } else {
        for i in 0..work.size {
            let prev = before(i, |i| format!("$.resources.r{i}.name"));
            text.line(format_args!(
                "    r{i}: {{ name: \"app-\" + $.env + \"-r{i}\", size: $.replicas * 2 + {i}, \
                 {TAGS}, prev: {prev} }},"
            ));
        }
    }
    text.line(format_args!("  }},\n}};"));
    for own in &AMENDED {
        let Amended { name, parent, replicas, first, key, value, .. } = own;
        text.line(format_args!(
            "local {name} = {parent} + {{ env:: \"{name}\", replicas:: {replicas}, resources+: {{"
        ));
        if work.looped {
            text.line(format_args!(
                "  [\"r\" + i]+: {{ {key}: {value} }} for i in std.range(0, {last}) \
                 if i % 100 == {first}"
            ));
        } else {
            for i in work.amended(*first) {
                text.line(format_args!("  r{i}+: {{ {key}: {value} }},"));
            }
        }
        text.line(format_args!("}} }};"));
    }
    text.line(format_args!(
        "{{ base: base.resources, staging: staging.resources, prod: prod.resources }}"
    ));
    text.0
}

/// Nickel. Names of fields hide the parameters, so the tags are made aside.
pub(super) fn nickel(work: Workload) -> String {
    let mut text = Text::default();
    text.line(format_args!(
        "let base = {{\n  env | default = \"base\", replicas | default = 1, \
         owner | default = \"team-shop\", tier | default = \"gold\","
    ));
    if work.looped {
        text.line(format_args!(
            "  resources = std.array.range 0 {} |> std.array.map (fun i => {{ \
             field = \"r%{{std.to_string i}}\", value = {{ \
             name = \"app-%{{env}}-r%{{std.to_string i}}\", size = replicas * 2 + i, \
             tags = mktags, prev = if i >= 10 then resources.\"r%{{std.to_string (i - 10)}}\".name \
             else \"none\" }} }}) |> std.record.from_array,",
            work.size
        ));
    } else {
        text.line(format_args!("  resources = {{"));
        for i in 0..work.size {
            let prev = before(i, |i| format!("resources.r{i}.name"));
            text.line(format_args!(
                "    r{i} = {{ name = \"app-%{{env}}-r{i}\", size = replicas * 2 + {i}, \
                 tags = mktags, prev = {prev} }},"
            ));
        }
        text.line(format_args!("  }},"));
    }
    text.line(format_args!(
        "  mktags = let o = owner in let t = tier in let e = env in \
         {{ owner = o, tier = t, env = e }},\n}} in"
    ));
    for (priority, own) in (1..).zip(&AMENDED) {
        let Amended { name, parent, replicas, first, key, value, .. } = own;
        text.line(format_args!(
            "let {name} = {parent} & {{ env | priority {priority} = \"{name}\", \
             replicas | priority {priority} = {replicas},"
        ));
        if work.looped {
            text.line(format_args!(
                "  resources = std.array.range 0 {} |> std.array.map (fun k => {{ \
                 field = \"r%{{std.to_string (k * 100 + {first})}}\", \
                 value = {{ {key} = {value} }} }}) |> std.record.from_array",
                work.amended(*first).count()
            ));
        } else {
            text.line(format_args!("  resources = {{"));
            for i in work.amended(*first) {
                text.line(format_args!("    r{i} = {{ {key} = {value} }},"));
            }
            text.line(format_args!("  }}"));
        }
        text.line(format_args!("}} in"));
    }
    text.line(format_args!(
        "let b_ = base in let s_ = staging in let p_ = prod in \
         {{ base = b_.resources, staging = s_.resources, prod = p_.resources }}"
    ));
    text.0
}

/// KCL.
pub(super) fn kcl(work: Workload) -> String {
    let mut text = Text::default();
    let size = work.size;
    const TAGS: &str = "tags = {\"owner\" = owner, \"tier\" = tier, \"env\" = env}";
    text.line(format_args!(
        "schema Base:\n    env: str = \"base\"\n    replicas: int = 1\n    \
         owner: str = \"team-shop\"\n    tier: str = \"gold\""
    ));
    if work.looped {
        text.line(format_args!(
            "    names: [str] = [\"app-${{env}}-r${{i}}\" for i in range({size})]\n    \
             resources: {{str:}} = {{\"r${{i}}\" = {{name = names[i], size = replicas * 2 + i, {TAGS}, \
             prev = names[i - 10] if i >= 10 else \"none\"}} for i in range({size})}}"
        ));
    } else {
        text.line(format_args!("    resources: {{str:}} = {{"));
        for i in 0..size {
            let prev = before(i, |i| format!("r{i}.name"));
            text.line(format_args!(
                "        r{i} = {{name = \"app-${{env}}-r{i}\", size = replicas * 2 + {i}, {TAGS}, \
                 prev = {prev}}}"
            ));
        }
        text.line(format_args!("    }}"));
    }
    for own in &AMENDED {
        let Amended { name, class, replicas, first, key, value, .. } = own;
        let parent = if *name == "staging" { "Base" } else { "Staging" };
        let value = if *value == "true" { "True" } else { value };
        text.line(format_args!(
            "schema {class}({parent}):\n    env = \"{name}\"\n    replicas = {replicas}"
        ));
        if work.looped {
            text.line(format_args!(
                "    resources |= {{\"r${{i}}\": {{{key} = {value}}} for i in range({size}) \
                 if i % 100 == {first}}}"
            ));
        } else {
            text.line(format_args!("    resources |= {{"));
            for i in work.amended(*first) {
                text.line(format_args!("        r{i}: {{{key} = {value}}}"));
            }
            text.line(format_args!("    }}"));
        }
    }
    text.line(format_args!(
        "base = Base{{}}.resources\nstaging = Staging{{}}.resources\nprod = Prod{{}}.resources"
    ));
    text.0
}

/// CUE.
pub(super) fn cue(work: Workload) -> String {
    let mut text = Text::default();
    text.line(format_args!("package w"));
    if work.looped {
        text.line(format_args!("import \"list\"\n#idx: list.Range(0, {}, 1)", work.size));
    }
    const TAGS: &str = "tags: {owner: _owner, tier: _tier, env: _env}";
    text.line(format_args!(
        "#Env: {{\n  _env: string | *\"base\"\n  _replicas: int | *1\n  \
         _owner: string | *\"team-shop\"\n  _tier: string | *\"gold\""
    ));
    if work.looped {
        text.line(format_args!(
            "  resources: {{for i in #idx {{\"r\\(i)\": {{name: \"app-\\(_env)-r\\(i)\", \
             size: _replicas*2 + i, {TAGS}, if i >= 10 {{prev: resources[\"r\\(i-10)\"].name}}, \
             if i < 10 {{prev: \"none\"}}, ...}}}}}}\n}}"
        ));
    } else {
        text.line(format_args!("  resources: {{"));
        for i in 0..work.size {
            let prev = before(i, |i| format!("resources.r{i}.name"));
            text.line(format_args!(
                "    r{i}: {{name: \"app-\\(_env)-r{i}\", size: _replicas*2 + {i}, {TAGS}, \
                 prev: {prev}, ...}}"
            ));
        }
        text.line(format_args!("  }}\n}}"));
    }
    for own in &AMENDED {
        let Amended { class, first, key, value, .. } = own;
        if work.looped {
            text.line(format_args!(
                "#{class}: {{resources: {{for i in #idx if mod(i, 100) == {first} \
                 {{\"r\\(i)\": {{{key}: {value}, ...}}, ...}}, ...}}, ...}}"
            ));
        } else {
            text.line(format_args!("#{class}: {{resources: {{"));
            for i in work.amended(*first) {
                text.line(format_args!("  r{i}: {{{key}: {value}, ...}}"));
            }
            text.line(format_args!("  ...}},...}}"));
        }
    }
    text.line(format_args!(
        "_base: #Env\n_staging: #Env & #Staging & {{_env: \"staging\", _replicas: 2}}\n\
         _prod: #Env & #Staging & #Prod & {{_env: \"prod\", _replicas: 5}}\n\
         base: _base.resources\nstaging: _staging.resources\nprod: _prod.resources"
    ));
    text.0
}

/// Pkl.
pub(super) fn pkl(work: Workload) -> String {
    let mut text = Text::default();
    text.line(format_args!(
        "open class Env {{\n  hidden p_env: String = \"base\"\n  hidden p_replicas: Int = 1\n  \
         hidden p_owner: String = \"team-shop\"\n  hidden p_tier: String = \"gold\"\n  \
         resources: Mapping<String, Dynamic> = new {{"
    ));
    let body = |name: &str, number: &str, prev: &str| {
        format!(
            "name = \"app-\\(p_env)-r{name}\"; size = p_replicas * 2 + {number}; \
             tags {{ owner = p_owner; tier = p_tier; env = p_env }}; prev = {prev}"
        )
    };
    if work.looped {
        let prev = "if (i >= 10) resources[\"r\\(i - 10)\"].name else \"none\"";
        text.line(format_args!(
            "    for (i in IntSeq(0, {})) {{\n      [\"r\\(i)\"] {{ {} }}\n    }}",
            work.last(),
            body("\\(i)", "i", prev)
        ));
    } else {
        for i in 0..work.size {
            let prev = before(i, |i| format!("resources[\"r{i}\"].name"));
            let number = i.to_string();
            text.line(format_args!("    [\"r{i}\"] {{ {} }}", body(&number, &number, &prev)));
        }
    }
    text.line(format_args!("  }}\n}}\nlocal base_: Env = new {{}}"));
    for own in &AMENDED {
        let Amended { name, parent, replicas, first, key, value, .. } = own;
        text.line(format_args!(
            "local {name}_: Env = ({parent}_) {{ p_env = \"{name}\"; p_replicas = {replicas}; \
             resources {{"
        ));
        if work.looped {
            text.line(format_args!(
                "  for (k in IntSeq(0, {})) {{ [\"r\\(k * 100 + {first})\"] {{ {key} = {value} }} }}",
                work.amended(*first).count().saturating_sub(1)
            ));
        } else {
            for i in work.amended(*first) {
                text.line(format_args!("  [\"r{i}\"] {{ {key} = {value} }}"));
            }
        }
        text.line(format_args!("}} }}"));
    }
    text.line(format_args!(
        "base = base_.resources\nstaging = staging_.resources\nprod = prod_.resources"
    ));
    text.0
}

/// Dhall, which has no late binding: the base is a function. Written out only.
pub(super) fn dhall(work: Workload) -> String {
    let mut text = Text::default();
    text.line(format_args!(
        "let P = {{ env : Text, replicas : Natural, owner : Text, tier : Text }}\nlet mk = \\(p : P) ->"
    ));
    for i in 0..work.size {
        let prev = before(i, |i| format!("r{i}.name"));
        text.line(format_args!(
            "  let r{i} = {{ name = \"app-${{p.env}}-r{i}\", size = p.replicas * 2 + {i}, \
             tags = {{ owner = p.owner, tier = p.tier, env = p.env }}, prev = {prev} }}"
        ));
    }
    let all: Vec<String> = (0..work.size).map(|i| format!("r{i}")).collect();
    let amended = |own: &Amended, of: &str| {
        let value = if own.value == "true" { "True" } else { own.value };
        let each = work
            .amended(own.first)
            .map(|i| format!("r{i} = {of}.r{i} // {{ {} = {value} }}", own.key));
        each.collect::<Vec<_>>().join(", ")
    };
    let [staging, prod] = &AMENDED;
    text.line(format_args!(
        "  in {{ {} }}\nlet b = {{ env = \"base\", replicas = 1, owner = \"team-shop\", \
         tier = \"gold\" }}\nlet sp = b // {{ env = \"staging\", replicas = 2 }}\n\
         let pp = sp // {{ env = \"prod\", replicas = 5 }}\nlet s0 = mk sp let p0 = mk pp\n\
         in {{ base = mk b, staging = s0 // {{ {} }}, prod = p0 // {{ {}, {} }} }}",
        all.join(", "),
        amended(staging, "s0"),
        amended(staging, "p0"),
        amended(prod, "p0")
    ));
    text.0
}
