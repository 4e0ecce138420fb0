//! The lines of a `=== world` section, and who asks after the health of what is in it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use syncline_lang::syntax::parse_expression;
use syncline_model::{FileId, Str, Value};
use syncline_planner::health::{Prober, Seen, Target};

use syncline_planner::Origin;

use crate::memory::World;

/// Who asks after the health of things: the world fails it by `fail ask TARGET`.
pub(super) struct Asked(pub(super) Arc<World>);

#[async_trait]
impl Prober for Asked {
    async fn ask(&self, target: &Target, _: Duration) -> Result<(), Seen> {
        let text: Str = match target {
            Target::Http { url, .. } => url.clone(),
            Target::Tcp(address) => address.clone(),
            Target::Command(words) => {
                words.iter().map(Str::as_str).collect::<Vec<_>>().join(" ").into()
            }
        };
        self.0.called("ask", &text);
        if self.0.wants_failure("ask", &text) {
            Err(Seen::new("it answered 503", ""))
        } else {
            Ok(())
        }
    }
}

/// Does what a line says: `set ID ATTRIBUTE = LITERAL`, `delete ID`, `fail CALL NAME`, `heal`,
/// `withdraw KIND`, `version N`, `source NAME [ADDRESS REPLACED...]`.
pub(super) fn tamper(world: &World, line: &str) -> Option<()> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["delete", id] => world.remove(id).then_some(()),
        ["fail", call, name] => {
            world.fail(call, name);
            Some(())
        }
        ["withdraw", kind] => {
            world.withdraw(kind);
            Some(())
        }
        ["version", number] => {
            world.set_version(number.parse().ok()?);
            Some(())
        }
        ["source", name, rest @ ..] => {
            let mut sources = rest.iter().map(|own| Str::from(*own));
            let source = sources.next().unwrap_or_default();
            world.set_origin(name, Origin { source, replaces: sources.collect() });
            Some(())
        }
        ["heal"] => {
            world.heal();
            Some(())
        }
        ["set", id, attribute, "=", ..] => {
            let text = line.split_once('=')?.1.trim();
            world.tamper(id, attribute, literal(text)?).then_some(())
        }
        _ => None,
    }
}

/// Reads a literal of the language.
fn literal(text: &str) -> Option<Value> {
    let (expr, diagnostics) = parse_expression(FileId(0), text);
    diagnostics.is_empty().then(|| syncline_lang::literal(&expr).ok()).flatten()
}
