//! The alternatives that the mixtures look for.

use serde::{Deserialize, Serialize};

use crate::special::ln_sum_exp;

// Sums over other sizes are another layout: a change of these numbers gives `Schema` its next one.
pub(crate) const POINTS: usize = 24;
const SMALLEST: f64 = 0.01;
const LARGEST: f64 = 4.0;
const SPREAD: f64 = 0.7;

/// Sizes of a change in the logarithm of a rate, from one in a hundred to fiftyfold, each with how much it is expected:
/// half a normal distribution of standard deviation 0.7, so that doublings count most.
///
/// Any weights that sum to 1 make a valid mixture: nothing rests on these being a fine quadrature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    pub(crate) size: [f64; POINTS],
    /// e^size - 1.
    pub(crate) up: [f64; POINTS],
    /// e^-size - 1.
    pub(crate) down: [f64; POINTS],
    ln_weight: [f64; POINTS],
}

impl Grid {
    pub(crate) fn new() -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a small position")]
        let size: [f64; POINTS] =
            std::array::from_fn(|at| SMALLEST * (LARGEST / SMALLEST).powf(at as f64 / (POINTS - 1) as f64));
        // Neighbours are a constant ratio apart, so each stands for a stretch as long as itself.
        let raw = size.map(|size| size.ln() - 0.5 * (size / SPREAD).powi(2));
        let total = ln_sum_exp(raw.iter().copied());
        Self {
            size,
            up: size.map(f64::exp_m1),
            down: size.map(|size| (-size).exp_m1()),
            ln_weight: raw.map(|w| w - total),
        }
    }

    /// The logarithm of the mixture of these likelihood ratios, given by their logarithms.
    pub(crate) fn mix(&self, ln_ratios: &[f64; POINTS]) -> f64 {
        ln_sum_exp(self.ln_weight.iter().zip(ln_ratios).map(|(weight, ratio)| weight + ratio))
    }
}

/// Evidence for a change in one direction: the likelihood ratio of each size against "no such change", as logarithms.
///
/// Shape: sums. `best` is the largest mixture so far: its exponential is an e-value at any time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct Mixture {
    pub(crate) ln_ratios: [f64; POINTS],
    pub(crate) now: f64,
    pub(crate) best: f64,
}

/// A mixture as it was saved, of however many sizes.
#[derive(Deserialize)]
struct Saved {
    ln_ratios: Vec<f64>,
    now: f64,
    best: f64,
}

impl TryFrom<Saved> for Mixture {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let ln_ratios = saved.ln_ratios.try_into().map_err(|found: Vec<f64>| {
            format!("evidence of {} sizes of a change was saved: this release has {POINTS}", found.len())
        })?;
        Ok(Self { ln_ratios, now: saved.now, best: saved.best })
    }
}

impl Mixture {
    pub(crate) fn add(&self, grid: &Grid, added: impl Fn(usize, f64) -> f64) -> Self {
        let mut ln_ratios = self.ln_ratios;
        for (at, ratio) in ln_ratios.iter_mut().enumerate() {
            *ratio += added(at, grid.size.get(at).copied().unwrap_or(0.0));
        }
        let now = grid.mix(&ln_ratios);
        Self { ln_ratios, now, best: self.best.max(now) }
    }

    /// How many times as much of the same must be seen until the bar is reached; `None` when it leads elsewhere.
    ///
    /// The mixture grows by its leading ratio and loses half a logarithm on the way.
    pub(crate) fn growth_to(&self, ln_bar: f64) -> Option<f64> {
        let leading = self.ln_ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if leading <= 0.0 || !leading.is_finite() {
            return None;
        }
        let lost = leading - self.now;
        let mut times = 1.0_f64;
        for _ in 0..8 {
            times = ((ln_bar + lost + 0.5 * times.ln()) / leading).max(1.0);
        }
        Some(times)
    }
}

/// So many more requests, when `times` as many as now are needed.
pub(crate) fn more_requests(requests: u64, times: f64) -> Option<u64> {
    let more = crate::histogram::to_f64(requests) * (times - 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    (more.is_finite() && more < 1e15).then(|| (more.ceil() as u64).max(1))
}
