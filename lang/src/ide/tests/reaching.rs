//! Fields, variables of functions without a name, paths and settings.

use super::*;

const SHAPES: &str = "\
type Size = { width: int, inner?: { depth: int } }
component Box {
  param size: Size
  output area = size.width
}
abstract environment base {
  param size: Size = { width = 1, inner = { depth = 2 } }
  param all: [Size] = [{ width = 1 }]
  let free = { colour = \"red\", more = { shade = 1 } }
}
environment dev extends base {
  size { width = 3 }
  unit box = Box { size = { width = 4 } }
  let sum = size.width + all[0].width
  let each = [for one in all: one.width]
  let depth = size.inner?.depth ?? 0
  let shade = free.more.shade
}
fn twice(of: Size) -> int = of.width * 2
";

/// Returns the lines that definition leads to from behind the first place of a text.
fn leads(source: &str, before: &str) -> Vec<String> {
    let (analysis, _, offset) = at(&source.replacen(before, &format!("{before}$0"), 1));
    let found = definition(&analysis, file(&analysis), offset as u32);
    lines(&analysis, found.iter().map(|location| location.span))
}

#[test]
fn fields_lead_to_where_they_are_declared() {
    let width = ["width: int, inner?: { depth: int } }"];
    for before in [
        "let sum = size.wi",
        "all[0].wi",
        "one in all: one.wi",
        "of: Size) -> int = of.wi",
        "base {\n  param size: Size = { wi",
        "size { wi",
        "Box { size = { wi",
        "param all: [Size] = [{ wi",
        "output area = size.wi",
    ] {
        assert_eq!(leads(SHAPES, before), width, "{before}");
    }
    assert_eq!(leads(SHAPES, "inner?.de"), ["depth: int } }"]);
    assert_eq!(leads(SHAPES, "free.more.sha"), ["shade = 1 } }"]);
}

#[test]
fn fields_of_types_are_renamed_and_keys_are_not() {
    let text = renamed(&SHAPES.replacen("type Size = { wi", "type Size = { wi$0", 1), "breadth");
    let text = text.unwrap();
    assert_eq!(text.matches("breadth").count(), 10, "{text}");
    assert!(!text.contains("width"), "{text}");
    let (analysis, _, offset) = at(&SHAPES.replacen("free.more.sha", "free.more.sha$0", 1));
    assert_eq!(renamable(&analysis, file(&analysis), offset as u32), None);
}

#[test]
fn variables_of_functions_without_a_name_are_what_they_are_given() {
    let whole =
        |member: &str| format!("{SHAPES}environment other extends base {{\n  {member}\n}}\n");
    offers(&whole("let a = std.lists.flat_map(all, s => [s.$0])"), &["width", "inner"]);
    offers(&whole("let a = std.lists.fold(all, 0, (sum, s) => sum + s.$0)"), &["width"]);
    let shown = hovered(&whole("let a = std.lists.flat_map(all, s => [s$0])"));
    assert!(shown.contains("s: { "), "{shown}");
    let source = whole("let a = std.lists.flat_map(all, s => [s$0.width])");
    assert!(renamed(&source, "shape").unwrap().contains("shape => [shape.width]"));
}

#[test]
fn settings_of_the_project_are_known() {
    let whole = |inside: &str| {
        format!("project \"p\" {{\n  {inside}\n}}\nenvironment a {{ resource far.thing t {{}} }}\n")
    };
    offers(&whole("$0"), &["providers", "state", "syncline"]);
    offers(&whole("providers = { mem = { $0 } }"), &["source", "version", "replaces"]);
    offers(&whole("providers = { $0 }"), &["far"]);
    offers(&whole("state = $0"), &["local", "s3", "postgres"]);
    hides(&whole("providers = { $0 }"), &["length", "mem"]);
    assert!(hovered(&whole("provi$0ders = {}")).contains("not built in"));
    assert!(
        hovered(&whole("providers = { m$0em = { source = \"a/b\" } }")).contains("provider mem")
    );
}

const NAMED: &str = "\
project \"p\" { providers = { mem = { source = \"a/mem\" } } }
environment a {
  provider mem {}
  provider mem as far {}
  resource mem.thing t {
    @provider(mem.far)
    name = \"${mem::parse(\"a\")}\"
  }
}
environment b extends a { mem {} }
";

#[test]
fn providers_lead_to_the_project_and_are_renamed() {
    // Behind it comes what changes its configuration.
    let declared = ["mem = { source = \"a/mem\" } } }", "mem {} }"];
    assert_eq!(leads(NAMED, "resource me"), declared);
    assert_eq!(leads(NAMED, "name = \"${me"), declared);
    let text = renamed(&NAMED.replacen("resource me", "resource me$0", 1), "memory").unwrap();
    assert_eq!(text.matches("memory").count(), 7, "{text}");
    assert!(text.contains("extends a { memory {} }"), "{text}");
}

/// A project with folders.
struct Disk(SharedWorld);

impl crate::World for Disk {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.0.schema(provider)
    }

    fn providers(&self) -> Vec<syncline_model::Str> {
        self.0.providers()
    }

    fn folder(&self, path: &str) -> Result<Arc<[crate::FolderEntry]>, crate::FileProblem> {
        let entry =
            |(name, is_folder): (&str, bool)| crate::FolderEntry { name: name.into(), is_folder };
        let own: &[(&str, bool)] = match path {
            "" => &[("web-service", true), ("files", true), (".git", true), ("main.sync", false)],
            "files" => &[("motd.txt", false), ("deep", true)],
            _ => return Err(crate::FileProblem::Missing(None)),
        };
        Ok(own.iter().copied().map(entry).collect())
    }
}

fn on_disk(marked: &str) -> (Analysis, String, usize) {
    let offset = marked.find("$0").unwrap_or(0);
    let text = marked.replacen("$0", "", 1);
    let mut sources = Sources::default();
    sources.add("main.sync", text.as_str());
    sources.add("web-service/web.sync", "component Web { param image: string }\ntype Port = int\n");
    let world: SharedWorld = Arc::new(Disk(world()));
    let analysis = Analysis::new(sources, &Inputs::default(), world, &|| true).unwrap();
    (analysis, text, offset)
}

#[test]
fn paths_are_offered_where_they_are_read() {
    let labels = |marked: &str| {
        let (analysis, text, offset) = on_disk(marked);
        let found = complete(&analysis, buffer(&text), offset);
        let replaced = text[found.start..offset].to_owned();
        let labels: Vec<String> = found.items.into_iter().map(|own| own.label).collect();
        (labels.join(" "), replaced)
    };
    assert_eq!(labels("use \"$0\""), ("./files ./web-service".to_owned(), String::new()));
    assert_eq!(labels("use \"./web-s$0\""), ("web-service".to_owned(), "web-s".to_owned()));
    let inside = |text: &str| format!("environment a {{ let t = file(\"{text}\") }}");
    assert_eq!(labels(&inside("$0")), ("files main.sync web-service".to_owned(), String::new()));
    assert_eq!(labels(&inside("files/mo$0")), ("motd.txt".to_owned(), "mo".to_owned()));
    assert_eq!(labels(&inside("../$0")).0, "");
}

#[test]
fn a_use_leads_to_its_folder_and_tells_what_is_there() {
    let source =
        "use \"./web$0-service\" as web\nenvironment a { unit u = web.Web { image = \"i\" } }\n";
    let (analysis, text, offset) = on_disk(source);
    let found = definition(&analysis, file(&analysis), offset as u32);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(analysis.shown_place(found[0].span, &"".into()), "web-service/web.sync:1");
    let shown = hover(&analysis, buffer(&text), offset).unwrap().markdown;
    assert!(shown.contains("Components: `Web`") && shown.contains("Types: `Port`"), "{shown}");
}
