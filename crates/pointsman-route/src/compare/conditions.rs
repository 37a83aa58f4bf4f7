//! The conditions of many routes, by the part of a request that they look at.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{HeaderCondition, PathMatch, QueryCondition, RouteMatch, StringMatch, StringPattern};

/// The conditions of many routes, by the part of a request that they look at: what a request is told apart by.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) path: BTreeSet<StringMatch>,
    pub(super) method: BTreeSet<StringMatch>,
    pub(super) headers: BTreeMap<String, BTreeSet<StringMatch>>,
    pub(super) parameters: BTreeMap<String, BTreeSet<StringMatch>>,
    pub(super) is_by_scheme: bool,
    /// Which of them stand nowhere here.
    pub(super) why_not: Option<String>,
}

impl Conditions {
    pub(super) fn add(&mut self, matches: &RouteMatch) {
        self.add_path(matches);
        if matches.fraction.is_some()
            || matches.grpc_only
            || matches.tls.is_some()
            || !matches.metadata.is_empty()
        {
            self.refuse(
                "a share of requests, a certificate, metadata or gRPC cannot be enumerated".to_owned(),
            );
        }
        for header in &matches.headers {
            self.add_header(&header.name.to_ascii_lowercase(), &header.condition);
        }
        for query in &matches.query {
            let texts = self.parameters.entry(query.name.clone()).or_default();
            if let QueryCondition::Text(text) = &query.condition {
                texts.insert(text.clone());
            }
        }
    }

    fn add_path(&mut self, matches: &RouteMatch) {
        let ignore_case = !matches.case_sensitive;
        let mut add = |pattern| self.path.insert(StringMatch { pattern, ignore_case });
        match &matches.path {
            // Every path that there is.
            PathMatch::Regex(regex) if regex == ".*" || regex == "/.*" => {}
            PathMatch::Regex(regex) => {
                self.path.insert(StringMatch::regex(regex));
            }
            PathMatch::Exact(text) => {
                add(StringPattern::Exact(text.clone()));
            }
            // What follows the prefix may be put behind another one: that nothing follows is a class too.
            PathMatch::Prefix(text) => {
                add(StringPattern::Exact(text.clone()));
                add(StringPattern::Prefix(text.clone()));
            }
            PathMatch::PathSeparatedPrefix(text) => {
                add(StringPattern::Exact(text.clone()));
                add(StringPattern::Prefix(format!("{text}/")));
            }
            PathMatch::Connect => {
                self.method.insert(StringMatch::exact("CONNECT"));
            }
            PathMatch::Missing => {}
        }
    }

    fn add_header(&mut self, name: &str, condition: &HeaderCondition) {
        // Of these the proxy itself draws conclusions.
        let is_plain =
            !name.starts_with(':') && !matches!(name, "host" | "x-forwarded-proto" | "x-envoy-internal");
        let texts = match name {
            ":scheme" => {
                self.is_by_scheme = true;
                return;
            }
            ":method" => &mut self.method,
            _ if is_plain => self.headers.entry(name.to_owned()).or_default(),
            _ => return self.refuse(format!("the condition on header `{name}` cannot be enumerated")),
        };
        match condition {
            HeaderCondition::Present(_) => {}
            HeaderCondition::Text(text) => {
                texts.insert(text.clone());
            }
            HeaderCondition::Range { .. } => {
                self.refuse(format!("the condition on header `{name}` cannot be enumerated"));
            }
        }
    }

    fn refuse(&mut self, why: String) {
        self.why_not.get_or_insert(why);
    }
}
