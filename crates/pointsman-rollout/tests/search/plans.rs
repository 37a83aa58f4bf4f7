//! The small plans that are searched.

use pointsman_types::{IntOrString, Percent, Weight, duration::TimeDelta};

use super::world::World;
use pointsman_rollout::{
    AbTest, AbortScaleDown, Analysis, Approval, BlueGreen, Canary, CanaryScale, Command, Event, Experiment,
    Increments, ManagedRoute, OnDeadline, OnFailure, Pause, Plan, PlanSpec, PlanStep, Propagation,
    RequestMatch, Retirement, Role, RouteAction, StableScale, State, Sticky, Strategy, Threshold, Unfinished,
    Variant, Version,
};

/// How many moves away from an ordinary release is gone.
pub(super) const MOVES: usize = 4;

/// The distance to go: that, or what was asked for.
pub(super) fn moves() -> usize {
    std::env::var("POINTSMAN_SEARCH_MOVES").ok().and_then(|moves| moves.parse().ok()).unwrap_or(MOVES)
}

/// One pod of an experiment.
fn pod_like(copy_of: Role, name: &'static str, weight: u32) -> Variant {
    Variant { version: Version::from_static(name), copy_of, replicas: 1, weight: Weight::new(weight) }
}

/// Names and plans.
pub(super) fn all() -> Vec<(&'static str, Plan)> {
    let canary = |steps: Vec<PlanStep>| PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)));
    let plans = [
        ("manual", PlanSpec::manual("reviews").with_replicas(1)),
        (
            "weights, pauses, an analysis",
            canary(vec![
                PlanStep::SetWeight(Weight::new(20)),
                PlanStep::Pause(Pause::of(TimeDelta::from_secs(10))),
                PlanStep::Analysis(Analysis::of(["success-rate"])),
                PlanStep::SetWeight(Weight::new(60)),
                PlanStep::Pause(Pause::FOR_A_PERSON),
            ])
            .with_replicas(2)
            .with_propagation(Propagation::Observed)
            .with_retirement(Retirement::After(TimeDelta::from_secs(30))),
        ),
        (
            "header route, dynamic stable",
            canary(vec![
                PlanStep::SetRoute(ManagedRoute {
                    name: "insiders".into(),
                    matches: vec![RequestMatch::default()],
                    action: RouteAction::ToCanary,
                }),
                PlanStep::SetWeight(Weight::new(50)),
                PlanStep::Barrier("together".into()),
            ])
            .with_replicas(2)
            .with_stable_scale(StableScale::Dynamic)
            .with_propagation(Propagation::Hold(TimeDelta::from_secs(5)))
            .with_rollback_window(1),
        ),
        (
            "experiment beside a canary of one pod",
            canary(vec![
                PlanStep::SetCanaryScale(CanaryScale::Replicas(1)),
                PlanStep::Experiment(
                    Experiment::new("baseline", [pod_like(Role::Stable, "v1-baseline", 10)])
                        .with_analysis(Analysis::of(["compare"])),
                ),
                PlanStep::SetWeight(Weight::new(100)),
            ])
            .with_replicas(1)
            .with_propagation(Propagation::Observed),
        ),
        (
            "experiment with an end and an analysis",
            canary(vec![
                PlanStep::SetWeight(Weight::new(20)),
                PlanStep::Experiment(
                    Experiment::new("baseline", [pod_like(Role::Stable, "v1-baseline", 10)])
                        .with_duration(TimeDelta::from_secs(10))
                        .with_analysis(Analysis::of(["compare"])),
                ),
                PlanStep::Experiment(
                    Experiment::new("load", [pod_like(Role::Canary, "v2-load", 0)])
                        .with_duration(TimeDelta::from_secs(10))
                        .with_analysis(Analysis::of(["latency"]))
                        .with_unfinished(Unfinished::Stopped),
                ),
            ])
            .with_replicas(1)
            .with_propagation(Propagation::Observed),
        ),
        (
            "blue-green with a preview, a mirror and checks on both sides",
            PlanSpec::new(
                "reviews",
                Strategy::BlueGreen(
                    BlueGreen::new()
                        .with_preview_replicas(1)
                        .with_mirror(Percent::HUNDRED)
                        .with_check_after(TimeDelta::from_secs(10), Analysis::of(["errors"]))
                        .with_promotion(Approval::ByPerson),
                ),
            )
            .with_replicas(2)
            .with_propagation(Propagation::Observed)
            .with_retirement(Retirement::After(TimeDelta::from_secs(30))),
        ),
        (
            "A/B test",
            PlanSpec::new(
                "reviews",
                Strategy::AbTest(AbTest::new(
                    [RequestMatch::default().with_cookie("group", "b")],
                    2,
                    TimeDelta::from_secs(10),
                    Analysis::of(["errors"]),
                )),
            )
            .with_propagation(Propagation::Hold(TimeDelta::from_secs(5)))
            .with_abort_scale_down(AbortScaleDown::Never),
        ),
        (
            "a deadline and an autoscaler",
            canary(vec![PlanStep::SetWeight(Weight::new(50)), PlanStep::Pause(Pause::FOR_A_PERSON)])
                .with_replicas(2)
                .with_stable_scale(StableScale::Dynamic)
                .with_threshold(Threshold::Pods(1))
                .with_propagation(Propagation::Observed)
                .with_progress_deadline(TimeDelta::from_secs(60), OnDeadline::Abort),
        ),
        (
            "users who stay",
            canary(vec![
                PlanStep::SetWeight(Weight::new(20)),
                PlanStep::SetWeight(Weight::new(60)),
                PlanStep::Pause(Pause::FOR_A_PERSON),
                PlanStep::SetWeight(Weight::new(40)),
            ])
            .with_sticky(Sticky::by_cookie("reviews-version"))
            .with_propagation(Propagation::Observed),
        ),
        (
            "without a route",
            PlanSpec::new(
                "reviews",
                Strategy::Canary(
                    Canary::new([PlanStep::SetWeight(Weight::new(50)), PlanStep::Pause(Pause::FOR_A_PERSON)])
                        .by_replicas(IntOrString::Int(1), IntOrString::Int(0)),
                ),
            )
            .with_replicas(2),
        ),
        (
            "experiment without a route",
            PlanSpec::new(
                "reviews",
                Strategy::Canary(
                    Canary::new([
                        PlanStep::Experiment(Experiment::new(
                            "preview",
                            [pod_like(Role::Canary, "v2-preview", 0)],
                        )),
                        PlanStep::SetWeight(Weight::new(50)),
                    ])
                    .by_replicas(IntOrString::Int(1), IntOrString::Int(1)),
                ),
            )
            .with_replicas(2),
        ),
        (
            "increments with a mirror and a gate",
            PlanSpec::new(
                "reviews",
                Strategy::Increments(
                    Increments::new(
                        [50],
                        TimeDelta::from_secs(10),
                        Analysis::of(["errors"]).with_forgiven(1),
                    )
                    .with_mirror(Percent::HUNDRED)
                    .with_before_promotion(Analysis::of(["sign-off"]).with_on_failure(OnFailure::Hold)),
                ),
            ),
        ),
    ];
    plans.map(|(name, spec)| (name, spec.build().expect("valid"))).into()
}

/// What an autoscaler says of a plan that has one: of those with a deadline.
pub(super) fn autoscaled(plan: &Plan) -> impl Iterator<Item = Event> {
    let numbers = plan.spec().progress_deadline.map_or(0..0, |_| 0..3);
    numbers.map(|replicas| Event::Scaled { replicas })
}

/// Every command that a person could give here.
pub(super) fn commands(world: &World, plan: &Plan) -> Vec<Command> {
    let mut commands = vec![
        Command::Promote,
        Command::Pause,
        Command::Resume,
        Command::Abort,
        Command::Retry,
        Command::Undo { to: None },
        Command::Restart,
        Command::TakeOver { confirmed: world.status.state().canary().cloned() },
    ];
    if plan.is_manual() && matches!(world.status.state(), State::Paused(_)) {
        commands.extend([0, 20, 100].map(|weight| Command::SetWeight(Weight::new(weight))));
    }
    commands
}
