//! Which workloads or objects a policy is for.

use std::collections::BTreeMap;

use pointsman_api::istio::PolicyTargetReference;
use pointsman_api::istio::WorkloadSelector;
use pointsman_api::istio::networking::LabelSelector;

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

/// A selector of security, telemetry and destination rules.
pub(crate) fn match_labels(selector: Option<&WorkloadSelector>, at: &Place<'_>, out: &mut Report) {
    if let Some(selector) = selector {
        pairs(&selector.match_labels, "matchLabels", at, out);
    }
}

/// A selector of networking; answers whether the rest is worth judging.
pub(crate) fn labels(selector: Option<&LabelSelector>, at: &Place<'_>, out: &mut Report) -> bool {
    let before = out.errors();
    if let Some(selector) = selector {
        pairs(&selector.labels, "labels", at, out);
    }
    out.errors() == before
}

fn pairs(labels: &BTreeMap<String, String>, field: &str, at: &Place<'_>, out: &mut Report) {
    if labels.is_empty() {
        out.warn(at, codes::EMPTY_SELECTOR, "the selector has no labels, so it selects every workload");
    }
    let inner = at.field(field);
    for (name, value) in labels {
        let here = inner.field(name);
        if name.is_empty() {
            out.error(&here, codes::SELECTOR, "a label without a name is selected");
        }
        for text in [name, value] {
            if text.contains('*') {
                let message = format!("{} has a wildcard, which selectors do not know", quote(text));
                out.error(&here, codes::SELECTOR, message);
            }
        }
    }
}

/// The kinds that policies may be attached to.
const TARGETS: [(&str, &str); 4] = [
    ("", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
];

/// An object that a policy is attached to.
pub(crate) fn target_ref(target: &PolicyTargetReference, at: &Place<'_>, out: &mut Report) {
    if target.name.is_empty() {
        super::missing("name", at, out);
    }
    if !target.namespace.is_empty() {
        let message = format!("the target stands in the namespace {}", quote(&target.namespace));
        out.error(&at.field("namespace"), codes::TARGET_NAMESPACE, message);
    }
    let group = if target.group == "core" { "" } else { target.group.as_str() };
    if !TARGETS.contains(&(group, target.kind.as_str())) {
        let what = format!("{}/{}", if group.is_empty() { "core" } else { group }, target.kind);
        out.error(
            &at.field("kind"),
            codes::TARGET_KIND,
            format!("policies cannot be attached to {}", quote(&what)),
        );
    }
}

/// What a policy is for: a selector, a target or targets.
#[derive(Debug)]
pub(crate) struct Attachment<'a> {
    pub(crate) selector: Option<&'a WorkloadSelector>,
    pub(crate) target_ref: Option<&'a PolicyTargetReference>,
    pub(crate) target_refs: &'a [PolicyTargetReference],
}

impl Attachment<'_> {
    pub(crate) fn check(&self, at: &Place<'_>, out: &mut Report) {
        let set = usize::from(self.selector.is_some())
            + usize::from(self.target_ref.is_some())
            + usize::from(!self.target_refs.is_empty());
        if set > 1 {
            let message = "more than one of `selector`, `targetRef` and `targetRefs` is set";
            out.error(at, codes::SELECTOR_AND_TARGET, message);
        }
        match_labels(self.selector, &at.field("selector"), out);
        if let Some(target) = self.target_ref {
            target_ref(target, &at.field("targetRef"), out);
        }
        for (position, target) in self.target_refs.iter().enumerate() {
            target_ref(target, &at.item("targetRefs", position), out);
        }
    }
}
