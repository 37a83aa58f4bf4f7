//! The beta function and distribution.

use super::gamma::{correction, ln_gamma, stirling_error};

/// ln B(a, b) for a, b > 0.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small < 15.0 && large >= 15.0 {
        // ln Γ(large) - ln Γ(large + small) without their common part.
        let n = large + small;
        let errors = correction(large) - correction(n);
        return ln_gamma(small) + small - (n - 0.5) * (small / large).ln_1p() - small * large.ln() + errors;
    }
    if large < 15.0 {
        return ln_gamma(small) + (ln_gamma(large) - ln_gamma(small + large));
    }
    // Stirling parts are put together before they are rounded.
    let n = small + large;
    let errors = stirling_error(small) + stirling_error(large) - stirling_error(n);
    errors
        + 0.5 * (std::f64::consts::TAU * n / (small * large)).ln()
        + small * (small / n).ln()
        + large * (large / n).ln()
}

/// ln of the beta density at x in 0..1, for a, b > 0.
pub(crate) fn ln_beta_density(x: f64, a: f64, b: f64) -> f64 {
    ln_kernel(x, 1.0 - x, a, b) - x.ln() - (-x).ln_1p()
}

/// ln of x^a y^b / B(a, b) with y = 1 - x, without cancellation of large numbers.
fn ln_kernel(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let n = a + b;
    let errors = stirling_error(n) - stirling_error(a) - stirling_error(b);
    let root = 0.5 * (a * b / (std::f64::consts::TAU * n)).ln();
    errors - deviance(a, n * x) - deviance(b, n * y) + root
}

/// x ln(x/m) + m - x, exact also where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    let v = difference / (x + m);
    let (mut sum, mut power, mut k) = (difference * v, 2.0 * x * v, 1.0);
    loop {
        power *= v * v;
        k += 2.0;
        let next = sum + power / k;
        if next.to_bits() == sum.to_bits() || k > 60.0 {
            return next;
        }
        sum = next;
    }
}

/// The probabilities of a beta number at most x and above x, each exact where it is small.
///
/// Steps grow with √(a + b); above 1e8 the answer may be cut short.
pub(crate) fn beta_tails(x: f64, a: f64, b: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x >= 1.0 {
        return (1.0, 0.0);
    }
    let prefactor = ln_kernel(x, 1.0 - x, a, b).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (prefactor * fraction(x, a, b) / a).clamp(0.0, 1.0);
        (lower, 1.0 - lower)
    } else {
        let upper = (prefactor * fraction(1.0 - x, b, a) / b).clamp(0.0, 1.0);
        (1.0 - upper, upper)
    }
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const STEPS: u32 = 20_000;
    let keep = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / keep(1.0 - (a + b) * x / (a + 1.0)));
    let mut result = d;
    for step in 1..STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        result *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        let change = d * c;
        result *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    result
}
