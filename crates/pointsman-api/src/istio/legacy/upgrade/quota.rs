//! Quotas to rate limits of the proxy.

use pointsman_manifest::{Map, Value};
use pointsman_types::ObjectRef;
use pointsman_types::duration::{TimeDelta, proto};

use super::Run;
use crate::Resource;
use crate::istio::legacy::{MemQuota, MemQuotaLimit, Quota, RedisQuota, Rule};
use crate::istio::networking::{
    ApplyTo, EnvoyConfigObjectMatch, EnvoyConfigObjectPatch, EnvoyFilter, EnvoyObjectTypes, FilterChainMatch,
    FilterMatch, ListenerMatch, Patch, PatchContext, PatchOperation, SubFilterMatch,
};
use crate::object::{Kind, Object};

const FILTER: &str = "envoy.filters.http.local_ratelimit";
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
    for quota in &old.redis {
        run.lost(
            &quota.object_ref(),
            "",
            "limits for all proxies together need a rate limit service, which is not written here",
            "use `envoy.filters.http.ratelimit` with a service, in units of a second, minute, hour or day",
        );
    }
    let mut objects = Vec::new();
    for quota in &old.mem {
        for (position, limit) in quota.spec.quotas.iter().enumerate() {
            let object = quota.object_ref();
            match why_not(limit, quota, old) {
                Some((why, help)) => run.left_out(&object, &format!("quotas[{position}]"), why, help),
                None => objects.push(filter(limit, quota, &object, position, run)),
            }
        }
    }
    objects
}

fn why_not(
    limit: &MemQuotaLimit,
    quota: &Object<MemQuota>,
    old: &Quotas,
) -> Option<(&'static str, &'static str)> {
    let duration = limit.valid_duration.unwrap_or_default();
    if duration < SHORTEST || !(1..=i64::from(u32::MAX)).contains(&limit.max_amount) {
        return Some((
            "a limit that is given back, in less than 50 ms, or of nothing cannot be a token bucket",
            "limit connections or requests at once with a DestinationRule",
        ));
    }
    let named = |short: &str, kind: &str, namespace: &str, name: &str| {
        let full = format!("{name}.{kind}.{namespace}");
        short == full || full.strip_suffix(&format!(".{namespace}")) == Some(short)
    };
    let instance = old
        .instances
        .iter()
        .find(|one| named(&limit.name, "quota", &one.metadata.namespace, &one.metadata.name));
    if !limit.overrides.is_empty() || instance.is_none_or(|one| !one.spec.dimensions.is_empty()) {
        return Some((
            "requests with other dimensions were counted apart; a plain limit would count them together",
            "write descriptors for the values that matter",
        ));
    }
    let (name, namespace) = (&quota.metadata.name, &quota.metadata.namespace);
    let uses = |rule: &&Object<Rule>| {
        rule.spec.actions.iter().any(|action| named(&action.handler, MemQuota::KIND, namespace, name))
    };
    let mut rules = old.rules.iter().filter(uses).peekable();
    if rules.peek().is_none() || rules.any(|rule| !rule.spec.r#match.is_empty()) {
        return Some((
            "no rule uses the limit for all requests; without its condition it would touch more of them",
            "limit the routes that are meant, with `typed_per_filter_config`",
        ));
    }
    None
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
    let value = map([("name", FILTER.into()), ("typed_config", config)]);
    let router = SubFilterMatch::new().with_name("envoy.filters.http.router");
    let manager = FilterMatch::new().with_name(MANAGER).with_sub_filter(router);
    let listener = ListenerMatch::new().with_filter_chain(FilterChainMatch::new().with_filter(manager));
    let place = EnvoyConfigObjectMatch::new()
        .with_context(PatchContext::SidecarInbound)
        .with_object_types(EnvoyObjectTypes::Listener(listener));
    let patch = EnvoyConfigObjectPatch::new()
        .with_apply_to(ApplyTo::HttpFilter)
        .with_match(place)
        .with_patch(Patch::new().with_operation(PatchOperation::InsertBefore).with_value(value));
    let name = format!("{}-{position}", quota.metadata.name);
    Object::new(&quota.metadata.namespace, name, EnvoyFilter::new().with_config_patches(vec![patch])).into()
}
