//! Several metrics judged together.

use super::{ComparisonReport, Risk};
use crate::Verdict;
use crate::special::ln_sum_exp;

/// Which of these p-values are significant when all are looked at together: at most `risk` is the probability that any
/// of them is so by chance, however they depend on one another.
///
/// A p-value that is no number is never significant.
///
/// ```
/// use pointsman_judge::sequential::{Risk, holm};
/// assert_eq!(holm(&[0.01, 0.04, 0.03], Risk::FIVE_PERCENT), [true, false, false]);
/// ```
///
/// Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
#[must_use]
pub fn holm(p_values: &[f64], risk: Risk) -> Vec<bool> {
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut significant = vec![false; p_values.len()];
    for (rank, (at, p)) in order.into_iter().enumerate() {
        let left = crate::histogram::to_f64((p_values.len() - rank) as u64);
        if p.is_nan() || p * left > risk.get() {
            break;
        }
        if let Some(place) = significant.get_mut(at) {
            *place = true;
        }
    }
    significant
}

/// Which of these e-values (as logarithms) are discoveries: of all that are named so, on average at most the share `rate`
/// is so by chance, however they depend on one another.
///
/// Source: R. Wang and A. Ramdas, "False discovery rate control with e-values", 2022.
#[must_use]
pub fn e_benjamini_hochberg(ln_e_values: &[f64], rate: Risk) -> Vec<bool> {
    let mut sorted = ln_e_values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let count = crate::histogram::to_f64(ln_e_values.len() as u64);
    let bar = |rank: usize| (count / crate::histogram::to_f64(rank as u64 + 1)).ln() + rate.ln_bar();
    let last = (0..sorted.len()).rev().find(|rank| sorted.get(*rank).is_some_and(|e| *e >= bar(*rank)));
    let least = last.and_then(|rank| sorted.get(rank)).copied().unwrap_or(f64::INFINITY);
    ln_e_values.iter().map(|e| last.is_some() && *e >= least).collect()
}

/// The logarithm of the mean of these e-values (given as logarithms): again an e-value for "all are well", however they
/// depend on one another. Minus infinity for none.
#[must_use]
pub fn mean_e_value(ln_e_values: &[f64]) -> f64 {
    ln_sum_exp(ln_e_values.iter().copied()) - crate::histogram::to_f64(ln_e_values.len().max(1) as u64).ln()
}

/// The verdict on several comparisons together: `Fail` when one of them is worse after Holm's correction, `Pass` when
/// all are within their margins.
///
/// At most `risk` is the probability of a wrong `Fail`, and at most `risk` that of a wrong `Pass`.
#[must_use]
pub fn judge_together(reports: &[ComparisonReport], risk: Risk) -> Verdict {
    if reports.is_empty() {
        return Verdict::NoData;
    }
    let worse: Vec<f64> = reports.iter().map(|report| report.p_worse).collect();
    if holm(&worse, risk).contains(&true) {
        return Verdict::Fail;
    }
    if reports.iter().all(|report| report.p_within <= risk.get()) {
        return Verdict::Pass;
    }
    Verdict::Undecided { needed: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_steps_down_and_stops() {
        let at = |p: &[f64]| holm(p, Risk::FIVE_PERCENT);
        assert_eq!(at(&[0.024, 0.011, 0.04]), [true, true, true]);
        assert_eq!(at(&[0.03, 0.011, 0.04]), [false, true, false]);
        assert_eq!(at(&[f64::NAN, 0.001]), [false, true]);
        assert_eq!(at(&[]), Vec::<bool>::new());
    }

    #[test]
    fn e_values_are_discovered_and_averaged() {
        let e = [100.0_f64, 50.0, 1.0, 0.1].map(f64::ln);
        assert_eq!(e_benjamini_hochberg(&e, Risk::FIVE_PERCENT), [true, true, false, false]);
        assert_eq!(e_benjamini_hochberg(&[39_f64.ln(), 0.0], Risk::FIVE_PERCENT), [false, false]);
        assert!((mean_e_value(&e).exp() - 37.775).abs() < 1e-9);
        assert_eq!(mean_e_value(&[]), f64::NEG_INFINITY);
    }
}
