//! `syncline destroy ENV`.

use syncline_model::EnvironmentName;
use syncline_planner::plan::Goal;

use crate::commands::plan::ShownFlags;
use crate::commands::planning::{PlanFlags, Workbench, evaluate_loaded, load, with_exports};
use crate::commands::running::{RunFlags, Target, interrupts, run_target};
use crate::exit::{Exit, Failure};
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
    let options = arguments.flags.options(Goal::Destroy)?;
    let (mut loaded, inputs) = load(session, &arguments.flags.inputs)?;
    let environment = EnvironmentName(arguments.env.as_str().into());
    // What the source no longer declares can be destroyed too, as long as it is recorded.
    let backends = crate::project::Backends::read(&loaded.root)?;
    let declared = loaded.environments(std::slice::from_ref(&arguments.env));
    if let Ok([one, rest @ ..]) = declared.as_deref()
        && (!rest.is_empty() || *one != arguments.env)
    {
        return Err(Failure::new(format!("`{}` has keys", arguments.env))
            .note("One environment is destroyed at a time.")
            .help(format!("Name one of them: `syncline destroy {one}`.")));
    }
    let is_declared = declared.is_ok();
    let is_recorded =
        !is_declared && super::block_on(backends.environments())?.contains(&environment);
    let evaluated = if is_declared || !is_recorded {
        let name =
            super::planning::name(session, &mut loaded, std::slice::from_ref(&arguments.env))?
                .remove(0);
        let inputs = with_exports(session, &loaded, std::slice::from_ref(&name), inputs)?;
        Some(evaluate_loaded(session, &mut loaded, &name, &inputs)?)
    } else {
        None
    };
    let shown = ShownFlags { json: arguments.json, markdown: false, concise: arguments.concise };
    super::block_on(async {
        let workbench = Workbench::new(session, loaded, (options, None)).await?;
        let cancel = interrupts(session);
        let target = Target {
            environment: &environment,
            desired: evaluated.as_ref().map(|evaluated| &evaluated.desired),
            shown,
        };
        run_target(session, &workbench, &arguments.run, target, &cancel).await
    })
}
