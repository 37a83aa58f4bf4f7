//! A1: a rollout cannot be tried without a cluster.

use pointsman_rollout::rehearsal::{Ending, Script, rehearse};
use pointsman_rollout::{Analysis, PlanStep};
use pointsman_types::Weight;

use crate::{canary, naive, weight};

/// ar#695, ar#1187, ar#3907, ar#1617: a lint says that it is well formed, not what it does.
#[test]
fn a_release_that_never_ends_is_seen_before_it_runs() {
    let steps = [weight(10), PlanStep::Barrier("together".into()), weight(50)];
    let alone = canary(steps).build().expect("valid");
    assert!(naive::lint(&alone));
    let rehearsal = rehearse(&alone, &Script::new());
    assert_eq!(rehearsal.ending(), Ending::Waiting);
    let last = rehearsal.frames().last().expect("a frame");
    assert_eq!(last.waiting.to_string(), "waiting for the group at `together`");
    assert_eq!(last.waiting.opens(), "all other components of the group at `together`");
}

#[test]
fn what_a_failure_costs_is_seen_before_it_runs() {
    let late = [weight(10), weight(80), PlanStep::Analysis(Analysis::of(["errors"]))];
    let early = [weight(10), PlanStep::Analysis(Analysis::of(["errors"])), weight(80)];
    let failing = Script::new().with_failure_from(Weight::new(10));
    let exposed = |steps: [PlanStep; 3]| {
        let plan = canary(steps).build().expect("valid");
        assert!(naive::lint(&plan), "a lint sees no difference");
        let rehearsal = rehearse(&plan, &failing);
        assert_eq!(rehearsal.ending(), Ending::Aborted);
        rehearsal.greatest_weight().value()
    };
    assert_eq!((exposed(late), exposed(early)), (80, 10));
}
