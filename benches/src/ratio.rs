//! Two closures, timed in turns.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::{Display, Formatter};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rounds of a full run; each times both sides once, in alternating order.
const ROUNDS: usize = 31;
/// How long one side of one round should take.
const SLICE: Duration = Duration::from_millis(10);

/// What one call costs on each side: the median over the rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// What was measured.
    pub name: String,
    /// Nanoseconds a call.
    pub ours_ns: f64,
    /// Nanoseconds a call of the baseline.
    pub baseline_ns: f64,
    /// The median of the rounds' own ratios, which is steadier than the ratio of the medians.
    pub ratio: f64,
}

impl Display for Ratio {
    /// `name  ours 4.1 ns  baseline 12.3 ns  ratio 0.33`
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { name, ours_ns, baseline_ns, ratio } = self;
        write!(f, "{name:<52} ours {ours_ns:>12.1} ns  baseline {baseline_ns:>12.1} ns  ratio {ratio:>8.4}")
    }
}

/// Whether cargo runs us to measure (`cargo bench`) and not to see that the benchmark works.
#[must_use]
pub fn is_full_run() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Times both closures in turns. Each call gets the number of the call, to vary its input.
pub fn measure<A, B>(
    name: impl Into<String>,
    mut ours: impl FnMut(u64) -> A,
    mut baseline: impl FnMut(u64) -> B,
) -> Ratio {
    let rounds = if is_full_run() { ROUNDS } else { 1 };
    let (calls_ours, calls_baseline) = (calls_in_a_slice(&mut ours), calls_in_a_slice(&mut baseline));
    let (mut ours_ns, mut baseline_ns, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (a, b) = if round % 2 == 0 {
            let a = time(&mut ours, calls_ours);
            (a, time(&mut baseline, calls_baseline))
        } else {
            let b = time(&mut baseline, calls_baseline);
            (time(&mut ours, calls_ours), b)
        };
        ours_ns.push(a);
        baseline_ns.push(b);
        ratios.push(a / b.max(f64::MIN_POSITIVE));
    }
    Ratio {
        name: name.into(),
        ours_ns: median(ours_ns),
        baseline_ns: median(baseline_ns),
        ratio: median(ratios),
    }
}

/// Nanoseconds a call of one closure, the median over the rounds: for what has no baseline.
pub fn cost<A>(mut call: impl FnMut(u64) -> A) -> f64 {
    let rounds = if is_full_run() { ROUNDS } else { 1 };
    let calls = calls_in_a_slice(&mut call);
    median((0..rounds).map(|_| time(&mut call, calls)).collect())
}

/// Doubles the number of calls until they fill a slice, which warms caches as well.
fn calls_in_a_slice<A>(call: &mut impl FnMut(u64) -> A) -> u64 {
    let mut calls = 1_u64;
    loop {
        let begin = Instant::now();
        (0..calls).for_each(|i| drop(black_box(call(i))));
        if begin.elapsed() * 2 >= SLICE || !is_full_run() {
            return calls;
        }
        calls *= 2;
    }
}

fn time<A>(call: &mut impl FnMut(u64) -> A, calls: u64) -> f64 {
    let begin = Instant::now();
    for i in 0..calls {
        drop(black_box(call(black_box(i))));
    }
    begin.elapsed().as_secs_f64() * 1e9 / calls as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn both_sides_are_called() {
        let (mut ours, mut baseline) = (0, 0);
        let ratio = measure("x", |_| ours += 1, |_| baseline += 1);
        assert!(ratio.ours_ns >= 0.0 && ratio.baseline_ns >= 0.0);
        assert!(ours > 0 && baseline > 0);
    }
}
