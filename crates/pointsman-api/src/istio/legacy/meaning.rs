//! How the old model read its rules: full names, callers, order.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{IstioService, RouteRule};
use crate::object::Object;

impl IstioService {
    /// The full name of the service, for an object of that namespace in a cluster of that domain.
    ///
    /// `service` is taken as it is; else the name, the namespace, and `svc` with the domain; parts that are empty are left out.
    ///
    /// ```
    /// use pointsman_api::istio::legacy::IstioService;
    /// let service = IstioService::new().with_name("reviews");
    /// assert_eq!(service.full_name("default", "cluster.local"), "reviews.default.svc.cluster.local");
    /// assert_eq!(service.with_namespace("prod").with_domain("corp").full_name("default", "x"), "reviews.prod.corp");
    /// ```
    #[must_use]
    pub fn full_name(&self, namespace: &str, domain: &str) -> String {
        if !self.service.is_empty() {
            return self.service.clone();
        }
        let mut name = self.name.clone();
        let namespace = if self.namespace.is_empty() { namespace } else { &self.namespace };
        if !namespace.is_empty() {
            name = format!("{name}.{namespace}");
        }
        if !self.domain.is_empty() {
            return format!("{name}.{}", self.domain);
        }
        if domain.is_empty() { name } else { format!("{name}.svc.{domain}") }
    }

    /// Whether a caller is the source that a rule asks for: one of its services has this name, and it has these labels.
    #[must_use]
    pub fn is_source(&self, namespace: &str, domain: &str, caller: &[Caller<'_>]) -> bool {
        let name = self.full_name(namespace, domain);
        let has_labels = |labels: &BTreeMap<String, String>| {
            self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        };
        caller.iter().any(|caller| caller.service == name && has_labels(caller.labels))
    }
}

/// A service that the calling workload is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// Its full name.
    pub service: &'a str,
    /// The labels of the workload.
    pub labels: &'a BTreeMap<String, String>,
}

/// Sorts rules as they were tried: the highest precedence first, then by namespace and name.
pub fn sort_route_rules(rules: &mut [Object<RouteRule>]) {
    rules.sort_by(compare_route_rules);
}

pub(super) fn compare_route_rules(a: &Object<RouteRule>, b: &Object<RouteRule>) -> Ordering {
    let names = |rule: &Object<RouteRule>| (rule.metadata.namespace.clone(), rule.metadata.name.clone());
    b.spec.precedence.cmp(&a.spec.precedence).then_with(|| names(a).cmp(&names(b)))
}
