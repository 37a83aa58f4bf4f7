//! What SciPy gives for the same arguments, computed for this project.

use super::gamma::{ln_gamma, stirling_error};
use super::normal::normal_tails;
use super::reference_values::*;
use super::*;
use crate::kayenta::{Level, shift};
use crate::power::fixed_sample_size;
use crate::sequential::{Counts, Risk, belief, share_interval};

fn agree(name: &str, actual: f64, expected: f64) {
    let error = (actual - expected).abs();
    assert!(error <= 1e-9 * expected.abs() + 1e-300, "{name}: {actual:e} but {expected:e}");
}

#[test]
fn the_gamma_function_agrees() {
    for [x, expected] in LN_GAMMA {
        agree(&format!("ln_gamma({x})"), ln_gamma(*x), *expected);
    }
    for [x, expected] in STIRLING_ERROR {
        agree(&format!("stirling_error({x})"), stirling_error(*x), *expected);
    }
}

#[test]
fn the_normal_distribution_agrees() {
    for [z, expected] in NORMAL_UPPER {
        agree(&format!("upper({z})"), normal_tails(*z).1, *expected);
        agree(&format!("lower({z})"), normal_tails(-*z).0, *expected);
    }
    for [p, expected] in NORMAL_QUANTILE {
        agree(&format!("quantile({p})"), normal_quantile(*p) + 1e-20, *expected + 1e-20);
    }
    assert!(normal_quantile(-0.1).is_nan() && normal_quantile(1.0) == f64::INFINITY);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers of a table")]
fn counts(requests: f64, hits: f64) -> Counts {
    Counts::new(requests as u64, hits as u64)
}

#[test]
fn beliefs_agree() {
    for [n, x, m, y, worse, loss] in BELIEFS {
        let found = belief(counts(*n, *x), counts(*m, *y));
        agree(&format!("worse({n}, {x}, {m}, {y})"), found.worse, *worse);
        agree(&format!("loss({n}, {x}, {m}, {y})"), found.expected_loss, *loss);
    }
}

#[test]
fn sizes_of_fixed_samples_agree() {
    for [baseline, canary, risk, power, size] in FIXED_SAMPLES {
        let found = fixed_sample_size(*baseline, *canary, Risk::new(*risk).unwrap(), *power).unwrap();
        agree(&format!("size({baseline}, {canary})"), found, *size);
    }
}

#[test]
fn intervals_and_rank_tests_agree() {
    for [n, x, risk, low, high] in INTERVALS {
        let found = share_interval(counts(*n, *x), Risk::new(*risk).unwrap());
        agree(&format!("low({n}, {x})"), found.low, *low);
        agree(&format!("high({n}, {x})"), found.high, *high);
    }
    for (first, second, p) in RANK_TESTS {
        let found = shift(first, second, Level::KAYENTA).unwrap();
        agree("rank test", 2.0 * normal_tails(found.statistic.abs()).1, *p);
    }
}

#[test]
fn shift_intervals_end_where_the_rank_statistic_crosses() {
    for [first, second, level, expected] in SHIFTS {
        let found = shift(first, second, Level::new(level[0]).unwrap()).unwrap();
        assert_eq!([found.low, found.estimate, found.high], **expected);
    }
}
