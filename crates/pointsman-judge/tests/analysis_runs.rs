//! Analysis runs from their start to their end.

use pointsman_judge::analysis::{Analysis, AnalysisTemplate, Arg, MetricTemplate, Phase, QueryTemplate, Run};
use pointsman_judge::{Answer, Measurement, Provider};
use pointsman_types::Time;

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn metric(name: &str) -> MetricTemplate {
    MetricTemplate::new(name)
        .with_query(QueryTemplate::new(Provider::Prometheus, "up"))
        .with_success_condition("result > 0.9")
        .with_interval("60s")
}

fn resolved(template: &AnalysisTemplate) -> Analysis {
    template.resolve(&[]).expect("a sound template")
}

/// Answers every question of a look at once.
fn look(analysis: &Analysis, run: &Run, now: i64, value: f64) -> (Run, Option<Time>, usize) {
    let pass = analysis.advance(run, at(now));
    let mut next = pass.run.clone();
    for ask in &pass.asks {
        next = analysis.measured(&next, &ask.metric, &Measurement::of(value, at(now))).expect("it was asked");
    }
    let after = analysis.advance(&next, at(now));
    (after.run, after.wake, pass.asks.len())
}

#[test]
fn a_metric_is_measured_at_its_interval_until_its_count() {
    let analysis = resolved(&AnalysisTemplate::new([metric("a").with_count(3)]));
    let mut run = analysis.start(at(0));
    for (now, asked, wake) in
        [(0, 1, Some(at(60))), (30, 0, Some(at(60))), (60, 1, Some(at(120))), (125, 1, None)]
    {
        let (next, next_wake, asks) = look(&analysis, &run, now, 1.0);
        assert_eq!((asks, next_wake), (asked, wake), "at {now}");
        run = next;
    }
    assert_eq!((run.phase, run.metrics[0].successful), (Phase::Successful, 3));
}

#[test]
fn the_first_look_waits_for_the_initial_delay_and_a_question_is_put_once() {
    let mut template = metric("a");
    template.initial_delay = "30s".into();
    let analysis = resolved(&AnalysisTemplate::new([template]));
    let pass = analysis.advance(&analysis.start(at(100)), at(100));
    assert_eq!((pass.asks.len(), pass.wake), (0, Some(at(130))));
    let pass = analysis.advance(&pass.run, at(130));
    assert_eq!((pass.asks.len(), pass.wake), (1, None));
    assert_eq!(analysis.advance(&pass.run, at(140)).asks, []);
    assert_eq!(analysis.open_asks(&pass.run), pass.asks);
}

#[test]
fn one_bad_metric_stops_the_others_at_the_next_look() {
    let analysis = resolved(&AnalysisTemplate::new([metric("bad"), metric("slow")]));
    let pass = analysis.advance(&analysis.start(at(0)), at(0));
    let run = analysis.measured(&pass.run, "bad", &Measurement::of(0.5, at(1))).unwrap();
    assert_eq!(run.phase, Phase::Running);
    let stopped = analysis.advance(&run, at(1));
    assert_eq!(
        (stopped.run.phase, stopped.stops.as_slice()),
        (Phase::Failed, ["slow".to_owned()].as_slice())
    );
    assert_eq!(stopped.run.message, "metric `bad` assessed Failed due to failed (1) > failureLimit (0)");
    assert_eq!(stopped.run.metric("slow").map(|result| result.phase), Some(Phase::Cancelled));
    assert!(analysis.measured(&stopped.run, "slow", &Measurement::of(1.0, at(2))).is_err());
}

#[test]
fn a_stopped_run_is_cancelled_unless_it_had_failed() {
    let analysis = resolved(&AnalysisTemplate::new([metric("a")]));
    let (run, ..) = look(&analysis, &analysis.start(at(0)), 0, 1.0);
    assert_eq!(analysis.advance(&run.cancel(), at(1)).run.phase, Phase::Cancelled);
    let (run, ..) = look(&analysis, &analysis.start(at(0)), 0, 0.0);
    assert_eq!(analysis.advance(&run.cancel(), at(1)).run.phase, Phase::Failed);
}

#[test]
fn a_dry_run_decides_nothing() {
    let template =
        AnalysisTemplate::new([metric("a").with_count(1), metric("b").with_count(1)]).with_dry_run("^a$");
    let analysis = resolved(&template);
    let pass = analysis.advance(&analysis.start(at(0)), at(0));
    let run = analysis.measured(&pass.run, "a", &Measurement::of(0.0, at(1))).unwrap();
    let run = analysis.measured(&run, "b", &Measurement::of(1.0, at(1))).unwrap();
    let done = analysis.advance(&run, at(1)).run;
    assert_eq!((done.phase, done.metrics[0].phase), (Phase::Successful, Phase::Failed));
}

#[test]
fn errors_are_tried_again_after_ten_seconds_and_do_not_count() {
    let analysis = resolved(&AnalysisTemplate::new([metric("a")]));
    let mut run = analysis.start(at(0));
    for round in 0..5 {
        let now = at(round * 10);
        let pass = analysis.advance(&run, now);
        assert_eq!(pass.asks.len(), 1, "round {round}");
        run = analysis.measured(&pass.run, "a", &Measurement::failed("refused", now)).unwrap();
    }
    assert_eq!((run.metrics[0].count, run.metrics[0].error, run.metrics[0].phase), (0, 5, Phase::Error));
    let run = analysis.advance(&analysis.advance(&run, at(50)).run, at(50)).run;
    assert_eq!(run.phase, Phase::Error);
    assert_eq!(
        run.message,
        "metric `a` assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4): refused"
    );
}

#[test]
fn what_goes_on_is_asked_again_when_it_says() {
    let analysis = resolved(&AnalysisTemplate::new([metric("job").with_count(1)]));
    let pass = analysis.advance(&analysis.start(at(0)), at(0));
    let mut later = Measurement::new(at(0), Answer::Running { resume_at: Some(at(20)) });
    later.metadata.insert("job".into(), "j-1".into());
    let run = analysis.measured(&pass.run, "job", &later).unwrap();
    assert_eq!(analysis.advance(&run, at(5)).wake, Some(at(20)));
    let pass = analysis.advance(&run, at(20));
    assert_eq!(pass.asks[0].resumed.as_ref().map(|data| data["job"].as_str()), Some("j-1"));
    let run = analysis.measured(&pass.run, "job", &Measurement::of(1.0, at(21))).unwrap();
    assert_eq!(analysis.advance(&run, at(21)).run.phase, Phase::Successful);
}

#[test]
fn old_measurements_are_dropped_and_counters_stay() {
    let analysis = resolved(&AnalysisTemplate::new([metric("a")]).with_retention("a", 2));
    let mut run = analysis.start(at(0));
    for round in 0..5 {
        run = look(&analysis, &run, round * 60, 1.0).0;
    }
    assert_eq!((run.metrics[0].measurements.len(), run.metrics[0].count), (2, 5));
}

#[test]
fn a_run_survives_json() {
    let analysis = resolved(&AnalysisTemplate::new([metric("a")]));
    let (run, ..) = look(&analysis, &analysis.start(at(0)), 0, 0.95);
    let text = serde_json::to_string(&run).unwrap();
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
    let text = serde_json::to_string(&analysis).unwrap();
    assert_eq!(serde_json::from_str::<Analysis>(&text).unwrap(), analysis);
}

#[test]
fn what_is_wrong_with_a_template_is_said_at_once_with_its_place() {
    let mut bad = metric("a").with_success_condition("nonsense > 1").with_count(5).with_failure_limit(9);
    bad.interval = String::new();
    let mut twin = metric("a").with_success_condition("result > {{args.limit}}");
    twin.queries.clear();
    let template = AnalysisTemplate::new([bad, twin]).with_dry_run("zzz").with_arg(Arg::new("limit"));
    let error = template.resolve(&[]).unwrap_err();
    let found: Vec<String> = error.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "error[PM0612]: spec.args: nothing is given for the argument `limit`",
            "error[PM0613]: spec.dryRun[0].metricName: no metric is called like `zzz`",
            "error[PM0606]: spec.metrics[0].count: `count` 5 is below `failureLimit` and `consecutiveSuccessLimit` \
             together, 9 + 0",
            "error[PM0607]: spec.metrics[0].interval: `interval` is missing, and `count` is above 1",
            "error[PM0610]: spec.metrics[0].successCondition: `successCondition`: unknown name `nonsense`",
            "error[PM0602]: spec.metrics[1].name: two metrics are called `a`",
            "error[PM0603]: spec.metrics[1].provider: the metric asks no provider",
            "error[PM0610]: spec.metrics[1].successCondition: `successCondition`: expected a value at character 10",
        ]
    );
}
