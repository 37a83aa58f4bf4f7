//! What it costs to be wrong, in the Bayesian way.

use serde::{Deserialize, Serialize};

use super::objective::InvalidShare;
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::special::{beta_tails, ln_beta_density};
use crate::{Evidence, Judge, Verdict};

/// Is the loss that is to be expected from the canary small enough, or is it most likely worse?
///
/// Each side's share of errors is believed to be Beta(1 + errors, 1 + others). `Pass` once the expected excess of the
/// canary's share over the baseline's is below `max_loss`; `Fail` once the canary is worse with probability
/// `1 - risk` or more.
///
/// Easy to explain and quick to pass; but **not** protected against looking often: wrong verdicts become more frequent
/// than the numbers say the more often one looks. [`Comparison`](super::Comparison) is.
///
/// Cost of an update: a numerical integral, about 0.2 ms.
///
/// ```
/// use pointsman_judge::sequential::{ExpectedLoss, Risk};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = ExpectedLoss::new(0.001, Risk::ONE_PERCENT)?;
/// let tick = Evidence::new(Tally::new(5_000, 20)).with_baseline(Tally::new(5_000, 40));
/// assert_eq!(judge.update(&Default::default(), &tick).1, Verdict::Pass);
/// # Ok::<(), pointsman_judge::sequential::InvalidShare>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpectedLoss {
    hits: Hits,
    max_loss: f64,
    risk: Risk,
}

/// What an [`ExpectedLoss`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExpectedLossState {
    /// All of the canary.
    pub canary: Counts,
    /// All of the baseline.
    pub baseline: Counts,
}

/// What is believed of the canary against the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Belief {
    /// How likely the canary's share is the higher one.
    pub worse: f64,
    /// By how much it is higher, on average, counting as 0 where it is lower.
    pub expected_loss: f64,
}

/// What is believed after these counts. More than a million requests a side count as a million of the same share,
/// which errs to the careful side and bounds the cost.
///
/// ```
/// use pointsman_judge::sequential::{Counts, belief};
/// let even = belief(Counts::new(100, 5), Counts::new(100, 5));
/// assert!((even.worse - 0.5).abs() < 1e-9);
/// ```
#[must_use]
pub fn belief(canary: Counts, baseline: Counts) -> Belief {
    let (a, b) = shape(canary);
    let (c, d) = shape(baseline);
    // Where one of the two beliefs bends, the other may be flat: each stretch has panels of its own.
    let (from, to) = window(c, d);
    let (bend, end) = window(a, b);
    let ends = [from, bend.clamp(from, to), end.clamp(from, to), to];
    let mut found = Belief { worse: 0.0, expected_loss: 0.0 };
    for stretch in ends.windows(2) {
        if let [start, end] = stretch
            && start < end
        {
            found = found.over(*start, *end, (a, b), (c, d));
        }
    }
    Belief { worse: found.worse.min(1.0), ..found }
}

/// Where nearly all of a beta distribution lies. It is skewed where there are few hits: there its tails are longer.
fn window(a: f64, b: f64) -> (f64, f64) {
    let mean = a / (a + b);
    let reach = 12.0 * (mean * (1.0 - mean) / (a + b + 1.0)).sqrt() + 40.0 / (a + b);
    ((mean - reach).max(0.0), (mean + reach).min(1.0))
}

impl Belief {
    /// With what the baseline's shares from `start` to `end` add.
    fn over(mut self, start: f64, end: f64, (a, b): (f64, f64), (c, d): (f64, f64)) -> Self {
        const PANELS: u32 = 40;
        let width = (end - start) / f64::from(PANELS);
        for panel in 0..PANELS {
            for (node, weight) in NODES.iter().flat_map(|(node, weight)| [(*node, *weight), (-node, *weight)])
            {
                let share = start + width * (f64::from(panel) + 0.5 + 0.5 * node);
                let mass = ln_beta_density(share, c, d).exp() * weight * 0.5 * width;
                if mass > 0.0 {
                    let above = beta_tails(share, a, b).1;
                    let excess = a / (a + b) * beta_tails(share, a + 1.0, b).1 - share * above;
                    self.worse += mass * above;
                    self.expected_loss += mass * excess.max(0.0);
                }
            }
        }
        self
    }
}

/// Nodes above 0 and weights of Gauss and Legendre, of eight points.
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

fn shape(counts: Counts) -> (f64, f64) {
    const MOST: f64 = 1e6;
    let shrink = (MOST / to_f64(counts.requests)).min(1.0);
    let hits = to_f64(counts.hits.min(counts.requests));
    (1.0 + hits * shrink, 1.0 + (to_f64(counts.requests) - hits) * shrink)
}

impl ExpectedLoss {
    /// Passing below this expected loss (a share of requests), failing at this risk.
    ///
    /// # Errors
    /// A loss that is not above 0 and below 1.
    pub fn new(max_loss: f64, risk: Risk) -> Result<Self, InvalidShare> {
        Ok(Self { hits: Hits::Errors, max_loss: InvalidShare::check(max_loss)?, risk })
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }
}

impl Judge for ExpectedLoss {
    type State = ExpectedLossState;

    fn update(&self, state: &ExpectedLossState, evidence: &Evidence) -> (ExpectedLossState, Verdict) {
        let (Some(canary), Some(baseline)) =
            (self.hits.count(&evidence.canary), self.hits.count(&evidence.baseline))
        else {
            return (*state, Verdict::Error);
        };
        let next =
            ExpectedLossState { canary: state.canary.plus(canary), baseline: state.baseline.plus(baseline) };
        if next.canary.requests == 0 || next.baseline.requests == 0 {
            return (next, Verdict::NoData);
        }
        let belief = belief(next.canary, next.baseline);
        let verdict = if belief.worse >= 1.0 - self.risk.get() {
            Verdict::Fail
        } else if belief.expected_loss < self.max_loss {
            Verdict::Pass
        } else {
            Verdict::Undecided { needed: None }
        };
        (next, verdict)
    }
}
