//! The small plans that are searched.

use pointsman_types::{IntOrString, Percent, Weight, duration::TimeDelta};

use super::world::World;
use pointsman_rollout::{
    Analysis, Canary, CanaryScale, Command, Experiment, Increments, ManagedRoute, OnFailure, Pause, Plan,
    PlanSpec, PlanStep, Propagation, RequestMatch, Retirement, Role, RouteAction, StableScale, State, Sticky,
    Strategy, Variant, Version,
};

/// Name, plan, and how many states to go through at most.
pub(super) fn all() -> Vec<(&'static str, Plan, usize)> {
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
            "experiment, blue-green size",
            canary(vec![
                PlanStep::SetCanaryScale(CanaryScale::Replicas(1)),
                PlanStep::Experiment(
                    Experiment::new(
                        "baseline",
                        [Variant {
                            version: Version::from_static("v1-baseline"),
                            copy_of: Role::Stable,
                            replicas: 1,
                            weight: Weight::new(10),
                        }],
                    )
                    .with_analysis(Analysis::of(["compare"])),
                ),
                PlanStep::SetWeight(Weight::new(100)),
            ])
            .with_replicas(1)
            .with_propagation(Propagation::Observed),
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
                            [Variant {
                                version: Version::from_static("v2-preview"),
                                copy_of: Role::Canary,
                                replicas: 1,
                                weight: Weight::ZERO,
                            }],
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
    plans.map(|(name, spec)| (name, spec.build().expect("valid"), 40_000)).into()
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
        Command::TakeOver { confirmed: world.status.state().canary().cloned() },
    ];
    if plan.is_manual() && matches!(world.status.state(), State::Paused(_)) {
        commands.extend([0, 20, 100].map(|weight| Command::SetWeight(Weight::new(weight))));
    }
    commands
}
