//! `istio-legacy/<file stem>`: what Istio's own validation and Galley said of the old kinds.

use pointsman_api::Decoded;
use pointsman_api::Object;
use pointsman_api::decode::Decoder;
use pointsman_api::field::{Field, Message};
use pointsman_api::istio::legacy::check::{self, Check, OldRelease};
use pointsman_api::istio::legacy::{
    Caller, DestinationPolicy, EgressPort, EgressRule, HTTPAPISpec, HTTPAPISpecBinding, IngressRule,
    IstioService, MatchCondition, QuotaSpec, QuotaSpecBinding, RouteRule, sort_route_rules,
};
use pointsman_api::istio::networking::HTTPRoute;
use pointsman_manifest::{Manifest, Value as Document};
use pointsman_types::duration::TimeDelta;
use pointsman_types::{Diagnostic, ObjectRef};
use serde_json::{Value, json};

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    let mut suites = corpora.suites_of("istio-legacy", "istio-legacy/tests", |name, stem, file| {
        if stem == "galley-TestValidation" {
            return Some(SuiteResult::of_cases(name, file, |case| galley(corpora, case)));
        }
        Some(SuiteResult::of_cases(name, file, adapter(stem)?))
    });
    suites.extend(super::istio_legacy_convert::run(corpora));
    suites
}

type Adapter = fn(&Value) -> Outcome;

fn adapter(stem: &str) -> Option<Adapter> {
    let adapter: Adapter = match stem {
        "TestValidateRouteAndIngressRule" => of_message::<RouteRule>,
        "TestValidateDestinationPolicy" => of_message::<DestinationPolicy>,
        "TestValidateEgressRule" => of_message::<EgressRule>,
        "TestValidateEgressRulePort" => of_message::<EgressPort>,
        "TestValidateIngressRule" => of_message::<IngressRule>,
        "TestValidateIstioService" => of_message::<IstioService>,
        "TestValidateMatchCondition" => of_message::<MatchCondition>,
        "TestValidateQuotaSpec" => of_message::<QuotaSpec>,
        "TestValidateQuotaSpecBinding" => of_message::<QuotaSpecBinding>,
        "TestValidateHTTPAPISpec" => of_message::<HTTPAPISpec>,
        "TestValidateHTTPAPISpecBinding" => of_message::<HTTPAPISpecBinding>,
        "TestValidateMixerAttributes" => of_message::<pointsman_api::istio::legacy::Attributes>,
        "TestValidateEgressRuleDomain" => |case| of_text(case, check::check_egress_domain),
        "TestValidateEgressRuleService" => |case| of_text(case, check::check_egress_service),
        "TestValidateWildcardDomain" => |case| of_text(case, check::check_wildcard_domain),
        "TestValidateDuration" => of_duration,
        "TestValidatePort" => of_port,
        "TestLabelsValidate" => of_labels,
        "TestValidateHTTPRoute-0.8.0" => |case| of_route(case, OldRelease::V0_8),
        "TestValidateHTTPRoute-1.0.0" => |case| of_route(case, OldRelease::V1_0),
        "TestResolveHostname" => full_name,
        "TestMatchSource" => is_source,
        "TestSortRouteRules" => sorted,
        "memquota-TestAlloc" => super::istio_legacy_quota::take,
        "memquota-TestRelease" => super::istio_legacy_quota::release,
        "memquota-TestAllocAndRelease" => super::istio_legacy_quota::take_and_release,
        _ => return None,
    };
    Some(adapter)
}

fn document(value: &Value) -> Document {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn read<T: Message>(value: &Value) -> Decoded<T> {
    Decoded::of_message(&document(value), ObjectRef::default())
}

fn validity(case: &Value, findings: &[Diagnostic]) -> Outcome {
    let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(ToString::to_string).collect();
    let actual = if errors.is_empty() { "valid".to_owned() } else { errors.join("; ") };
    Outcome::judged(case["valid"] == json!(errors.is_empty()), format!("valid: {}", case["valid"]), actual)
}

fn of_message<T: Check>(case: &Value) -> Outcome {
    let Decoded { value, mut findings } = read::<T>(&case["in"]);
    findings.extend(check::check(&value));
    validity(case, &findings)
}

fn of_text(case: &Value, judge: fn(&str) -> Vec<Diagnostic>) -> Outcome {
    case["in"]
        .as_str()
        .map_or_else(|| Outcome::unsupported("`in` is no text"), |text| validity(case, &judge(text)))
}

fn of_duration(case: &Value) -> Outcome {
    let input = document(&case["in"]);
    let mut decoder = Decoder::new(ObjectRef::default());
    let duration = TimeDelta::decode(&input, &mut decoder);
    let mut findings = decoder.into_findings();
    findings.extend(check::check_duration(duration));
    validity(case, &findings)
}

fn of_port(case: &Value) -> Outcome {
    let valid = case["in"].to_string().parse::<pointsman_types::Port>().is_ok();
    Outcome::equal(&case["valid"], valid)
}

fn of_labels(case: &Value) -> Outcome {
    let labels = read::<IstioService>(&json!({"labels": case["tags"]})).value.labels;
    validity(case, &check::check_labels(&labels))
}

fn of_route(case: &Value, release: OldRelease) -> Outcome {
    let Decoded { value, mut findings } = read::<HTTPRoute>(&case["in"]);
    findings.extend(check::check_http_route(&value, release));
    validity(case, &findings)
}

fn meta<'a>(case: &'a Value, name: &str) -> &'a str {
    case.pointer(&format!("/meta/{name}")).and_then(Value::as_str).unwrap_or_default()
}

fn full_name(case: &Value) -> Outcome {
    let service = read::<IstioService>(&case["service"]).value;
    let name = service.full_name(meta(case, "namespace"), meta(case, "domain"));
    Outcome::equal(&case["want"], json!(name))
}

fn is_source(case: &Value) -> Outcome {
    let labels: Vec<_> = case["instances"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|instance| {
            let labels = read::<IstioService>(&json!({"labels": instance["labels"]})).value.labels;
            (instance["hostname"].as_str().unwrap_or_default(), labels)
        })
        .collect();
    let callers: Vec<_> = labels.iter().map(|(service, labels)| Caller { service, labels }).collect();
    let fits = case["source"].is_null()
        || read::<IstioService>(&case["source"]).value.is_source(
            meta(case, "namespace"),
            meta(case, "domain"),
            &callers,
        );
    Outcome::equal(&case["want"], fits)
}

fn sorted(case: &Value) -> Outcome {
    let rule = |rule: &Value| {
        let precedence =
            rule["precedence"].as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
        Object::new(
            "",
            rule["name"].as_str().unwrap_or_default(),
            RouteRule::new().with_precedence(precedence),
        )
    };
    let mut rules: Vec<_> = case["in"].as_array().into_iter().flatten().map(rule).collect();
    sort_route_rules(&mut rules);
    let names: Vec<_> = rules.iter().map(|rule| rule.metadata.name.as_str()).collect();
    Outcome::equal(&case["want"], json!(names))
}

fn galley(corpora: &Corpora, case: &Value) -> Outcome {
    let file = case["file"].as_str().unwrap_or_default();
    let Some(text) = corpora.text(&format!("istio-legacy/tests/{file}")) else {
        return Outcome::unsupported(format!("there is no file `{file}`"));
    };
    let manifest = match Manifest::parse(&text) {
        Ok(manifest) => manifest,
        Err(error) => return validity(case, &[Diagnostic::error(check::MISSING, error.to_string())]),
    };
    let mut findings = Vec::new();
    for document in manifest.documents() {
        findings.extend(
            check::check_document(document.value())
                .unwrap_or_else(|| pointsman_validate::validate(document.value())),
        );
    }
    validity(case, &findings)
}
