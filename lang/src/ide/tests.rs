//! Questions of an editor on small projects. `$0` in a source is the cursor.

use std::sync::Arc;

use syncline_model::{
    Attribute, Block, FunctionParameter, FunctionSchema, ProviderSchema, ResourceSchema, Sources,
    Span, Type,
};

use super::*;
use crate::Inputs;
use crate::mem::Mem;

mod reaching;

fn world() -> SharedWorld {
    let attribute = |ty, optional, description: &str| Attribute {
        ty,
        optional,
        required: !optional,
        description: description.into(),
        ..Attribute::default()
    };
    let computed = Attribute { ty: Type::String, computed: true, ..Attribute::default() };
    let attributes = [
        ("id", computed),
        ("name", attribute(Type::String, false, "What it is called.")),
        ("mode", attribute(Type::one_of(["fast", "slow"]), true, "How it runs.")),
        ("tags", attribute(Type::map(Type::String), true, "Labels.")),
    ];
    let block = Block { attributes: attributes.map(|(name, own)| (name.into(), own)).into() };
    let thing =
        ResourceSchema { block, description: "A thing.".into(), ..ResourceSchema::default() };
    let resources = [("thing".into(), Arc::new(thing))].into();
    let text = FunctionParameter {
        name: "text".into(),
        ty: Type::String,
        description: "What is read.".into(),
        nullable: false,
        allows_unknown: false,
    };
    let parse = FunctionSchema {
        parameters: vec![text],
        variadic: None,
        returns: Type::Int,
        description: "Reads a size.".into(),
        deprecated: None,
    };
    let functions = [("parse".into(), parse)].into();
    let name = "mem".into();
    let schema = ProviderSchema { name, resources, functions, ..ProviderSchema::default() };
    Arc::new(Mem(Arc::new(schema)))
}

/// Analyses a source; returns it with the text and the cursor's place.
fn at(marked: &str) -> (Analysis, String, usize) {
    let offset = marked.find("$0").unwrap_or(0);
    let text = marked.replacen("$0", "", 1);
    let mut sources = Sources::default();
    sources.add("main.sync", text.as_str());
    let analysis = Analysis::new(sources, &Inputs::default(), world(), &|| true).unwrap();
    (analysis, text, offset)
}

fn buffer(text: &str) -> Buffer<'_> {
    Buffer { name: "main.sync", text }
}

fn labels(marked: &str) -> Vec<String> {
    let (analysis, text, offset) = at(marked);
    complete(&analysis, buffer(&text), offset).items.into_iter().map(|item| item.label).collect()
}

#[track_caller]
fn offers(marked: &str, wanted: &[&str]) {
    let found = labels(marked);
    for label in wanted {
        assert!(found.iter().any(|own| own == label), "`{label}` is missing: {found:?}");
    }
}

#[track_caller]
fn hides(marked: &str, unwanted: &[&str]) {
    let found = labels(marked);
    for label in unwanted {
        assert!(!found.iter().any(|own| own == label), "`{label}` is there: {found:?}");
    }
}

const BASE: &str = "\
type Tier = \"free\" | \"gold\"
abstract environment base {
  /// How many there are.
  param replicas: int = 1
  param tier: Tier = \"free\"
  param shape: { width: int, height?: int } = { width = 1 }
  resource mem.thing web { name = \"web-${environment.name}\" }
  resource mem.thing jobs[k in [\"a\", \"b\"]] { name = k }
";

fn in_base(member: &str) -> String {
    format!("{BASE}  {member}\n}}\nenvironment dev extends base {{\n  replicas = 2\n}}\n")
}

#[test]
fn names_are_offered_in_unfinished_expressions() {
    offers(&in_base("let total = rep$0"), &["replicas"]);
    offers(&in_base("let total = $0"), &["replicas", "web", "length", "environment", "if"]);
    offers(&in_base("output a = \"x ${we$0"), &["web"]);
    offers(&in_base("let a = [for thing in values(x): th$0"), &["thing"]);
    hides(&in_base("let total = \"rep$0\""), &["replicas"]);
    hides(&in_base("// rep$0"), &["replicas"]);
}

#[test]
fn what_stands_behind_a_dot_is_known() {
    offers(&in_base("let a = web.$0"), &["id", "name", "mode"]);
    offers(&in_base("let a = jobs[\"a\"].$0"), &["id", "name"]);
    offers(&in_base("let a = jobs[\"$0"), &["a", "b"]);
    offers(&in_base("let a = shape.$0"), &["width", "height"]);
    offers(&in_base("let a = std.$0"), &["cidr", "strings"]);
    offers(&in_base("let a = std.strings.up$0"), &["upper"]);
    offers(&in_base("let a = environment.$0"), &["name"]);
}

#[test]
fn bodies_offer_attributes_that_are_not_set_yet() {
    offers(&in_base("resource mem.thing other {\n    $0"), &["name", "mode", "@protect"]);
    let second = in_base("resource mem.thing other {\n    name = \"x\"\n    $0\n  }");
    offers(&second, &["mode", "tags"]);
    hides(&second, &["name", "id"]);
    offers(&in_base("resource mem.thing other { mode = $0 }"), &["\"fast\"", "\"slow\""]);
    offers(&in_base("resource mem.thing other { mode = \"$0\" }"), &["fast", "slow"]);
    offers(&in_base("web { m$0"), &["mode"]);
    offers(&in_base("jobs[\"a\"] { $0 }"), &["mode"]);
    offers(&in_base("resource mem.thing other { @$0"), &["protect", "after"]);
    offers(&in_base("resource mem.thing other { @ignore($0"), &["mode", "tags"]);
    offers(&in_base("resource mem.thing other { @after($0"), &["web", "jobs"]);
    offers(&in_base("shape { $0"), &["width", "height"]);
}

#[test]
fn heads_and_members_offer_what_may_stand_there() {
    offers("$0", &["environment", "overlay", "use"]);
    offers(&in_base("$0"), &["param", "resource", "web", "replicas"]);
    offers(&format!("{BASE}}}\nenvironment dev extends $0"), &["base"]);
    offers(&format!("{BASE}}}\noverlay small for b$0"), &["base"]);
    offers("use std.$0", &["cidr", "json"]);
    offers(&in_base("resource $0"), &["mem.thing"]);
    offers(&in_base("resource mem.$0"), &["thing"]);
    offers(&in_base("param size: $0"), &["int", "string", "Tier"]);
    offers(&in_base("tier = $0"), &["\"free\"", "\"gold\"", "super"]);
    assert_eq!(labels(&in_base("param $0")), [""; 0]);
}

fn hovered(marked: &str) -> String {
    let (analysis, text, offset) = at(marked);
    hover(&analysis, buffer(&text), offset).map(|hover| hover.markdown).unwrap_or_default()
}

#[test]
fn hover_shows_type_documentation_value_and_origin() {
    let shown = hovered(&in_base("let total = repli$0cas * 2"));
    assert_eq!(
        shown,
        "```sync\nparam replicas: int\n```\n\nHow many there are.\n\nDeclared at main.sync:4 \
         (base)\n\n- **dev**: `2` — main.sync:12 (dev)"
    );
    let shown = hovered(&in_base("web { mo$0de = \"fast\" }"));
    assert!(
        shown.contains("mode: \"fast\" | \"slow\"") && shown.contains("How it runs."),
        "{shown}"
    );
    assert!(shown.contains("**dev**: `\"fast\"`"), "{shown}");
    assert!(hovered(&in_base("let a = len$0gth(\"x\")")).contains("fn length"));
    assert!(hovered(&in_base("let a = web.i$0d")).contains("id: string"));
    assert!(hovered("environment a {}\nenvironment b extends $0a {}").contains("environment a"));
    assert_eq!(hovered(&in_base("let a = \"repli$0cas\"")), "");
}

#[test]
fn signatures_know_the_argument() {
    let (analysis, text, offset) = at(&in_base("let a = std.strings.replace(\"a\", $0"));
    let help = signature(&analysis, buffer(&text), offset).unwrap();
    assert!(help.label.starts_with("replace(text: string"), "{}", help.label);
    assert_eq!(help.active, 1);
    let (analysis, text, offset) = at(&in_base("let a = length(web.$0"));
    assert_eq!(signature(&analysis, buffer(&text), offset).unwrap().active, 0);
}

fn file(analysis: &Analysis) -> syncline_model::FileId {
    analysis.file("main.sync").unwrap()
}

/// Returns the texts from the places on, to the line's end.
fn lines(analysis: &Analysis, spans: impl IntoIterator<Item = Span>) -> Vec<String> {
    let source = analysis.sources.get(file(analysis)).unwrap();
    let line = |span: Span| source.text[span.start as usize..].lines().next().unwrap().to_owned();
    spans.into_iter().map(line).collect()
}

#[test]
fn definitions_lead_to_the_declaration_and_then_to_every_overlay() {
    let (analysis, _, offset) = at(&in_base("let total = repli$0cas * 2"));
    let found = definition(&analysis, file(&analysis), offset as u32);
    let spans = found.iter().map(|location| location.span);
    assert_eq!(lines(&analysis, spans), ["replicas: int = 1", "replicas = 2"]);
    let found = references(&analysis, file(&analysis), offset as u32, false);
    assert_eq!(lines(&analysis, found), ["replicas * 2", "replicas = 2"]);
}

fn renamed(marked: &str, name: &str) -> Result<String, String> {
    let (analysis, mut text, offset) = at(marked);
    let mut changes = rename(&analysis, file(&analysis), offset as u32, name)?;
    changes.sort_by_key(|change| std::cmp::Reverse(change.span.start));
    for change in changes {
        text.replace_range(change.span.start as usize..change.span.end as usize, &change.text);
    }
    Ok(text)
}

#[test]
fn renames_reach_every_overlay_and_refuse_what_is_taken() {
    let text = renamed(&in_base("let total = { replicas, n = repli$0cas }"), "copies").unwrap();
    assert!(text.contains("param copies: int = 1"), "{text}");
    assert!(text.contains("let total = { replicas = copies, n = copies }"), "{text}");
    assert!(text.contains("  copies = 2"), "{text}");
    let error = renamed(&in_base("let total = repli$0cas"), "tier").unwrap_err();
    assert_eq!(error, "`tier` is there already in `base`");
    assert!(renamed(&in_base("let total = repli$0cas"), "2x").is_err());
    let text =
        renamed("use std.ci$0dr\nenvironment a { let b = cidr.network(\"10.0.0.0/8\") }", "net");
    assert_eq!(
        text.unwrap(),
        "use std.cidr as net\nenvironment a { let b = net.network(\"10.0.0.0/8\") }"
    );
    let text = renamed("environment a { let b = [for x in [1]: { v = $0x, x }] }", "y").unwrap();
    assert_eq!(text, "environment a { let b = [for y in [1]: { v = y, x = y }] }");
}

#[test]
fn hints_show_computed_values_of_the_chosen_environment() {
    let (analysis, text, _) = at(&in_base("let total = replicas * 2"));
    let all = Span::new(file(&analysis), 0, text.len() as u32);
    let found = hints(&analysis, all.file, all, "dev");
    let shown: Vec<&str> = found.iter().map(|hint| hint.label.as_str()).collect();
    assert_eq!(shown, ["= \"web-dev\"", "= 4"]);
    assert!(hints(&analysis, all.file, all, "nobody").is_empty());
}

#[test]
fn files_have_symbols_and_colours_and_mends() {
    let (analysis, text, _) = at(&in_base("let total = replcias"));
    let tree = analysis.project.files()[0].clone();
    let shown: Vec<String> = symbols(&tree).iter().map(|own| own.name.clone()).collect();
    assert_eq!(shown, ["Tier", "base", "dev"]);
    let all = Span::new(file(&analysis), 0, text.len() as u32);
    let found = actions(&analysis, all.file, all);
    assert_eq!(found[0].title, "Replace `replcias` by `replicas`");
    let colours = highlights(&analysis, all.file);
    assert!(colours.iter().any(|own| own.kind == HighlightKind::Resource && own.declares));
    assert!(colours.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
}

const SERVICE: &str = "\
component Web {
  /// What runs.
  param image: string
  param replicas: int = 2
  resource mem.thing task { name = image }
  output url = task.name
}
";

#[test]
fn units_offer_the_members_of_their_component() {
    let whole =
        |member: &str| format!("{SERVICE}environment dev {{\n  let replicas = 1\n  {member}\n}}\n");
    offers(&whole("unit web = $0"), &["Web"]);
    offers(&whole("unit web = Web { $0 }"), &["image", "replicas", "task"]);
    offers(&whole("unit web = Web { task { $0 } }"), &["mode", "name"]);
    offers(&whole("unit web = Web { image = \"x\" }\n  let a = web.$0"), &["url", "image"]);
    assert!(hovered(&whole("unit web = Web { im$0age = \"x\" }")).contains("What runs."));
    let text = renamed(&whole("unit web = Web { image = \"x\", repli$0cas }"), "copies");
    let text = text.unwrap();
    assert!(text.contains("Web { image = \"x\", replicas = copies }"), "{text}");
    let text =
        renamed(&whole("unit web = Web { ima$0ge = \"x\" }\n  let a = web.image"), "of").unwrap();
    assert!(text.contains("param of: string") && text.contains("name = of"), "{text}");
    assert!(text.contains("Web { of = \"x\" }") && text.contains("let a = web.of"), "{text}");
}

const NETWORK: &str = "\
environment network {
  resource mem.thing vpc { name = \"main\" }
  /// Which network it is.
  output vpc_id: string = vpc.id
}
environment regional[r in [\"eu\", \"us\"]] { output domain = \"${r}.example\" }
";

#[test]
fn outputs_of_other_environments_are_known_everywhere() {
    let whole = |member: &str| format!("{NETWORK}environment shop {{\n  {member}\n}}\n");
    offers(&whole("let a = $0"), &["network", "regional"]);
    hides(&whole("let a = $0"), &["shop"]);
    offers(&whole("let a = network.$0"), &["outputs"]);
    offers(&whole("let a = network.outputs.$0"), &["vpc_id"]);
    hides(&whole("let a = network.outputs.$0"), &["vpc"]);
    offers(&whole("let a = regional[\"$0"), &["eu", "us"]);
    offers(&whole("let a = regional[\"eu\"].outputs.$0"), &["domain"]);
    let shown = hovered(&whole("let a = network.outputs.vpc$0_id"));
    assert!(shown.contains("output vpc_id: string"), "{shown}");
    assert!(shown.contains("Which network it is."), "{shown}");
    assert!(hovered(&whole("let a = net$0work.outputs.vpc_id")).contains("environment network"));

    let uses = "let a = network.outputs.vpc$0_id, let b = network.outputs[\"vpc_id\"]";
    let (analysis, _, offset) = at(&whole(uses));
    let found = definition(&analysis, file(&analysis), offset as u32);
    let spans = found.iter().map(|location| location.span);
    assert_eq!(lines(&analysis, spans), ["vpc_id: string = vpc.id"]);
    let found = references(&analysis, file(&analysis), offset as u32, false);
    assert_eq!(found.len(), 2, "{found:?}");
    let test =
        "test \"t\" {\n  environment = shop\n  mocks { network.outputs { vpc_id = \"v\" } }\n}\n";
    let source = format!("{}{test}", whole(uses));
    let text = renamed(&source, "id").unwrap();
    for part in ["output id: string", "network.outputs.id", "outputs[\"id\"]", "{ id = \"v\" }"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text =
        renamed(&source.replace("vpc$0_id", "vpc_id").replacen("network", "net$0work", 1), "net");
    let text = text.unwrap();
    assert!(!text.contains("network.outputs") && text.contains("environment net {"), "{text}");
}

/// Whatever stands before the cursor, an answer comes.
#[test]
fn every_prefix_of_a_project_is_answered() {
    let text =
        in_base("let total = jobs[\"a\"].name + \"${replicas}\" // é\n  ensure 1 < 2 else \"no\"");
    let (analysis, ..) = at(&text);
    for end in 0..=text.len() {
        let Some(part) = text.get(..end) else { continue };
        let _ = complete(&analysis, buffer(part), end);
        let _ = hover(&analysis, buffer(&text), end);
        let _ = signature(&analysis, buffer(part), end);
    }
}

#[test]
fn functions_of_the_project_are_known_like_those_of_the_library() {
    let with = |rest: &str| {
        let function = "/// What it costs a month.\nfn price(tier: Tier, months: int = 1) -> int = months * 10\n";
        format!("{function}{}", in_base(rest))
    };
    offers(&with("let total = pri$0"), &["price"]);
    offers(&with("let total = price($0"), &["\"free\"", "\"gold\"", "months ="]);
    let shown = hovered(&with("let total = pri$0ce(\"free\")"));
    assert!(
        shown.contains("fn price(tier: ") && shown.contains("What it costs a month."),
        "{shown}"
    );
    let (analysis, text, offset) = at(&with("let total = price(\"free\", $0"));
    let help = signature(&analysis, buffer(&text), offset).unwrap();
    assert!(help.label.starts_with("price(tier: "), "{}", help.label);
    assert_eq!((help.active, help.documentation.as_str()), (1, "What it costs a month."));
}

#[test]
fn functions_of_providers_are_offered_and_described() {
    offers("environment dev {\n  output a = mem::$0\n}\n", &["parse"]);
    offers("environment dev {\n  output a = mem::pa$0\n}\n", &["parse"]);
    offers("environment dev {\n  output a = m$0\n}\n", &["mem::"]);
    let (analysis, text, offset) = at("environment dev {\n  output a = mem::par$0se(\"a\")\n}\n");
    let hover = hover(&analysis, buffer(&text), offset).unwrap();
    assert!(hover.markdown.contains("fn parse(text: string) -> int"), "{}", hover.markdown);
    assert!(hover.markdown.contains("`text`: What is read."), "{}", hover.markdown);
    let (analysis, text, offset) = at("environment dev {\n  output a = mem::parse($0)\n}\n");
    let help = signature(&analysis, buffer(&text), offset).unwrap();
    assert_eq!(help.label, "parse(text: string) -> int");
}

/// A component, two units of it, a function and a test.
const UNITS: &str = "\
fn twice(num: int) -> int = num * 2
component Part {
  param size: int = 1
  unit inner = Leaf
  output url = \"u\"
}
component Leaf {
  resource mem.thing leaf { name = \"l\" }
}
environment dev {
  param count: int = 1
  unit one = Part
  unit many[k in [\"a\"]] = Part { size = twice(num = count) }
  let urls = [for k, unit_of in many: unit_of.url]
  let all = [for other in values(many): other.url]
  let first = many[\"a\"].url
  one.inner.leaf { mode = \"fast\" }
  one { inner { leaf { tags = {} } } }
}
test \"t\" {
  environment = dev(count = 2)
  expect count == 2
  expect one.url == \"u\"
}
";

/// Renames the name behind the first place of a text.
fn renamed_at(before: &str, name: &str) -> Result<String, String> {
    renamed(&UNITS.replacen(before, &format!("{before}$0"), 1), name)
}

#[test]
fn renames_follow_units_loops_calls_and_tests() {
    let text = renamed_at("output ", "address").unwrap();
    assert_eq!(text.matches("address").count(), 5, "{text}");
    assert!(!text.contains("url "), "{text}");
    let text = renamed_at("resource mem.thing ", "green").unwrap();
    assert_eq!(text.matches("green").count(), 3, "{text}");
    let text = renamed_at("fn ", "double").unwrap();
    assert!(text.contains("double(num = count)"), "{text}");
    let text = renamed_at("fn twice(", "what").unwrap();
    assert!(text.contains("twice(what = count)") && text.contains("= what * 2"), "{text}");
    let text = renamed_at("environment ", "prod").unwrap();
    assert!(text.contains("environment = prod(count = 2)"), "{text}");
    let text = renamed_at("dev {\n  param ", "replicas").unwrap();
    assert!(text.contains("dev(replicas = 2)"), "{text}");
    assert!(text.contains("expect replicas == 2"), "{text}");
}

#[test]
fn a_rename_that_would_mean_something_else_is_refused() {
    let source = "environment a { let x = 1, let y = [for z in [2]: $0x + z] }";
    let error = renamed(source, "z").unwrap_err();
    assert!(error.starts_with("main.sync:1: `z` is something else there"), "{error}");
    let source = "environment a { let x = 1, let y = [for $0z in [2]: x + z] }";
    let error = renamed(source, "x").unwrap_err();
    assert_eq!(error, "main.sync:1: `x` would be the same");
    let source = "environment a { let $0x = 1, let y = environment.name, let z = x }";
    assert!(renamed(source, "environment").is_err());
}

#[test]
fn functions_are_found() {
    let source = UNITS.replacen("twice(num = count)", "twi$0ce(num = count)", 1);
    let (analysis, _, offset) = at(&source);
    let found = definition(&analysis, file(&analysis), offset as u32);
    assert_eq!(found.first().map(|own| own.span.start), Some(3));
    assert_eq!(references(&analysis, file(&analysis), offset as u32, false).len(), 1);
}

#[test]
fn variables_of_loops_have_the_members_of_what_they_go_through() {
    let whole = |member: &str| format!("{UNITS}environment other extends dev {{\n  {member}\n}}\n");
    offers(&whole("let a = [for k, part in many: part.$0]"), &["url", "size", "inner"]);
    hides(&whole("let a = [for k, part in many: k.$0]"), &["url"]);
    offers(&in_base("let a = [for k, job in jobs: job.$0]"), &["id", "mode"]);
    offers(&in_base("let all = [shape]\n  let a = [for s in all: s.$0]"), &["width", "height"]);
    offers(&in_base("resource mem.thing c[s, t in jobs] { name = t.$0 }"), &["id", "mode"]);
    let nested = "let a = [for k, job in jobs: [for n, other in job.tags: ot$0her]]";
    assert!(hovered(&in_base(nested)).contains("other: string"));
}

#[test]
fn tests_offer_what_they_are_made_of() {
    let whole = |inside: &str| format!("{UNITS}test \"u\" {{\n  {inside}\n}}\n");
    offers(&whole("$0"), &["environment", "expect", "mocks", "fails"]);
    hides(&whole("$0"), &["param", "count"]);
    offers(&whole("environment = $0"), &["dev"]);
    hides(&whole("environment = $0"), &["twice", "Part"]);
    offers(&whole("environment = dev\n  expect $0"), &["count", "one", "urls"]);
    offers(&whole("expect one.$0\n  environment = dev"), &["url"]);
}

#[test]
fn types_are_offered_wherever_one_stands() {
    for place in [
        "type Q = { a: $0",
        "type Q = { a: int, b?: $0 }",
        "type Q = [$0",
        "fn f(x: $0",
        "fn f(x: int) -> $0",
        "environment a { param p: { x: $0",
        "environment a { param p: [$0",
    ] {
        let source = format!("type Tier = \"a\"\n{place}");
        offers(&source, &["Tier", "string"]);
        hides(&source, &["length", "extends"]);
    }
    offers("fn f(abc: int, ...rest: int) -> int = $0", &["abc", "rest", "length"]);
}
