//! A2: 503 when subsets or services switch.

use pointsman_rollout::{Command, Retirement};

use crate::controller::{Controller, Ours};
use crate::naive::Naive;
use crate::story::{Story, told_apart};
use crate::{FOR_A_PERSON, canary, minutes, weight};

/// ar#4195, ar#587, is#26861.
#[test]
fn pods_stay_while_a_proxy_may_still_have_the_old_route() {
    told_apart(
        canary([weight(50), FOR_A_PERSON]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.cluster.forgive();
            story.command(Command::Abort)?;
            story.nothing_is_dark()?;
            story.settle().and_then(|()| story.calm())?;
            story.later(3_600).and_then(|()| story.calm())?;
            story.nothing_is_dark()
        },
        "after `scale v2 to 0`: a route sends 50 to v2, which has no ready pod",
    );
}

/// ar#4195: the same at the end, when the old version is nobody's any more.
#[test]
fn a_name_stays_while_a_proxy_may_still_have_the_old_route() {
    told_apart(
        canary([weight(50)]).with_retirement(Retirement::After(minutes(1))),
        |story| {
            story.release("v2")?;
            story.up("v2").and_then(|()| story.settle())?;
            story.cluster.forgive();
            story.up("v2")?;
            story.nothing_dangles()?;
            story.later(3_600)?;
            story.nothing_dangles()?;
            story.calm().and_then(|()| story.later(3_600)).and_then(|()| story.calm())?;
            story.nothing_dangles()
        },
        "after `let no route name v1`: a route names v1, which is no subset",
    );
}

/// ar#2507: the first adoption points at a pod set that is not ready.
#[test]
fn the_first_version_gets_no_route_before_it_is_ready() {
    let plan = canary([weight(50)]).build().expect("a plan");
    let first = |controller: Box<dyn Controller>| {
        let mut story = Story::of_nothing(controller);
        story.release("v1")?;
        story.nothing_is_dark()?;
        story.calm()?;
        story.weighs("v1", 100)
    };
    assert_eq!(first(Box::new(Ours::new(plan.clone()))), Ok(()));
    let met: Result<(), String> = first(Box::new(Naive::new(plan)));
    assert!(met.expect_err("requests are lost").contains("a route sends 100 to v1, which has no ready pod"));
}

/// ar#4775: a new version over a running canary points the canary's subset at no pods.
#[test]
fn a_superseded_canary_hands_its_share_back_before_the_next_is_named() {
    told_apart(
        canary([weight(50), FOR_A_PERSON]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.cluster.forgive();
            story.release("v3")?;
            let at_once = story.cluster.dark().iter().find(|what| what.contains("v3"));
            at_once.map_or(Ok(()), |what| Err(what.clone()))?;
            story.calm()?;
            story.weighs("v3", 50)
        },
        "a route sends 50 to v3, which has no ready pod",
    );
}

/// is#8420, is#6335: a route before the subset that it names.
#[test]
fn a_subset_is_there_before_a_route_names_it() {
    told_apart(
        canary([weight(50), FOR_A_PERSON]),
        |story| {
            story.release("v2")?;
            story.up("v2")?;
            story.nothing_dangles()
        },
        "a route names v2, which is no subset",
    );
}
