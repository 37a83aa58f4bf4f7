//! A6: replica maths that surprises.

use pointsman_rollout::{
    Analysis, Canary, CanaryScale, Command, Event, Outcome, PlanSpec, PlanStep, Retirement, StableScale,
    Strategy,
};
use pointsman_types::IntOrString;

use crate::story::{Story, told_apart};
use crate::{FOR_A_PERSON, canary, minutes, take_over, weight};

/// Without a route: so many more pods may come, and one in five may be missing.
fn by_replicas(size: u32, surge: IntOrString, steps: impl IntoIterator<Item = PlanStep>) -> PlanSpec {
    let canary = Canary::new(steps).by_replicas(surge, IntOrString::Percent(20));
    PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(size)
}

fn enough_stayed(story: &Story, enough: u32) -> Result<(), String> {
    let fewest = story.cluster.fewest_ready();
    (fewest >= enough).then_some(()).ok_or_else(|| format!("only {fewest} pods were left"))
}

fn has_pods(story: &Story, version: &'static str, pods: u32) -> Result<(), String> {
    let asked = story.cluster.pods_of(version).asked;
    (asked == pods).then_some(()).ok_or_else(|| format!("{version} has {asked} pods and not {pods}"))
}

/// ar#1713: few replicas and many steps.
#[test]
fn a_share_above_zero_has_a_pod() {
    let small = [10, 20, 40, 60].into_iter().flat_map(|share| [weight(share), FOR_A_PERSON]);
    told_apart(
        by_replicas(3, IntOrString::Percent(20), small),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            has_pods(story, "v2", 1)?;
            for pods in [1, 1, 2, 3] {
                story.command(Command::Promote).and_then(|()| story.calm())?;
                has_pods(story, "v2", pods)?;
            }
            Ok(())
        },
        "v2 has 0 pods and not 1",
    );
}

/// ar#3501, ar#4233: a pod dropped and made again when a fixed number of pods ends.
#[test]
fn leaving_a_fixed_number_of_pods_drops_none() {
    let steps = [
        PlanStep::SetCanaryScale(CanaryScale::Replicas(1)),
        FOR_A_PERSON,
        PlanStep::SetCanaryScale(CanaryScale::MatchTraffic),
        weight(10),
        FOR_A_PERSON,
        weight(60),
        FOR_A_PERSON,
    ];
    told_apart(
        canary(steps),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            has_pods(story, "v2", 1)?;
            story.command(Command::Promote).and_then(|()| story.calm())?;
            story.command(Command::Promote).and_then(|()| story.calm())?;
            has_pods(story, "v2", 3)?;
            let scalings = story.cluster.scalings("v2");
            scalings.is_sorted().then_some(()).ok_or_else(|| format!("v2 was scaled to {scalings:?}"))
        },
        "v2 was scaled to [1, 0, 1, 3]",
    );
}

/// ar#777: maxUnavailable is ignored when an analysis fails.
#[test]
fn a_failed_analysis_leaves_enough_pods() {
    let steps = [weight(80), PlanStep::Analysis(Analysis::of(["errors"]))];
    told_apart(
        by_replicas(10, IntOrString::Int(2), steps),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            has_pods(story, "v2", 8)?;
            story.cluster.watch();
            story.analysis(Outcome::Failed).and_then(|()| story.calm())?;
            has_pods(story, "v2", 0)?;
            enough_stayed(story, 8)
        },
        "only 2 pods were left",
    );
}

/// ar#2050: the end of the steps starts the clock of the old version, and the canary lacks pods when it is over.
#[test]
fn stable_stays_until_the_canary_is_there() {
    told_apart(
        canary([weight(50)]).with_retirement(Retirement::After(minutes(1))),
        |story| {
            story.release("v2")?;
            story.ready("v2", 2).and_then(|()| story.settle())?;
            story.ready("v2", 3)?;
            story.later(3_600)?;
            has_pods(story, "v1", 4)?;
            story.calm().and_then(|()| story.later(3_600)).and_then(|()| story.calm())?;
            has_pods(story, "v1", 0)
        },
        "v1 has 0 pods and not 4",
    );
}

/// ar#2050, where there is no route.
#[test]
fn without_a_route_enough_pods_stay_while_the_canary_grows() {
    told_apart(
        by_replicas(10, IntOrString::Int(2), [weight(50), weight(90)]),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            has_pods(story, "v2", 10)?;
            enough_stayed(story, 8)
        },
        "only 5 pods were left",
    );
}

/// ar#3686: a division by nothing when a component that was scaled to nothing is taken over.
#[test]
fn a_component_without_pods_can_be_taken_over() {
    let steps = [PlanStep::SetCanaryScale(CanaryScale::Replicas(1)), FOR_A_PERSON, weight(20)];
    told_apart(
        canary(steps).with_stable_scale(StableScale::Dynamic),
        |story| {
            story.release("v2").and_then(|()| story.calm())?;
            story.tell(Event::Scaled { replicas: 0 })?;
            story.command(take_over("v2")).and_then(|()| story.calm())?;
            has_pods(story, "v1", 0).and_then(|()| has_pods(story, "v2", 0))?;
            // It is over: v2 serves, and the next version begins anew.
            story.tell(Event::Scaled { replicas: 4 }).and_then(|()| story.calm())?;
            has_pods(story, "v2", 4).and_then(|()| story.weighs("v2", 100))?;
            story.release("v3").and_then(|()| story.calm())?;
            has_pods(story, "v3", 1)
        },
        "it divides by zero",
    );
}
