//! The configuration with its conditions prepared, so that a request is compared with bytes alone.

mod action;
mod cluster;
mod cluster_names;
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

pub(crate) use action::ActionProgram;
pub(crate) use cluster::ClusterProgram;
pub use domains::DomainKind;
pub(crate) use forward::{ForwardProgram, HashProgram};
pub(crate) use header::{Name as HeaderName, header_holds};
pub(crate) use listener::{ChainFailure, ChainStep, ListenerProgram};
pub(crate) use path::PathProgram;
pub(crate) use query::parameter;
pub use route::Condition;
pub(crate) use route::RouteProgram;
pub(crate) use route_config::{RouteConfigProgram, VirtualHostProgram};
pub(crate) use text::{TextKey, text_holds};
pub(crate) use view::View;

use std::collections::HashSet;
use std::sync::Arc;

use pointsman_types::{Code, Diagnostic};

use crate::ir::RegexRewrite;
use crate::pattern::{InvalidPattern, Pattern, Replacement, Tails};

/// One build under way: what was found, and what conditions share.
#[derive(Debug, Default)]
pub(crate) struct Build {
    pub(crate) findings: Vec<Diagnostic>,
    tails: Tails,
    names: HashSet<Arc<str>>,
}

impl Build {
    pub(crate) fn error(&mut self, code: &'static str, message: impl Into<String>) {
        self.findings.push(Diagnostic::error(Code::from_static(code), message));
    }

    /// The value, or a finding and nothing.
    fn keep<T>(&mut self, result: Result<T, InvalidPattern>) -> Option<T> {
        result.map_err(|error| self.error(BAD_PATTERN, error.to_string())).ok()
    }

    /// The compiled expression, or a finding and nothing.
    fn pattern(&mut self, regex: &str) -> Option<Pattern> {
        let pattern = Pattern::new(regex, &mut self.tails);
        self.keep(pattern)
    }

    /// The compiled replacement, or a finding and nothing.
    fn replacement(&mut self, rewrite: &RegexRewrite) -> Option<Replacement> {
        let replacement = Replacement::new(rewrite, &mut self.tails);
        self.keep(replacement)
    }

    /// A name that many conditions have, kept once.
    fn name(&mut self, name: &str) -> Arc<str> {
        match self.names.get(name) {
            Some(known) => Arc::clone(known),
            None => {
                let name: Arc<str> = name.into();
                self.names.insert(Arc::clone(&name));
                name
            }
        }
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
