//! What metadata says about an object, beside its name.

use std::collections::BTreeMap;

use pointsman_api::ObjectMeta;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::quote;

/// The metadata that rules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) labels: &'a BTreeMap<String, String>,
    pub(crate) annotations: &'a BTreeMap<String, String>,
}

const ROUTE_SEMANTICS: &str = "internal.istio.io/route-semantics";
const GATEWAY_SEMANTICS: &str = "internal.istio.io/gateway-semantics";
const DRY_RUN: &str = "istio.io/dry-run";
const INTERNAL: [&str; 3] = [
    "internal.istio.io/webhook-always-reject",
    "internal.istio.io/parent-namespace",
    "internal.istio.io/parents",
];
/// What Go reads as a truth value.
const TRUTHS: [&str; 12] = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

impl<'a> Context<'a> {
    pub(crate) fn of(metadata: &'a ObjectMeta) -> Self {
        Self {
            name: &metadata.name,
            namespace: &metadata.namespace,
            labels: &metadata.labels,
            annotations: &metadata.annotations,
        }
    }

    /// Whether a VirtualService was made from an HTTPRoute.
    pub(crate) fn route_semantics(&self) -> bool {
        self.annotations.get(ROUTE_SEMANTICS).is_some_and(|value| value == "gateway")
    }

    /// Whether a Gateway was made from one of the Gateway API.
    pub(crate) fn gateway_semantics(&self) -> bool {
        self.annotations.get(GATEWAY_SEMANTICS).is_some_and(|value| value == "gateway")
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        self.annotations.contains_key(DRY_RUN)
    }
}

/// Annotations that the control plane keeps for itself, and trial runs. The rest is judged only where nothing is found here.
pub(crate) fn check(context: &Context<'_>, can_dry_run: bool, out: &mut Report) -> bool {
    let before = out.errors();
    let metadata = Place::ROOT.field("metadata");
    let at = metadata.field("annotations");
    for name in INTERNAL.iter().filter(|name| context.annotations.contains_key(**name)) {
        let message = format!("the annotation {} is the control plane's own", quote(name));
        out.error(&at.field(name), codes::INTERNAL_ANNOTATION, message);
    }
    if let Some(value) = context.annotations.get(DRY_RUN) {
        let here = at.field(DRY_RUN);
        if !can_dry_run {
            let message = format!(
                "the annotation {} is only for an AuthorizationPolicy that allows or denies",
                quote(DRY_RUN)
            );
            out.error(&here, codes::DRY_RUN, message);
        } else if !TRUTHS.contains(&value.as_str()) {
            let message = format!("{} is neither `true` nor `false`", quote(value));
            out.error(&here, codes::DRY_RUN, message);
        }
    }
    out.errors() == before
}
