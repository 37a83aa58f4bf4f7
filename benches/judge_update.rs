//! One update of each judge, with its verdict and what is still needed, against judging again from the whole history of
//! 80 ticks: what a judge would cost that kept its measurements and not sums of them. Goal: under 5 µs an update.

use pointsman_benches::ratio;
use pointsman_judge::sequential::{Comparison, Difference, ExpectedLoss, Latency, Objective, Risk, Sprt};
use pointsman_judge::{Evidence, Histogram, InvalidHistogram, Judge, Tally, Threshold};

const HISTORY: u64 = 80;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ticks = (0..HISTORY).map(tick).collect::<Result<Vec<_>, _>>()?;
    let risk = Risk::FIVE_PERCENT;
    measure("threshold", &Threshold::max_error_share(0.05)?, &ticks);
    measure("comparison", &Comparison::new(risk), &ticks);
    measure("objective", &Objective::max_share(0.02, risk)?, &ticks);
    measure("sprt", &Sprt::new(0.0199, 0.02, risk, risk)?, &ticks);
    measure("difference", &Difference::below(0.01, risk)?, &ticks);
    measure("latency at two bounds", &Latency::at([100.0, 500.0], risk), &ticks);
    measure("expected loss", &ExpectedLoss::new(1e-9, risk)?, &ticks);
    // The costliest: as many hits as its sums have terms, and an integral over millions.
    let (few, many) = (times(&ticks, 10), times(&ticks, 100_000));
    measure("expected loss, hundreds of errors", &ExpectedLoss::new(1e-9, risk)?, &few);
    measure("expected loss, millions of errors", &ExpectedLoss::new(1e-12, risk)?, &many);
    Ok(())
}

fn tick(i: u64) -> Result<Evidence, InvalidHistogram> {
    let canary = match i / 20 {
        0 => 10,
        1 => 20,
        2 => 40,
        _ => 100,
    };
    let side = |requests: u64| {
        let (slow, slower) = (requests / 10, requests / 50);
        let counts = vec![requests - slow - slower, slow, slower];
        Histogram::new(vec![100.0, 500.0], counts)
            .map(|latency| Tally::new(requests, (i + requests) % 7 / 3).with_latency(latency))
    };
    Ok(Evidence::new(side(canary)?).with_baseline(side(200 - canary)?))
}

fn times(ticks: &[Evidence], factor: u64) -> Vec<Evidence> {
    let side = |tally: &Tally| Tally::new(tally.requests * factor, tally.errors * factor);
    ticks.iter().map(|tick| Evidence::new(side(&tick.canary)).with_baseline(side(&tick.baseline))).collect()
}

fn measure<J: Judge>(name: &str, judge: &J, ticks: &[Evidence]) {
    let fold = |ticks: &[Evidence]| {
        ticks.iter().fold(J::State::default(), |state, tick| judge.update(&state, tick).0)
    };
    let state = fold(ticks);
    let at = |i: u64| usize::try_from(i % HISTORY).unwrap_or(0);
    let measured = ratio::measure(
        format!("judge_update/{name}"),
        |i| ticks.get(at(i)).map(|tick| judge.update(&state, tick)),
        |_| fold(ticks),
    );
    println!("{measured}");
}
