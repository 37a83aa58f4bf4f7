//! Delegates put into their roots.

use pointsman_api::Object;
use pointsman_api::istio::networking::{HTTPMatchRequest, HTTPRoute, VirtualService};
use pointsman_route::{delegate, resolve_gateway_name};
use serde_json::{Value, json};

use super::read::{self, Answer, json_of, list, typed};
use crate::Outcome;

pub(super) fn has_conflict(case: &Value) -> Answer {
    let (root, leaf): (HTTPMatchRequest, HTTPMatchRequest) = (typed(&case["root"])?, typed(&case["leaf"])?);
    Ok(Outcome::equal(&case["expected"], delegate::has_conflict(&root, &leaf)))
}

pub(super) fn matches(case: &Value) -> Answer {
    let root: Vec<HTTPMatchRequest> = list(&case["root"])?;
    let merged = delegate::merge_matches(&root, &list::<HTTPMatchRequest>(&case["delegates"])?);
    let actual = merged.map_or(Value::Null, |merged| merged.iter().map(json_of).collect());
    Ok(Outcome::equal(&case["expected"], actual))
}

pub(super) fn routes(case: &Value) -> Answer {
    let root: HTTPRoute = typed(&case["root"])?;
    let merged = delegate::merge_routes(&root, &list::<HTTPRoute>(&case["delegates"])?);
    // No list and an empty one are the same.
    let expected: Vec<Value> = read::items(&case["expected"]).to_vec();
    Ok(Outcome::equal(json!(expected), merged.iter().map(json_of).collect::<Value>()))
}

pub(super) fn virtual_services(case: &Value) -> Answer {
    let settings = read::settings().with_virtual_service_export_to(read::texts(&case["defaultExportTo"]));
    let mut mesh = read::mesh(settings);
    read::apply_all::<VirtualService>(&mut mesh, &case["virtualServices"])?;
    let shape = |object: &Object<VirtualService>| json!({"namespace": object.metadata.namespace, "name": object.metadata.name, "spec": json_of(&object.spec)});
    let mut expected = Vec::new();
    for value in read::items(&case["expected"]) {
        expected.push(shape(&read::object::<VirtualService>(value)?));
    }
    let mut actual: Vec<Value> = mesh.merged_virtual_services().iter().map(shape).collect();
    // The order is by age there, which the case does not tell.
    expected.sort_by_key(Value::to_string);
    actual.sort_by_key(Value::to_string);
    Ok(Outcome::equal(json!(expected), json!(actual)))
}

pub(super) fn gateway_name(case: &Value) -> Answer {
    let name = resolve_gateway_name(read::text(&case["gateway"]), read::text(&case["namespace"]));
    Ok(Outcome::equal(read::text(&case["expected"]), name))
}
