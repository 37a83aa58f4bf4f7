//! What holds for any input: an answer, places that are there, the same findings in another order of fields.

use pointsman_api::Resource;
use pointsman_manifest::{Map, Value, strategies};
use pointsman_types::{Diagnostic, FieldPath, Segment};
use pointsman_validate::{schema, validate};
use proptest::prelude::*;

/// Specs that reach most rules; parts of them are replaced.
const SPECS: [&str; 10] = [
    r#"{"hosts": ["a", "*.b"], "gateways": ["mesh", "a/b"], "exportTo": ["."], "http": [{"name": "x", "match": [
        {"uri": {"prefix": "/a"}, "headers": {"b": {"regex": "c.*"}}, "withoutHeaders": {"d": {}}, "port": 80,
         "sourceLabels": {"e": "f"}, "gateways": ["mesh"]}], "route": [{"destination": {"host": "a", "subset": "b",
         "port": {"number": 80}}, "weight": 10, "headers": {"request": {"set": {"a": "%b%"}}}}, {"destination": {"host": "c"}}],
        "retries": {"attempts": 3, "retryOn": "5xx", "perTryTimeout": "1s"}, "timeout": "2s", "mirrors": [{"destination":
        {"host": "m"}, "percentage": {"value": 3}}], "fault": {"delay": {"fixedDelay": "1s"}, "abort": {"httpStatus": 500}},
        "corsPolicy": {"allowOrigins": [{"regex": "a"}], "maxAge": "1s", "allowMethods": ["GET"]}},
        {"redirect": {"uri": "/x", "redirectCode": 301}}, {"directResponse": {"status": 200, "body": {"string": "x"}}},
        {"rewrite": {"uriRegexRewrite": {"match": "a", "rewrite": "b"}}, "route": [{"destination": {"host": "c"}}]}],
        "tls": [{"match": [{"sniHosts": ["a"], "destinationSubnets": ["1.0.0.0/8"]}], "route": [{"destination": {"host": "a"}}]}],
        "tcp": [{"match": [{"port": 1}], "route": [{"destination": {"host": "a"}}]}]}"#,
    r#"{"host": "a", "workloadSelector": {"matchLabels": {"a": "b"}}, "subsets": [{"name": "v1", "labels": {"v": "1"},
        "trafficPolicy": {"tls": {"mode": "MUTUAL"}}}], "trafficPolicy": {"loadBalancer": {"consistentHash": {"httpCookie":
        {"name": "x", "attributes": [{"name": "a"}]}, "maglev": {"tableSize": 7}}, "localityLbSetting": {"distribute": [{"from":
        "a/*", "to": {"a/b": 100}}], "failoverPriority": ["x"]}, "warmup": {"duration": "1s", "aggression": 1}},
        "connectionPool": {"http": {"http2KeepAlive": {"interval": "1s"}}, "tcp": {"maxConnections": 1}},
        "outlierDetection": {"interval": "1s"}, "portLevelSettings": [{"port": {"number": 1}, "tls": {"mode": "SIMPLE"}}],
        "tunnel": {"targetHost": "a", "targetPort": 1}}}"#,
    r#"{"servers": [{"port": {"number": 443, "protocol": "HTTPS", "name": "a"}, "bind": "1.1.1.1", "hosts": ["./a.b", "*"],
        "tls": {"mode": "MUTUAL", "cipherSuites": ["x"], "tlsCertificates": [{"privateKey": "a"}], "caCrl": "b"}}]}"#,
    r#"{"hosts": ["*.a"], "addresses": ["10.0.0.0/8"], "ports": [{"number": 1, "name": "a", "protocol": "TCP"}], "resolution":
        "STATIC", "location": "MESH_INTERNAL", "endpoints": [{"address": "1.1.1.1", "ports": {"a": 2}, "labels": {"x": "y"}}],
        "exportTo": ["~"]}"#,
    r#"{"workloadSelector": {"labels": {"a": "b"}}, "ingress": [{"port": {"number": 1, "protocol": "HTTP", "name": "a"},
        "defaultEndpoint": "127.0.0.1:1", "tls": {"mode": "SIMPLE"}, "connectionPool": {"http": {}}}], "egress": [{"port":
        {"number": 1}, "hosts": ["*/*", "./a"]}, {"hosts": ["~/a"]}], "outboundTrafficPolicy": {"egressProxy": {"host": "a"}}}"#,
    r#"{"address": "a", "ports": {"a": 1}, "labels": {"a": "b"}, "template": {}, "metadata": {"labels": {"a": "b"}}, "probe":
        {"httpGet": {"port": 1, "scheme": "x", "httpHeaders": [{"name": "a b"}]}, "periodSeconds": -1}, "concurrency": -1}"#,
    r#"{"workloadSelector": {"labels": {}}, "configPatches": [{"applyTo": "HTTP_FILTER", "match": {"context": "GATEWAY",
        "listener": {"filterChain": {"filter": {"name": "envoy.router", "subFilter": {"name": "x"}}}}}, "patch": {"operation":
        "MERGE", "value": {"name": "x", "typed_config": {"@type": "y"}}}}]}"#,
    r#"{"selector": {"matchLabels": {"a": "b*"}}, "targetRefs": [{"kind": "Gateway", "name": "x"}], "portLevelMtls": {"80": {}},
        "jwtRules": [{"issuer": "a", "jwks": "{}", "outputClaimToHeaders": [{"header": "a"}], "timeout": "1s"}]}"#,
    r#"{"action": "DENY", "provider": {"name": "a"}, "rules": [{"from": [{"source": {"ipBlocks": ["x"], "serviceAccounts":
        ["a/b"]}}], "to": [{"operation": {"paths": ["/{*}"], "ports": ["1"]}}], "when": [{"key": "source.ip", "values": ["x"]}]}]}"#,
    r#"{"tracing": [{"customTags": {"a": {"header": {"name": "x"}}}, "randomSamplingPercentage": 200}], "metrics": [{"overrides":
        [{"match": {"customMetric": "a"}, "tagOverrides": {"a": {"operation": "REMOVE", "value": "x"}}}]}], "accessLogging":
        [{"filter": {"expression": "a =="}}], "url": "oci://a", "sha256": "x", "vmConfig": {"env": [{"name": "a"}]}, "lua": {}}"#,
];

fn kinds() -> Vec<(String, &'static str)> {
    let versions =
        |group: &str, versions: &[&str]| format!("{group}/{}", versions.first().copied().unwrap_or_default());
    Resource::kinds()
        .into_iter()
        .filter(|(group, ..)| group.ends_with("istio.io"))
        .map(|(group, all, kind)| (versions(group, all), kind))
        .collect()
}

fn paths_of(value: &Value, here: &FieldPath, paths: &mut Vec<FieldPath>) {
    paths.push(here.clone());
    match value {
        Value::Map(fields) => {
            fields.iter().for_each(|(name, field)| paths_of(field, &here.clone().field(name), paths))
        }
        Value::List(items) => {
            items.iter().enumerate().for_each(|(i, item)| paths_of(item, &here.clone().index(i), paths));
        }
        _ => {}
    }
}

/// An object of any kind with any of the specs, parts of it replaced.
fn object() -> impl Strategy<Value = Value> {
    let replacement = prop_oneof![
        3 => strategies::scalar(),
        1 => strategies::value(),
        1 => Just(Value::Null),
        1 => Just(Value::Map(Map::new())),
        1 => Just(Value::List(Vec::new())),
    ];
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), replacement), 0..4);
    (prop::sample::select(kinds()), prop::sample::select(SPECS.to_vec()), changes).prop_map(|((version, kind), spec, changes)| {
        let text = format!(
            r#"{{"apiVersion": "{version}", "kind": "{kind}", "metadata": {{"name": "a", "namespace": "b"}}, "spec": {spec}}}"#
        );
        let mut object = Value::from_json(&text).expect("the specs are JSON");
        for (index, value) in changes {
            let mut paths = Vec::new();
            paths_of(&object, &FieldPath::root(), &mut paths);
            paths.retain(|path| path.segments().first().is_some_and(|first| *first == Segment::from("spec")));
            if paths.is_empty() {
                break;
            }
            if let Some(place) = object.at_mut(index.get(&paths)) {
                *place = value;
            }
        }
        object
    })
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Map(fields) => {
            Value::Map(fields.iter().rev().map(|(name, field)| (name.to_owned(), reversed(field))).collect())
        }
        Value::List(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

fn is_there(object: &Value, finding: &Diagnostic) -> bool {
    object.at(&finding.path).is_some()
        || finding.path.parent().is_some_and(|parent| object.at(&parent).is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_place_is_there_and_every_finding_helps(object in object()) {
        for findings in [validate(&object), schema::check(&object)] {
            let mut sorted = findings.clone();
            Diagnostic::sort(&mut sorted);
            prop_assert_eq!(&sorted, &findings);
            for finding in &findings {
                prop_assert!(is_there(&object, finding), "{} in {}", finding, object.to_json());
                prop_assert_eq!(&finding.object.name, "a");
                prop_assert!(!finding.code.as_str().starts_with("PV") || !finding.help.is_empty(), "{}", finding);
            }
        }
    }

    #[test]
    fn the_order_of_fields_does_not_matter(object in object()) {
        prop_assert_eq!(validate(&reversed(&object)), validate(&object));
        prop_assert_eq!(schema::check(&reversed(&object)), schema::check(&object));
    }

    #[test]
    fn any_document_has_an_answer(document in strategies::document()) {
        let _findings = (validate(&document), schema::check(&document));
    }
}

#[cfg(feature = "admission")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_review_has_an_answer(document in strategies::document(), object in object(), operation in "CREATE|UPDATE|DELETE|[a-z]{0,3}") {
        use pointsman_validate::admission::{respond, respond_to_text};
        for inner in [document, object] {
            let mut request = Map::new();
            request.insert("uid", "u");
            request.insert("operation", operation.as_str());
            request.insert("object", inner.clone());
            let mut review = Map::new();
            review.insert("apiVersion", "admission.k8s.io/v1");
            review.insert("kind", "AdmissionReview");
            review.insert("request", request);
            let review = Value::Map(review);
            let answer = respond(&review);
            let response = answer.get("response").expect("a response");
            let allowed = response.get("allowed").and_then(Value::as_bool).expect("allowed or not");
            prop_assert_eq!(response.get("uid").and_then(Value::as_str), Some("u"));
            prop_assert_eq!(allowed, response.get("status").is_none());
            prop_assert_eq!(respond_to_text(&review.to_json()), answer.to_json());
            let _answer = respond(&inner);
        }
    }

    #[test]
    fn any_body_has_an_answer(body in strategies::text()) {
        prop_assert!(Value::from_json(&pointsman_validate::admission::respond_to_text(&body)).is_ok());
    }
}
