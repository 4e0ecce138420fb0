//! Who stands on whom: the environments, overlays and components at the top of files.
//!
//! After this every layer's parent and mixins exist, and no line of inheritance goes in a circle:
//! what is wrong is reported and cut.

use syncline_model::{Diagnostic, Span, Str};

use super::modules::{self, ModuleId};
use super::{LayerId, LayerInfo, Project};
use crate::diagnostics::{
    duplicate_declaration, environment_keys, inheritance_cycle, misplaced_declaration,
    misplaced_overlay, unknown_layer,
};
use crate::syntax::ast;

/// Fills the project's name, settings, modules and layers.
pub(super) fn collect(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let files = std::mem::take(&mut project.files);
    let of_file = modules::collect(project, &files, diagnostics);
    let mut spans: Vec<Span> = Vec::new();
    let mut project_span = None;
    for (file, tree) in files.iter().enumerate() {
        let module = of_file[file];
        for (item, declaration) in tree.items.iter().enumerate() {
            match &declaration.kind {
                ast::ItemKind::Project { name, .. } if module != ModuleId(0) => {
                    diagnostics.push(misplaced_declaration::in_folder("project", name.span));
                }
                ast::ItemKind::Project { name, settings } => {
                    if let Some(first) = project_span.replace(name.span) {
                        diagnostics.push(duplicate_declaration::project(name.span, first));
                    }
                    project.name = Some(name.name.clone());
                    project.settings = settings.to_vec();
                }
                ast::ItemKind::Layer(layer) if matches!(layer.kind, ast::LayerKind::Test) => {
                    project.tests.push((file, item));
                }
                ast::ItemKind::Layer(layer) => {
                    let id = LayerId(project.layers.len() as u32);
                    let is_component = matches!(layer.kind, ast::LayerKind::Component);
                    if !is_component && module != ModuleId(0) {
                        let what = "environments and overlays";
                        let span = layer.name.span;
                        diagnostics.push(misplaced_declaration::in_folder(what, span));
                        continue;
                    }
                    let names = if is_component {
                        &mut project.modules[module.0 as usize].components
                    } else {
                        &mut project.by_name
                    };
                    let name = &layer.name;
                    if let Some(first) = names.get(&name.name) {
                        let first = spans[first.0 as usize];
                        diagnostics.push(duplicate_declaration::layer(name, first));
                        continue;
                    }
                    names.insert(name.name.clone(), id);
                    spans.push(name.span);
                    let keys = environment_keys_of(layer, diagnostics);
                    let info = layer_info(layer, file, item);
                    project.layers.push(LayerInfo { module, keys, ..info });
                }
                ast::ItemKind::Use { .. }
                | ast::ItemKind::Import { .. }
                | ast::ItemKind::Type { .. }
                | ast::ItemKind::Function(_) => {}
            }
        }
    }
    project.files = files;
    link(project, diagnostics);
    cut_circles(project, diagnostics);
    check_overlays(project, diagnostics);
}

/// Tells whether nothing is wrong with the keys of an environment, which is reported else.
pub(crate) fn has_sound_keys(layer: &ast::Layer) -> bool {
    let mut diagnostics = Vec::new();
    environment_keys_of(layer, &mut diagnostics);
    diagnostics.is_empty()
}

/// Returns the keys of an environment that has some: those of a list or a map as written.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these expressions are written out")]
fn environment_keys_of(layer: &ast::Layer, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Str>> {
    let ast::LayerKind::Environment { is_abstract, keys: Some(keys), .. } = &layer.kind else {
        return None;
    };
    if *is_abstract {
        diagnostics.push(environment_keys::of_abstract(keys.source.span));
        return None;
    }
    let mut found: Vec<Str> = Vec::new();
    let mut add = |key: Option<&Str>, span| match key {
        Some(key) if found.contains(key) => diagnostics.push(environment_keys::twice(key, span)),
        Some(key) => found.push(key.clone()),
        None => diagnostics.push(environment_keys::computed(span)),
    };
    match &keys.source.kind {
        ast::ExprKind::List(items) => {
            for item in items {
                let key = match &item.value.kind {
                    ast::ExprKind::String(text) if !item.spread => Some(text),
                    _ => None,
                };
                add(key, item.value.span);
            }
        }
        ast::ExprKind::Map(entries) => {
            for entry in entries {
                match entry {
                    ast::MapEntry::Set { key: ast::MapKey::Plain(key), value } => {
                        add(
                            Some(&key.name).filter(|_| super::names::is_closed(value)),
                            entry.span(),
                        );
                    }
                    _ => add(None, entry.span()),
                }
            }
        }
        _ => diagnostics.push(environment_keys::computed(keys.source.span)),
    }
    Some(found)
}

fn layer_info(layer: &ast::Layer, file: usize, item: usize) -> LayerInfo {
    let (is_overlay, is_abstract) = match &layer.kind {
        ast::LayerKind::Environment { is_abstract, .. } => (false, *is_abstract),
        ast::LayerKind::Overlay { .. } => (true, false),
        ast::LayerKind::Component | ast::LayerKind::Test => (false, true),
    };
    LayerInfo {
        name: layer.name.name.clone(),
        parent: None,
        mixins: Vec::new(),
        is_overlay,
        is_abstract,
        is_component: matches!(layer.kind, ast::LayerKind::Component),
        module: ModuleId(0),
        keys: None,
        is_cut: false,
        file,
        item,
        references: Vec::new(),
    }
}

/// Finds every parent and mixin by name.
fn link(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    for index in 0..project.layers.len() {
        let info = &project.layers[index];
        if project.ast(info).is_cut {
            project.layers[index].is_cut = true;
            continue;
        }
        let mut is_cut = false;
        let mut find = |ident: &ast::Ident, overlay: bool| {
            let found = project.find(&ident.name);
            let fits = found.filter(|id| project.layer(*id).is_overlay == overlay);
            if let Some(found) = fits
                && project.layer(found).keys.is_some()
            {
                is_cut = true;
                diagnostics.push(environment_keys::extended(ident));
                return None;
            }
            if fits.is_none() {
                is_cut = true;
                diagnostics.push(unknown_layer::diagnostic(project, ident, overlay, found));
            }
            fits
        };
        let (parent, mixins) = match &project.ast(info).kind {
            ast::LayerKind::Environment { extends, with, .. } => (
                extends.as_ref().and_then(|ident| find(ident, false)),
                with.iter().filter_map(|ident| find(ident, true)).collect(),
            ),
            ast::LayerKind::Overlay { target } => (find(target, false), Vec::new()),
            ast::LayerKind::Component | ast::LayerKind::Test => continue,
        };
        let info = &mut project.layers[index];
        info.is_cut = is_cut;
        info.parent = parent;
        info.mixins = mixins;
        info.mixins.sort_unstable();
        let id = LayerId(index as u32);
        let twice: Vec<LayerId> =
            info.mixins.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        info.mixins.dedup();
        for mixin in twice {
            diagnostics.push(misplaced_overlay::named_twice(project, id, mixin));
        }
    }
}

/// Reports each circle of inheritance once and cuts it, so that later passes end.
fn cut_circles(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    for start in 0..project.layers.len() {
        let mut line = vec![LayerId(start as u32)];
        while let Some(parent) = project.layer(line[line.len() - 1]).parent {
            if let Some(at) = line.iter().position(|id| *id == parent) {
                diagnostics.push(inheritance_cycle::diagnostic(project, &line[at..]));
                project.layers[line[line.len() - 1].0 as usize].parent = None;
                break;
            }
            line.push(parent);
        }
    }
}

/// An overlay stands only on what extends its target, and once.
fn check_overlays(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    for index in 0..project.layers.len() {
        let id = LayerId(index as u32);
        let below: Vec<LayerId> = match project.layer(id).parent {
            Some(parent) => project.stages(parent).into_iter().flatten().collect(),
            None => Vec::new(),
        };
        let mut kept = Vec::new();
        for mixin in project.layer(id).mixins.clone() {
            let target = project.layer(mixin).parent;
            if below.contains(&mixin) {
                diagnostics.push(misplaced_overlay::twice(project, id, mixin));
            } else if target.is_none_or(|target| below.contains(&target)) {
                kept.push(mixin);
            } else {
                diagnostics.push(misplaced_overlay::diagnostic(project, id, mixin));
            }
        }
        project.layers[index].mixins = kept;
    }
}
