//! The few functions of probability that the tests need, to about 1e-12 relative.

mod contour;
mod excess;
mod gamma;
mod normal;
#[cfg(test)]
mod reference;
#[cfg(test)]
#[rustfmt::skip]
mod reference_values;

pub(crate) use excess::BetaPair;
pub(crate) use gamma::stirling_error;
pub(crate) use normal::normal_quantile;

/// `ln(sum(exp(x)))` without overflow; minus infinity for nothing.
pub(crate) fn ln_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return most;
    }
    most + terms.map(|term| (term - most).exp()).sum::<f64>().ln()
}
