//! The logarithm of the gamma function.

const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;
const EULER: f64 = 0.577_215_664_901_532_9;
/// ζ(k) / k for k = 2, 3, …
const ZETA_OVER_K: [f64; 24] = [
    0.8224670334241132,
    0.40068563438653143,
    0.27058080842778454,
    0.207385551028674,
    0.16955717699740822,
    0.14404989676884614,
    0.12550966952474304,
    0.11133426586956469,
    0.10009945751278179,
    0.09095401714582904,
    0.083353840546109,
    0.0769325164113522,
    0.07143294629536134,
    0.06666870588242046,
    0.06250095514121304,
    0.05882397865868458,
    0.055555767627403614,
    0.05263167937961666,
    0.05000004769810169,
    0.04761907033014223,
    0.04545455629320467,
    0.04347826605304026,
    0.04166666915034121,
    0.04000000119214014,
];

/// ln Γ(x) for x > 0; not a number otherwise.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    // Near its zeros at 1 and 2 a difference of larger numbers would lose its digits.
    if (x - 1.0).abs() < 0.2 {
        return near_one(x - 1.0);
    }
    if (x - 2.0).abs() < 0.2 {
        return near_one(x - 2.0) + (x - 2.0).ln_1p();
    }
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 15.0 {
        product *= shifted;
        shifted += 1.0;
    }
    (shifted - 0.5) * shifted.ln() - shifted + HALF_LN_TAU + correction(shifted) - f64::ln(product)
}

/// ln Γ(1 + e) by its Taylor series.
fn near_one(e: f64) -> f64 {
    let series = ZETA_OVER_K.iter().rev().fold(0.0, |sum, factor| factor - e * sum);
    e * (e * series - EULER)
}

/// What Stirling's formula leaves out, for x of 15 and more.
pub(super) fn correction(x: f64) -> f64 {
    let square = 1.0 / (x * x);
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1_260.0, -1.0 / 1_680.0, 1.0 / 1_188.0, -691.0 / 360_360.0];
    series.iter().rev().fold(0.0, |sum, factor| factor + square * sum) / x
}

/// ln Γ(x + 1) without its Stirling part `(x + 1/2) ln x - x + ln √(2π)`, for x > 0.
pub(crate) fn stirling_error(x: f64) -> f64 {
    if x >= 15.0 {
        return correction(x);
    }
    ln_gamma(x + 1.0) - ((x + 0.5) * x.ln() - x + HALF_LN_TAU)
}
