//! The comparison with a real Envoy: `pointsman-conformance envoy --seed N --configs N --requests N`.

use std::process::ExitCode;

/// Runs the comparison; the arguments are those after `envoy`.
#[must_use]
pub fn main(_arguments: Vec<String>) -> ExitCode {
    eprintln!("the comparison with a real Envoy is not in this build");
    ExitCode::from(2)
}
