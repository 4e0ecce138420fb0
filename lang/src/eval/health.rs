//! `@health`: what tells whether a resource works, once it was made.
//!
//! Takes an annotation; returns a map with what is asked (`http`, `tcp` or `command`), how the answer has to be
//! (`headers`, `status`, `contains`), and when: `every`, `timeout` and `within` in milliseconds, and `successes`. What
//! is asked may be unknown until the resource is there; in it, `self` stands for the resource as it will be.

use std::sync::Arc;

use syncline_model::{Address, Block, Dimension, Map, Path, Type, Value};

use super::amend::{Body, Target};
use super::scope::{Failed, Scope};
use crate::diagnostics::bad_annotation;
use crate::syntax::ast::{self, Expr, ExprKind};

/// What the resource itself is called in its `@health`.
const SELF: &str = "self";

/// What can be asked; one of them has to be.
const TARGETS: [&str; 3] = ["http", "tcp", "command"];

/// The arguments that there are.
pub(crate) const ARGUMENTS: [&str; 10] = [
    "http",
    "tcp",
    "command",
    "status",
    "headers",
    "contains",
    "every",
    "timeout",
    "within",
    "successes",
];

/// The times that hold where nothing is said, in milliseconds.
const TIMES: [(&str, i64); 3] = [("every", 5_000), ("timeout", 10_000), ("within", 300_000)];

/// The longest time: a day, in milliseconds.
const LONGEST: i64 = 86_400_000;

impl Scope<'_> {
    /// Takes a `@health`. Those of a later stage replace those of earlier ones; `@health(false)` takes them away.
    pub(crate) fn health(
        &mut self,
        (annotation, stage): (&ast::Annotation, u32),
        body: &mut Body,
        target: &Target<'_>,
    ) -> Result<(), Failed> {
        if body.health_stage != stage {
            body.health_stage = stage;
            body.health.clear();
        }
        if let [ast::Arg { name: None, value: Expr { kind: ExprKind::Bool(false), .. }, .. }] =
            annotation.args.as_slice()
        {
            body.health.clear();
            return Ok(());
        }
        let Some(address) = target.address else {
            return self.fail(bad_annotation::health_of_nothing(annotation));
        };
        self.locals.push((SELF.into(), own(target.block, address)));
        let asked = self.asked(annotation);
        self.locals.pop();
        body.health.push(asked?);
        Ok(())
    }

    fn asked(&mut self, annotation: &ast::Annotation) -> Result<Value, Failed> {
        let mut said = Map::new();
        for (name, millis) in TIMES {
            said.insert(name, Value::from(millis));
        }
        said.insert("successes", Value::from(1));
        for arg in &annotation.args {
            let name = arg.name.as_ref().map(|name| name.name.as_str());
            let Some(name) = name.and_then(|name| ARGUMENTS.into_iter().find(|own| *own == name))
            else {
                return self.fail(bad_annotation::health_argument(arg, &ARGUMENTS));
            };
            let value = self.health_argument(name, &arg.value)?;
            said.insert(name, value);
        }
        let asked: Vec<&str> = TARGETS.into_iter().filter(|name| said.contains_key(name)).collect();
        if asked.len() != 1 {
            return self.fail(bad_annotation::health_target(annotation, &asked));
        }
        let needs_http = ["status", "headers", "contains"];
        let given = annotation.args.iter().filter_map(|arg| arg.name.as_ref());
        if let Some(name) = given
            .filter(|_| asked != ["http"])
            .find(|name| needs_http.contains(&name.name.as_str()))
        {
            return self.fail(bad_annotation::health_needs_http(name, asked[0]));
        }
        Ok(Value::from(said))
    }

    fn health_argument(&mut self, name: &str, expr: &Expr) -> Result<Value, Failed> {
        match name {
            "http" => {
                let url = self.typed(expr, &Type::String)?;
                let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
                match url.as_str() {
                    Some(text) if !is_web(text) => self.fail(bad_annotation::health_value(
                        expr.span,
                        "`http://` or `https://` and a host",
                    )),
                    _ => Ok(url),
                }
            }
            "tcp" => {
                let address = self.typed(expr, &Type::String)?;
                let port = address.as_str().map(|text| text.rsplit_once(':'));
                let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
                match port {
                    Some(parts)
                        if !parts.is_some_and(|(host, port)| !host.is_empty() && is_port(port)) =>
                    {
                        self.fail(bad_annotation::health_value(
                            expr.span,
                            "a host and a port, as in `db.example:5432`",
                        ))
                    }
                    _ => Ok(address),
                }
            }
            "command" => {
                let words = self.typed(expr, &Type::List(Arc::new(Type::String)))?;
                match words.as_items() {
                    Some([]) => self.fail(bad_annotation::health_value(
                        expr.span,
                        "a program and its arguments",
                    )),
                    _ => Ok(words),
                }
            }
            "headers" => self.typed(expr, &Type::Map(Arc::new(Type::String))),
            "contains" => self.typed(expr, &Type::String),
            "status" => self.statuses(expr),
            "successes" => {
                let count = self.typed(expr, &Type::Int)?;
                match count.as_i64() {
                    Some(1..=1000) => Ok(count),
                    _ => self.fail(bad_annotation::health_value(
                        expr.span,
                        "a known number from 1 to 1000",
                    )),
                }
            }
            _ => self.health_time(expr),
        }
    }

    /// Returns a time in milliseconds.
    fn health_time(&mut self, expr: &Expr) -> Result<Value, Failed> {
        let time = self.typed(expr, &Type::Quantity(Dimension::Duration))?;
        let millis = time.as_quantity().and_then(|time| time.member("milliseconds"));
        match millis.and_then(|millis| millis.as_i64()) {
            Some(millis @ 1..=LONGEST) => Ok(Value::from(millis)),
            _ => {
                let takes = "a known time from a millisecond to a day";
                self.fail(bad_annotation::health_value(expr.span, takes))
            }
        }
    }

    /// Returns one status or several as a list.
    fn statuses(&mut self, expr: &Expr) -> Result<Value, Failed> {
        let value = self.expression(expr)?;
        let is_one = matches!(value.reveal(), Value::Number(_));
        let list = if is_one { Value::list([value]) } else { value };
        let is_status = |status: &Value| matches!(status.as_i64(), Some(100..=599));
        match list.as_items() {
            Some(items) if !items.is_empty() && items.iter().all(is_status) => Ok(list),
            _ => self.fail(bad_annotation::health_value(
                expr.span,
                "a known status or a list of them, as in `[200, 204]`",
            )),
        }
    }
}

/// Returns the resource as it will be: all of it is known once it was made.
fn own(block: &Block, address: &Address) -> Value {
    Value::map(block.attributes.iter().map(|(name, attribute)| {
        let unknown = || attribute.unknown(address, Path::attribute(name));
        (name.clone(), if attribute.write_only { Value::Null } else { unknown() })
    }))
}
