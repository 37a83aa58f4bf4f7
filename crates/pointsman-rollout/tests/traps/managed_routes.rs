//! A5: header and mirror routes that appear, vanish, stay.

use pointsman_rollout::{Command, ManagedRoute, PlanStep, RequestMatch, RouteAction, TextMatch};

use crate::story::{Story, told_apart};
use crate::{FOR_A_PERSON, canary, take_over, weight};

fn insiders() -> PlanStep {
    let insider = RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()));
    let (matches, action) = (vec![insider], RouteAction::ToCanary);
    PlanStep::SetRoute(ManagedRoute { name: "insiders".into(), matches, action })
}

/// The managed routes that are written, and nothing of them was lost on the way.
fn routes_are(story: &Story, expected: &[&str]) -> Result<(), String> {
    let actual = story.cluster.managed();
    (actual == expected).then_some(()).ok_or_else(|| format!("the managed routes are {actual:?}"))
}

/// Paused behind the step that set the route.
fn paused(story: &mut Story) -> Result<(), String> {
    story.release("v2").and_then(|()| story.calm())?;
    story.cluster.forgive();
    routes_are(story, &["insiders to v2"])
}

fn steps() -> [PlanStep; 5] {
    [weight(20), FOR_A_PERSON, insiders(), FOR_A_PERSON, weight(50)]
}

fn at_the_second_pause(story: &mut Story) -> Result<(), String> {
    story.release("v2").and_then(|()| story.calm())?;
    story.command(Command::Promote).and_then(|()| story.calm())?;
    story.cluster.forgive();
    routes_are(story, &["insiders to v2"])
}

/// ar#4716: lost when the pods are made anew at a later step, the only one of the canary among them.
#[test]
fn a_route_comes_back_after_a_restart() {
    told_apart(
        canary(steps()),
        |story| {
            at_the_second_pause(story)?;
            story.command(Command::Restart)?;
            story.calm()?;
            routes_are(story, &["insiders to v2"])?;
            story.weighs("v2", 20)
        },
        "the managed routes are []",
    );
}

/// ar#4486: lost when the only canary pod is evicted, or after a hold.
#[test]
fn a_route_comes_back_with_the_pod() {
    told_apart(
        canary([weight(20), insiders(), FOR_A_PERSON, weight(50)]),
        |story| {
            paused(story)?;
            story.command(Command::Pause).and_then(|()| story.calm())?;
            story.ready("v2", 0).and_then(|()| story.settle())?;
            routes_are(story, &[])?;
            story.calm()?;
            story.command(Command::Resume).and_then(|()| story.calm())?;
            routes_are(story, &["insiders to v2"])
        },
        "the managed routes are []",
    );
}

/// gw#147: taken away at once where no step scales the canary.
#[test]
fn a_route_needs_no_step_that_scales() {
    told_apart(
        canary([insiders(), FOR_A_PERSON, weight(50)]),
        |story| paused(story).and_then(|()| story.weighs("v2", 0)),
        "the managed routes are []",
    );
}

/// ar#3898: stays aimed at a service without pods when the canary is superseded.
#[test]
fn a_route_goes_when_its_canary_is_superseded() {
    told_apart(
        canary([weight(20), insiders(), FOR_A_PERSON]),
        |story| {
            paused(story)?;
            story.release("v3")?;
            story.nothing_is_dark()?;
            routes_are(story, &[])?;
            story.calm()?;
            story.nothing_is_dark()?;
            routes_are(story, &["insiders to v3"])
        },
        "a managed route leads to v2, which has no ready pod",
    );
}

/// ar#2526, gw#90: not deleted at the end.
#[test]
fn no_route_is_left_at_the_end() {
    told_apart(
        canary([weight(20), insiders(), FOR_A_PERSON]),
        |story| {
            paused(story)?;
            story.command(Command::Abort).and_then(|()| story.calm())?;
            routes_are(story, &[])?;
            story.command(Command::Retry).and_then(|()| story.calm())?;
            routes_are(story, &["insiders to v2"])?;
            story.command(take_over("v2")).and_then(|()| story.calm())?;
            story.weighs("v2", 100)?;
            routes_are(story, &[])
        },
        "the managed routes are [\"insiders to v2\"]",
    );
}
