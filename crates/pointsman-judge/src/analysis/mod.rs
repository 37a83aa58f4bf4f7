//! Analysis runs: metrics that are asked for again and again until they settle.
//!
//! ```text
//!  AnalysisTemplate ──resolve(args)──► Analysis ──advance(&run, now)──► asks, stops, wake
//!                                                ◄──measured(&run, metric, Measurement)── you
//! ```
//!
//! The library asks ([`Ask`]) and is told ([`Analysis::measured`]); it fetches nothing and has no clock. A [`Run`] is
//! plain data: kept between calls, it goes on where it was.
//!
//! ```
//! use pointsman_judge::analysis::{AnalysisTemplate, Arg, MetricTemplate, Phase, QueryTemplate};
//! use pointsman_judge::{Measurement, Provider};
//! use pointsman_types::Time;
//!
//! let template = AnalysisTemplate::new([MetricTemplate::new("success-rate")
//!     .with_query(QueryTemplate::new(Provider::Prometheus, "success_rate{service=\"{{args.service}}\"}"))
//!     .with_success_condition("result >= 0.95")])
//! .with_arg(Arg::new("service"));
//! let analysis = template.resolve(&[Arg::new("service").with_value("reviews")])?;
//!
//! let start = Time::EPOCH;
//! let pass = analysis.advance(&analysis.start(start), start);
//! assert_eq!(pass.asks[0].query.text, "success_rate{service=\"reviews\"}");
//! let run = analysis.measured(&pass.run, "success-rate", &Measurement::of(0.99, start))?;
//! assert_eq!(analysis.advance(&run, start).run.phase, Phase::Successful);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Different from Argo Rollouts, on purpose: what is stopped before its end is `Cancelled` and not `Successful`
//! ([`crate::compat`] has the other answer), and a condition that cannot be read is an error before the run starts.
//!
//! Source: the analysis controller of argo-rollouts at 9f8d111.

mod args;
mod assess;
mod metric;
mod phase;
mod problem;
mod result;
mod run;
mod template;

pub use args::{Arg, merge_args};
pub use assess::{Assessment, LimitReached, assess_metric, assess_run, limit_reached};
pub use metric::{ConditionFailed, Conditions, Limits, Metric};
pub use phase::Phase;
pub use problem::{CountLimit, Problem, Problems};
pub use result::{Measured, MetricResult};
pub use run::{Analysis, Ask, NotAsked, Pass, Run};
pub use template::{
    AnalysisTemplate, IntOrText, MetricTemplate, QueryTemplate, Retention, matching, problems,
};
