//! From the files of a Terraform project to those of a Syncline project.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hcl_edit::expr::Expression;
use hcl_edit::{Decorate as _, Span as _};

use crate::Schemas;
use crate::comments;
use crate::environments::{Environments, environments};
use crate::expression::Scope;
use crate::files::target;
use crate::handed::{Handed, SetUp, set_up};
use crate::imports::import;
use crate::issue::{Issue, Issues, Kind};
use crate::members::{self, Context};
use crate::names::{Given, Names};
use crate::remote::{is_own_data, why_not};
use crate::source::{Found, Module, Parsed, Sources, is_local, join, parse};
use crate::state::Translation;
use crate::text;
use crate::types::Shape;

/// A translated project.
#[derive(Clone, Debug, Default)]
pub struct Migrated {
    /// The text of each file by its path relative to the new project.
    pub files: BTreeMap<String, String>,
    /// What was not translated as it stood, sorted by its place.
    pub issues: Vec<Issue>,
    /// The environments, each with the workspace whose state is its own.
    pub environments: Vec<(String, Option<String>)>,
    /// The files that the new sources read: their paths in the new project, and in the old one.
    pub copies: BTreeMap<String, String>,
    /// The templates that were translated: their texts by their paths in the new project.
    pub templates: BTreeMap<String, String>,
    /// How addresses of states are translated.
    pub translation: Translation,
    /// A file could not be parsed.
    pub is_broken: bool,
}

/// Translates a project.
#[must_use]
pub fn migrate(sources: &Sources, schemas: &dyn Schemas) -> Migrated {
    let issues = Issues::default();
    let parsed = parse(sources, schemas, &issues);
    let providers = Providers::of(&parsed);
    let found = environments(sources, &parsed);
    let mut project = Project {
        sources,
        parsed: &parsed,
        schemas,
        issues: &issues,
        providers: &providers,
        translation: Translation { providers: providers.by_source(), ..Translation::default() },
        files: BTreeMap::new(),
        given: BTreeMap::new(),
        handed: Handed::default(),
        workspaces: Rc::new(found.renamed()),
    };
    project.handed.root = Names::of(&parsed.modules[""]).aliases;
    project.given = project.given_to_modules();
    for values in found.all.iter().map(|own| &own.values).chain([&found.shared]) {
        for (variable, (file, value)) in values {
            let names = Names::default();
            let scope = Scope::new(file, &names, &issues);
            let (shape, leads_to) = (scope.shape(value), scope.leads_to(value));
            let may_be_null = value.is_null();
            let given = Given { value: (*value).clone(), shape, may_be_null, leads_to };
            let of = project.given.entry(String::new()).or_default();
            of.entry(variable.clone()).or_default().push(given);
        }
    }
    project.module("", Some(&found));
    project.files.insert("project.sync".to_owned(), providers.text(sources));
    project.leftovers();
    let Project { files, mut translation, handed, .. } = project;
    translation.handed = handed;
    let files = files.into_iter().map(|(path, text)| (path, formatted(&text))).collect();
    let environments = found.all.into_iter().map(|own| (own.name, own.workspace)).collect();
    let templates = parsed.others.written.take();
    let mut copies = parsed.others.read.take();
    copies.retain(|to, _| !templates.contains_key(to));
    let (issues, is_broken) = (issues.take(), parsed.is_broken);
    Migrated { templates, files, issues, environments, copies, translation, is_broken }
}

/// Returns a file in the one format; what does not parse is a mistake of ours and kept as it is, so
/// that `check` shows it.
fn formatted(text: &str) -> String {
    syncline_lang::fmt::format(text).unwrap_or_else(|_| text.to_owned())
}

/// A provider that the project uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Provider {
    source: String,
    versions: BTreeSet<String>,
}

/// The providers by Terraform's local names.
#[derive(Clone, Debug, Default)]
struct Providers(BTreeMap<String, Provider>);

impl Providers {
    fn of(parsed: &Parsed) -> Self {
        let mut all = BTreeMap::<String, Provider>::new();
        for module in parsed.modules.values() {
            for terraform in module.blocks("terraform") {
                for block in terraform.block.body.get_blocks("required_providers") {
                    for attribute in block.body.attributes() {
                        let own = all.entry(attribute.key.as_str().to_owned()).or_default();
                        own.read(&attribute.value);
                    }
                }
            }
            let kinds = module.blocks("resource").chain(module.blocks("data"));
            let kinds = kinds.chain(module.blocks("ephemeral"));
            for found in kinds {
                let name = found.provider();
                if name != "terraform" {
                    all.entry(name).or_default();
                }
            }
            for found in module.blocks("provider") {
                let own = all.entry(found.label(0).to_owned()).or_default();
                own.versions.extend(found.text("version").map(str::to_owned));
            }
        }
        for (name, own) in &mut all {
            if own.source.is_empty() {
                own.source = format!("hashicorp/{name}");
            }
        }
        Self(all)
    }

    fn text(&self, sources: &Sources) -> String {
        let mut text = format!("project {} {{\n", text::string(&sources.name));
        if !self.0.is_empty() {
            text.push_str("providers = {\n");
            for (name, own) in &self.0 {
                let versions: Vec<&str> = own.versions.iter().map(String::as_str).collect();
                let version = match versions.as_slice() {
                    [] => String::new(),
                    all => format!(", version = {}", text::string(&all.join(", "))),
                };
                let is_short = own.source.matches('/').count() < 2;
                let host = if sources.is_terraform && is_short { TERRAFORM } else { "" };
                let source = text::string(&format!("{host}{}", own.source));
                let name = text::provider(name);
                text.push_str(&format!("{name} = {{ source = {source}{version} }}\n"));
            }
            text.push_str("}\n");
        }
        text.push_str("}\n");
        text
    }

    /// Returns local names by `NAMESPACE/TYPE`.
    fn by_source(&self) -> BTreeMap<String, String> {
        let last = |source: &str| {
            let mut parts: Vec<&str> = source.rsplit('/').take(2).collect();
            parts.reverse();
            parts.join("/").to_lowercase()
        };
        self.0.iter().map(|(name, own)| (last(&own.source), text::provider(name))).collect()
    }
}

impl Provider {
    fn read(&mut self, value: &Expression) {
        if let Some(version) = value.as_str() {
            self.versions.insert(version.to_owned());
        }
        let Some(object) = value.as_object() else { return };
        for (key, value) in object.iter() {
            match (crate::types::key_text(key).as_str(), value.expr().as_str()) {
                ("source", Some(source)) => {
                    source.trim_start_matches(TERRAFORM).clone_into(&mut self.source);
                }
                ("version", Some(version)) => {
                    self.versions.insert(version.to_owned());
                }
                _ => {}
            }
        }
    }
}

/// What Terraform's own addresses of providers are short of.
const TERRAFORM: &str = "registry.terraform.io/";

/// How deep modules are followed that call one another.
const DEEPEST: usize = 32;

const IMPORT_OF_MANY: &str =
    "what is imported has several keys, or none: write `adopt name[\"key\"] = \"id\"` for each";

/// A project while it is translated.
struct Project<'a> {
    sources: &'a Sources,
    parsed: &'a Parsed,
    schemas: &'a dyn Schemas,
    issues: &'a Issues,
    providers: &'a Providers,
    translation: Translation,
    files: BTreeMap<String, String>,
    /// What configurations of providers are called.
    handed: Handed,
    /// The workspaces that are called something else than their environments.
    workspaces: Rc<BTreeMap<String, String>>,
    /// What is given to the variables of each module, by its folder and the variable's name.
    given: BTreeMap<String, BTreeMap<String, Vec<Given>>>,
}

impl<'a> Project<'a> {
    /// Returns what calls give to the variables of modules.
    fn given_to_modules(&self) -> BTreeMap<String, BTreeMap<String, Vec<Given>>> {
        let mut given = BTreeMap::<String, BTreeMap<String, Vec<Given>>>::new();
        for (folder, module) in &self.parsed.modules {
            let names = Names::of(module);
            for found in module.blocks("module") {
                let Some(to) = self.callee(folder, found) else { continue };
                let mut scope = Scope::new(found.file, &names, self.issues);
                scope.each = match found.value("for_each") {
                    Some(each) => scope.shape(each).inner(),
                    None => Shape::Any,
                };
                for attribute in found.block.body.attributes() {
                    let value = &attribute.value;
                    let (may_be_null, leads_to) = (scope.may_be_null(value), scope.leads_to(value));
                    let shape = scope.shape(value);
                    let own = Given { value: value.clone(), shape, may_be_null, leads_to };
                    let of = given.entry(to.clone()).or_default();
                    of.entry(attribute.key.as_str().to_owned()).or_default().push(own);
                }
            }
        }
        given
    }

    /// Translates a module and those that it calls; the root one with its environments.
    fn module(&mut self, folder: &str, root: Option<&Environments<'a>>) {
        let parsed = self.parsed;
        let Some(module) = parsed.modules.get(folder) else { return };
        if self.translation.modules.contains_key(folder) {
            return;
        }
        let mut names = Names::of(module);
        names.learn(module, self.schemas);
        names.workspaces = Rc::clone(&self.workspaces);
        names.admit(self.given.remove(folder).unwrap_or_default());
        let mut calls = BTreeMap::new();
        for found in module.blocks("module") {
            if let Some(to) = self.callee(folder, found) {
                calls.insert(found.label(0).to_owned(), to);
            }
        }
        self.translation.note(folder, &names, &calls, module);
        for (label, to) in &calls {
            self.module(to, None);
            let callee = self.translation.modules.get(to).map(|(names, _)| names.clone());
            if let Some(named) = names.modules.get_mut(label) {
                named.callee = callee.map(Rc::new);
            }
        }
        self.handed.learn(module, &names, &calls);
        if root.is_some() {
            self.name_set_up(&mut names, (folder, Vec::new()));
        }
        let body = self.members(module, &names, &calls, root.map(|own| &own.shared));
        let mut text = uses(folder, &names, &calls);
        match root {
            Some(found) => {
                text.push_str(&format!("abstract environment base {{\n{body}}}\n"));
                self.files.insert("base.sync".to_owned(), text);
                let environments = self.environments(module, &names, found);
                self.files.insert("environments.sync".to_owned(), environments);
            }
            None => {
                text.push_str(&format!("component {} {{\n{body}}}\n", component(folder)));
                self.files.insert(format!("{}/module.sync", target(folder)), text);
            }
        }
    }

    /// Gives names to the configurations that modules set up, from a module on.
    fn name_set_up(&mut self, names: &mut Names, (folder, way): (&str, Vec<String>)) {
        let Some(module) = self.parsed.modules.get(folder).filter(|_| way.len() < DEEPEST) else {
            return;
        };
        if let Some(unit) = way.last() {
            for (named, _) in set_up(module) {
                let provider = text::provider(&named.0);
                let own = named.1.as_deref().map_or(provider.clone(), text::member);
                let short = text::member(&format!("{unit}_{own}"));
                let name = names.take(&[short, text::member(&format!("{}_{own}", way.join("_")))]);
                self.handed.set_up.insert((way.clone(), named), name);
            }
        }
        let Some((own, calls)) = self.translation.modules.get(folder) else { return };
        let inside: Vec<(String, String)> = calls
            .iter()
            .filter_map(|(label, to)| Some((own.modules.get(label)?.name.clone(), to.clone())))
            .collect();
        for (unit, to) in inside {
            let way = way.iter().cloned().chain([unit]).collect();
            self.name_set_up(names, (&to, way));
        }
    }

    /// Returns the configurations that modules set up, each with the members of its unit as they are seen from here.
    fn set_up(&self, context: Context<'_>) -> Vec<String> {
        let one = |((way, named), alias): (&SetUp, &String)| {
            let mut folder = "";
            for unit in way {
                let (names, calls) = self.translation.modules.get(folder)?;
                let call = names.modules.iter().find(|(_, own)| own.name == *unit);
                folder = calls.get(call?.0)?;
            }
            let module = self.parsed.modules.get(folder)?;
            let (names, _) = self.translation.modules.get(folder)?;
            let (_, found) = set_up(module).find(|(own, _)| own == named)?;
            let names = names.behind(&way.join("."));
            let context = Context { module, names: &names, ..context };
            let member =
                context.guarded(|| members::configuration(context, found, &format!(" as {alias}")));
            Some(comments::kept(found.file.slice(found.block.span()), member))
        };
        self.handed.set_up.iter().filter_map(one).collect()
    }

    /// Returns the folder of the module that a call is of.
    fn callee(&self, folder: &str, found: Found<'_>) -> Option<String> {
        let source = found.text("source")?;
        let link = self.sources.links.get(&(folder.to_owned(), source.to_owned()));
        let to = if let Some(link) = link {
            link.clone()
        } else if is_local(source) {
            join(folder, source)?
        } else {
            self.sources.installed.get(source)?.clone()
        };
        self.parsed.modules.contains_key(&to).then_some(to)
    }

    fn members(
        &'a self,
        module: &'a Module,
        names: &'a Names,
        calls: &BTreeMap<String, String>,
        shared: Option<&BTreeMap<String, crate::environments::Given<'a>>>,
    ) -> String {
        let component = |found: Found<'_>| {
            let to = calls.get(found.label(0))?;
            Some(format!("{}.{}", alias(names, to), component(to)))
        };
        let provider = |name: &str| text::provider(name);
        let context = Context {
            module,
            names,
            schemas: self.schemas,
            issues: self.issues,
            handed: &self.handed,
            provider: &provider,
            component: &component,
        };
        let blocks = |file: &'a crate::source::File| {
            file.body.blocks().map(move |block| Found { file, block })
        };
        let mut found: Vec<Found<'a>> = module.files.iter().flat_map(blocks).collect();
        found.sort_by_key(|found| rank(found.block.ident.as_str()));
        let said = |found: Found<'a>| {
            let mut members = self.member(context, found, shared);
            if let Some(first) = members.iter_mut().find(|own| !own.is_empty()) {
                *first = comments::around(found.block.decor(), first);
            }
            members
        };
        let mut all: Vec<String> = found.into_iter().flat_map(said).collect();
        if shared.is_some() {
            all.extend(self.set_up(context));
        }
        // What a file ends with stands behind everything.
        let ends = module.files.iter().map(|file| comments::ending(&file.body));
        let left = self.parsed.left.get(&module.folder).into_iter().flatten();
        let left = left.map(|issue| {
            format!("ensure false else {}", text::string(&format!("not translated: {issue}")))
        });
        all.into_iter()
            .chain(ends)
            .chain(left)
            .filter(|member| !member.is_empty())
            .map(|member| format!("{member}\n\n"))
            .collect()
    }

    /// Translates a block with the comments in it. What is moved or removed is about states, and done while
    /// they are taken over.
    fn member(
        &self,
        context: Context<'a>,
        found: Found<'a>,
        shared: Option<&BTreeMap<String, crate::environments::Given<'a>>>,
    ) -> Vec<String> {
        let mut members = self.translated(context, found, shared);
        let is_one = !found.block.has_ident("locals");
        if let [only] = members.as_mut_slice()
            && is_one
            && !only.is_empty()
        {
            let source = found.file.slice(found.block.span());
            *only = comments::kept(source, std::mem::take(only));
        }
        members
    }

    fn translated(
        &self,
        context: Context<'a>,
        found: Found<'a>,
        shared: Option<&BTreeMap<String, crate::environments::Given<'a>>>,
    ) -> Vec<String> {
        let guarded = |make: &dyn Fn() -> String| vec![context.guarded(make)];
        match found.block.ident.as_str() {
            "variable" => {
                let given = shared.and_then(|own| own.get(found.label(0))).copied();
                guarded(&|| members::given_variable(context, found, given))
            }
            "locals" => members::locals(context, found),
            "data" if is_own_data(found) => vec![context.untranslated(found, &why_not(found))],
            "resource" | "data" | "ephemeral" => guarded(&|| members::resource(context, found)),
            "output" => guarded(&|| members::output(context, found)),
            "provider" if shared.is_some() => guarded(&|| members::provider(context, found)),
            // What a module sets up is a configuration of the root module; or it only says what it needs.
            "provider" => Vec::new(),
            "module" => {
                let source = found.text("source").unwrap_or_default();
                let why = format!(
                    "the module `{source}` is not here; `terraform init` fetches it, and then it is \
                     translated too"
                );
                vec![context.guarded_or(found, &why, || members::unit(context, found))]
            }
            "check" => guarded(&|| members::check(context, found)),
            "import" => {
                let own = || import(context, found, &self.translation.modules);
                vec![context.guarded_or(found, IMPORT_OF_MANY, own)]
            }
            "moved" | "removed" => Vec::new(),
            "terraform" => {
                self.settings(found);
                Vec::new()
            }
            _ => vec![context.untranslated(found, "this block has no counterpart")],
        }
    }

    /// Says what of a `terraform` block is left out.
    fn settings(&self, found: Found<'_>) {
        for block in found.block.body.blocks().filter(|own| !own.has_ident("required_providers")) {
            let kind = block.ident.as_str();
            let label = block.labels.first();
            let label = label.map_or(String::new(), |own| format!(" \"{}\"", own.as_str()));
            let message = format!(
                "`{kind}{label}` is left out: the new project keeps its state locally until \
                 `state = ...` says otherwise"
            );
            let (file, line) = found.place();
            self.issues.add(Issue { file, line, kind: Kind::Note, message });
        }
    }

    fn environments(
        &self,
        module: &'a Module,
        names: &'a Names,
        found: &Environments<'a>,
    ) -> String {
        let mut text = String::new();
        for environment in &found.all {
            text.push_str(&format!("environment {} extends base {{\n", environment.name));
            for (variable, (file, value)) in &environment.values {
                let declared = module.blocks("variable").find(|own| own.label(0) == variable);
                let Some(declared) = declared else {
                    let message = format!("no variable `{variable}` is declared; it is left out");
                    let issue =
                        Issue { file: file.path.clone(), line: 0, kind: Kind::Note, message };
                    self.issues.add(issue);
                    continue;
                };
                let scope = Scope::new(file, names, self.issues);
                let own = Scope::new(declared.file, names, self.issues);
                let shape = members::shape(&own, declared);
                let slice = file.slice(value.span());
                let value = members::literal(&scope, value, shape.as_ref());
                let line = format!("{} = {value}", names.variables[variable]);
                let line = comments::kept(slice, line);
                let line = match file.body.get_attribute(variable) {
                    Some(attribute) => comments::around(attribute.decor(), &line),
                    None => line,
                };
                text.push_str(&format!("{line}\n"));
            }
            text.push_str("}\n\n");
        }
        text
    }

    /// Says which folders with HCL are not part of the project.
    fn leftovers(&self) {
        for (folder, module) in &self.parsed.modules {
            if !self.translation.modules.contains_key(folder) && !folder.starts_with(".terraform") {
                let message = "nothing calls this module: it is not translated".to_owned();
                let file = module.files.first().map_or(folder.clone(), |file| file.path.clone());
                self.issues.add(Issue { file, line: 0, kind: Kind::Note, message });
            }
        }
        let is_empty = self.parsed.modules[""].files.is_empty() && self.parsed.left.is_empty();
        if self.providers.0.is_empty() && is_empty {
            let message = "there is no `.tf` file here".to_owned();
            let issue = Issue { file: ".".to_owned(), line: 0, kind: Kind::Missing, message };
            self.issues.add(issue);
        }
    }
}

/// Returns where blocks of a kind stand: what others set first, what others read last.
fn rank(kind: &str) -> usize {
    let order = ["variable", "provider", "locals"];
    match (order.iter().position(|own| *own == kind), kind) {
        (Some(at), _) => at,
        (None, "output") => order.len() + 1,
        (None, _) => order.len(),
    }
}

/// Returns the name of a module's component.
fn component(folder: &str) -> String {
    text::camel(folder.rsplit('/').next().unwrap_or(folder))
}

/// Returns what a module is called where it is used.
fn alias(names: &Names, folder: &str) -> String {
    let last = text::member(folder.rsplit('/').next().unwrap_or(folder));
    let free = names.free(&last);
    // A unit is often called like its module: then the module makes room.
    if free == last { last } else { names.free(&format!("{last}_component")) }
}

/// Returns the `use` lines of a module.
fn uses(folder: &str, names: &Names, calls: &BTreeMap<String, String>) -> String {
    let folders: BTreeSet<&String> = calls.values().collect();
    let mut text: String = folders
        .into_iter()
        .map(|to| {
            let path = relative(&target(folder), &target(to));
            format!("use {} as {}\n", text::string(&path), alias(names, to))
        })
        .collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Returns the path from one folder to another.
fn relative(from: &str, to: &str) -> String {
    let parts = |text: &'_ str| -> Vec<String> {
        text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
    let up = "../".repeat(from.len() - common);
    let down = to[common..].join("/");
    if up.is_empty() { format!("./{down}") } else { format!("{up}{down}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_lead_from_folder_to_folder() {
        for (from, to, path) in [
            ("", "modules/vpc", "./modules/vpc"),
            ("modules/vpc", "modules/subnet", "../subnet"),
            ("modules/vpc", "modules/vpc/inner", "./inner"),
        ] {
            assert_eq!(super::relative(from, to), path);
        }
    }
}
