//! Who stands on whom: the declarations at the top of files.
//!
//! After this every layer's parent and mixins exist, and no line of inheritance goes in a circle:
//! what is wrong is reported and cut.

use syncline_model::{Diagnostic, Span, Str};

use super::{LayerId, LayerInfo, Project};
use crate::diagnostics::{
    duplicate_declaration, inheritance_cycle, misplaced_overlay, unknown_layer, unknown_module,
};
use crate::syntax::ast;

/// Fills the project's name, settings, modules and layers.
pub(super) fn collect(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let files = std::mem::take(&mut project.files);
    let mut declared: Vec<(Str, Span)> = Vec::new();
    let mut project_span = None;
    for (file, tree) in files.iter().enumerate() {
        for (item, declaration) in tree.items.iter().enumerate() {
            match &declaration.kind {
                ast::ItemKind::Project { name, settings } => {
                    if let Some(first) = project_span.replace(name.span) {
                        diagnostics.push(duplicate_declaration::project(name.span, first));
                    }
                    project.name = Some(name.name.clone());
                    project.settings.clone_from(settings);
                }
                ast::ItemKind::Use { path, alias } => {
                    add_module(project, path, alias, diagnostics);
                }
                ast::ItemKind::Layer(layer) => {
                    let name = &layer.name;
                    if let Some(first) = project.by_name.get(&name.name) {
                        let first = declared[first.0 as usize].1;
                        diagnostics.push(duplicate_declaration::layer(name, first));
                        continue;
                    }
                    let id = LayerId(project.layers.len() as u32);
                    project.by_name.insert(name.name.clone(), id);
                    declared.push((name.name.clone(), name.span));
                    project.layers.push(layer_info(layer, file, item));
                }
                ast::ItemKind::Type { .. } | ast::ItemKind::Function(_) => {}
            }
        }
    }
    project.files = files;
    link(project, diagnostics);
    cut_circles(project, diagnostics);
    check_overlays(project, diagnostics);
}

fn add_module(
    project: &mut Project,
    path: &[ast::Ident],
    alias: &ast::Ident,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match path {
        [root, module] if root.name == "std" && crate::stdlib::module(&module.name).is_some() => {
            project.modules.insert(alias.name.clone(), module.name.clone());
        }
        _ => diagnostics.push(unknown_module::diagnostic(path)),
    }
}

fn layer_info(layer: &ast::Layer, file: usize, item: usize) -> LayerInfo {
    let (is_overlay, is_abstract) = match &layer.kind {
        ast::LayerKind::Environment { is_abstract, .. } => (false, *is_abstract),
        ast::LayerKind::Overlay { .. } => (true, false),
    };
    LayerInfo {
        name: layer.name.name.clone(),
        parent: None,
        mixins: Vec::new(),
        is_overlay,
        is_abstract,
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
        let mut is_cut = false;
        let mut find = |ident: &ast::Ident, overlay: bool| {
            let found = project.find(&ident.name);
            let fits = found.filter(|id| project.layer(*id).is_overlay == overlay);
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
