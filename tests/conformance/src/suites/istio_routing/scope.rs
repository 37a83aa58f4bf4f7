//! What a sidecar knows.

use pointsman_api::istio::networking::{DestinationRule, Sidecar, VirtualService};
use pointsman_route::{Mesh, MeshService, Proxy};
use serde_json::{Value, json};

use super::read::{self, Answer, items, labels, text};
use crate::Outcome;

/// The classified hosts as a Sidecar would write them.
fn sidecar(case: &Value) -> Value {
    let mut hosts = Vec::new();
    for (namespace, classes) in case["hostsByNamespace"].as_object().into_iter().flatten() {
        let names = |class: &str| read::texts(&classes[class]);
        hosts.extend(names("allHosts").iter().map(|host| format!("{namespace}/{host}")));
        let exact = names("exactHosts").into_iter().map(|host| format!("{namespace}/{host}"));
        hosts.extend(exact);
        hosts.extend(names("excludedHosts").iter().map(|host| format!("~{namespace}/{host}")));
    }
    json!({"meta": {"name": "default", "namespace": case["configNamespace"]}, "spec": {"egress": [{"hosts": hosts}]}})
}

pub(super) fn virtual_services(case: &Value) -> Answer {
    let mut mesh = read::mesh(read::settings());
    // Several of a name stand for several objects: here the position tells them apart.
    let mut known = Vec::new();
    for (position, value) in items(&case["publicByGateway"]["mesh"]).iter().enumerate() {
        let mut object = read::object::<VirtualService>(value)?;
        known.push(object.metadata.name.clone());
        object.metadata.name = format!("{position:04}");
        mesh.apply_object(object);
    }
    mesh.apply_object(read::object::<Sidecar>(&sidecar(case))?);
    let proxy = Proxy::sidecar(text(&case["configNamespace"]), pointsman_types::Labels::new());
    let found: Vec<_> = mesh
        .known_virtual_services(&proxy)
        .iter()
        .map(|object| object.name.parse::<usize>().ok().and_then(|position| known.get(position).cloned()))
        .collect();
    Ok(Outcome::equal(&case["expected"], json!(found)))
}

pub(super) fn services(case: &Value) -> Answer {
    let mut mesh = read::mesh(read::settings().with_root_namespace("istio-system"));
    for (position, value) in items(&case["services"]).iter().enumerate() {
        mesh.register(read::service(value, position));
    }
    read::apply_all::<VirtualService>(&mut mesh, &case["virtualServices"])?;
    // Several of a name stand for several objects here too.
    for (position, value) in items(&case["destinationRules"]).iter().enumerate() {
        let mut object = read::object::<DestinationRule>(value)?;
        object.metadata.name = format!("{}~{position:04}", object.metadata.name);
        mesh.apply_object(object);
    }
    let namespace = text(&case["proxyConfigNamespace"]);
    let mut proxy_labels = pointsman_types::Labels::new();
    if !case["sidecar"].is_null() {
        // The test applies it to that namespace, wherever it says it is.
        let mut object = read::object::<Sidecar>(&case["sidecar"])?;
        namespace.clone_into(&mut object.metadata.namespace);
        // And asks for what it says without looking whose it is.
        object.spec.workload_selector = None;
        proxy_labels = labels(&case["sidecar"]["meta"]["labels"]).into_iter().collect();
        mesh.apply_object(object);
    }
    let proxy = Proxy::sidecar(namespace, proxy_labels);
    let shape = |service: &MeshService| {
        let ports: Vec<_> = service.ports.iter().map(|port| (port.number, port.name.clone())).collect();
        json!({"host": service.host, "namespace": service.namespace, "ports": ports}).to_string()
    };
    let mut expected: Vec<_> = items(&case["expectedServices"])
        .iter()
        .enumerate()
        .map(|(at, value)| shape(&read::service(value, at)))
        .collect();
    let mut actual: Vec<_> = mesh.known_services(&proxy).iter().map(shape).collect();
    expected.sort();
    actual.sort();
    let (mut expected, mut actual) = (json!({"services": expected}), json!({"services": actual}));
    if !case["sidecar"].is_null() {
        expected["rule"] = case["expectedDestinationRuleForHttpbinOrg"]["spec"].clone();
        actual["rule"] = rule(&mut mesh, &proxy);
    }
    Ok(Outcome::judged(expected == actual, &expected, &actual))
}

/// The rule that counts for `httpbin.org`, which the test asks for.
fn rule(mesh: &mut Mesh, proxy: &Proxy) -> Value {
    let known = mesh.known_services(proxy);
    let Some(service) = known.iter().find(|service| service.host == "httpbin.org") else {
        return Value::Null;
    };
    let rules = mesh.destination_rules();
    let found = rules.of_client(&proxy.namespace, &proxy.labels, &service.host, &service.namespace);
    found.map_or(Value::Null, |found| read::json_of(&found.rule))
}
