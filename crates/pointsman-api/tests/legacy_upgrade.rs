//! From the old model to `networking.istio.io`: what the meaning asks for beyond field by field.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use pointsman_api::istio::legacy::{Upgrade, Upgraded};
use pointsman_api::istio::networking::{DestinationRule, VirtualService};
use pointsman_api::{Object, Resource};
use pointsman_manifest::Manifest;

fn upgrade(text: &str) -> Upgraded {
    let manifest = Manifest::parse(text).unwrap();
    let documents: Vec<_> =
        manifest.into_documents().into_iter().map(|document| document.into_value()).collect();
    Upgrade::new().run(&documents)
}

fn services(upgraded: &Upgraded) -> Vec<&Object<VirtualService>> {
    let all = upgraded.objects.iter();
    all.filter_map(
        |object| if let Resource::VirtualService(service) = object { Some(&**service) } else { None },
    )
    .collect()
}

fn rules(upgraded: &Upgraded) -> Vec<&Object<DestinationRule>> {
    let all = upgraded.objects.iter();
    all.filter_map(|object| if let Resource::DestinationRule(rule) = object { Some(&**rule) } else { None })
        .collect()
}

fn codes(upgraded: &Upgraded, code: &str) -> Vec<String> {
    let all = upgraded.findings.iter().filter(|finding| finding.code.as_str() == code);
    all.map(|finding| finding.path.to_string()).collect()
}

fn rule(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: config.istio.io/v1alpha2\nkind: RouteRule\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )
}

#[test]
fn services_of_one_name_in_two_namespaces_stay_two() {
    let text =
        rule("a", "{destination: {name: c}}") + &rule("b", "{destination: {name: c, namespace: other}}");
    let upgraded = upgrade(&text);
    let found: Vec<_> = services(&upgraded)
        .iter()
        .map(|s| (s.metadata.namespace.as_str(), s.spec.hosts[0].as_str()))
        .collect();
    assert_eq!(found, [("default", "c"), ("other", "c")]);
}

#[test]
fn subsets_have_valid_names_and_stand_with_their_host() {
    let upgraded = upgrade(&rule(
        "a",
        r#"{destination: {name: c}, route: [{labels: {version: "1.0", env: prod}, weight: 50}, {destination: {name: d}, labels: {version: v2}, weight: 50}], mirror: {name: e, labels: {version: v3}}}"#,
    ));
    let found: Vec<_> = rules(&upgraded)
        .iter()
        .map(|rule| (rule.spec.host.as_str(), rule.spec.subsets[0].name.as_str()))
        .collect();
    assert_eq!(found, [("c", "env-prod-version-1-0"), ("d", "version-v2"), ("e", "version-v3")]);
    assert!(rules(&upgraded).iter().all(|rule| rule.spec.subsets.len() == 1));
    let collision = upgrade(&rule(
        "a",
        r#"{destination: {name: c}, route: [{labels: {v: "1.0"}, weight: 50}, {labels: {v: 1-0}, weight: 50}]}"#,
    ));
    let names: Vec<_> = rules(&collision)[0].spec.subsets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["v-1-0", "v-1-0-2"]);
}

#[test]
fn callers_are_known_by_the_selector_of_their_service() {
    let old = rule("a", "{destination: {name: c}, match: {source: {name: web}}}");
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default}\nspec: {selector: {app: web}}\n";
    let with = upgrade(&(old.clone() + service));
    let condition = &services(&with)[0].spec.http[0].r#match[0];
    assert_eq!(condition.source_labels["app"], "web");
    assert_eq!(condition.source_namespace, "default");
    assert!(!codes(&with, "PA0202").contains(&"spec.match.source".to_owned()));
    let without = upgrade(&old);
    assert_eq!(services(&without)[0].spec.http[0].r#match[0].source_namespace, "default");
    assert!(codes(&without, "PA0202").contains(&"spec.match.source".to_owned()));
}

#[test]
fn rules_are_tried_by_precedence_and_end_with_the_whole_service() {
    let text = rule("low", "{destination: {name: c}, precedence: 1, route: [{labels: {version: v1}}]}")
        + &rule(
            "high",
            "{destination: {name: c}, precedence: 2, redirect: {uri: /x}, match: {request: {headers: {uri: {exact: /y}}}}}",
        )
        + &rule("never", "{destination: {name: c}, route: [{labels: {version: v9}}]}");
    let upgraded = upgrade(&text);
    let http = &services(&upgraded)[0].spec.http;
    assert_eq!(http.len(), 2);
    assert!(http[0].redirect.is_some());
    assert_eq!(codes(&upgraded, "PA0205"), ["spec.precedence"]);
    let partial =
        upgrade(&rule("a", "{destination: {name: c}, match: {request: {headers: {uri: {prefix: /y}}}}}"));
    let http = &services(&partial)[0].spec.http;
    assert_eq!((http.len(), http[1].route[0].destination.as_ref().unwrap().host.as_str()), (2, "c"));
}

#[test]
fn what_was_never_made_is_left_out_and_said() {
    let upgraded = upgrade(&rule(
        "a",
        "{destination: {name: c}, httpFault: {delay: {fixedDelay: 1s}, abort: {percent: 5, grpcStatus: x}}, l4Fault: {}}",
    ));
    assert_eq!(services(&upgraded)[0].spec.http[0].fault, None);
    assert!(codes(&upgraded, "PA0202").contains(&"spec.httpFault.delay".to_owned()));
    assert_eq!(codes(&upgraded, "PA0201"), ["spec.httpFault.abort", "spec.l4Fault"]);
}

#[test]
fn nothing_becomes_wider_than_it_was() {
    let policy = "---\napiVersion: config.istio.io/v1alpha2\nkind: DestinationPolicy\nmetadata: {name: p}\nspec: {destination: {name: c}, source: {name: web}, loadBalancing: {name: RANDOM}}\n";
    let text = policy.to_owned()
        + &rule("a", "{destination: {name: c}, match: {tcp: {sourceSubnet: [10.0.0.0/8]}}}");
    let upgraded = upgrade(&text);
    assert!(rules(&upgraded).is_empty());
    assert!(services(&upgraded).is_empty());
    assert_eq!(codes(&upgraded, "PA0203"), ["spec.source", "spec.match.tcp.sourceSubnet"]);
}

fn quotas(condition: &str, dimensions: &str) -> Upgraded {
    let head = "---\napiVersion: config.istio.io/v1alpha2\nkind:";
    upgrade(&format!(
        "{head} memquota\nmetadata: {{name: h}}\nspec: {{quotas: [{{name: q.quota.default, maxAmount: 10, validDuration: 2s}}]}}\n\
         {head} quota\nmetadata: {{name: q}}\nspec: {{dimensions: {dimensions}}}\n\
         {head} rule\nmetadata: {{name: r}}\nspec: {{match: {condition}, actions: [{{handler: h.memquota, instances: [q.quota]}}]}}\n"
    ))
}

#[test]
fn a_quota_for_all_requests_becomes_a_bucket_and_no_other_does() {
    let plain = quotas("''", "{}");
    let [Resource::EnvoyFilter(filter)] = &plain.objects[..] else { panic!("{plain:?}") };
    let value = &filter.spec.config_patches[0].patch.as_ref().unwrap().value;
    let bucket = value.get("typed_config").unwrap().get("token_bucket").unwrap();
    assert_eq!(bucket.to_json(), r#"{"max_tokens":10,"tokens_per_fill":10,"fill_interval":"2s"}"#);
    assert_eq!(codes(&plain, "PA0202"), ["spec.quotas[0]"]);
    for narrower in [quotas("source.ip == x", "{}"), quotas("''", "{user: request.user}")] {
        assert!(narrower.objects.is_empty());
        assert_eq!(codes(&narrower, "PA0203"), ["spec.quotas[0]"]);
    }
}

fn redis(duration: &str, algorithm: &str) -> Upgraded {
    let head = "---\napiVersion: config.istio.io/v1alpha2\nkind:";
    upgrade(&format!(
        "{head} redisquota\nmetadata: {{name: h, namespace: default}}\nspec: {{redisServerUrl: 'redis:6379', quotas: [{{name: q.quota.default, \
         maxAmount: 10, validDuration: {duration}, rateLimitAlgorithm: {algorithm}}}]}}\n\
         {head} quota\nmetadata: {{name: q, namespace: default}}\nspec: {{dimensions: {{}}}}\n\
         {head} rule\nmetadata: {{name: r, namespace: default}}\nspec: {{match: '', actions: [{{handler: h.redisquota, instances: [q.quota]}}]}}\n"
    ))
}

#[test]
fn a_quota_in_redis_becomes_a_global_limit_where_a_service_can_count_it() {
    let minute = redis("60s", "FIXED_WINDOW");
    let kinds: Vec<_> = minute.objects.iter().map(|object| object.object_ref().kind).collect();
    assert_eq!(kinds, ["ConfigMap", "EnvoyFilter"]);
    let limits = minute.objects[0].to_value();
    let text = limits.get("data").and_then(|data| data.get("config.yaml")).and_then(|text| text.as_str());
    let text = text.expect("the limits");
    assert!(text.contains("unit: minute") && text.contains("requests_per_unit: 10"), "{text}");
    assert_eq!(codes(&minute, "PA0202"), ["spec.redisServerUrl"]);
    assert_eq!(codes(&redis("60s", "ROLLING_WINDOW"), "PA0202"), ["spec.quotas[0]", "spec.redisServerUrl"]);
    let odd = redis("7s", "FIXED_WINDOW");
    assert!(odd.objects.is_empty());
    assert_eq!(codes(&odd, "PA0203"), ["spec.quotas[0]"]);
}
