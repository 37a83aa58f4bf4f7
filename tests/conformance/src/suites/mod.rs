//! The suites: a module a corpus. One line a module in each of the two lists below, sorted.

mod argo_analysis;
mod argo_istio_edits;
mod argo_rollout;
mod envoy_router_check;
mod istio_api;
mod istio_legacy;
mod istio_legacy_convert;
mod istio_legacy_quota;
mod istio_manifests;
mod istio_routing;
mod istio_validation;
mod kayenta;
mod manifests;
mod rollout_manifests;

use crate::{Corpora, SuiteResult};

/// The suites of one corpus.
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    /// What the names of its suites begin with.
    pub prefix: &'static str,
    /// Runs those whose files are there.
    pub run: fn(&Corpora) -> Vec<SuiteResult>,
}

/// Every corpus that has an adapter.
#[must_use]
pub fn all() -> Vec<Suite> {
    vec![
        Suite { prefix: "argo-analysis", run: argo_analysis::run },
        Suite { prefix: "argo-manifests", run: rollout_manifests::run_argo },
        Suite { prefix: "argo-rollout", run: argo_rollout::run },
        Suite { prefix: "envoy-router-check", run: envoy_router_check::run },
        Suite { prefix: "flagger-manifests", run: rollout_manifests::run_flagger },
        Suite { prefix: "istio-api", run: istio_api::run },
        Suite { prefix: "istio-legacy", run: istio_legacy::run },
        Suite { prefix: "istio-routing", run: istio_routing::run },
        Suite { prefix: "istio-samples", run: istio_manifests::run_samples },
        Suite { prefix: "istio-validation", run: istio_validation::run },
        Suite { prefix: "istio-webhook", run: istio_manifests::run_webhook },
        Suite { prefix: "kayenta", run: kayenta::run },
        Suite { prefix: "manifests", run: manifests::run },
    ]
}
