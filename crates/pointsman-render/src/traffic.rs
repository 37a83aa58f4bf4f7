//! Destination rules, virtual services, gateways and rate limits of an application.

use std::collections::BTreeMap;

use pointsman_api::app::{
    Affinity, AffinityKey, Application, CircuitBreaker, Component, ConnectionPool, ExternalAccess, RateLimit,
    TrafficPolicy as AppPolicy,
};
use pointsman_api::istio::networking::{
    ConnectionPoolSettings, ConsistentHashLb, Destination, DestinationRule, Gateway, HTTPCookie, HTTPRetry,
    HTTPRoute, HTTPRouteDestination, HTTPSettings, HashKey, LbPolicy, LoadBalancerSettings, OutlierDetection,
    PortSelector, RouteDestination, Server, ServerPort, Subset, TCPRoute, TCPSettings, TrafficPolicy,
    VirtualService,
};
use pointsman_api::{Kind, Object};
use pointsman_manifest::{Map, Value};
use pointsman_types::duration::{TimeDelta, proto};

use crate::workloads::{APP, VERSION, component_labels, labels};

/// The name of the subset of a version: subset names have no dots and no underscores.
pub(crate) fn subset_name(version: &str) -> String {
    version.chars().map(|letter| if letter == '.' || letter == '_' { '-' } else { letter }).collect()
}

pub(crate) fn subset(version: &str, label: &str) -> Subset {
    Subset::new().with_name(subset_name(version)).with_labels(labels([(label, version)]))
}

pub(crate) fn destination_rule(application: &Application, component: &Component) -> Value {
    let mut rule = DestinationRule::new().with_host(component.name.as_str());
    rule.traffic_policy = component.traffic_policy.as_ref().and_then(traffic_policy);
    rule.subsets = component.versions.iter().map(|version| subset(&version.name, VERSION)).collect();
    object_of(application, component, &component.name, rule)
}

fn object_of<T: Kind>(application: &Application, component: &Component, name: &str, spec: T) -> Value {
    let mut object = Object::new(application.namespace_or_default(), name, spec);
    object.metadata.labels = component_labels(application, component);
    object.to_value()
}

fn traffic_policy(policy: &AppPolicy) -> Option<TrafficPolicy> {
    let mut rendered = TrafficPolicy::new();
    rendered.connection_pool = policy.connection_pool.as_ref().map(connection_pool);
    rendered.outlier_detection = policy.circuit_breaker.as_ref().map(outlier_detection);
    rendered.load_balancer = policy.affinity.as_ref().and_then(affinity);
    (rendered != TrafficPolicy::new()).then_some(rendered)
}

/// Limits of Istio are signed; none is 0, which it reads as no limit.
fn limit(count: Option<u32>) -> i32 {
    count.map_or(0, |count| i32::try_from(count).unwrap_or(i32::MAX))
}

fn connection_pool(pool: &ConnectionPool) -> ConnectionPoolSettings {
    let mut settings = ConnectionPoolSettings::new();
    let mut tcp = TCPSettings::new().with_max_connections(limit(pool.max_connections));
    tcp.connect_timeout = pool.connect_timeout;
    if tcp != TCPSettings::new() {
        settings.tcp = Some(tcp);
    }
    let http = HTTPSettings::new()
        .with_http1_max_pending_requests(limit(pool.max_pending_requests))
        .with_http2_max_requests(limit(pool.max_requests))
        .with_max_requests_per_connection(limit(pool.max_requests_per_connection));
    if http != HTTPSettings::new() {
        settings.http = Some(http);
    }
    // One of the two must be there.
    if settings == ConnectionPoolSettings::new() {
        settings.tcp = Some(TCPSettings::new());
    }
    settings
}

fn outlier_detection(breaker: &CircuitBreaker) -> OutlierDetection {
    let mut detection = OutlierDetection::new();
    detection.consecutive_5xx_errors = Some(breaker.consecutive_errors.unwrap_or(5));
    detection.interval = breaker.interval;
    detection.base_ejection_time = breaker.base_ejection_time;
    detection.max_ejection_percent = limit(breaker.max_ejection_percent);
    detection
}

fn affinity(affinity: &Affinity) -> Option<LoadBalancerSettings> {
    let key = match affinity.key.as_ref()? {
        AffinityKey::Header(name) => HashKey::HttpHeaderName(name.clone()),
        AffinityKey::QueryParameter(name) => HashKey::HttpQueryParameterName(name.clone()),
        AffinityKey::Cookie(name) => {
            let mut cookie = HTTPCookie::new().with_name(name.as_str());
            cookie.ttl = affinity.cookie_ttl;
            HashKey::HttpCookie(cookie)
        }
        _ => HashKey::UseSourceIp(true),
    };
    let hash = ConsistentHashLb::new().with_hash_key(key);
    Some(LoadBalancerSettings::new().with_lb_policy(LbPolicy::ConsistentHash(hash)))
}

fn destination(component: &Component, subset: &str) -> Destination {
    Destination::new()
        .with_host(component.name.as_str())
        .with_subset(subset)
        .with_port(PortSelector::new().with_number(component.service_port()))
}

/// The component's own virtual service: everything to the first version, which pins it before there is a canary.
pub(crate) fn virtual_service(application: &Application, component: &Component) -> Value {
    let service = VirtualService::new().with_hosts(vec![component.name.clone()]);
    object_of(application, component, &component.name, with_route(service, component))
}

fn with_route(mut service: VirtualService, component: &Component) -> VirtualService {
    let stable = component.versions.first().map(|version| subset_name(&version.name)).unwrap_or_default();
    let destination = destination(component, &stable);
    if component.protocol_or_default().starts_with("tcp") {
        let to = RouteDestination::new().with_destination(destination);
        service.tcp = vec![TCPRoute::new().with_route(vec![to])];
        return service;
    }
    let mut route = HTTPRoute::new().with_name(component.name.as_str());
    route.route = vec![HTTPRouteDestination::new().with_destination(destination)];
    if let Some(policy) = &component.traffic_policy {
        route.timeout = policy.timeout;
        if let Some(retries) = &policy.retries {
            let mut rendered = HTTPRetry::new().with_attempts(limit(Some(retries.attempts)));
            rendered.per_try_timeout = retries.per_try_timeout;
            rendered.retry_on = retries.on.join(",");
            route.retries = Some(rendered);
        }
    }
    service.http = vec![route];
    service
}

fn gateway_name(application: &Application) -> String {
    format!("{}-gateway", application.name)
}

pub(crate) fn gateway(application: &Application, access: &ExternalAccess) -> Value {
    let port = ServerPort::new()
        .with_number(if access.port == 0 { 80 } else { access.port })
        .with_name("http")
        .with_protocol("HTTP");
    let server = Server::new().with_port(port).with_hosts(hosts(access));
    let mut gateway = Gateway::new().with_servers(vec![server]);
    gateway.selector = if access.gateway_selector.is_empty() {
        labels([("istio", "ingressgateway")])
    } else {
        access.gateway_selector.clone()
    };
    let mut object = Object::new(application.namespace_or_default(), gateway_name(application), gateway);
    object.metadata.labels = labels([("app.kubernetes.io/part-of", application.name.as_str())]);
    object.to_value()
}

fn hosts(access: &ExternalAccess) -> Vec<String> {
    if access.hosts.is_empty() { vec!["*".to_owned()] } else { access.hosts.clone() }
}

pub(crate) fn access_service(
    application: &Application,
    access: &ExternalAccess,
    component: &Component,
) -> Value {
    let service =
        VirtualService::new().with_hosts(hosts(access)).with_gateways(vec![gateway_name(application)]);
    object_of(application, component, &application.name, with_route(service, component))
}

/// Envoy's local rate limit in the pods of a component.
///
/// Source: `envoy.filters.http.local_ratelimit` of Envoy; each pod counts for itself.
pub(crate) fn rate_limit(application: &Application, component: &Component, limit: &RateLimit) -> Value {
    let burst = if limit.burst == 0 { limit.requests } else { limit.burst };
    let per = limit.per.unwrap_or(TimeDelta::from_secs(1));
    let bucket = map([
        ("max_tokens", burst.into()),
        ("tokens_per_fill", limit.requests.into()),
        ("fill_interval", proto::format(per).into()),
    ]);
    let always = |key: &str| {
        map([
            ("runtime_key", format!("local_rate_limit_{key}").into()),
            ("default_value", map([("numerator", 100.into()), ("denominator", "HUNDRED".into())])),
        ])
    };
    let config = map([
        (
            "@type",
            "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit".into(),
        ),
        ("stat_prefix", "http_local_rate_limiter".into()),
        ("token_bucket", bucket),
        ("filter_enabled", always("enabled")),
        ("filter_enforced", always("enforced")),
    ]);
    let filter = |name: &str, inner: Option<Value>| {
        let mut fields = Map::from_iter([("name", Value::from(name))]);
        if let Some(inner) = inner {
            fields.insert("subFilter", inner);
        }
        Value::Map(fields)
    };
    let router = filter("envoy.filters.http.router", None);
    let manager = filter("envoy.filters.network.http_connection_manager", Some(router));
    let matching = map([
        ("context", "SIDECAR_INBOUND".into()),
        ("listener", map([("filterChain", map([("filter", manager)]))])),
    ]);
    let patch = map([
        ("operation", "INSERT_BEFORE".into()),
        ("value", map([("name", "envoy.filters.http.local_ratelimit".into()), ("typed_config", config)])),
    ]);
    let patches = map([("applyTo", "HTTP_FILTER".into()), ("match", matching), ("patch", patch)]);
    let spec = map([
        ("workloadSelector", map([("labels", map([(APP, component.name.as_str().into())]))])),
        ("configPatches", Value::List(vec![patches])),
    ]);
    let metadata = map([
        ("name", format!("{}-rate-limit", component.name).into()),
        ("namespace", application.namespace_or_default().into()),
        ("labels", labels_value(&component_labels(application, component))),
    ]);
    map([
        ("apiVersion", "networking.istio.io/v1alpha3".into()),
        ("kind", "EnvoyFilter".into()),
        ("metadata", metadata),
        ("spec", spec),
    ])
}

fn labels_value(labels: &BTreeMap<String, String>) -> Value {
    Value::Map(labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().collect())
}
