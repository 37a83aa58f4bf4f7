//! Which DestinationRule and VirtualService count for a client.

use pointsman_api::Object;
use pointsman_api::istio::networking::{DestinationRule, VirtualService};
use pointsman_route::MeshSettings;
use pointsman_route::destination_rule::{DestinationRules, FoldedRule};
use pointsman_types::ObjectRef;
use serde_json::{Value, json};

use super::read::{self, Answer, items, json_of, text, texts};
use crate::Outcome;

fn settings(case: &Value) -> MeshSettings {
    let settings = read::settings().with_root_namespace(text(&case["rootNamespace"]));
    match case.get("defaultDestinationRuleExportTo") {
        Some(export_to) => settings.with_destination_rule_export_to(texts(export_to)),
        None => settings,
    }
}

fn rules(case: &Value) -> Result<DestinationRules, String> {
    let mut rules: Vec<Object<DestinationRule>> = Vec::new();
    for value in items(&case["destinationRules"]) {
        rules.push(read::object(value)?);
    }
    Ok(DestinationRules::fold(&rules, &settings(case)))
}

fn found(case: &Value) -> Result<Vec<std::sync::Arc<FoldedRule>>, String> {
    let (client, host) = (text(&case["proxyNamespace"]), text(&case["serviceHostname"]));
    Ok(rules(case)?.lookup(client, host, text(&case["serviceNamespace"])))
}

fn subset_names(rule: &FoldedRule) -> Vec<&str> {
    rule.rule.subsets.iter().map(|subset| subset.name.as_str()).collect()
}

fn names(rule: &FoldedRule) -> Vec<Value> {
    rule.from.iter().map(|object| json!({"namespace": object.namespace, "name": object.name})).collect()
}

pub(super) fn subsets(case: &Value) -> Answer {
    let found = found(case)?;
    Ok(Outcome::equal(&case["expectedSubsets"], json!(found.first().map(|rule| subset_names(rule)))))
}

pub(super) fn selected_rules(case: &Value) -> Answer {
    let found = found(case)?;
    let first = found.iter().map(|rule| rule.from.first().map(|object| object.name.clone()));
    let folded = rules(case)?;
    let local = folded.local(text(&case["proxyNamespace"]), text(&case["serviceHostname"]));
    let from: Value = local
        .iter()
        .filter_map(|rule| Some((rule.from.first()?.name.clone(), Value::from(names(rule)))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let expected = json!({"names": case["expectedRuleNames"], "from": case["expectedFrom"]});
    Ok(Outcome::equal(expected, json!({"names": first.collect::<Vec<_>>(), "from": from})))
}

pub(super) fn merged_rules(case: &Value) -> Answer {
    let folded = rules(case)?;
    let (namespace, host) = (text(&case["namespace"]), text(&case["host"]));
    let shape = |rule: &std::sync::Arc<FoldedRule>| json!({"from": names(rule), "subsetCount": rule.rule.subsets.len(), "exportTo": rule.export_to});
    let all = |rules: &[std::sync::Arc<FoldedRule>]| rules.iter().map(shape).collect::<Value>();
    let actual = json!({
        "expectedLocal": all(folded.local(namespace, host)),
        "expectedExported": all(folded.exported(namespace, host)),
    });
    let passed = ["expectedLocal", "expectedExported"].iter().all(|which| {
        let (expected, actual) = (items(&case[*which]), items(&actual[*which]));
        expected.len() == actual.len()
            && expected.iter().zip(actual).all(|(expected, actual)| {
                expected["from"] == actual["from"]
                    && expected["subsetCount"] == actual["subsetCount"]
                    && expected
                        .get("exportToContains")
                        .is_none_or(|name| items(&actual["exportTo"]).contains(name))
            })
    });
    Ok(Outcome::judged(passed, json!([case["expectedLocal"], case["expectedExported"]]), actual))
}

/// Whether two rules were folded from the same ones; either may be none.
pub(super) fn same_rules(case: &Value) -> Answer {
    let side = |names: [&str; 3]| names.iter().find_map(|name| case.get(*name)).unwrap_or(&Value::Null);
    let (left, right) = (side(["l", "left", "a"]), side(["r", "right", "b"]));
    let folded = |value: &Value| {
        let from = value.get("from").unwrap_or(value);
        (!value.is_null()).then(|| FoldedRule::of(items(from).iter().map(rule_name)))
    };
    let same = match (folded(left), folded(right)) {
        (Some(left), Some(right)) => left.is_of_same_rules(&right),
        (None, None) => true,
        _ => false,
    };
    let expected = ["expected", "want", "expect"].iter().find_map(|name| case.get(*name));
    Ok(Outcome::equal(expected.unwrap_or(&Value::Null), same))
}

fn rule_name(value: &Value) -> ObjectRef {
    let (namespace, name) = match value.as_str() {
        Some(text) => text.split_once('/').unwrap_or(("", text)),
        None => (text(&value["namespace"]), text(&value["name"])),
    };
    ObjectRef::new("networking.istio.io/v1", "DestinationRule", namespace, name)
}

pub(super) fn backend_policy(case: &Value) -> Answer {
    let folded = rules(case)?;
    let found = folded.local(text(&case["namespace"]), text(&case["host"]));
    let first = found.first().map(|rule| &rule.rule);
    let expected = json!({"count": case["expectedMergedCount"], "subsets": case["expectedSubsetCount"],
        "policy": case["expectedTrafficPolicy"]});
    let policy = first.and_then(|rule| rule.traffic_policy.as_ref()).map(json_of);
    let actual =
        json!({"count": found.len(), "subsets": first.map(|rule| rule.subsets.len()), "policy": policy});
    Ok(Outcome::judged(expected == actual, &expected, &actual))
}

pub(super) fn hosts(case: &Value) -> Answer {
    let mut settings = read::settings().with_root_namespace(text(&case["rootNamespace"]));
    if let Some(export_to) = case.get("defaultVirtualServiceExportTo") {
        settings = settings.with_virtual_service_export_to(texts(export_to));
    }
    let mut mesh = read::mesh(settings);
    read::apply_all::<VirtualService>(&mut mesh, &case["virtualServices"])?;
    let seen = mesh.virtual_services(text(&case["proxyNamespace"]), text(&case["gateway"]));
    let hosts: Vec<_> = seen.into_iter().flat_map(|object| object.spec.hosts).collect();
    Ok(Outcome::equal(&case["expectedHosts"], json!(hosts)))
}
