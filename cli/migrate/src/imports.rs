//! `import` blocks as `adopt`.
//!
//! Takes a block and the names of all modules, since what it is about may be within some of them; returns the member.
//! What goes through a list or a map adopts by a map from key to id.

use std::collections::BTreeMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, TraversalOperator};

use crate::expression::Scope;
use crate::members::Context;
use crate::names::{Instances, Names};
use crate::source::Found;
use crate::types::Shape;

/// The names of each module, and the folder of each call, by the module's folder.
type Modules = BTreeMap<String, (Names, BTreeMap<String, String>)>;

/// What is adopted, and by which key, where that is another one for each.
struct Target<'a> {
    text: String,
    keys: Vec<&'a Expression>,
}

/// Returns an `import` block as a member.
pub(crate) fn import(context: Context<'_>, found: Found<'_>, modules: &Modules) -> Option<String> {
    let mut scope = Scope::new(found.file, context.names, context.issues);
    let (to, id) = (found.value("to")?, found.value("id").or_else(|| found.value("identity"))?);
    let each = found.value("for_each");
    let Some(target) = target(&scope, (to, each.is_some()), (&context.module.folder, modules))
    else {
        let _null = scope.missing(to.span(), "what is imported is not declared here");
        return Some(String::new());
    };
    let Some(each) = each else {
        return Some(format!("adopt {} = {}", target.text, scope.text(id)));
    };
    let [key] = target.keys.as_slice() else { return None };
    let list = each
        .as_func_call()
        .filter(|call| call.name.name.as_str() == "toset")
        .and_then(|call| call.args.get(0))
        .filter(|inner| inner.is_array());
    let through = scope.text(list.unwrap_or(each));
    let (own, value) = (context.names.free("key"), context.names.free("value"));
    let is_list = list.is_some() || scope.shape(each).items().is_some();
    scope.each = if is_list { Shape::String } else { scope.shape(each).inner() };
    scope.value = Some(if is_list { own.clone() } else { value.clone() });
    scope.key = Some(own.clone());
    let names = if is_list { own } else { format!("{own}, {value}") };
    let key = scope.converted(key, &Shape::String).text;
    let id = scope.text(id);
    Some(format!("adopt {} = {{ for {names} in {through}: {key} => {id} }}", target.text))
}

/// Returns what an import is to.
fn target<'a>(
    scope: &Scope<'_>,
    (to, is_many): (&'a Expression, bool),
    (folder, modules): (&str, &Modules),
) -> Option<Target<'a>> {
    let traversal = to.as_traversal()?;
    let mut steps = traversal.operators.iter().map(|own| own.value()).peekable();
    let mut word = traversal.expr.as_variable()?.as_str();
    let mut target = Target { text: String::new(), keys: Vec::new() };
    let (mut names, mut calls) = modules.get(folder).map(|(names, calls)| (names, calls))?;
    loop {
        let TraversalOperator::GetAttr(label) = steps.next()? else { return None };
        let label = label.as_str();
        let is_module = word == "module";
        let named = if is_module {
            names.modules.get(label)?
        } else {
            names.resources.get(&(word.to_owned(), label.to_owned()))?
        };
        if !target.text.is_empty() {
            target.text.push('.');
        }
        target.text.push_str(&named.name);
        let index = steps.next_if(|step| matches!(step, TraversalOperator::Index(_)));
        let is_keyed = matches!(named.instances, Instances::Count | Instances::Each);
        if let Some(TraversalOperator::Index(index)) = index.filter(|_| is_keyed) {
            // What is another one for each has no key here.
            if is_many && index.to_string().contains("each.") {
                target.keys.push(index);
            } else {
                target.text.push_str(&format!("[{}]", scope.text(index)));
            }
        }
        if !is_module {
            return steps.next().is_none().then_some(target);
        }
        (names, calls) = modules.get(calls.get(label)?).map(|(names, calls)| (names, calls))?;
        let TraversalOperator::GetAttr(next) = steps.next()? else { return None };
        word = next.as_str();
    }
}
