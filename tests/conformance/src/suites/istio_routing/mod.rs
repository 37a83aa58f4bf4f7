//! `istio-routing/<file stem>`: how Istio's control plane merges, looks up and translates routing configuration.

#![expect(clippy::indexing_slicing, reason = "an index that is not there answers null")]

mod checks;
mod lookup;
mod merge;
mod read;
mod scope;
mod translate;

use serde_json::Value;

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    corpora.suites_of("istio-routing", "istio-routing", |name, stem, file| {
        Some(SuiteResult::of_cases(name, file, |case| run_case(stem, case)))
    })
}

fn run_case(suite: &str, case: &Value) -> Outcome {
    let answer = match suite {
        "TestBuildHTTPRoutes" => translate::http_routes(case),
        "TestRetry" | "TestInboundRetry" => translate::retry(case),
        "TestInboundHTTPRoute" => translate::inbound_route(case),
        "TestMirrorPercent" => translate::mirror_percent(case),
        "TestMirrorPercentByPolicy" => translate::mirror_percent_by_policy(case),
        "TestTranslateFault" => translate::fault(case),
        "TestTranslateCORSPolicy" | "TestTranslateCORSPolicyForwardNotMatchingPreflights" => {
            translate::cors(case)
        }
        "TestTranslateMetadataMatch" => translate::metadata(case),
        "TestTranslateRequestMirrorPolicy" => translate::mirror_policy(case),
        "TestIsCatchAllRoute" => translate::is_catch_all(case),
        "TestSortVHostRoutes" => translate::sorted(case),
        "TestSourceMatchHTTP" => translate::source_match(case),
        "TestHasConflict" => merge::has_conflict(case),
        "TestMergeHTTPMatchRequests" => merge::matches(case),
        "TestMergeHttpRoutes" => merge::routes(case),
        "TestControllerMergeVirtualServices" => merge::virtual_services(case),
        "TestResolveGatewayName" => merge::gateway_name(case),
        "TestSetDestinationRuleWithExportTo" => lookup::subsets(case),
        "TestSetDestinationRuleWithWorkloadSelector" => lookup::selected_rules(case),
        "TestSetDestinationRuleMerging" => lookup::merged_rules(case),
        "TestConsolidatedDestRuleEquals" => lookup::same_rules(case),
        "TestSetDestinationRuleBackendPolicyMerging" => lookup::backend_policy(case),
        "TestVirtualServiceWithExportTo" | "TestVirtualServiceWithDefaultExportTo" => lookup::hosts(case),
        "TestSelectVirtualService"
        | "TestSelectVirtualServicesExclusion"
        | "TestSelectVirtualServicesExclusionWildcard" => scope::virtual_services(case),
        "TestCreateSidecarScope" => scope::services(case),
        _ => Err(format!("no answer for `{suite}`")),
    };
    answer.unwrap_or_else(Outcome::unsupported)
}
