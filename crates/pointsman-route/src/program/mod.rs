//! The configuration with its conditions prepared, so that a request is compared with bytes alone.

mod cluster;
mod domains;
mod forward;
mod header;
mod listener;
mod metadata;
mod path;
mod query;
mod route;
mod route_config;
mod text;
mod view;

pub(crate) use cluster::ClusterProgram;
pub use domains::DomainKind;
pub(crate) use forward::{ForwardProgram, HashProgram, HostRewriteProgram, PathRewriteProgram};
pub(crate) use header::{Name as HeaderName, header_holds};
pub(crate) use listener::ListenerProgram;
pub(crate) use path::PathProgram;
pub(crate) use query::parameter;
pub use route::Condition;
pub(crate) use route::{ActionProgram, RouteProgram};
pub(crate) use route_config::{RouteConfigProgram, VirtualHostProgram};
pub(crate) use view::View;

use pointsman_types::{Code, Diagnostic};

/// Findings of one build.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Diagnostic>);

impl Findings {
    pub(crate) fn error(&mut self, code: &'static str, message: impl Into<String>) {
        self.0.push(Diagnostic::error(Code::from_static(code), message));
    }

    /// The value, or a finding and nothing.
    pub(crate) fn keep<T>(&mut self, result: Result<T, crate::pattern::InvalidPattern>) -> Option<T> {
        result.map_err(|error| self.error(BAD_PATTERN, error.to_string())).ok()
    }
}

/// A regular expression that cannot be compiled.
pub(crate) const BAD_PATTERN: &str = "PM0501";
/// A domain that an earlier virtual host has.
pub(crate) const SAME_DOMAIN: &str = "PM0502";
/// Weights whose sum is 0.
pub(crate) const NO_WEIGHT: &str = "PM0503";
/// A name that stands twice.
pub(crate) const SAME_NAME: &str = "PM0504";
/// A route without action or path condition.
pub(crate) const INCOMPLETE_ROUTE: &str = "PM0505";
