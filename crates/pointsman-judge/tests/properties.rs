//! What holds for every judge, whatever it sees.

use pointsman_judge::kayenta::{Class, EffectMeasure, EffectSize, MetricConfig, classify};
use pointsman_judge::sequential::{
    Comparison, Counts, Difference, ExpectedLoss, Hits, Latency, Objective, Risk, Sprt, belief,
    share_interval,
};
use pointsman_judge::{Evidence, Histogram, Judge, Tally, Threshold, Verdict};
use proptest::prelude::*;

const RISK: Risk = Risk::FIVE_PERCENT;

fn tally() -> impl Strategy<Value = Tally> {
    (1_u64..2_000, 0.0_f64..1.0, prop_oneof![Just(0.05), Just(0.3), Just(1.0)])
        .prop_map(|(requests, part, most)| Tally::new(requests, (requests as f64 * part * most) as u64))
}

fn ticks() -> impl Strategy<Value = Vec<Evidence>> {
    prop::collection::vec((tally(), tally()).prop_map(|(a, b)| Evidence::new(a).with_baseline(b)), 1..12)
}

fn last<J: Judge>(judge: &J, ticks: &[Evidence]) -> Verdict {
    let mut state = J::State::default();
    let mut verdict = Verdict::NoData;
    for tick in ticks {
        (state, verdict) = judge.update(&state, tick);
    }
    verdict
}

fn timed(ticks: &[Evidence]) -> Vec<Evidence> {
    let side = |tally: &Tally| {
        let counts = vec![tally.requests.saturating_sub(tally.errors), tally.errors];
        tally.clone().with_latency(Histogram::new(vec![100.0], counts).expect("a histogram"))
    };
    ticks.iter().map(|tick| Evidence::new(side(&tick.canary)).with_baseline(side(&tick.baseline))).collect()
}

fn half(tally: &Tally) -> Tally {
    Tally::new(tally.requests / 2, tally.errors / 2)
}

fn doubled(tally: &Tally) -> Tally {
    Tally::new(tally.requests / 2 * 2, tally.errors / 2 * 2)
}

fn swapped(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Pass => Verdict::Fail,
        Verdict::Fail => Verdict::Pass,
        other => other,
    }
}

/// Judges whose verdicts do not depend on how the counts are cut into ticks of the same traffic share.
fn verdicts(ticks: &[Evidence]) -> Vec<Verdict> {
    let undecided = |verdict| match verdict {
        Verdict::Undecided { .. } => Verdict::Undecided { needed: None },
        other => other,
    };
    [
        last(&Comparison::new(RISK), ticks),
        last(&Comparison::new(RISK).with_margin(0.2).with_tolerance(0.1), ticks),
        last(&Difference::below(0.01, RISK).expect("a share"), ticks),
        last(&ExpectedLoss::new(0.005, RISK).expect("a share"), ticks),
        last(&Objective::max_share(0.05, RISK).expect("a share"), ticks),
        last(&Latency::at([100.0], RISK), &timed(ticks)),
    ]
    .map(undecided)
    .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_failed_canary_request_more_never_helps(ticks in ticks(), at in any::<prop::sample::Index>()) {
        let mut worse = ticks.clone();
        let tick = &mut worse[at.index(ticks.len())];
        tick.canary.requests += 1;
        tick.canary.errors += 1;
        let checks = [
            (last(&Comparison::new(RISK), &ticks), last(&Comparison::new(RISK), &worse)),
            {
                let judge = Comparison::new(RISK).with_margin(0.0);
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = Difference::below(0.01, RISK).unwrap();
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = Objective::max_share(0.05, RISK).unwrap();
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = Sprt::new(0.02, 0.06, RISK, RISK).unwrap();
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = Threshold::max_error_share(0.05).unwrap();
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = ExpectedLoss::new(0.005, RISK).unwrap();
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                let judge = ExpectedLoss::new(0.005, RISK).unwrap().with_prior(Counts::new(1_000, 30));
                (last(&judge, &ticks), last(&judge, &worse))
            },
            {
                // A failed request is a slow one, one that did not fail a quick one.
                let judge = Latency::at([100.0], RISK);
                (last(&judge, &timed(&ticks)), last(&judge, &timed(&worse)))
            },
        ];
        let judge = Comparison::new(RISK);
        let state = |ticks: &[Evidence]| ticks.iter().fold(Default::default(), |state, tick| judge.update(&state, tick).0);
        let (before, after) = (judge.report(&state(&ticks)), judge.report(&state(&worse)));
        prop_assert!(after.ln_e_worse >= before.ln_e_worse - 1e-9 * (1.0 + before.ln_e_worse.abs()));
        for (index, (before, after)) in checks.into_iter().enumerate() {
            prop_assert!(!(before == Verdict::Fail && after == Verdict::Pass), "judge {index}");
            prop_assert!(!(before == Verdict::Fail && after != Verdict::Fail), "judge {index}: {after}");
            prop_assert!(!(before != Verdict::Pass && after == Verdict::Pass), "judge {index}: {before}");
        }
    }

    #[test]
    fn splitting_a_tick_in_two_changes_nothing(ticks in ticks()) {
        let whole: Vec<Evidence> = ticks
            .iter()
            .map(|tick| Evidence::new(doubled(&tick.canary)).with_baseline(doubled(&tick.baseline)))
            .collect();
        let split: Vec<Evidence> = ticks
            .iter()
            .map(|tick| Evidence::new(half(&tick.canary)).with_baseline(half(&tick.baseline)))
            .flat_map(|tick| [tick.clone(), tick])
            .collect();
        let judge = Comparison::new(RISK);
        let state = |ticks: &[Evidence]| ticks.iter().fold(Default::default(), |state, tick| judge.update(&state, tick).0);
        let (a, b) = (judge.report(&state(&whole)), judge.report(&state(&split)));
        prop_assert!((a.ln_e_worse - b.ln_e_worse).abs() <= 1e-9 * (1.0 + a.ln_e_worse.abs()));
        prop_assert!((a.ln_e_within - b.ln_e_within).abs() <= 1e-9 * (1.0 + a.ln_e_within.abs()));
        let end = |ticks: &[Evidence]| {
            let whole = ticks.iter().fold((Tally::default(), Tally::default()), |(c, b), tick| (
                Tally::new(c.requests + tick.canary.requests, c.errors + tick.canary.errors),
                Tally::new(b.requests + tick.baseline.requests, b.errors + tick.baseline.errors),
            ));
            verdicts(&[Evidence::new(whole.0).with_baseline(whole.1)])
        };
        prop_assert_eq!(end(&whole), end(&split));
        // Evidence between two looks of one share is a mixture of exponentials, so never above both of them: looking there
        // decides nothing that the looks beside it do not.
        prop_assert_eq!(verdicts(&whole), verdicts(&split));
    }

    #[test]
    fn swapping_the_sides_swaps_the_verdict(ticks in ticks()) {
        let other: Vec<Evidence> = ticks.iter().cloned().map(Evidence::swapped).collect();
        let judge = Comparison::new(RISK).with_margin(0.0);
        let state = |ticks: &[Evidence]| ticks.iter().fold(Default::default(), |state, tick| judge.update(&state, tick).0);
        let (there, back) = (judge.report(&state(&ticks)), judge.report(&state(&other)));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
        prop_assert!(near(there.ln_e_worse, back.ln_e_within) && near(there.ln_e_within, back.ln_e_worse));
        // A `Fail` overrules a `Pass`, so only where not both were ever reached.
        if there.p_worse > 0.05 || there.p_within > 0.05 {
            let (there, back) = (last(&judge, &ticks), last(&judge, &other));
            prop_assert_eq!(swapped(there).is_decided(), back.is_decided());
            if there.is_decided() {
                prop_assert_eq!(swapped(there), back);
            }
        }
        let tick = &ticks[0];
        let counts = |tally: &Tally| Counts::new(tally.requests, tally.errors);
        let sum = belief(counts(&tick.canary), counts(&tick.baseline)).worse
            + belief(counts(&tick.baseline), counts(&tick.canary)).worse;
        prop_assert!((sum - 1.0).abs() < 1e-9);
        let judge = Difference::below(0.01, RISK).unwrap();
        let state = |ticks: &[Evidence]| ticks.iter().fold(Default::default(), |state, tick| judge.update(&state, tick).0);
        let (there, back) = (judge.interval(&state(&ticks)), judge.interval(&state(&other)));
        prop_assert!((there.low + back.high).abs() < 1e-12 && (there.high + back.low).abs() < 1e-12);
    }

    /// Where the requests of a tick fall on both sides of a cut as they like, but in one share.
    #[test]
    fn sums_do_not_know_of_ticks(ticks in ticks()) {
        let all = ticks.iter().fold(Evidence::default(), |sum, tick| {
            let plus = |a: &Tally, b: &Tally| Tally::new(a.requests + b.requests, a.errors + b.errors);
            Evidence::new(plus(&sum.canary, &tick.canary)).with_baseline(plus(&sum.baseline, &tick.baseline))
        });
        let all = std::slice::from_ref(&all);
        for judge in [Difference::below(0.01, RISK).unwrap(), Difference::below(0.2, RISK).unwrap()] {
            prop_assert_eq!(last(&judge, &ticks), last(&judge, all));
        }
        let judge = ExpectedLoss::new(0.005, RISK).unwrap();
        prop_assert_eq!(last(&judge, &ticks), last(&judge, all));
    }

    #[test]
    fn beliefs_add_up(a in tally(), b in tally(), many in prop_oneof![Just(1_u64), Just(1_000), Just(1_000_000)]) {
        let counts = |tally: &Tally| Counts::new(many * tally.requests, many * tally.errors);
        let (there, back) = (belief(counts(&a), counts(&b)), belief(counts(&b), counts(&a)));
        prop_assert!((there.worse + back.worse - 1.0).abs() < 1e-12);
        let mean = |counts: Counts| (1.0 + counts.hits as f64) / (2.0 + counts.requests as f64);
        let apart = mean(counts(&a)) - mean(counts(&b));
        prop_assert!((there.expected_loss - back.expected_loss - apart).abs() < 1e-12);
        prop_assert!(there.expected_loss >= apart.max(0.0) * (1.0 - 1e-12));
    }

    #[test]
    fn states_survive_json_to_the_last_bit(ticks in ticks()) {
        fn survives<J: Judge>(judge: &J, ticks: &[Evidence]) -> bool where J::State: PartialEq {
            let state = ticks.iter().fold(J::State::default(), |state, tick| judge.update(&state, tick).0);
            serde_json::from_str::<J::State>(&serde_json::to_string(&state).unwrap()).unwrap() == state
        }
        let huge = Evidence::new(Tally::new(u64::MAX, 1)).with_baseline(Tally::new(u64::MAX, u64::MAX));
        for ticks in [timed(&ticks), vec![huge]] {
            prop_assert!(survives(&Comparison::new(RISK), &ticks));
            prop_assert!(survives(&Objective::max_share(0.05, RISK).unwrap(), &ticks));
            prop_assert!(survives(&Latency::at([100.0], RISK), &ticks));
            prop_assert!(survives(&Sprt::new(0.02, 0.06, RISK, RISK).unwrap(), &ticks));
            prop_assert!(survives(&Difference::below(0.01, RISK).unwrap(), &ticks));
        }
    }

    #[test]
    fn the_unit_does_not_matter(
        experiment in prop::collection::vec(0_u32..50, 2..40),
        control in prop::collection::vec(0_u32..50, 2..40),
        unit in prop_oneof![Just(1e-9), Just(1e-3), Just(1e6)],
    ) {
        let series = |values: &[u32], unit: f64| values.iter().map(|v| f64::from(*v) * unit).collect::<Vec<_>>();
        for measure in [EffectMeasure::MeanRatio, EffectMeasure::Cles] {
            let config = MetricConfig::new().with_effect_size(EffectSize::of(measure).with_allowed(0.4, 1.25));
            let plain = classify(&series(&experiment, 1.0), &series(&control, 1.0), &config);
            let scaled = classify(&series(&experiment, unit), &series(&control, unit), &config);
            // A bound of the effect size may be met exactly in one unit and missed by a rounding in the other.
            let at_bound = plain.effect.is_some_and(|e| (e - 1.25).abs() < 1e-9 || (e - 0.4).abs() < 1e-9);
            prop_assert!(at_bound || plain.class == scaled.class, "{plain:?} {scaled:?}");
            let plain = classify(&series(&experiment, 1.0), &series(&control, 1.0), &MetricConfig::new());
            let swapped = classify(&series(&control, 1.0), &series(&experiment, 1.0), &MetricConfig::new());
            let expected = match plain.class {
                Class::High => Class::Low,
                Class::Low => Class::High,
                other => other,
            };
            prop_assert_eq!(swapped.class, expected);
        }
    }

    #[test]
    fn the_unit_of_a_latency_does_not_matter(
        canary in prop::collection::vec(0_u64..500, 3),
        baseline in prop::collection::vec(0_u64..500, 3),
    ) {
        let verdict = |unit: f64| {
            let bounds = [100.0 * unit, 500.0 * unit];
            let side = |counts: &Vec<u64>| {
                let latency = Histogram::new(bounds.to_vec(), counts.clone()).unwrap();
                Tally::new(latency.total(), 0).with_latency(latency)
            };
            last(&Latency::at(bounds, RISK), &[Evidence::new(side(&canary)).with_baseline(side(&baseline))])
        };
        prop_assert_eq!(verdict(1.0), verdict(0.001));
    }

    #[test]
    fn no_counts_make_a_judge_panic(numbers in prop::collection::vec(any::<u64>(), 4), ticks in ticks()) {
        let odd = Evidence::new(Tally::new(numbers[0], numbers[1])).with_baseline(Tally::new(numbers[2], numbers[3]));
        let huge = Evidence::new(Tally::new(u64::MAX, numbers[1])).with_baseline(Tally::new(u64::MAX, u64::MAX));
        let mut all = ticks;
        all.extend([odd, huge.clone(), huge, Evidence::default()]);
        verdicts(&all);
        last(&Objective::max_share(0.05, RISK).unwrap(), &all);
        last(&Sprt::new(0.02, 0.06, RISK, RISK).unwrap(), &all);
        last(&Latency::at([1.0, f64::NAN], RISK), &all);
        let interval = share_interval(Counts::new(numbers[0], numbers[1]), RISK);
        prop_assert!(interval.low <= interval.high && interval.low >= 0.0 && interval.high <= 1.0, "{interval:?}");
    }
}

#[test]
fn states_are_small() {
    fn check<J: Judge>(name: &str, judge: &J, tick: &Evidence)
    where
        J::State: PartialEq + std::fmt::Debug,
    {
        let (state, _) = judge.update(&J::State::default(), tick);
        let text = serde_json::to_string(&state).unwrap();
        println!("{name}: {} bytes", text.len());
        assert!(text.len() < 2_700, "a small state of {name}: {}", text.len());
        let read: J::State = serde_json::from_str(&text).unwrap();
        assert_eq!(judge.update(&read, tick).1, judge.update(&state, tick).1);
    }
    let latency = Histogram::new(vec![1.0, 2.0], vec![30, 10, 2]).unwrap();
    let side = Tally::new(42, 1).with_latency(latency);
    let tick = Evidence::new(side.clone()).with_baseline(side);
    check("comparison", &Comparison::new(RISK), &tick);
    check("comparison", &Comparison::new(RISK).of(Hits::SlowerThan { bound_ms: 2.0 }), &tick);
    check("difference", &Difference::below(0.1, RISK).unwrap(), &tick);
    check("objective", &Objective::max_share(0.1, RISK).unwrap(), &tick);
    check("sprt", &Sprt::new(0.1, 0.2, RISK, RISK).unwrap(), &tick);
    check("expectedloss", &ExpectedLoss::new(0.1, RISK).unwrap(), &tick);
    check("latency", &Latency::at([1.0, 2.0], RISK), &tick);
    check("threshold", &Threshold::max_error_share(0.1).unwrap(), &tick);
}

/// What each judge saves of this tick, and whether it reads it again with these words put in.
fn reads(from: &str, to: &str) -> Vec<Result<(), String>> {
    fn read<J: Judge>(judge: &J, from: &str, to: &str) -> Result<(), String> {
        let latency = Histogram::new(vec![1.0], vec![30, 12]).expect("a histogram");
        let side = Tally::new(42, 1).with_latency(latency);
        let state = judge.update(&J::State::default(), &Evidence::new(side.clone()).with_baseline(side)).0;
        let text = serde_json::to_string(&state).expect("a state");
        assert!(text.contains(from), "{text}");
        let read = serde_json::from_str::<J::State>(&text.replace(from, to));
        let same = |read| assert_eq!(serde_json::to_string(&read).expect("a state"), text);
        read.map(same).map_err(|error| error.to_string())
    }
    vec![
        read(&Comparison::new(RISK), from, to),
        read(&Latency::at([1.0], RISK), from, to),
        read(&Objective::max_share(0.1, RISK).expect("shares"), from, to),
        read(&Sprt::new(0.1, 0.2, RISK, RISK).expect("shares"), from, to),
        read(&Difference::below(0.1, RISK).expect("shares"), from, to),
        read(&ExpectedLoss::new(0.1, RISK).expect("shares"), from, to),
        read(&Threshold::max_error_share(0.1).expect("a share"), from, to),
    ]
}

#[test]
fn states_of_another_layout_are_refused_and_those_without_a_number_are_of_the_first() {
    for read in reads("\"schema\":1", "\"schema\":2") {
        let error = read.unwrap_err();
        assert!(error.contains("layout 2") && error.contains("reads layout 1"), "{error}");
    }
    assert!(reads("\"schema\":1,", "").iter().all(Result::is_ok));
}

#[test]
fn evidence_of_other_sizes_is_refused() {
    let state = serde_json::to_string(&<Comparison as Judge>::State::default()).unwrap();
    for (from, to, sizes) in [("[0.0,", "[0.0,0.0,", "25 sizes"), ("[0.0,0.0,", "[0.0,", "23 sizes")] {
        let odd = state.replace(from, to);
        let error = serde_json::from_str::<<Comparison as Judge>::State>(&odd).unwrap_err().to_string();
        assert!(error.contains(sizes), "{error}");
    }
}

#[test]
fn a_state_of_other_bounds_is_an_error() {
    let latency = Histogram::new(vec![1.0, 2.0], vec![30, 10, 2]).unwrap();
    let side = Tally::new(42, 1).with_latency(latency);
    let tick = Evidence::new(side.clone()).with_baseline(side);
    let state = Latency::at([1.0], RISK).update(&Default::default(), &tick).0;
    for bounds in [vec![2.0], vec![1.0, 2.0], vec![]] {
        let (after, verdict) = Latency::at(bounds, RISK).update(&state, &tick);
        assert_eq!((after, verdict), (state.clone(), Verdict::Error));
    }
    assert_ne!(Latency::at([1.0], RISK).update(&state, &tick).1, Verdict::Error);
}
