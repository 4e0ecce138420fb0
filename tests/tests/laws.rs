//! Laws of planner and executor that hold for all input, on made environments.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use syncline_tests::back::Back;

/// A resource: what it refers to among those before it, and what is in it.
#[derive(Clone, Debug)]
struct Made {
    refers: Vec<Index>,
    size: Option<i64>,
    zone: Option<String>,
    create_first: bool,
    tags: BTreeMap<String, String>,
}

fn resource() -> impl Strategy<Value = Made> {
    (
        prop::collection::vec(any::<Index>(), 0..3),
        prop::option::of(0..9_i64),
        prop::option::of("[xyz]"),
        any::<bool>(),
        prop::collection::btree_map("[abc]", "[de]", 0..3),
    )
        .prop_map(|(refers, size, zone, create_first, tags)| Made {
            refers,
            size,
            zone,
            create_first,
            tags,
        })
}

fn resources() -> impl Strategy<Value = Vec<Made>> {
    prop::collection::vec(resource(), 1..7)
}

/// Returns each resource as a declaration.
fn declarations(resources: &[Made]) -> Vec<String> {
    let declared = resources.iter().enumerate().map(|(at, made)| {
        let mut text = format!("  resource mem.thing r{at} {{\n    name = \"r{at}\"\n");
        if made.create_first {
            text.push_str("    @replace(create_first)\n");
        }
        if let Some(size) = made.size {
            text.push_str(&format!("    size = {size}\n"));
        }
        if let Some(zone) = &made.zone {
            text.push_str(&format!("    zone = \"{zone}\"\n"));
        }
        if !made.tags.is_empty() {
            let tags = made.tags.iter().map(|(key, value)| format!("{key} = \"{value}\""));
            text.push_str(&format!("    tags = {{ {} }}\n", tags.collect::<Vec<_>>().join(", ")));
        }
        if at > 0 && !made.refers.is_empty() {
            let ids: Vec<String> =
                made.refers.iter().map(|index| format!("r{}.id", index.index(at))).collect();
            text.push_str(&format!("    members = [{}]\n", ids.join(", ")));
        }
        text.push_str("  }\n");
        text
    });
    declared.collect()
}

fn source(declarations: &[String]) -> BTreeMap<String, String> {
    let text = format!("environment dev {{\n{}}}\n", declarations.concat());
    BTreeMap::from([("main.sync".to_owned(), text)])
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Runs a stage that must succeed, and returns its text.
fn run(back: &mut Back, verb: &str, texts: &BTreeMap<String, String>, more: &[&str]) -> String {
    let outcome = back.check(verb, texts, &words(&[&["dev"], more].concat()));
    assert!(!outcome.failed, "{verb} {more:?} failed:\n{}\n{}", outcome.text, texts["main.sync"]);
    outcome.text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// An apply leaves nothing to do, from nothing and from any other state.
    #[test]
    fn a_plan_after_an_apply_is_empty(first in resources(), second in resources()) {
        let mut back = Back::default();
        for resources in [first, second] {
            let texts = source(&declarations(&resources));
            run(&mut back, "apply", &texts, &[]);
            for refresh in ["all", "changed", "none"] {
                let text = run(&mut back, "plan", &texts, &["--refresh", refresh]);
                prop_assert!(text.starts_with("No changes."), "{}\n{}", text, texts["main.sync"]);
            }
            prop_assert_eq!(back.world.things().len(), resources.len());
        }
        let none = source(&[]);
        run(&mut back, "apply", &none, &[]);
        prop_assert!(back.world.things().is_empty());
    }

    /// A fingerprint tells what is declared, never in which order.
    #[test]
    fn fingerprints_do_not_know_the_order_of_declarations(
        (declared, shuffled) in resources()
            .prop_map(|resources| declarations(&resources))
            .prop_flat_map(|declared| (Just(declared.clone()), Just(declared).prop_shuffle())),
    ) {
        let mut back = Back::default();
        run(&mut back, "apply", &source(&declared), &[]);
        let text = run(&mut back, "plan", &source(&shuffled), &["--refresh", "none"]);
        prop_assert!(text.starts_with("No changes."), "{}", text);
        let all = format!("{0} unchanged by fingerprint", declared.len());
        prop_assert!(text.contains(&all), "{}", text);
    }

    /// Whatever prefix of a log a crash leaves, the next run makes of it what was asked for, and
    /// makes nothing twice.
    #[test]
    fn any_prefix_of_a_log_is_a_state_to_go_on_from(
        first in resources(),
        second in resources(),
        kept in 0..30_usize,
    ) {
        let mut back = Back::default();
        let before = source(&declarations(&first));
        run(&mut back, "apply", &before, &[]);
        let texts = source(&declarations(&second));
        run(&mut back, "apply", &texts, &["--crash", &kept.to_string()]);
        run(&mut back, "state", &texts, &[]);
        let planned = back.check("plan", &texts, &words(&["dev"]));
        prop_assert!(!planned.failed, "{}", planned.text);
        run(&mut back, "apply", &texts, &[]);
        // A create-first replacement whose new resource is found only now gives up the old one in
        // a run of its own.
        run(&mut back, "apply", &texts, &[]);
        let text = run(&mut back, "plan", &texts, &[]);
        prop_assert!(text.starts_with("No changes."), "{}", text);
        prop_assert_eq!(back.world.things().len(), second.len());
    }
}
