//! Canary against baseline, by counts.

use serde::{Deserialize, Serialize};

use super::grid::{Grid, Mixture, more_requests};
use super::{Counts, Hits, Risk};
use crate::histogram::to_f64;
use crate::schema::Schema;
use crate::{Evidence, Judge, Verdict};

/// Is the canary's rate of errors worse than the baseline's, or shown to be no worse than a margin allows?
///
/// Valid however often one looks, whenever one stops, and with a traffic share that changes from tick to tick: in each
/// tick the errors of both sides together are taken as given, and what is judged is which side they fell on.
///
/// Shape: `Fail` once it is shown that the canary's rate is above `1 + tolerance` times the baseline's (default 0: above
/// it at all), wrongly in at most `risk` of the cases. `Pass` once it is shown to be below `1 + margin` times (default 1:
/// less than doubled), wrongly in at most `risk` of the cases. A `Fail` overrules an earlier `Pass`. `Undecided` says how
/// many more requests. It needs errors: with none on either side it never decides (see [`Difference`](super::Difference)
/// and [`Objective`](super::Objective)).
///
/// What must hold: within a tick each request of a side fails independently with one probability. Over the ticks these
/// may change as they like, as long as they change on both sides alike. Errors that come in bursts within a tick make
/// the test too sure.
///
/// ```
/// use pointsman_judge::sequential::{Comparison, Risk};
/// use pointsman_judge::{Evidence, Judge, Tally, Verdict};
/// let judge = Comparison::new(Risk::FIVE_PERCENT);
/// let tick = Evidence::new(Tally::new(50, 4)).with_baseline(Tally::new(950, 19));
/// let (mut state, mut verdict) = judge.update(&Default::default(), &tick);
/// assert!(matches!(verdict, Verdict::Undecided { needed: Some(_) }));
/// for _ in 0..9 {
///     (state, verdict) = judge.update(&state, &tick);
/// }
/// assert_eq!(verdict, Verdict::Fail);
/// assert!(judge.report(&state).p_worse < 0.05);
/// ```
///
/// Source: the likelihood ratio of two rates mixed over the size of the change, as in "Rapid regression detection in
/// software deployments through sequential testing" (Lindon, Sanden, Shirikian, 2022); here with weights that sum to 1
/// over 24 sizes.
///
/// Why it is valid: for a rate ratio of exactly the bound, the expectation of each tick's factor is at most 1, whatever
/// the error rates are (by `1 + x <= e^x`); beyond the bound it is less. So the product is an e-process. Cost of an
/// update: about 100 logarithms and exponentials, whatever came before.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    hits: Hits,
    risk: Risk,
    tolerance: f64,
    margin: f64,
    grid: Grid,
}

/// What a [`Comparison`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComparisonState {
    #[serde(default)]
    pub(super) schema: Schema,
    /// All of the canary.
    pub canary: Counts,
    /// All of the baseline.
    pub baseline: Counts,
    /// Evidence that the canary is worse.
    pub worse: Mixture,
    /// Evidence that it is within the margin.
    pub within: Mixture,
}

/// The numbers behind the verdict of a [`Comparison`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ComparisonReport {
    /// All of the canary.
    pub canary: Counts,
    /// All of the baseline.
    pub baseline: Counts,
    /// The natural logarithm of the e-value for "worse", now: 3 is a bet won twentyfold.
    pub ln_e_worse: f64,
    /// The always-valid p-value of "worse", 0 to 1.
    pub p_worse: f64,
    /// The natural logarithm of the e-value for "within the margin", now.
    pub ln_e_within: f64,
    /// The always-valid p-value of "within the margin", 0 to 1.
    pub p_within: f64,
    /// The canary's rate over the baseline's, over all ticks; misleading when rates and shares changed together.
    pub ratio: Option<f64>,
}

impl Comparison {
    /// Of errors, at this risk for each wrong verdict.
    #[must_use]
    pub fn new(risk: Risk) -> Self {
        Self { hits: Hits::Errors, risk, tolerance: 0.0, margin: 1.0, grid: Grid::new() }
    }

    /// Of other hits than errors, such as slow requests.
    #[must_use]
    pub const fn of(mut self, hits: Hits) -> Self {
        self.hits = hits;
        self
    }

    /// `Fail` only above `1 + tolerance` times the baseline's rate. Values below 0 and those that are no number count as 0.
    #[must_use]
    pub const fn with_tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance.max(0.0);
        self
    }

    /// `Pass` below `1 + margin` times the baseline's rate. Values below 0 and those that are no number count as 0.
    #[must_use]
    pub const fn with_margin(mut self, margin: f64) -> Self {
        self.margin = margin.max(0.0);
        self
    }

    /// The numbers behind the verdict.
    #[must_use]
    pub fn report(&self, state: &ComparisonState) -> ComparisonReport {
        let ratio = match (state.canary.share(), state.baseline.share()) {
            (Some(canary), Some(baseline)) if baseline > 0.0 => Some(canary / baseline),
            _ => None,
        };
        ComparisonReport {
            canary: state.canary,
            baseline: state.baseline,
            ln_e_worse: state.worse.now,
            p_worse: (-state.worse.best).exp().min(1.0),
            ln_e_within: state.within.now,
            p_within: (-state.within.best).exp().min(1.0),
            ratio,
        }
    }

    /// The verdict on what was seen so far.
    #[must_use]
    pub fn verdict(&self, state: &ComparisonState) -> Verdict {
        let bar = self.risk.ln_bar();
        if state.worse.best >= bar {
            return Verdict::Fail;
        }
        if state.within.best >= bar {
            return Verdict::Pass;
        }
        let requests = state.canary.requests.saturating_add(state.baseline.requests);
        if requests == 0 {
            return Verdict::NoData;
        }
        let times = match (state.worse.growth_to(bar), state.within.growth_to(bar)) {
            (Some(worse), Some(within)) => Some(worse.min(within)),
            (worse, within) => worse.or(within),
        };
        Verdict::Undecided { needed: times.and_then(|times| more_requests(requests, times)) }
    }

    /// The logarithm of the e-value for "worse" at one share throughout, for so many hits on each side.
    pub(crate) fn ln_e_worse_at(&self, share: f64, canary: f64, baseline: f64) -> f64 {
        let (hits, expected) = (canary + baseline, expected(share, 1.0 + self.tolerance));
        let found = Mixture::default()
            .add(&self.grid, |at, size| size * canary - hits * (expected * pick(&self.grid.up, at)).ln_1p());
        found.now
    }

    /// Takes one tick of counts in.
    #[must_use]
    pub fn add(&self, state: &ComparisonState, canary: Counts, baseline: Counts) -> ComparisonState {
        let mut next = *state;
        next.canary = state.canary.plus(canary);
        next.baseline = state.baseline.plus(baseline);
        if canary.requests == 0 || baseline.requests == 0 || canary.hits.saturating_add(baseline.hits) == 0 {
            return next;
        }
        let tick = Tick::new(canary, baseline);
        next.worse = tick.worse(&state.worse, &self.grid, 1.0 + self.tolerance);
        next.within = tick.within(&state.within, &self.grid, 1.0 + self.margin);
        next
    }
}

impl Judge for Comparison {
    type State = ComparisonState;

    fn update(&self, state: &ComparisonState, evidence: &Evidence) -> (ComparisonState, Verdict) {
        let (Some(canary), Some(baseline)) =
            (self.hits.count(&evidence.canary), self.hits.count(&evidence.baseline))
        else {
            return (*state, Verdict::Error);
        };
        let next = self.add(state, canary, baseline);
        (next, self.verdict(&next))
    }
}

/// The counts of one tick, as the likelihood needs them.
struct Tick {
    /// Requests and hits of the canary.
    requests: f64,
    canary: f64,
    /// Hits and other requests of both sides.
    hits: f64,
    others: f64,
    /// The canary's share of the requests.
    share: f64,
}

impl Tick {
    fn new(canary: Counts, baseline: Counts) -> Self {
        let all = to_f64(canary.requests) + to_f64(baseline.requests);
        let hits = to_f64(canary.hits) + to_f64(baseline.hits);
        Self {
            requests: to_f64(canary.requests),
            canary: to_f64(canary.hits),
            hits,
            others: all - hits,
            share: to_f64(canary.requests) / all,
        }
    }

    fn worse(&self, so_far: &Mixture, grid: &Grid, ratio: f64) -> Mixture {
        let expected = expected(self.share, ratio);
        so_far.add(grid, |at, size| {
            let (up, down) = (pick(&grid.up, at), pick(&grid.down, at));
            let plain = self.hits * (expected * up).ln_1p();
            size * self.canary - self.lesser(plain, ratio, size, down)
        })
    }

    fn within(&self, so_far: &Mixture, grid: &Grid, ratio: f64) -> Mixture {
        let expected = expected(self.share, ratio);
        so_far.add(grid, |at, size| {
            let (up, down) = (pick(&grid.up, at), pick(&grid.down, at));
            let plain = self.hits * (expected * down).ln_1p();
            -size * self.canary - self.lesser(plain, ratio, -size, up)
        })
    }

    /// At equal rates the same can be said from the side of the requests that were well. Both bound what equal rates
    /// allow, given the hits of the tick; the lesser one keeps more evidence where most requests are hits, and with it
    /// one more hit of the canary never makes it look better.
    fn lesser(&self, plain: f64, ratio: f64, size: f64, against: f64) -> f64 {
        if ratio > 1.0 {
            return plain;
        }
        plain.min(self.requests * size + self.others * (self.share * against).ln_1p())
    }
}

/// The canary's share of the hits, at this share of the requests and so many times the baseline's rate.
fn expected(share: f64, ratio: f64) -> f64 {
    let weighted = share * ratio;
    weighted / (1.0 - share + weighted)
}

fn pick(values: &[f64], at: usize) -> f64 {
    values.get(at).copied().unwrap_or(0.0)
}
