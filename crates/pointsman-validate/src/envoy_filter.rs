//! EnvoyFilter.

use pointsman_api::istio::networking::{
    ApplyTo, EnvoyConfigObjectMatch, EnvoyConfigObjectPatch, EnvoyFilter, EnvoyObjectTypes, FilterMatch,
    Patch, PatchOperation,
};
use pointsman_manifest::Value;

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{self, quote, re2, selector};

/// Names of filters that Envoy has given up.
const OLD_NAMES: [&str; 26] = [
    "envoy.buffer",
    "envoy.client_ssl_auth",
    "envoy.cors",
    "envoy.csrf",
    "envoy.echo",
    "envoy.ext_authz",
    "envoy.fault",
    "envoy.grpc_http1_bridge",
    "envoy.grpc_json_transcoder",
    "envoy.grpc_web",
    "envoy.gzip",
    "envoy.health_check",
    "envoy.http_connection_manager",
    "envoy.ip_tagging",
    "envoy.listener.http_inspector",
    "envoy.listener.original_dst",
    "envoy.listener.original_src",
    "envoy.listener.proxy_protocol",
    "envoy.listener.tls_inspector",
    "envoy.lua",
    "envoy.mongo_proxy",
    "envoy.rate_limit",
    "envoy.ratelimit",
    "envoy.redis_proxy",
    "envoy.router",
    "envoy.tcp_proxy",
];

const CONNECTION_MANAGERS: [&str; 2] =
    ["envoy.filters.network.http_connection_manager", "envoy.http_connection_manager"];

/// The longest expression for a version of a proxy that is looked at.
const LONGEST_VERSION: usize = 1_024;

pub(crate) fn check(filter: &EnvoyFilter, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    if filter.workload_selector.is_some() && !filter.target_refs.is_empty() {
        let message = "more than one of `workloadSelector` and `targetRefs` is set";
        out.error(at, codes::SELECTOR_AND_TARGET, message);
    }
    if !selector::labels(filter.workload_selector.as_ref(), &at.field("workloadSelector"), out) {
        return;
    }
    for (position, target) in filter.target_refs.iter().enumerate() {
        selector::target_ref(target, &at.item("targetRefs", position), out);
    }
    for (position, patch) in filter.config_patches.iter().enumerate() {
        check_patch(patch, &at.item("configPatches", position), out);
    }
}

fn check_patch(patch: &EnvoyConfigObjectPatch, at: &Place<'_>, out: &mut Report) {
    if patch.apply_to == ApplyTo::Invalid {
        words::missing("applyTo", at, out);
    }
    let Some(change) = &patch.patch else {
        return words::missing("patch", at, out);
    };
    let here = at.field("patch");
    if change.operation == PatchOperation::Invalid {
        return words::missing("operation", &here, out);
    }
    if change.operation != PatchOperation::Remove && change.value.is_null() {
        return words::missing("value", &here, out);
    }
    if let Some(matched) = &patch.r#match {
        let here = at.field("match");
        version(matched, &here, out);
        fits(patch.apply_to, matched, &here, out);
    }
    check_value(patch.apply_to, change, &here, out);
}

fn version(matched: &EnvoyConfigObjectMatch, at: &Place<'_>, out: &mut Report) {
    let Some(proxy) = &matched.proxy else { return };
    let here = at.field("proxy");
    let here = here.field("proxyVersion");
    if proxy.proxy_version.len() > LONGEST_VERSION {
        let message = "the expression for the version is too long and is ignored";
        out.warn(&here, codes::REGEX_IGNORED, message);
    } else if let Err(error) = re2::check(&proxy.proxy_version) {
        let message = format!("{} is not a regular expression: {error}", quote(&proxy.proxy_version));
        out.error(&here, codes::REGEX, message);
    }
}

/// Whether the conditions are about the kind of object that is patched.
fn fits(apply_to: ApplyTo, matched: &EnvoyConfigObjectMatch, at: &Place<'_>, out: &mut Report) {
    let Some(object) = &matched.object_types else { return };
    let (name, wanted) = match object {
        EnvoyObjectTypes::Listener(_) => ("listener", "a listener"),
        EnvoyObjectTypes::RouteConfiguration(_) => ("routeConfiguration", "a route configuration"),
        EnvoyObjectTypes::Cluster(_) => ("cluster", "a cluster"),
        _ => ("waypoint", "a waypoint"),
    };
    let good = match apply_to {
        ApplyTo::Listener
        | ApplyTo::FilterChain
        | ApplyTo::NetworkFilter
        | ApplyTo::HttpFilter
        | ApplyTo::ListenerFilter => matches!(name, "listener" | "waypoint"),
        ApplyTo::RouteConfiguration | ApplyTo::VirtualHost | ApplyTo::HttpRoute => {
            matches!(name, "routeConfiguration" | "waypoint")
        }
        ApplyTo::Cluster => name == "cluster",
        _ => true,
    };
    let here = at.field(name);
    if !good {
        let message = format!("the condition is on {wanted}, but the patch is for `{apply_to}`");
        return out.error(&here, codes::PATCH_MATCH, message);
    }
    match object {
        EnvoyObjectTypes::Listener(listener) => {
            if let Some(filter) = listener.filter_chain.as_ref().and_then(|chain| chain.filter.as_ref()) {
                check_filter(apply_to, filter, &here.field("filterChain").field("filter"), out);
            }
            if !listener.listener_filter.is_empty() {
                old_name(&listener.listener_filter, &here.field("listenerFilter"), out);
            }
        }
        EnvoyObjectTypes::Waypoint(waypoint) => {
            if let Some(filter) = &waypoint.filter {
                check_filter(apply_to, filter, &here.field("filter"), out);
            }
        }
        _ => {}
    }
}

fn check_filter(apply_to: ApplyTo, filter: &FilterMatch, at: &Place<'_>, out: &mut Report) {
    if matches!(apply_to, ApplyTo::Listener | ApplyTo::FilterChain) {
        let message = format!("a condition on a filter has no effect on `{apply_to}`");
        out.warn(at, codes::PATCH_FILTER_UNUSED, message);
    }
    if filter.name.is_empty() {
        return words::missing("name", at, out);
    }
    old_name(&filter.name, &at.field("name"), out);
    let Some(inner) = &filter.sub_filter else { return };
    let here = at.field("subFilter");
    if apply_to != ApplyTo::HttpFilter {
        let message = format!("a condition on an HTTP filter does not go with `{apply_to}`");
        return out.error(&here, codes::PATCH_SUB_FILTER, message);
    }
    if !CONNECTION_MANAGERS.contains(&filter.name.as_str()) {
        let message = format!("HTTP filters are not in {}", quote(&filter.name));
        return out.error(&here, codes::PATCH_SUB_FILTER, message);
    }
    if inner.name.is_empty() {
        return words::missing("name", &here, out);
    }
    old_name(&inner.name, &here.field("name"), out);
}

fn old_name(name: &str, at: &Place<'_>, out: &mut Report) {
    if OLD_NAMES.contains(&name) {
        out.warn(at, codes::OLD_FILTER_NAME, format!("the filter name {} is an old one", quote(name)));
    }
}

/// What every Envoy object has in common: it is a map, and its name is a text.
fn check_value(apply_to: ApplyTo, change: &Patch, at: &Place<'_>, out: &mut Report) {
    if change.value.is_null() {
        return;
    }
    let here = at.field("value");
    let Some(fields) = change.value.as_map() else {
        return out.error(&here, codes::PATCH_VALUE, "the value of the patch is not a map");
    };
    if apply_to == ApplyTo::Bootstrap {
        return;
    }
    let Some(name) = fields.get("name").filter(|name| !name.is_null()) else { return };
    let Some(name) = name.as_str() else {
        return out.error(
            &here.field("name"),
            codes::PATCH_VALUE,
            "the name in the value of the patch is not a text",
        );
    };
    let is_filter =
        matches!(apply_to, ApplyTo::NetworkFilter | ApplyTo::HttpFilter | ApplyTo::ListenerFilter);
    let typed = |field: &str| fields.get(field).is_some_and(|value| !matches!(value, Value::Null));
    let says_type =
        ["typed_config", "typedConfig", "config_discovery", "configDiscovery"].into_iter().any(typed);
    if is_filter
        && !says_type
        && change.operation != PatchOperation::Remove
        && change.operation != PatchOperation::Merge
    {
        let message = format!("the filter {} has no `typed_config`", quote(name));
        out.warn(&here, codes::FILTER_WITHOUT_TYPE, message);
    }
}
