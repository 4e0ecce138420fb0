//! Plans made and carried out against a tiny provider.

#[allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]
mod support;

use proptest::prelude::*;
use support::*;
use syncline_model::*;
use syncline_planner::plan::{Action, Goal, Operation, Plan, Reason};
use syncline_planner::record::{Body, Log as _};
use syncline_planner::{Refresh, State, diagnostics, fingerprints};

fn actions(plan: &Plan) -> Vec<(String, Action, Reason)> {
    plan.changes.iter().map(|one| (one.address.to_string(), one.action, one.reason)).collect()
}

fn order(plan: &Plan) -> Vec<(String, Operation)> {
    let name = |step: u32| {
        let step = &plan.steps[step as usize];
        (plan.changes[step.change as usize].address.to_string(), step.operation)
    };
    let mut done: Vec<u32> = Vec::new();
    while done.len() < plan.steps.len() {
        let next = (0..plan.steps.len() as u32).find(|at| {
            let after = &plan.steps[*at as usize].after;
            !done.contains(at) && after.iter().all(|before| done.contains(before))
        });
        done.push(next.expect("the steps have an order"));
    }
    done.into_iter().map(name).collect()
}

fn pair() -> Desired {
    desired(vec![thing("a", [], &[]), thing("b", [("size", id_of("a"))], &["a"])])
}

#[tokio::test]
async fn a_plan_after_an_apply_is_empty_and_asks_nobody() {
    let mut world = world().await;
    let execution = world.apply(&pair()).await;
    assert!(execution.success(), "{execution:?}");
    let id = execution.state.recorded(&address("b")).unwrap().attributes.attribute("size").clone();
    assert_eq!(id, Value::from("id-a"));
    assert_eq!(execution.state.resources, world.state().await.resources);
    assert_eq!(execution.state.mark, world.state().await.mark);
    world.tiny.calls();
    world.options.refresh = Refresh::None;
    let (plan, diagnostics) = world.plan(&pair()).await;
    let plan = plan.unwrap();
    assert!(plan.changes.is_empty() && diagnostics.is_empty(), "{plan:?}");
    assert_eq!(plan.unchanged, 2);
    assert_eq!(plan.reads.unchanged_by_fingerprint, 2);
    assert!(world.tiny.calls().is_empty());
    world.options.refresh = Refresh::All;
    let (plan, _) = world.plan(&pair()).await;
    assert!(plan.unwrap().changes.is_empty());
    assert_eq!(world.tiny.calls(), ["read a", "read b"]);
}

#[tokio::test]
async fn updates_replacements_and_removals_have_their_order() {
    let world = world().await;
    world.apply(&pair()).await;
    let moved = desired(vec![
        thing("a", [("zone", Value::from("east"))], &[]),
        thing("b", [("size", id_of("a"))], &["a"]),
    ]);
    let plan = world.plan(&moved).await.0.unwrap();
    assert_eq!(
        actions(&plan),
        [
            ("a".into(), Action::Replace, Reason::CannotUpdate),
            ("b".into(), Action::Update, Reason::Changed)
        ]
    );
    assert!(world.execute(&plan).await.success());
    let gone = desired(vec![]);
    let plan = world.plan(&gone).await.0.unwrap();
    assert_eq!(order(&plan), [("b".into(), Operation::Delete), ("a".into(), Operation::Delete)]);
    let execution = world.execute(&plan).await;
    assert!(execution.success() && execution.state.resources.is_empty());
}

#[tokio::test]
async fn create_first_spreads_to_what_is_depended_on() {
    let world = world().await;
    let make = |zone: &str| {
        let zone = || [("zone", Value::from(zone))];
        let mut b = thing("b", zone(), &["a"]);
        b.lifecycle.create_first = true;
        desired(vec![thing("a", zone(), &[]), b])
    };
    world.apply(&make("east")).await;
    let plan = world.plan(&make("west")).await.0.unwrap();
    let order = order(&plan);
    assert_eq!(order[0], ("a".into(), Operation::Create));
    assert_eq!(order.last().unwrap(), &("a".into(), Operation::Delete));
    let execution = world.execute(&plan).await;
    assert!(execution.success(), "{execution:?}");
    assert!(execution.state.resources.values().all(|entry| entry.deposed.is_empty()));
}

#[tokio::test]
async fn a_failure_stops_what_comes_after_it_alone() {
    let world = world().await;
    world.tiny.failing.lock().unwrap().push("a".into());
    let mut all = pair();
    all.resources.push(thing("c", [], &[]));
    let execution = world.apply(&all).await;
    assert_eq!(execution.failed.len(), 1);
    assert_eq!(execution.skipped, [address("b")]);
    assert!(execution.state.recorded(&address("c")).is_some());
    world.tiny.failing.lock().unwrap().clear();
    let plan = world.plan(&all).await.0.unwrap();
    assert_eq!(plan.counts().add, 2);
    assert!(world.execute(&plan).await.success());
}

#[tokio::test]
async fn drift_is_found_and_undone() {
    let world = world().await;
    let all = desired(vec![thing("a", [("size", Value::from(1))], &[])]);
    world.apply(&all).await;
    let tampered = {
        let mut things = world.tiny.things.lock().unwrap();
        let state = things.get_mut("a").unwrap();
        let mut map = state.as_map().unwrap().clone();
        map.insert("size", Value::from(2));
        *state = map.into();
        state.clone()
    };
    let plan = world.plan(&all).await.0.unwrap();
    assert_eq!(plan.drift[0].found, tampered);
    assert_eq!(actions(&plan), [("a".into(), Action::Update, Reason::Drifted)]);
    world.tiny.things.lock().unwrap().clear();
    let plan = world.plan(&all).await.0.unwrap();
    assert_eq!(actions(&plan), [("a".into(), Action::Create, Reason::Gone)]);
}

#[tokio::test]
async fn what_is_protected_is_not_destroyed() {
    let mut world = world().await;
    let mut all = desired(vec![thing("a", [], &[])]);
    all.resources[0].lifecycle.protect = true;
    world.apply(&all).await;
    let (plan, reports) = world.plan(&desired(vec![])).await;
    assert!(plan.is_none());
    assert_eq!(reports[0].code, diagnostics::PROTECTED);
    world.options.goal = Goal::Destroy;
    assert_eq!(world.plan(&all).await.1[0].code, diagnostics::PROTECTED);
}

#[tokio::test]
async fn targets_take_along_what_they_need() {
    let mut world = world().await;
    let all = desired(vec![
        thing("a", [], &[]),
        thing("jobs/x", [("size", id_of("a"))], &["a"]),
        thing("z", [], &[]),
    ]);
    world.options.targets = vec![address("jobs")];
    let plan = world.plan(&all).await.0.unwrap();
    assert!(plan.partial);
    assert_eq!(plan.changes.len(), 2);
    world.options.targets = vec![address("job")];
    let (_, reports) = world.plan(&all).await;
    assert_eq!(reports[0].code, diagnostics::UNKNOWN_ADDRESS);
}

#[tokio::test]
async fn a_create_that_a_crash_cut_off_is_adopted() {
    let world = world().await;
    let all = desired(vec![thing("a", [], &[])]);
    world.apply(&all).await;
    world
        .log
        .0
        .lock()
        .unwrap()
        .retain(|record| !matches!(record.body, Body::Outcome(_) | Body::Applied(_)));
    let (plan, reports) = world.plan(&all).await;
    let plan = plan.unwrap();
    assert_eq!(plan.changes[0].action, Action::Record, "{reports:?}");
    world.tiny.calls();
    let execution = world.execute(&plan).await;
    assert!(execution.success() && world.tiny.calls().is_empty());
    assert!(world.plan(&all).await.0.unwrap().changes.is_empty());
}

#[tokio::test]
async fn a_circle_is_reported_with_its_path() {
    let world = world().await;
    let all = desired(vec![thing("a", [], &["b"]), thing("b", [], &["a"])]);
    let (plan, reports) = world.plan(&all).await;
    assert!(plan.is_none());
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].code, diagnostics::DEPENDENCY_CYCLE);
    assert_eq!(reports[0].labels.len(), 2);
}

#[tokio::test]
async fn fingerprints_are_the_documented_ones() {
    let world = world().await;
    let prints = fingerprints(&pair(), &world.registry, &[0; 32]).unwrap();
    let shown: Vec<String> = prints.resources.iter().map(ToString::to_string).collect();
    let mut encoder = Encoder::new("syncline resource 1", &[0; 32]);
    encoder.tag(0);
    for text in ["thing", "tiny"] {
        encoder.string(text);
    }
    encoder.tag(0);
    encoder.string("");
    encoder.count(1);
    encoder.value(&Value::map([("name", Value::from("a"))]));
    encoder.count(0);
    assert_eq!(shown[0], encoder.finish().to_string());
    assert_eq!(
        [shown[0].as_str(), shown[1].as_str(), &prints.root.to_string()],
        [
            "c04c8a206016709b4222c72111b94d511da5589ac6aeb365fa7edd70ef73383f",
            "26c1e4ed2e12cb8056bbc7a11cc47e9972a2430096eac512b35498f3ffb90688",
            "c4a2533c179c8af34cb8bbba834baa00b7adfaaceef879173fc5c4228a6d6703",
        ]
    );
}

/// A chain that would overflow a stack if anything recursed.
#[tokio::test]
async fn a_long_chain_is_planned_and_applied() {
    let mut world = world().await;
    let name = |at: usize| format!("n{at:06}");
    let chain = (0..20_000).map(|at| {
        let before = (at > 0).then(|| name(at - 1));
        thing(&name(at), [], before.as_deref().as_slice())
    });
    let all = desired(chain.collect());
    assert!(world.apply(&all).await.success());
    world.options.refresh = Refresh::None;
    assert!(world.plan(&all).await.0.unwrap().changes.is_empty());
}

fn made(edges: &[(usize, usize)], sizes: &[i64]) -> Desired {
    let name = |at: usize| format!("n{at}");
    let resources = sizes.iter().enumerate().map(|(at, size)| {
        let mut needs: Vec<String> = edges
            .iter()
            .filter(|(from, to)| from % sizes.len() == at && to % sizes.len() < at)
            .map(|(_, to)| name(to % sizes.len()))
            .collect();
        needs.sort();
        needs.dedup();
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        thing(&name(at), [("size", Value::from(*size))], &needs)
    });
    desired(resources.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_graph_converges_and_any_prefix_is_a_state(
        edges in proptest::collection::vec((0usize..8, 0usize..8), 0..16),
        sizes in proptest::collection::vec(0i64..3, 1..8),
        later in proptest::collection::vec(0i64..3, 1..8),
        cut in 0usize..200,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world().await;
            for sizes in [&sizes, &later] {
                let all = made(&edges, sizes);
                assert!(world.apply(&all).await.success());
                assert!(world.plan(&all).await.0.unwrap().changes.is_empty());
            }
            let records = world.log.read(0).await.unwrap();
            let whole = State::replay(records.clone());
            let (head, tail) = records.split_at(cut.min(records.len()));
            let mut state = State::replay(head.to_vec());
            tail.iter().cloned().for_each(|record| state.apply(record));
            assert_eq!(state, whole);
            // A crash at the cut: the next apply converges.
            world.log.0.lock().unwrap().truncate(cut);
            let all = made(&edges, &later);
            let execution = world.apply(&all).await;
            assert!(execution.success(), "{execution:?}");
            assert!(world.plan(&all).await.0.unwrap().changes.is_empty());
        });
    }

    #[test]
    fn fingerprints_do_not_depend_on_the_order_of_attributes(
        mut entries in proptest::collection::vec(("[a-z]{1,4}", 0i64..9), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            entries.sort();
            entries.dedup_by(|left, right| left.0 == right.0);
            let world = world().await;
            let print = |entries: &[(String, i64)]| {
                let mut one = thing("a", [], &[]);
                let pairs = entries.iter().map(|(key, value)| (key.as_str(), Value::from(*value)));
                one.config = Value::map(pairs);
                one.origins = Origins::default();
                fingerprints(&desired(vec![one]), &world.registry, &[0; 32]).unwrap()
            };
            let forward = print(&entries);
            entries.reverse();
            assert_eq!(forward, print(&entries));
        });
    }
}
