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
