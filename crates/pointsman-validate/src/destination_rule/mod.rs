//! DestinationRule.

pub(crate) mod connection;
pub(crate) mod load_balancer;
pub(crate) mod locality;
pub(crate) mod outlier;
pub(crate) mod policy;
pub(crate) mod tls;

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{DestinationRule, Subset};

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{self, export, labels, quote, selector};

pub(crate) fn check(rule: &DestinationRule, context: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    words::wildcard_host(&rule.host, &at.field("host"), out);
    if let Some(policy) = &rule.traffic_policy {
        policy::check(policy, context.namespace, &at.field("trafficPolicy"), out);
    }
    let mut names = BTreeSet::new();
    for (position, subset) in rule.subsets.iter().enumerate() {
        let here = at.item("subsets", position);
        if !names.insert(subset.name.as_str()) {
            let message = format!("the subset {} is there twice", quote(&subset.name));
            out.error(&here.field("name"), codes::SUBSET_TWICE, message);
        }
        check_subset(subset, context.namespace, &here, out);
    }
    let exported = match &rule.workload_selector {
        Some(_) => export::Exported::DestinationRuleWithSelector,
        None => export::Exported::Any,
    };
    export::export_to(&rule.export_to, exported, context.namespace, &at.field("exportTo"), out);
    selector::match_labels(rule.workload_selector.as_ref(), &at.field("workloadSelector"), out);
}

fn check_subset(subset: &Subset, namespace: &str, at: &Place<'_>, out: &mut Report) {
    words::label(&subset.name, "subset name", &at.field("name"), out);
    labels::labels(&subset.labels, &at.field("labels"), out);
    if let Some(policy) = &subset.traffic_policy {
        out.hushed(|out| policy::check(policy, namespace, &at.field("trafficPolicy"), out));
    }
}
