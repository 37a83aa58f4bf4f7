//! Configuration as the Envoy messages that the control plane sends.

use std::collections::BTreeMap;

use pointsman_api::Object;
use pointsman_api::istio::networking::{
    CorsPolicy, Destination, DestinationRule, HTTPFaultInjection, HTTPMatchRequest, HTTPMirrorPolicy,
    HTTPRetry, HTTPRoute, StringMatch, VirtualService,
};
use pointsman_envoy::{read_route_configuration, route_configuration};
use pointsman_route::destination_rule::{DestinationRules, consistent_hash};
use pointsman_route::ir::{
    Action, ClusterName, Denominator, DestinationChoice, ExternalProcessor, Forward, Fraction, Mirror,
    Origin, Route, RouteConfig, RouteMatch, VirtualHost,
};
use pointsman_route::translate::{self, RoutePlace, RouteScope, Semantics};
use pointsman_route::{MeshService, Protocol, Proxy};
use pointsman_types::{FieldPath, Labels, Profile};
use serde_json::{Value, json};

use super::checks;
use super::read::{self, Answer, items, labels, text, texts, typed};
use crate::Outcome;

/// Routes as Envoy has them.
fn rendered(routes: Vec<Route>) -> Value {
    let host = VirtualHost { name: "x".into(), domains: vec!["*".into()], routes, ..VirtualHost::default() };
    let config = RouteConfig { virtual_hosts: vec![host.into()], ..RouteConfig::default() };
    let message = serde_json::to_value(route_configuration(&config)).unwrap_or_default();
    message["virtualHosts"][0].get("routes").cloned().unwrap_or(json!([]))
}

fn rendered_forward(change: impl FnOnce(&mut Forward)) -> Value {
    let mut forward = Forward::to(DestinationChoice::Cluster(ClusterName::new("c")));
    change(&mut forward);
    rendered(vec![Route { action: Action::Forward(Box::new(forward)), ..Route::default() }])[0]["route"]
        .clone()
}

fn judged(case: &Value, message: &Value) -> Outcome {
    let failures: Vec<_> =
        items(&case["checks"]).iter().filter_map(|check| checks::failure(message, check)).collect();
    Outcome::judged(failures.is_empty(), &case["checks"], format!("{} in {message}", failures.join("; ")))
}

/// What is expected against what is rendered; what is not set and its zero value are the same.
fn compared(case: &Value, actual: &Value) -> Outcome {
    let check = json!({"path": "message", "op": "equals", "value": case["expected"]});
    let failure = checks::failure(&json!({"message": actual}), &check);
    Outcome::judged(failure.is_none(), &case["expected"], actual)
}

pub(super) fn http_routes(case: &Value) -> Answer {
    if text(&case["call"]) == "BuildSidecarVirtualHostWrapper" {
        return sidecar_hosts(case);
    }
    let port =
        u16::try_from(case["listenPort"].as_u64().unwrap_or_default()).map_err(|error| error.to_string())?;
    let proxy = proxy(case);
    let options = &case["options"];
    let settings = read::settings_of(options.get("mesh"))?;
    let names = texts(&case["gateways"]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let object: Object<VirtualService> = read::object(&case["virtualService"])?;
    let registry = registry(&case["serviceRegistry"]);
    let service = |host: &str| registry.get(host);
    let rules = rules(case)?;
    let hash = |destination: &Destination| hashes(case, &rules, &proxy, destination);
    let processor = |route: &str| processor(options["inferencePoolExtensionRefs"].get(route)?);
    let origin = |place: RoutePlace| Some(origin(&object, place));
    let mut scope = RouteScope::new(&proxy, port, &names)
        .with_semantics(Semantics::of(&object.metadata))
        .with_settings(&settings)
        .with_services(&service)
        .with_hashes(&hash)
        .with_processors(&processor);
    scope.origin = &origin;
    if options["isTLS"] == json!(true) {
        scope = scope.with_tls();
    }
    if options["isHTTP3AltSvcHeaderNeeded"] == json!(true) {
        scope = scope.with_http3_offered();
    }
    let routes = translate::routes(&object.spec.http, &scope);
    if case.get("error").is_some_and(|error| *error != json!(routes.is_empty())) {
        return Ok(Outcome::judged(false, &case["error"], rendered(routes)));
    }
    Ok(judged(case, &json!({"routes": rendered(routes)})))
}

fn processor(value: &Value) -> Option<ExternalProcessor> {
    let port = &value["port"];
    let port = port.as_u64().or_else(|| text(port).parse().ok())?;
    let processor = ExternalProcessor::new(text(&value["fqdn"]), u16::try_from(port).ok()?);
    Some(processor.with_failure_mode_allow(value["failureModeAllow"] == json!(true)))
}

fn origin(object: &Object<VirtualService>, place: RoutePlace) -> Origin {
    Origin {
        object: object.object_ref(),
        path: FieldPath::root().field("spec").field("http").index(place.route),
    }
}

fn proxy(case: &Value) -> Proxy {
    let proxy = &case["proxy"];
    let of: Labels = labels(&proxy["labels"]).into_iter().collect();
    let namespaces =
        [&proxy["metadata"]["NAMESPACE"], &proxy["metadata"]["namespace"], &proxy["configNamespace"]];
    let namespace = namespaces.into_iter().map(text).find(|name| !name.is_empty()).unwrap_or_default();
    match text(&proxy["type"]) {
        "router" => Proxy::gateway(namespace, of),
        _ => Proxy::sidecar(namespace, of),
    }
}

fn registry(value: &Value) -> BTreeMap<String, MeshService> {
    let services = value.as_object().into_iter().flatten().enumerate();
    services.map(|(position, (host, value))| (host.clone(), read::service(value, position))).collect()
}

fn rules(case: &Value) -> Result<DestinationRules, String> {
    let mut rules: Vec<Object<DestinationRule>> = Vec::new();
    for value in items(&case["configs"]).iter().filter(|value| text(&value["kind"]) == "DestinationRule") {
        rules.push(read::object(value)?);
    }
    Ok(DestinationRules::fold(&rules, &read::settings()))
}

fn hashes(
    case: &Value,
    rules: &DestinationRules,
    proxy: &Proxy,
    destination: &Destination,
) -> Option<Vec<pointsman_route::ir::HashPolicy>> {
    let known =
        items(&case["meshServices"]).iter().find(|service| text(&service["hostname"]) == destination.host);
    let namespace = text(&known?["attributes"]["namespace"]);
    let rule = rules.of_client(&proxy.namespace, &proxy.labels, &destination.host, namespace)?;
    let port = destination.port.as_ref().and_then(|port| u16::try_from(port.number).ok());
    consistent_hash(&rule.rule, &destination.subset, port).map(translate::hash_policies)
}

fn sidecar_hosts(case: &Value) -> Answer {
    let mut mesh = read::mesh(read::settings());
    let namespace_of = |host: &str| {
        let known = items(&case["meshServices"]).iter().find(|service| text(&service["hostname"]) == host);
        known.map(|service| service["attributes"]["namespace"].clone()).unwrap_or_default()
    };
    for (position, (host, value)) in case["serviceRegistry"].as_object().into_iter().flatten().enumerate() {
        let mut value = value.clone();
        value["attributes"]["namespace"] = namespace_of(host);
        mesh.register(read::service(&value, position));
    }
    read::apply_all::<VirtualService>(&mut mesh, &case["virtualServices"])?;
    read::apply_all::<DestinationRule>(&mut mesh, &case["configs"])?;
    let port = case["listenPort"].as_u64().unwrap_or_default();
    let table = mesh.compile(&proxy(case)).table;
    let config = table.config().routes.iter().find(|routes| routes.name == port.to_string());
    let hosts: Value = config
        .into_iter()
        .flat_map(|config| &config.virtual_hosts)
        .filter(|host| host.domains != ["*"])
        .map(|host| json!({"services": [host.name], "routes": rendered(host.routes.clone())}))
        .collect();
    Ok(judged(case, &json!({"vhosts": hosts})))
}

pub(super) fn retry(case: &Value) -> Answer {
    let wanted: Option<HTTPRetry> = typed(&case["in"])?;
    let is_hashed = case["context"]["hashPolicy"] == json!(true);
    let is_inbound = text(&case["context"]["function"]) == "ConvertInboundPolicy"
        || text(&case["suite"]) == "TestInboundRetry";
    let retry = if is_inbound {
        translate::inbound_retry(wanted.as_ref())
    } else {
        translate::retry(wanted.as_ref(), is_hashed, Profile::MEASURED)
    };
    let message = rendered_forward(|forward| forward.retry = retry);
    Ok(judged(case, &json!({"policy": message.get("retryPolicy")})))
}

/// A route for requests that come in; the case tells it whole.
pub(super) fn inbound_route(case: &Value) -> Answer {
    let of = |names: &[&str]| names.iter().map(|name| text(&case[*name])).find(|text| !text.is_empty());
    let protocol = Protocol::of_name(of(&["protocol"]).unwrap_or_default());
    let config = ["mesh", "meshConfig"].iter().find_map(|name| case.get(*name)).unwrap_or(&Value::Null);
    let retry: Option<HTTPRetry> = typed(&config["defaultInboundHttpRetryPolicy"])?;
    let cluster = ClusterName::new(of(&["clusterName", "cluster"]).unwrap_or_default());
    let operation = of(&["operation", "traceOperation"]).unwrap_or_default();
    let route = translate::inbound_route(cluster, operation, protocol, retry.as_ref());
    let message = rendered(vec![route])[0].clone();
    let policy = &message["route"]["retryPolicy"];
    if case.get("checks").is_some() {
        return Ok(judged(case, &json!({"route": message, "retryPolicy": policy, "policy": policy})));
    }
    let is_whole = ["match", "route", "name"].iter().any(|name| case["expected"].get(*name).is_some());
    Ok(compared(case, if is_whole { &message } else { policy }))
}

fn fraction(case: &Value, fraction: Option<Fraction>) -> Outcome {
    let Some(fraction) = fraction else { return Outcome::equal(&case["expected"], Value::Null) };
    let mirror = Mirror::to(ClusterName::new("c")).with_fraction(fraction);
    let message = rendered_forward(|forward| forward.mirrors.push(mirror));
    compared(case, &message["requestMirrorPolicies"][0]["runtimeFraction"])
}

pub(super) fn mirror_percent(case: &Value) -> Answer {
    let route: HTTPRoute = typed(&case["in"])?;
    Ok(fraction(case, translate::mirror_fraction(&route)))
}

pub(super) fn mirror_percent_by_policy(case: &Value) -> Answer {
    let mirror: HTTPMirrorPolicy = typed(&case["in"])?;
    Ok(fraction(case, translate::mirror_policy_fraction(&mirror)))
}

pub(super) fn mirror_policy(case: &Value) -> Answer {
    let share = &case["runtimeFraction"]["defaultValue"];
    let denominator = match text(&share["denominator"]) {
        "TEN_THOUSAND" => Denominator::TenThousand,
        "MILLION" => Denominator::Million,
        _ => Denominator::Hundred,
    };
    let numerator = share["numerator"].as_u64().unwrap_or_default();
    let numerator = u32::try_from(numerator).map_err(|error| error.to_string())?;
    let mut mirror = Mirror::to(ClusterName::new(text(&case["cluster"])));
    if case["runtimeFraction"].is_object() {
        mirror = mirror.with_fraction(Fraction { numerator, denominator });
    }
    mirror.keeps_host = case["disableShadowHostSuffix"] == json!(true);
    let message = rendered_forward(|forward| forward.mirrors.push(mirror));
    Ok(compared(case, &message["requestMirrorPolicies"][0]))
}

/// The settings of a filter, without their type.
fn filter_of(route: Route, name: &str) -> Value {
    let mut message = rendered(vec![route])[0]["typedPerFilterConfig"][name].clone();
    if let Some(fields) = message.as_object_mut() {
        fields.remove("@type");
    }
    message
}

pub(super) fn fault(case: &Value) -> Answer {
    let wanted: HTTPFaultInjection = typed(&case["in"])?;
    let route = Route { fault: Some(Box::new(translate::fault(&wanted))), ..Route::default() };
    Ok(compared(case, &filter_of(route, "envoy.filters.http.fault")))
}

pub(super) fn cors(case: &Value) -> Answer {
    let wanted: CorsPolicy = typed(&case["in"])?;
    let route = Route { cors: Some(Box::new(translate::cors(&wanted))), ..Route::default() };
    Ok(compared(case, &filter_of(route, "envoy.filters.http.cors")))
}

pub(super) fn metadata(case: &Value) -> Answer {
    let around: HTTPMatchRequest = typed(&json!({"uri": case["in"]}))?;
    let wanted: StringMatch = around.uri.unwrap_or_default();
    let Some(found) = translate::metadata_match(text(&case["header"]), &wanted) else {
        return Ok(Outcome::equal(&case["expected"], Value::Null));
    };
    let matches = RouteMatch { metadata: vec![found], ..RouteMatch::default() };
    let message = rendered(vec![Route { matches, ..Route::default() }]);
    Ok(compared(case, &message[0]["match"]["dynamicMetadata"][0]))
}

/// Routes of Envoy as routes.
fn read_routes(values: &[Value]) -> Result<Vec<Route>, String> {
    let document = json!({"virtualHosts": [{"name": "x", "domains": ["*"], "routes": values}]});
    let (config, _) = read_route_configuration(&typed(&document)?);
    Ok(config.virtual_hosts.first().map(|host| host.routes.clone()).unwrap_or_default())
}

pub(super) fn is_catch_all(case: &Value) -> Answer {
    let routes = read_routes(std::slice::from_ref(&case["in"]))?;
    let actual = routes.first().is_some_and(|route| route.matches.is_catch_all());
    Ok(Outcome::equal(&case["expected"], actual))
}

pub(super) fn sorted(case: &Value) -> Answer {
    let mut routes = read_routes(items(&case["in"]))?;
    translate::catch_all_last(&mut routes);
    let expected = read_routes(items(&case["expected"]))?;
    Ok(Outcome::judged(routes == expected, &case["expected"], rendered(routes)))
}

pub(super) fn source_match(case: &Value) -> Answer {
    let wanted: HTTPMatchRequest = typed(&case["in"])?;
    let of: Labels = labels(&case["proxyLabels"]).into_iter().collect();
    let gateways = texts(&case["gatewayNames"]);
    let gateways: Vec<&str> = gateways.iter().map(String::as_str).collect();
    let applies = translate::applies_to_source(&wanted, &of, text(&case["proxyNamespace"]), &gateways);
    Ok(Outcome::equal(&case["expected"], applies))
}
