//! The normal distribution.

const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;
const SQRT_TAU: f64 = 2.506_628_274_631_000_7;

/// The probabilities of a standard normal number at most `z` and above `z`, each exact where it is small.
pub(crate) fn normal_tails(z: f64) -> (f64, f64) {
    let upper = 0.5 * erfc(z.abs() / std::f64::consts::SQRT_2);
    if z > 0.0 { (1.0 - upper, upper) } else { (upper, 1.0 - upper) }
}

/// The complement of the error function, for x of 0 and more.
fn erfc(x: f64) -> f64 {
    if x < 2.0 { 1.0 - erf_series(x) } else { erfc_fraction(x) }
}

/// All terms are positive, so nothing cancels.
fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term > sum * 1e-17 {
        term *= 2.0 * x * x / (2.0 * k + 1.0);
        sum += term;
        k += 1.0;
    }
    TWO_OVER_SQRT_PI * (-x * x).exp() * sum
}

/// The continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + …))), from its end.
fn erfc_fraction(x: f64) -> f64 {
    let fraction = (1..=120).rev().fold(x, |below, k| x + 0.5 * f64::from(k) / below);
    0.5 * TWO_OVER_SQRT_PI * (-x * x).exp() / fraction
}

/// The z below which a standard normal number falls with this probability; infinite at 0 and 1, not a number outside.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let tail = probability.min(1.0 - probability);
    if tail <= 0.0 {
        return if probability <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if tail >= 0.5 {
        return 0.0;
    }
    // Hastings' approximation, then Halley's steps on the upper tail.
    let t = (-2.0 * tail.ln()).sqrt();
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..4 {
        let density = (-0.5 * z * z).exp() / SQRT_TAU;
        let step = (normal_tails(z).1 - tail) / density;
        z += step / (1.0 - 0.5 * z * step);
    }
    if probability < 0.5 { -z } else { z }
}
