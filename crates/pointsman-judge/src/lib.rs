//! Measurements to verdicts: is the new version good enough?
//!
//! ```text
//!  Query ──► your Prometheus ──► Measurement, Evidence ──► judge.update(&state, …) ──► (state, Verdict)
//! ```
//!
//! A [`Judge`] takes what was counted in a tick and says [`Verdict`]: pass, fail, undecided and how many more requests
//! are needed, no data, error. The library never fetches: it says what to ask ([`Query`]) and is told the answer
//! ([`Measurement`]). It has no clock, and rolls nothing back: what follows from a verdict is `pointsman-rollout`'s.
//!
//! | to | use |
//! |---|---|
//! | hold a number within bounds | [`Threshold`], [`flagger`] |
//! | compare canary and baseline, looking as often as one likes | [`sequential::Comparison`], [`sequential::Difference`], [`sequential::Latency`] |
//! | hold an objective, looking as often as one likes | [`sequential::Objective`], [`sequential::Sprt`] |
//! | know beforehand what a step can see | [`power`] |
//! | run AnalysisTemplates | [`analysis`], with their condition language in [`expr`] |
//! | score many metrics as Kayenta does | [`kayenta`] |
//! | ask a mesh's metrics and read what Prometheus says | [`mesh_queries`], [`prometheus`] |
//!
//! State is sums: small, serialisable, and an update costs the same after a million requests as after ten.
//!
//! ```
//! use pointsman_judge::{Evidence, Judge, Tally, Threshold, Verdict};
//!
//! let judge = Threshold::max_error_share(0.01)?.with_ticks(2);
//! let mut state = Default::default();
//! let mut verdict = Verdict::NoData;
//! for (requests, errors) in [(500, 1), (480, 2)] {
//!     (state, verdict) = judge.update(&state, &Evidence::new(Tally::new(requests, errors)));
//! }
//! assert_eq!(verdict, Verdict::Pass);
//! # Ok::<(), pointsman_judge::InvalidThreshold>(())
//! ```
//!
//! Counts, not rates: a tick with ten requests weighs less than one with ten thousand only if it is counted. Where the
//! answers of Argo Rollouts differ from ours, [`compat`] has theirs.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod compat;
mod evidence;
pub mod expr;
pub mod flagger;
mod histogram;
mod judge;
pub mod kayenta;
mod measurement;
pub mod mesh_queries;
pub mod power;
pub mod prometheus;
mod query;
mod schema;
pub mod sequential;
mod special;
mod threshold;
mod value;
mod verdict;

pub use evidence::{Evidence, Tally};
pub use histogram::{Histogram, InvalidHistogram};
pub use judge::Judge;
pub use measurement::{Answer, Measurement};
pub use query::{Provider, Query, Range};
pub use threshold::{InvalidThreshold, Measure, NoValue, Threshold, ThresholdState};
pub use value::Value;
pub use verdict::Verdict;
