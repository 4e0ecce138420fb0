//! `syncline destroy ENV`.

use syncline_model::{Desired, EnvironmentName, Severity};
use syncline_planner::plan::Goal;

use crate::commands::environments::one;
use crate::commands::interrupts::listen;
use crate::commands::plan::ShownFlags;
use crate::commands::planning::{PlanFlags, Workbench, load, with_exports};
use crate::commands::running::{RunFlags, Target, run_target};
use crate::exit::{Exit, Failure};
use crate::project::{Backends, Inputs, Loaded};
use crate::session::Session;

/// Arguments of `destroy`.
#[derive(clap::Args, Clone, Debug)]
pub struct DestroyArguments {
    /// The environment
    env: String,
    #[command(flatten)]
    flags: PlanFlags,
    #[command(flatten)]
    run: RunFlags,
    /// Print one line a change (`--concise`)
    #[arg(long, conflicts_with = "json")]
    concise: bool,
    /// Print JSON lines (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &DestroyArguments) -> Result<Exit, Failure> {
    let session = &session.in_lines();
    let options = arguments.flags.options(Goal::Destroy)?;
    let (mut loaded, inputs) = load(session, &arguments.flags.inputs)?;
    // What the source no longer declares can be destroyed too, as long as it is recorded.
    let recorded = super::block_on(Backends::read(&loaded.root)?.environments())?;
    let name = one(session, &mut loaded, recorded, &arguments.env)?;
    let declared = loaded.project.environment(&name).filter(|own| !own.is_abstract);
    let desired = match declared {
        Some(_) => {
            let inputs = with_exports(session, &loaded, std::slice::from_ref(&name), inputs)?;
            evaluated(session, &mut loaded, &name, &inputs)?
        }
        None => None,
    };
    let environment = EnvironmentName(name.as_str().into());
    let shown = ShownFlags {
        json: arguments.json,
        concise: arguments.concise,
        has_inputs: arguments.flags.inputs.are_given(),
        ..ShownFlags::default()
    };
    super::block_on(async {
        let workbench = Workbench::new(session, loaded, (options, None)).await?;
        let cancel = listen();
        let target = Target { environment: &environment, desired, shown };
        run_target(session, &workbench, &arguments.run, target, &cancel).await
    })
}

/// Evaluates what is to be destroyed. Where nobody can tell any more which resources there are, since a data
/// source or another environment has gone, there is nothing: what is recorded can go all the same.
fn evaluated(
    session: &Session,
    loaded: &mut Loaded,
    environment: &str,
    inputs: &Inputs,
) -> Result<Option<Desired>, Failure> {
    let (evaluated, mut found) =
        syncline_lang::evaluate(&loaded.project, environment, inputs, &loaded.world);
    let mut errors = found.iter().filter(|own| own.is_error()).peekable();
    if errors.peek().is_some() && errors.all(|own| own.code.id == "E0311") {
        for own in found.iter_mut().filter(|own| own.is_error()) {
            own.severity = Severity::Warning;
            own.help = Some(
                "What is recorded is destroyed all the same, by providers that are set up as they were last."
                    .to_owned(),
            );
        }
    }
    loaded.diagnostics.extend(found);
    loaded.tell(session)?;
    Ok(evaluated.map(|evaluated| evaluated.desired))
}
