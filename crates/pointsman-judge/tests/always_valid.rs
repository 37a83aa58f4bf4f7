//! What the always-valid comparison promises, simulated with fixed seeds, beside a usual test that is looked at as often.
//!
//! `cargo test -p pointsman-judge --test always_valid -- --nocapture` prints the numbers of the documentation.

use pointsman_judge::power::Target;
use pointsman_judge::sequential::{Comparison, Difference, ExpectedLoss, Objective, Risk, Sprt};
use pointsman_judge::{Evidence, Judge, Tally, Verdict};
use pointsman_types::SplitMix64;

const RUNS: usize = 2_000;
const REQUESTS: u64 = 200;
/// Canary requests of a tick: 5, 10, 20 and 50 percent of all, twenty ticks each.
const CANARY: [u64; 4] = [10, 20, 40, 100];
const TICKS_A_SHARE: usize = 20;

fn errors(dice: &mut SplitMix64, requests: u64, share: f64) -> u64 {
    (0..requests).map(|_| u64::from(dice.next_f64() < share)).sum()
}

fn ticks(seed: u64, canary_share: f64, baseline_share: f64) -> Vec<Evidence> {
    let mut dice = SplitMix64::new(seed);
    let mut ticks = Vec::new();
    for canary in CANARY.iter().flat_map(|canary| [*canary; TICKS_A_SHARE]) {
        let failed = errors(&mut dice, canary, canary_share);
        let baseline = REQUESTS - canary;
        let tick = Evidence::new(Tally::new(canary, failed));
        ticks.push(tick.with_baseline(Tally::new(baseline, errors(&mut dice, baseline, baseline_share))));
    }
    ticks
}

/// The first ticks, from 1, at which it failed and at which it passed.
fn first_decisions(judge: &Comparison, ticks: &[Evidence]) -> (Option<usize>, Option<usize>) {
    let mut state = Default::default();
    let (mut failed, mut passed) = (None, None);
    for (at, tick) in ticks.iter().enumerate() {
        let (next, verdict) = judge.update(&state, tick);
        match verdict {
            Verdict::Fail => failed = failed.or(Some(at + 1)),
            Verdict::Pass => passed = passed.or(Some(at + 1)),
            _ => {}
        }
        state = next;
    }
    (failed, passed)
}

/// A pooled two-sided z test of two proportions at five percent, on all counts so far, at every tick.
fn z_test_alarms(ticks: &[Evidence]) -> bool {
    let (mut n, mut x, mut m, mut y) = (0.0, 0.0, 0.0, 0.0);
    ticks.iter().any(|tick| {
        n += tick.canary.requests as f64;
        x += tick.canary.errors as f64;
        m += tick.baseline.requests as f64;
        y += tick.baseline.errors as f64;
        let pooled = (x + y) / (n + m);
        let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        deviation > 0.0 && ((x / n - y / m) / deviation).abs() > 1.959_963_985
    })
}

/// A share of the runs with its interval at 95 percent (Wilson).
struct Rate {
    hits: usize,
}

impl Rate {
    fn get(&self) -> f64 {
        self.hits as f64 / RUNS as f64
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (n, p, z) = (RUNS as f64, self.get(), 1.96_f64);
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let percent = |share: f64| 100.0 * share.clamp(0.0, 1.0);
        write!(f, "{:.2} % ({:.2} to {:.2})", percent(p), percent(middle - half), percent(middle + half))
    }
}

fn median(mut ticks: Vec<usize>) -> usize {
    ticks.sort_unstable();
    ticks.get(ticks.len() / 2).copied().unwrap_or(0)
}

#[test]
fn equal_versions_are_seldom_failed_however_often_one_looks() {
    for share in [0.02, 0.2] {
        let judge = Comparison::new(Risk::FIVE_PERCENT);
        let (mut alarms, mut z_alarms, mut passes) = (0, 0, Vec::new());
        for seed in 0..RUNS as u64 {
            let ticks = ticks(seed, share, share);
            let (failed, passed) = first_decisions(&judge, &ticks);
            alarms += usize::from(failed.is_some());
            passes.extend(passed);
            z_alarms += usize::from(z_test_alarms(&ticks));
        }
        let (alarms, z_alarms, passed) =
            (Rate { hits: alarms }, Rate { hits: z_alarms }, Rate { hits: passes.len() });
        println!(
            "equal errors of {share}: false alarms {alarms}, of the z test looked at as often {z_alarms}"
        );
        println!("equal errors of {share}: early passes {passed}, median tick {}", median(passes));
        assert!(alarms.get() <= 0.05);
        assert!(z_alarms.get() > 0.3);
        assert!(passed.get() > 0.5);
    }
}

#[test]
fn tripled_errors_are_found() {
    let judge = Comparison::new(Risk::FIVE_PERCENT);
    let (mut found, mut wrongly_passed) = (Vec::new(), 0);
    for seed in 0..RUNS as u64 {
        let (failed, passed) = first_decisions(&judge, &ticks(10_000 + seed, 0.06, 0.02));
        found.extend(failed);
        wrongly_passed += usize::from(passed.is_some());
    }
    let (rate, wrong) = (Rate { hits: found.len() }, Rate { hits: wrongly_passed });
    println!(
        "tripled errors: found {rate}, median tick {}; passed at some tick before {wrong}",
        median(found)
    );
    assert!(rate.get() >= 0.99);
    assert!(wrong.get() <= 0.05);
}

#[test]
fn errors_at_the_margin_are_seldom_passed() {
    let judge = Comparison::new(Risk::FIVE_PERCENT).with_margin(0.5);
    let mut passes = 0;
    for seed in 0..RUNS as u64 {
        passes += usize::from(first_decisions(&judge, &ticks(20_000 + seed, 0.3, 0.2)).1.is_some());
    }
    let rate = Rate { hits: passes };
    println!("errors of 0.3 against 0.2 at a margin of half: passed {rate}");
    assert!(rate.get() <= 0.05);
}

#[test]
fn a_canary_just_at_the_objective_is_seldom_failed_and_seldom_passed() {
    let objective = Objective::max_share(0.02, Risk::FIVE_PERCENT).expect("a share");
    let sprt = Sprt::new(0.02, 0.04, Risk::FIVE_PERCENT, Risk::FIVE_PERCENT).expect("shares");
    let (mut failed, mut passed, mut alarms) = (0, 0, 0);
    for seed in 0..RUNS as u64 {
        let mut dice = SplitMix64::new(30_000 + seed);
        let (mut state, mut wald) = (Default::default(), Default::default());
        let (mut fails, mut passes, mut alarm) = (false, false, false);
        for _ in 0..100 {
            let tick = Evidence::new(Tally::new(100, errors(&mut dice, 100, 0.02)));
            let verdict;
            (state, verdict) = objective.update(&state, &tick);
            fails |= verdict == Verdict::Fail;
            passes |= verdict == Verdict::Pass;
            let verdict;
            (wald, verdict) = sprt.update(&wald, &tick);
            alarm |= verdict == Verdict::Fail;
        }
        failed += usize::from(fails);
        passed += usize::from(passes);
        alarms += usize::from(alarm);
    }
    let [failed, passed, alarms] = [failed, passed, alarms].map(|hits| Rate { hits });
    println!(
        "errors just at the objective: failed {failed}, passed {passed}; false alarms of Wald's test {alarms}"
    );
    assert!(failed.get() <= 0.05 && passed.get() <= 0.05 && alarms.get() <= 0.055);
}

/// What it says at first to need, and what it then needs, where every tick is the same.
fn said_and_needed<J: Judge>(judge: &J, tick: &Evidence) -> (u64, u64) {
    let (mut state, mut verdict) = judge.update(&J::State::default(), tick);
    let (first, mut before, mut more) = (said(verdict), said(verdict), 0);
    loop {
        (state, verdict) = judge.update(&state, tick);
        more += tick.requests();
        if verdict.is_decided() {
            return (first, more);
        }
        let now = said(verdict);
        assert!(now <= before, "{now} after {before}");
        before = now;
    }
}

fn said(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Undecided { needed } => needed.expect("evidence that points somewhere"),
        decided => unreachable!("{decided}"),
    }
}

#[test]
fn what_is_said_to_be_needed_is_about_what_is_needed_and_falls() {
    let risk = Risk::FIVE_PERCENT;
    let both = |canary, baseline| Evidence::new(canary).with_baseline(baseline);
    let worse = both(Tally::new(50, 3), Tally::new(450, 9));
    let equal = both(Tally::new(100, 2), Tally::new(100, 2));
    let clean = both(Tally::new(10, 0), Tally::new(10, 0));
    let alone = |requests, errors| Evidence::new(Tally::new(requests, errors));
    let objective = Objective::max_share(0.02, risk).expect("a share");
    let sprt = Sprt::new(0.01, 0.03, risk, risk).expect("shares");
    let difference = Difference::below(0.01, risk).expect("a share");
    let loss = ExpectedLoss::new(0.001, Risk::ONE_PERCENT).expect("a loss");
    for (what, (said, needed)) in [
        ("comparison, worse", said_and_needed(&Comparison::new(risk), &worse)),
        ("comparison, equal", said_and_needed(&Comparison::new(risk), &equal)),
        ("difference, worse", said_and_needed(&difference, &both(Tally::new(50, 5), Tally::new(450, 9)))),
        ("difference, equal", said_and_needed(&difference, &equal)),
        ("difference, no errors", said_and_needed(&difference, &clean)),
        ("objective, above", said_and_needed(&objective, &alone(50, 2))),
        ("objective, below", said_and_needed(&objective, &alone(100, 1))),
        ("wald, bad", said_and_needed(&sprt, &alone(33, 1))),
        ("wald, good", said_and_needed(&sprt, &alone(20, 0))),
        ("loss, worse", said_and_needed(&loss, &both(Tally::new(50, 2), Tally::new(450, 9)))),
        ("loss, equal", said_and_needed(&loss, &equal)),
        ("loss, no errors", said_and_needed(&loss, &clean)),
    ] {
        println!("{what}: said {said}, needed {needed}");
        let ratio = said as f64 / needed as f64;
        assert!((0.6..=1.6).contains(&ratio), "{what}: said {said}, needed {needed}");
    }
}

#[test]
fn as_many_requests_as_planned_find_what_was_planned() {
    let power = 0.9;
    for (ratio, share, base) in [(2.0, 0.05, 0.02), (3.0, 0.2, 0.01), (1.5, 0.5, 0.05)] {
        let target = Target::new(ratio, Risk::FIVE_PERCENT, power).expect("a target");
        let requests = target.requests(share, base).expect("a number");
        let canary = (requests as f64 * share / 20.0).ceil() as u64;
        let baseline = (requests as f64 * (1.0 - share) / 20.0).ceil() as u64;
        let judge = Comparison::new(Risk::FIVE_PERCENT);
        let mut found = 0;
        for seed in 0..400 {
            let mut dice = SplitMix64::new(40_000 + seed);
            let ticks: Vec<Evidence> = (0..20)
                .map(|_| {
                    let failed = errors(&mut dice, canary, base * ratio);
                    let tick = Evidence::new(Tally::new(canary, failed));
                    tick.with_baseline(Tally::new(baseline, errors(&mut dice, baseline, base)))
                })
                .collect();
            found += usize::from(first_decisions(&judge, &ticks).0.is_some());
        }
        let rate = found as f64 / 400.0;
        println!("{ratio} times {base} at a share of {share}: {requests} requests planned, found in {rate}");
        assert!((power - 0.05..=0.99).contains(&rate), "{rate}");
    }
}
