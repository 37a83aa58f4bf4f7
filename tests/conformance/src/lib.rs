//! Runs what the real systems' own tests expect, kept as data in a folder beside the repository, against the public API.
//!
//! A *corpus* is a folder of cases from one upstream project; a *suite* is a named list of cases of it; a module of
//! [`suites`] translates each case into calls of the public API and the answer into the case's words, and nothing more.
//! Known differences stand with their reasons in `expected_failures/`, one file a suite; these lists only shrink.
//!
//! ```text
//! Corpora ──► suites::all() ──► SuiteResult { CaseResult… } ──► report   (a line a suite, JSON, failures)
//!                                                         └──► check    (against expected_failures/)
//! ```

#![forbid(unsafe_code)]
#![allow(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

mod case;
mod check;
mod corpora;
pub mod envoy;
mod marker;
mod options;
mod report;
pub mod suites;

pub use case::{CaseResult, Outcome, SuiteResult};
pub use check::{Surprise, check, expected_failures_dir};
pub use corpora::{Corpora, default_corpora_dir};
pub use marker::expand_markers;
pub use options::{InvalidOptions, Options, USAGE};
pub use report::{actual_lines, failure_lines, json_object, suite_lines};

/// Runs every suite that the corpora hold and their filter wants, sorted by name.
#[must_use]
pub fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    let mut results: Vec<SuiteResult> = suites::all()
        .into_iter()
        .filter(|suite| corpora.may_want(suite.prefix))
        .flat_map(|suite| (suite.run)(corpora))
        .filter(|result| corpora.wants(&result.name))
        .collect();
    results.sort_by(|a, b| a.name.cmp(&b.name));
    results
}
