//! Each strategy, rehearsed from the first pod to the end.

use pointsman_rollout::rehearsal::{Ending, Frame, Rehearsal, Script, rehearse};
use pointsman_rollout::{
    AbTest, Analysis, Approval, BlueGreen, Canary, CanaryScale, Command, Event, Experiment, Increments,
    ManagedRoute, Outcome, Pause, PlanSpec, PlanStep, RequestMatch, Retirement, Role, RouteAction,
    StableScale, State, Strategy, TextMatch, Variant, Version, explain,
};
use pointsman_types::{IntOrString, Labels, Percent, Weight, duration::TimeDelta};

fn spec(strategy: Strategy) -> PlanSpec {
    PlanSpec::new("reviews", strategy).with_replicas(4)
}

fn run(spec: PlanSpec, script: &Script) -> Rehearsal {
    let rehearsal = rehearse(&spec.build().expect("a valid plan"), script);
    let refused = rehearsal.frames().iter().find_map(|frame| frame.refused.as_deref());
    assert_eq!(refused, None);
    rehearsal
}

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::from_secs(60 * count)
}

/// The shares of v2, each once, in the order they came.
fn weights(rehearsal: &Rehearsal) -> Vec<u32> {
    let v2 = Version::from_static("v2");
    let share = |frame: &Frame| {
        frame.shares.iter().find(|(version, _)| *version == v2).map_or(0, |(_, weight)| weight.value())
    };
    let mut all: Vec<u32> = rehearsal.frames().iter().map(share).collect();
    all.dedup();
    all
}

/// The managed routes, each list once, in the order they came.
fn routes(rehearsal: &Rehearsal) -> Vec<String> {
    let mut all: Vec<String> = rehearsal.frames().iter().map(|frame| frame.routes.join(" ")).collect();
    all.dedup();
    all
}

fn check() -> Analysis {
    Analysis::of(["success-rate"])
}

#[test]
fn a_canary_goes_through_its_weights_and_no_others() {
    let steps = [
        PlanStep::SetWeight(Weight::new(20)),
        PlanStep::Pause(Pause::of(minutes(5))),
        PlanStep::SetWeight(Weight::new(60)),
        PlanStep::Pause(Pause::FOR_A_PERSON),
    ];
    let rehearsal = run(spec(Strategy::Canary(Canary::new(steps))), &Script::new());
    assert_eq!(weights(&rehearsal), [0, 20, 60, 100]);
    assert_eq!(rehearsal.ending(), Ending::Promoted);
    let waited: Vec<String> = rehearsal.frames().iter().map(|frame| frame.waiting.to_string()).collect();
    assert!(waited.iter().any(|line| line.starts_with("paused by the plan, until ")), "{waited:?}");
    assert!(waited.contains(&"waiting for a person".into()), "{waited:?}");
}

#[test]
fn a_background_analysis_that_fails_aborts_wherever_it_is() {
    let steps = [PlanStep::SetWeight(Weight::new(20)), PlanStep::Pause(Pause::of(minutes(60)))];
    let canary = Canary::new(steps).with_background(check(), 0);
    let script = Script::new().with_outcome(1, Outcome::Failed);
    let rehearsal = run(spec(Strategy::Canary(canary)), &script);
    assert_eq!(weights(&rehearsal), [0, 20, 0]);
    assert_eq!(rehearsal.ending(), Ending::Aborted);
    assert!(rehearsal.lasted() < minutes(3), "{}", rehearsal.lasted());
}

#[test]
fn increments_mirror_first_grow_and_shift_back_in_steps() {
    let increments = Increments::even(20, 50, minutes(1), check())
        .with_mirror("30%".parse::<Percent>().expect("a percentage"))
        .with_canary_scale(CanaryScale::Weight(100))
        .with_check_first(TimeDelta::ZERO, Analysis::of(["smoke-test"]))
        .with_before_each(Analysis::of(["office-hours"]).with_on_failure(pointsman_rollout::OnFailure::Hold))
        .with_before_promotion(Analysis::of(["sign-off"]))
        .with_promotion_step(25);
    let rehearsal = run(spec(Strategy::Increments(increments)), &Script::new());
    assert_eq!(weights(&rehearsal), [0, 20, 40, 50, 75, 100]);
    assert_eq!(routes(&rehearsal), ["", "canary-mirror", ""]);
    // smoke test, mirror, then each increment with its gate, then the sign-off.
    assert_eq!(analyses(&rehearsal), 1 + 1 + 3 * 2 + 1);
}

fn analyses(rehearsal: &Rehearsal) -> usize {
    rehearsal.frames().iter().filter(|frame| matches!(frame.event, Event::AnalysisFinished { .. })).count()
}

#[test]
fn a_forgiven_failure_holds_the_weight_for_another_interval() {
    let increments = Increments::new([30], minutes(1), check().with_forgiven(2));
    let twice = Script::new().with_outcome(1, Outcome::Failed).with_outcome(2, Outcome::Failed);
    let rehearsal = run(spec(Strategy::Increments(increments.clone())), &twice);
    assert_eq!((rehearsal.ending(), weights(&rehearsal)), (Ending::Promoted, vec![0, 30, 100]));
    // Three intervals of a minute and three checks of a minute.
    assert!(rehearsal.lasted() > minutes(6), "{}", rehearsal.lasted());

    let thrice = twice.with_outcome(3, Outcome::Failed);
    assert_eq!(run(spec(Strategy::Increments(increments)), &thrice).ending(), Ending::Aborted);
}

#[test]
fn blue_green_is_complete_before_it_gets_all_traffic_at_once() {
    let blue_green = BlueGreen::new()
        .with_preview_replicas(1)
        .with_mirror("10%".parse::<Percent>().expect("a percentage"))
        .with_check_before(TimeDelta::ZERO, check())
        .with_promotion(Approval::After(minutes(2)))
        .with_check_after(minutes(1), Analysis::of(["after"]));
    let rehearsal = run(spec(Strategy::BlueGreen(blue_green)), &Script::new());
    assert_eq!(weights(&rehearsal), [0, 100]);
    assert_eq!(routes(&rehearsal), ["", "preview-mirror", ""]);
    let ready = |frame: &Frame| {
        frame.pods.iter().find(|pods| pods.version.as_str() == "v2").map_or(0, |pods| pods.ready)
    };
    let switch = rehearsal.frames().iter().find(|frame| frame.shares.len() == 2).expect("it switches");
    assert_eq!(ready(switch), 4);
    assert!(rehearsal.frames().iter().any(|frame| ready(frame) == 1 && frame.routes.len() == 1));
}

#[test]
fn a_failure_after_the_switch_switches_back() {
    let blue_green = BlueGreen::new().with_check_after(TimeDelta::ZERO, check());
    let rehearsal =
        run(spec(Strategy::BlueGreen(blue_green)), &Script::new().with_outcome(1, Outcome::Failed));
    assert_eq!(weights(&rehearsal), [0, 100, 0]);
    assert_eq!(rehearsal.ending(), Ending::Aborted);
}

#[test]
fn an_ab_test_sends_some_users_and_then_takes_over() {
    let matches = [
        RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into())),
        RequestMatch::default().with_cookie("canary", "always"),
        RequestMatch::default().with_source_labels(Labels::default().with("app", "load-test")),
    ];
    let test = AbTest::new(matches, 3, minutes(1), check())
        .with_check_first(TimeDelta::ZERO, Analysis::of(["smoke-test"]))
        .with_before_promotion(Analysis::of(["sign-off"]))
        .with_promotion(Approval::ByPerson);
    let rehearsal = run(spec(Strategy::AbTest(test)), &Script::new());
    assert_eq!(weights(&rehearsal), [0, 100]);
    assert_eq!(routes(&rehearsal), ["", "ab-test", ""]);
    assert_eq!(analyses(&rehearsal), 1 + 3 + 1);
}

#[test]
fn an_experiment_takes_its_share_from_stable_and_gives_it_back() {
    let baseline = Variant {
        version: Version::from_static("v1-baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::new(10),
    };
    let steps = [
        PlanStep::SetWeight(Weight::new(10)),
        PlanStep::Experiment(Experiment::new("compare", [baseline]).with_duration(minutes(10))),
    ];
    let rehearsal = run(spec(Strategy::Canary(Canary::new(steps))), &Script::new());
    let shares: Vec<Vec<u32>> = rehearsal
        .frames()
        .iter()
        .map(|frame| frame.shares.iter().map(|(_, weight)| weight.value()).collect())
        .collect();
    assert!(shares.contains(&vec![80, 10, 10]), "{shares:?}");
    assert!(
        rehearsal
            .frames()
            .last()
            .expect("a frame")
            .pods
            .iter()
            .all(|pods| pods.version.as_str() != "v1-baseline")
    );
}

#[test]
fn an_abort_moves_traffic_as_fast_as_a_small_stable_grows() {
    let steps = [PlanStep::SetWeight(Weight::new(75)), PlanStep::Pause(Pause::FOR_A_PERSON)];
    let spec = spec(Strategy::Canary(Canary::new(steps))).with_stable_scale(StableScale::Dynamic);
    let v1 = Version::from_static("v1");
    let ready = |after: i64, ready| {
        let event = Event::PodsChanged { version: v1.clone(), replicas: 4, ready };
        (TimeDelta::from_secs(3_600 + after), event)
    };
    let mut script = Script::new()
        .with_nobody()
        .with_event(minutes(60), Event::Commanded(Command::Abort))
        .with_pods_ready_after(minutes(1));
    script.events.extend([ready(10, 2), ready(20, 3)]);
    let rehearsal = run(spec, &script);
    assert_eq!(weights(&rehearsal), [0, 75, 50, 25, 0]);
}

#[test]
fn without_a_route_the_numbers_of_pods_make_the_shares() {
    let steps = [PlanStep::SetWeight(Weight::new(50)), PlanStep::Pause(Pause::FOR_A_PERSON)];
    let canary = Canary::new(steps).by_replicas(IntOrString::Int(1), IntOrString::Int(0));
    let rehearsal = run(spec(Strategy::Canary(canary)), &Script::new());
    assert_eq!(weights(&rehearsal), [0, 25, 50, 75, 100]);
    let pods = |frame: &Frame| frame.pods.iter().map(|pods| pods.ready).sum::<u32>();
    assert!(rehearsal.frames().iter().all(|frame| (4..=5).contains(&pods(frame))));
    assert!(rehearsal.frames().iter().any(|frame| {
        matches!(frame.state, State::Paused(_)) && frame.pods.iter().all(|pods| pods.ready == 2)
    }));
}

#[test]
fn a_version_within_the_rollback_window_takes_over_without_steps() {
    let steps = [PlanStep::SetWeight(Weight::new(20)), PlanStep::Pause(Pause::of(minutes(60)))];
    let undo = Event::Commanded(Command::Undo { to: None });
    let canary =
        || spec(Strategy::Canary(Canary::new(steps.clone()))).with_retirement(Retirement::After(minutes(10)));
    let script = Script::new().with_event(minutes(120), undo);
    let slow = run(canary(), &script);
    let fast = run(canary().with_rollback_window(1), &script);
    assert!(weights(&slow).ends_with(&[100, 80, 0]), "{:?}", weights(&slow));
    assert!(weights(&fast).ends_with(&[20, 100, 0]), "{:?}", weights(&fast));
    assert!(fast.lasted() < slow.lasted());
}

#[test]
fn a_plan_is_told_in_words() {
    let increments =
        Increments::new([10], minutes(1), check().with_forgiven(1)).with_promotion(Approval::ByPerson);
    let words = explain(&spec(Strategy::Increments(increments)).build().expect("valid"));
    let expected = "\
`reviews` is released as a canary by increments, with the same check after each, 4 pods, weights out of 100:
1. give the canary 10 of 100
2. wait 1m0s
3. measure success-rate: a failure aborts after 1 that is forgiven
4. wait until a person says to go on
5. the new version takes all traffic and is the stable one
- a version gets its share when all of its pods are ready
- a route counts when it is written
- an abort moves all traffic to stable, and scales the canary down 30s later
- the version before is removed when a person says so
- a restart makes the pods of all versions anew, a quarter at a time, stable's first
";
    assert_eq!(words, expected);
}

#[test]
fn words_know_whether_there_is_a_route() {
    let canary = Canary::new([PlanStep::SetWeight(Weight::new(50))]);
    let words = |canary| explain(&spec(Strategy::Canary(canary)).build().expect("valid"));
    let by_replicas = words(canary.clone().by_replicas(1.into(), 0.into()));
    assert!(by_replicas.contains("- an abort gives stable its pods back within these bounds, at once\n"));
    assert!(words(canary).contains("- an abort moves all traffic to stable, and scales the canary down 30s"));
}

#[test]
fn words_of_no_time_name_no_time() {
    let removed = |delay| {
        let canary = Canary::new([PlanStep::SetWeight(Weight::new(50))]);
        let spec = spec(Strategy::Canary(canary)).with_retirement(Retirement::After(delay));
        let words = explain(&spec.build().expect("valid"));
        words.lines().find(|line| line.contains("is removed")).expect("a line").to_owned()
    };
    assert_eq!(removed(TimeDelta::ZERO), "- the version before is removed at the promotion");
    assert_eq!(removed(minutes(2)), "- the version before is removed 2m0s after the promotion");
}

#[test]
fn a_managed_header_route_stands_from_its_step_to_the_step_that_takes_it_away() {
    let route = |matches| {
        PlanStep::SetRoute(ManagedRoute { name: "insiders".into(), matches, action: RouteAction::ToCanary })
    };
    let steps = [
        PlanStep::SetCanaryScale(CanaryScale::Replicas(1)),
        route(vec![RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()))]),
        PlanStep::Pause(Pause::of(minutes(5))),
        route(Vec::new()),
        PlanStep::SetWeight(Weight::new(50)),
    ];
    let rehearsal = run(spec(Strategy::Canary(Canary::new(steps))), &Script::new());
    assert_eq!(routes(&rehearsal), ["", "insiders", ""]);
    assert_eq!(weights(&rehearsal), [0, 50, 100]);
}

#[test]
fn the_status_of_a_long_plan_is_small() {
    let steps = (1..=10).flat_map(|step| {
        [PlanStep::SetWeight(Weight::new(step * 10)), PlanStep::Pause(Pause::of(minutes(5)))]
    });
    let plan = spec(Strategy::Canary(Canary::new(steps).with_background(check(), 1))).build().expect("valid");
    assert_eq!(plan.steps().len(), 20);
    for seed in 0..20 {
        let rehearsal = rehearse(&plan, &Script::new().with_seed(seed));
        let json = serde_json::to_string(rehearsal.status()).expect("serialises");
        assert!(json.len() < 2_048, "{}: {json}", json.len());
    }
}

/// Plans of all shapes, for worlds of all kinds.
fn all_kinds() -> Vec<PlanSpec> {
    let variant = |version, copy_of| Variant {
        version: Version::from_static(version),
        copy_of,
        replicas: 1,
        weight: Weight::ZERO,
    };
    let experiment = Experiment::new("e", [variant("e-b", Role::Stable), variant("e-c", Role::Canary)]);
    let steps = vec![
        PlanStep::SetWeight(Weight::new(30)),
        PlanStep::Experiment(experiment.clone()),
        PlanStep::Analysis(check()),
        PlanStep::SetWeight(Weight::new(70)),
        PlanStep::Experiment(experiment.with_duration(minutes(3)).with_analysis(check())),
        PlanStep::Pause(Pause::FOR_A_PERSON),
    ];
    let canary = Canary::new(steps).with_background(Analysis::of(["beside"]), 1);
    let by_replicas = canary.clone().by_replicas(IntOrString::Percent(25), IntOrString::Percent(25));
    let increments =
        Increments::even(30, 90, minutes(1), check().with_forgiven(1)).with_mirror(Percent::HUNDRED);
    let blue_green = BlueGreen::new().with_preview_replicas(2).with_check_before(minutes(1), check());
    let mut kinds = Vec::new();
    for strategy in [
        Strategy::Canary(canary),
        Strategy::Canary(by_replicas),
        Strategy::Increments(increments),
        Strategy::BlueGreen(blue_green),
        Strategy::Manual(pointsman_rollout::Manual::default()),
    ] {
        for replicas in [0, 1, 3, 10] {
            let spec = spec(strategy.clone()).with_replicas(replicas);
            kinds.push(spec.clone().with_retirement(Retirement::After(minutes(1))));
            kinds.push(spec.with_stable_scale(StableScale::Dynamic).with_min_pods(2));
        }
    }
    kinds
}

#[test]
fn every_release_comes_to_an_end_in_every_world() {
    let events = [Command::Abort, Command::Pause, Command::Undo { to: None }].map(Event::Commanded);
    for spec in all_kinds() {
        let plan = spec.build().expect("a valid plan");
        // Where no pods are wanted it waits until some are: below that is after five minutes.
        let expected = if plan.spec().replicas == 0 { Ending::Waiting } else { Ending::Promoted };
        assert_eq!(rehearse(&plan, &Script::new()).ending(), expected, "{}", explain(&plan));
        for seed in 0..8 {
            let mut script = Script::new().with_seed(seed);
            let at = usize::try_from(seed % 4).expect("small");
            script.events.extend(events.get(at).map(|event| (minutes(4), event.clone())));
            script.events.push((minutes(5), Event::Scaled { replicas: 4 }));
            let ending = rehearse(&plan, &script).ending();
            assert!(
                matches!(ending, Ending::Promoted | Ending::Aborted | Ending::Unchanged),
                "{ending:?} with seed {seed}:\n{}",
                explain(&plan)
            );
        }
    }
}
