//! Quotas to rate limits of the proxy.

use pointsman_manifest::{Map, Value};
use pointsman_types::ObjectRef;
use pointsman_types::duration::{TimeDelta, proto};

use super::Run;
use crate::Resource;
use crate::istio::legacy::{MemQuota, MemQuotaLimit, Quota, QuotaAlgorithm, RedisQuota, Rule};
use crate::istio::networking::{
    ApplyTo, EnvoyConfigObjectMatch, EnvoyConfigObjectPatch, EnvoyFilter, EnvoyObjectTypes, FilterChainMatch,
    FilterMatch, ListenerMatch, Patch, PatchContext, PatchOperation, SubFilterMatch,
};
use crate::object::{Kind, Object};

const FILTER: &str = "envoy.filters.http.local_ratelimit";
const GLOBAL_FILTER: &str = "envoy.filters.http.ratelimit";
const MANAGER: &str = "envoy.filters.network.http_connection_manager";
/// Envoy fills no bucket more often.
const SHORTEST: TimeDelta = TimeDelta::from_millis(50);

/// The objects of Mixer that quotas are made of.
#[derive(Default)]
pub(super) struct Quotas {
    pub(super) mem: Vec<Object<MemQuota>>,
    pub(super) redis: Vec<Object<RedisQuota>>,
    pub(super) instances: Vec<Object<Quota>>,
    pub(super) rules: Vec<Object<Rule>>,
}

/// A filter for each limit that counts all requests together, without a condition.
pub(super) fn upgrade(old: &Quotas, run: &mut Run<'_>) -> Vec<Resource> {
    let mut objects = Vec::new();
    for quota in &old.mem {
        for (position, limit) in quota.spec.quotas.iter().enumerate() {
            let object = quota.object_ref();
            let plain = Plain {
                name: &limit.name,
                most: limit.max_amount,
                duration: limit.valid_duration.unwrap_or_default(),
                is_overridden: !limit.overrides.is_empty(),
            };
            match why_not(&plain, &handler_of(quota), old) {
                Some((why, help)) => run.left_out(&object, &format!("quotas[{position}]"), why, help),
                None => objects.push(filter(limit, quota, &object, position, run)),
            }
        }
    }
    for quota in &old.redis {
        objects.extend(global(quota, old, run));
    }
    objects
}

/// A limit, whichever kind of handler keeps it.
struct Plain<'a> {
    name: &'a str,
    most: i64,
    duration: TimeDelta,
    is_overridden: bool,
}

/// The handler as rules name it: kind, namespace and name.
fn handler_of<T: Kind>(quota: &Object<T>) -> [&str; 3] {
    [T::KIND, &quota.metadata.namespace, &quota.metadata.name]
}

/// Whether a text names an object in Mixer's way: `name.kind.namespace`, the namespace only where it is another one.
fn named(short: &str, [kind, namespace, name]: [&str; 3]) -> bool {
    let full = format!("{name}.{kind}.{namespace}");
    short == full || full.strip_suffix(&format!(".{namespace}")) == Some(short)
}

fn why_not(limit: &Plain<'_>, handler: &[&str; 3], old: &Quotas) -> Option<(&'static str, &'static str)> {
    if limit.duration < SHORTEST || !(1..=i64::from(u32::MAX)).contains(&limit.most) {
        return Some((
            "a limit that is given back, in less than 50 ms, or of nothing cannot be a rate limit",
            "limit connections or requests at once with a DestinationRule",
        ));
    }
    let of_instance =
        |one: &&Object<Quota>| named(limit.name, ["quota", &one.metadata.namespace, &one.metadata.name]);
    let instance = old.instances.iter().find(of_instance);
    if limit.is_overridden || instance.is_none_or(|one| !one.spec.dimensions.is_empty()) {
        return Some((
            "requests with other dimensions were counted apart; a plain limit would count them together",
            "write descriptors for the values that matter",
        ));
    }
    let uses = |rule: &&Object<Rule>| rule.spec.actions.iter().any(|action| named(&action.handler, *handler));
    let mut rules = old.rules.iter().filter(uses).peekable();
    if rules.peek().is_none() || rules.any(|rule| !rule.spec.r#match.is_empty()) {
        return Some((
            "no rule uses the limit for all requests; without its condition it would touch more of them",
            "limit the routes that are meant, with `typed_per_filter_config`",
        ));
    }
    None
}

/// The units of a rate limit service.
fn unit(duration: TimeDelta) -> Option<&'static str> {
    match duration.secs() {
        _ if duration.nanos() % 1_000_000_000 != 0 => None,
        1 => Some("second"),
        60 => Some("minute"),
        3_600 => Some("hour"),
        86_400 => Some("day"),
        _ => None,
    }
}

/// The limits of one Redis handler: a filter that asks a rate limit service, and the limits as that service reads them.
///
/// Source: `envoy.filters.http.ratelimit` of Envoy, and the configuration of its reference rate limit service.
fn global(quota: &Object<RedisQuota>, old: &Quotas, run: &mut Run<'_>) -> Vec<Resource> {
    let object = quota.object_ref();
    let mut names = Vec::new();
    let mut descriptors = Vec::new();
    for (position, limit) in quota.spec.quotas.iter().enumerate() {
        let path = format!("quotas[{position}]");
        let duration = limit.valid_duration.unwrap_or_default();
        let is_overridden = !limit.overrides.is_empty();
        let plain = Plain { name: &limit.name, most: limit.max_amount, duration, is_overridden };
        if let Some((why, help)) = why_not(&plain, &handler_of(quota), old) {
            run.left_out(&object, &path, why, help);
            continue;
        }
        let Some(unit) = unit(duration) else {
            let why =
                "a rate limit service counts in a second, a minute, an hour or a day, and in no other time";
            run.left_out(&object, &path, why, "write the limit for one of these");
            continue;
        };
        if limit.rate_limit_algorithm == QuotaAlgorithm::RollingWindow {
            let why = "the limit counted a rolling window; the service counts fixed ones, so at an edge twice as many may pass";
            run.changed(&object, &path, why, "choose a lower limit where that matters");
        }
        let rate = map([("unit", unit.into()), ("requests_per_unit", limit.max_amount.into())]);
        let name = limit.name.as_str();
        let key = ("key", Value::from("generic_key"));
        descriptors.push(map([key, ("value", name.into()), ("rate_limit", rate)]));
        names.push(name);
    }
    if names.is_empty() {
        return Vec::new();
    }
    run.changed(
        &object,
        "redisServerUrl",
        format!(
            "the limits are counted by a rate limit service, named `ratelimit` on port 8081 here, with its Redis at `{}`",
            quota.spec.redis_server_url
        ),
        "run the service in this namespace with the limits of the ConfigMap, or change its name in the filter",
    );
    let (name, namespace) = (&quota.metadata.name, &quota.metadata.namespace);
    let limits = map([("domain", name.as_str().into()), ("descriptors", Value::List(descriptors))]);
    let metadata = map([("name", format!("{name}-limits").into()), ("namespace", namespace.as_str().into())]);
    let config = map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", metadata),
        ("data", map([("config.yaml", limits.to_yaml().into())])),
    ]);
    let patches = vec![ask_service(name, namespace), describe(&names)];
    let filter = EnvoyFilter::new().with_config_patches(patches);
    vec![Object::new(namespace, name, filter).into(), Resource::Other(config)]
}

/// The filter that asks the service for each request.
fn ask_service(domain: &str, namespace: &str) -> EnvoyConfigObjectPatch {
    let host = format!("ratelimit.{namespace}.svc.cluster.local");
    let cluster =
        map([("cluster_name", format!("outbound|8081||{host}").into()), ("authority", host.as_str().into())]);
    let service =
        map([("grpc_service", map([("envoy_grpc", cluster)])), ("transport_api_version", "V3".into())]);
    let config = map([
        ("@type", "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit".into()),
        ("domain", domain.into()),
        // Requests pass where the service does not answer, as they did where Mixer did not.
        ("failure_mode_deny", false.into()),
        ("rate_limit_service", service),
    ]);
    before_the_router(map([("name", GLOBAL_FILTER.into()), ("typed_config", config)]))
}

/// What is said of each request: one name a limit.
fn describe(names: &[&str]) -> EnvoyConfigObjectPatch {
    let limit = |name: &&str| {
        let action = map([("generic_key", map([("descriptor_value", (*name).into())]))]);
        map([("actions", Value::List(vec![action]))])
    };
    let value = map([("rate_limits", names.iter().map(limit).collect())]);
    let place = EnvoyConfigObjectMatch::new().with_context(PatchContext::SidecarInbound);
    EnvoyConfigObjectPatch::new()
        .with_apply_to(ApplyTo::VirtualHost)
        .with_match(place)
        .with_patch(Patch::new().with_operation(PatchOperation::Merge).with_value(value))
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().collect::<Map>())
}

fn filter(
    limit: &MemQuotaLimit,
    quota: &Object<MemQuota>,
    object: &ObjectRef,
    position: usize,
    run: &mut Run<'_>,
) -> Resource {
    run.changed(
        object,
        &format!("quotas[{position}]"),
        "the limit counted all requests of the mesh in one window; now each proxy has a bucket of its own",
        "divide it by the number of proxies, or use a rate limit service",
    );
    let interval = proto::format(limit.valid_duration.unwrap_or_default());
    let bucket = map([
        ("max_tokens", limit.max_amount.into()),
        ("tokens_per_fill", limit.max_amount.into()),
        ("fill_interval", interval.into()),
    ]);
    let all =
        || map([("default_value", map([("numerator", 100.into()), ("denominator", "HUNDRED".into())]))]);
    let config = map([
        (
            "@type",
            "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit".into(),
        ),
        ("stat_prefix", "http_local_rate_limiter".into()),
        ("token_bucket", bucket),
        ("filter_enabled", all()),
        ("filter_enforced", all()),
    ]);
    let patch = before_the_router(map([("name", FILTER.into()), ("typed_config", config)]));
    let name = format!("{}-{position}", quota.metadata.name);
    Object::new(&quota.metadata.namespace, name, EnvoyFilter::new().with_config_patches(vec![patch])).into()
}

/// An HTTP filter in the sidecars, towards the workload.
fn before_the_router(value: Value) -> EnvoyConfigObjectPatch {
    let router = SubFilterMatch::new().with_name("envoy.filters.http.router");
    let manager = FilterMatch::new().with_name(MANAGER).with_sub_filter(router);
    let listener = ListenerMatch::new().with_filter_chain(FilterChainMatch::new().with_filter(manager));
    let place = EnvoyConfigObjectMatch::new()
        .with_context(PatchContext::SidecarInbound)
        .with_object_types(EnvoyObjectTypes::Listener(listener));
    EnvoyConfigObjectPatch::new()
        .with_apply_to(ApplyTo::HttpFilter)
        .with_match(place)
        .with_patch(Patch::new().with_operation(PatchOperation::InsertBefore).with_value(value))
}
