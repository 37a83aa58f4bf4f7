//! A5: header and mirror routes that appear, vanish, stay.

use pointsman_rollout::{
    Command, Effect, ManagedRoute, Pause, PlanStep, Propagation, RequestMatch, RouteAction, Status,
    TextMatch, effects,
};

use crate::{Story, canary, naive, v2, weight};

fn route(matches: Vec<RequestMatch>) -> PlanStep {
    PlanStep::SetRoute(ManagedRoute { name: "insiders".into(), matches, action: RouteAction::ToCanary })
}

fn insiders() -> PlanStep {
    route(vec![RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()))])
}

/// Paused behind the step that set the route.
fn paused() -> Story {
    let steps = [insiders(), weight(20), PlanStep::Pause(Pause::FOR_A_PERSON), weight(50)];
    let mut story = Story::of(canary(steps).with_propagation(Propagation::Observed));
    story.release("v2");
    story.pods("v2", 1, 1);
    story.settle();
    story.settle();
    assert_eq!(story.state(), "Paused");
    story
}

fn written(plan: &pointsman_rollout::Plan, status: &Status) -> usize {
    let routes = effects(plan, status).into_iter().find_map(|effect| match effect {
        Effect::SetRoutes { routes, .. } => Some(routes.len()),
        _ => None,
    });
    routes.unwrap_or(status.managed_routes().len())
}

/// ar#4716: lost when the controller starts again.
#[test]
fn a_route_is_known_from_plan_and_status_alone() {
    let story = paused();
    let saved = serde_json::to_string(&story.status).expect("serialises");
    let loaded: Status = serde_json::from_str(&saved).expect("loads");
    assert_eq!(written(&story.plan, &loaded), 1);
    let index = loaded.state().update().expect("an update").index as usize;
    assert_eq!(naive::routes_of_step(&story.plan, index).len(), 0, "its step is over");
}

/// ar#4486: lost when the only canary pod is evicted, or after a hold.
#[test]
fn a_route_comes_back_with_the_pod() {
    let mut story = paused();
    story.pods("v2", 1, 0);
    assert!(story.status.managed_routes().is_empty(), "it must not point to nothing");
    story.settle();
    story.pods("v2", 1, 1);
    assert_eq!(story.status.managed_routes().len(), 1);
    story.settle();
    story.command(Command::Pause);
    story.command(Command::Resume);
    assert_eq!(story.status.managed_routes().len(), 1);
    assert_eq!(naive::routes_of_step(&story.plan, 2).len(), 0);
}

/// gw#147: taken away at once where no step scales the canary.
#[test]
fn a_route_needs_no_step_that_scales() {
    let steps = [insiders(), PlanStep::Pause(Pause::FOR_A_PERSON)];
    let mut story = Story::of(canary(steps));
    story.release("v2");
    let asked = effects(&story.plan, &story.status);
    assert!(asked.contains(&Effect::Scale { version: v2(), replicas: 1 }), "{asked:?}");
    story.pods("v2", 1, 1);
    story.settle();
    assert_eq!((story.state(), story.status.managed_routes().len()), ("Paused", 1));
    assert_eq!(naive::pods_for(1, 0), 0, "without a weight the naive one has no pod for it");
}

/// ar#3898: stays aimed at a service without pods when the canary is superseded.
#[test]
fn a_route_goes_when_its_canary_is_superseded() {
    let mut story = paused();
    let before = story.status.clone();
    story.release("v3");
    assert!(story.status.managed_routes().is_empty());
    assert_eq!(naive::routes_stay(&before).len(), 1);
}

/// ar#2526, gw#90: not deleted at the end.
#[test]
fn no_route_is_left_at_the_end() {
    let mut story = paused();
    let before = story.status.clone();
    story.command(Command::TakeOver { confirmed: Some(v2()) });
    story.settle();
    assert_eq!((story.state(), story.status.managed_routes().len()), ("Stable", 0));
    assert_eq!(naive::routes_stay(&before).len(), 1);

    let mut story = paused();
    story.command(Command::Abort);
    assert!(story.status.managed_routes().is_empty());
}
