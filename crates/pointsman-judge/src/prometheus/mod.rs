//! What Prometheus says, read: answers of its API in JSON, expositions in text, and the counters of a mesh in both.
//!
//! ```
//! use pointsman_judge::prometheus::{Totals, read_exposition};
//! let before = "istio_requests_total{destination_version=\"v2\",response_code=\"200\"} 100\n";
//! let after = "istio_requests_total{destination_version=\"v2\",response_code=\"200\"} 195\n\
//!              istio_requests_total{destination_version=\"v2\",response_code=\"503\"} 5\n";
//! let totals = |text| -> Result<Totals, pointsman_judge::prometheus::InvalidExposition> {
//!     Ok(Totals::of_istio(&read_exposition(text)?, &[("destination_version", "v2")]))
//! };
//! let tally = totals(after)?.since(&totals(before)?);
//! assert_eq!((tally.requests, tally.errors), (100, 5));
//! # Ok::<(), pointsman_judge::prometheus::InvalidExposition>(())
//! ```

mod answer;
mod exposition;
mod sample;
mod totals;

pub use answer::{InvalidAnswer, PrometheusAnswer, PrometheusResult, Series, read_answer};
pub use exposition::{InvalidExposition, read_exposition};
pub use sample::Sample;
pub use totals::Totals;
