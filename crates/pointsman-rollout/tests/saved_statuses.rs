//! Statuses that earlier releases saved in clusters load for ever, newer ones are refused.

use std::collections::BTreeSet;

use pointsman_rollout::{
    Canary, Command, Event, Plan, PlanSpec, PlanStep, Status, Sticky, Strategy, Version, effects, step,
    waiting,
};
use pointsman_types::{Time, Weight};
use serde_json::Value;

/// The plan by which the saved statuses came about, as the release of layout 1 wrote it.
const PLAN: &str = include_str!("saved/plan.json");
/// One line a state, as the release of that layout wrote it. Nobody writes in these files again.
const LAYOUTS: [(u32, &str); 3] = [
    (1, include_str!("saved/layout-1.jsonl")),
    (2, include_str!("saved/layout-2.jsonl")),
    (3, include_str!("saved/layout-3.jsonl")),
];

fn saved() -> impl Iterator<Item = (u32, Value)> {
    let value = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    LAYOUTS.into_iter().flat_map(move |(layout, lines)| lines.lines().map(move |line| (layout, value(line))))
}

fn load(saved: &Value) -> Status {
    serde_json::from_value(saved.clone()).expect("loads")
}

#[test]
fn every_layout_loads_and_means_what_it_meant() {
    let mut met = BTreeSet::new();
    for (layout, saved) in saved() {
        assert_eq!(saved["schema"], layout);
        let status = load(&saved);
        met.insert((layout, status.state().name()));
        // What was written is there, under the present number; nothing is invented.
        let mut expected = saved;
        expected["schema"] = Status::SCHEMA.into();
        assert_eq!(serde_json::to_value(&status).expect("is written"), expected);
    }
    let states = |layout| met.iter().filter(|(of, _)| *of == layout).count();
    assert_eq!(states(1), 12, "{met:?}");
    assert!(states(2) >= 1, "{met:?}");
}

#[test]
fn a_loaded_status_goes_on() {
    let plan: Plan = serde_json::from_str(PLAN).expect("an old plan loads");
    for (_, saved) in saved().filter(|(layout, _)| *layout == 1) {
        let status = load(&saved);
        let late = Time::from_secs(1_000_000);
        let answer = step(&plan, &status, &Event::TimePassed, late).expect("time passes");
        assert_eq!(answer.effects, effects(&plan, &answer.status));
        let begins_again = status.state().update().is_some_and(|before| {
            answer.status.state().update().is_some_and(|after| after.index < before.index)
        });
        assert!(!begins_again, "the plan is the same as it was: {}", waiting(&plan, &status));
    }
}

/// Before layout 3 a restart was one of stable's pods.
#[test]
fn a_restart_under_way_is_one_of_stable() {
    let (_, mut saved) = saved().find(|(layout, _)| *layout == 2).expect("is saved");
    saved["restart"] = serde_json::json!({ "asked": 3, "done": 2 });
    let status = load(&saved);
    assert_eq!(status.restart().left(), [Version::from_static("v1")]);
}

#[test]
fn a_newer_layout_is_refused_whatever_else_it_says() {
    // Its fields may have a shape that nobody knows yet: the number is looked at first.
    for text in [r#"{"state":{"floating":7},"schema":9}"#, r#"{"schema":9,"state":"empty"}"#] {
        let refused = serde_json::from_str::<Status>(text).expect_err("is refused").to_string();
        assert_eq!(
            refused,
            "a status of layout 9 was written by a newer release: this one reads layouts 1 to 3"
        );
    }
}

#[test]
fn fields_of_somebody_else_are_passed_over() {
    let (_, mut saved) = saved().last().expect("some are saved");
    let expected = load(&saved);
    saved["observedGeneration"] = 7.into();
    assert_eq!(load(&saved), expected);
}

/// In which users stay: what layout 2 brought. Pods are made anew: what layout 3 brought.
fn restarted() -> Status {
    let steps = [20, 50].map(|weight| PlanStep::SetWeight(Weight::new(weight)));
    let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)))
        .with_replicas(2)
        .with_sticky(Sticky::by_cookie("reviews-version"))
        .build()
        .expect("valid");
    let pods = |version: &'static str, replicas| Event::PodsChanged {
        version: Version::from_static(version),
        replicas,
        ready: replicas,
    };
    let mut status = Status::new();
    for event in [
        Event::RevisionAdded { version: Version::from_static("v1") },
        pods("v1", 2),
        Event::SplitApplied { change: 1 },
        Event::RevisionAdded { version: Version::from_static("v2") },
        pods("v2", 1),
        Event::SplitApplied { change: 2 },
        Event::Commanded(Command::Restart),
    ] {
        status = step(&plan, &status, &event, Time::EPOCH).expect("has a place").status;
    }
    status
}

#[test]
fn the_present_layout_is_saved_here() {
    let now = serde_json::to_value(restarted()).expect("is written");
    let (layout, last) = saved().last().expect("some are saved");
    assert_eq!(
        (layout, &last),
        (Status::SCHEMA, &now),
        "a change of the layout needs the next number: see saved.rs"
    );
}
