//! Header operations, mirrors, retries, faults, CORS, hash policies.

use pointsman_route::ir::{
    AbortFault, AbortStatus, AppendAction, ClusterName, Cors, DelayFault, Denominator, ExternalProcessor,
    Fault, Fraction, HashPolicy, HashSource, HeaderOp, HeaderOps, Mirror, RegexRewrite, Retry,
    RuntimeFraction,
};

use super::matcher::string_match;
use super::node::{NOT_MODELLED, Node};

pub(super) fn header_ops(node: &Node<'_>) -> HeaderOps {
    HeaderOps {
        request: node.items("request_headers_to_add").iter().map(header_op).collect(),
        request_remove: node.texts("request_headers_to_remove"),
        response: node.items("response_headers_to_add").iter().map(header_op).collect(),
        response_remove: node.texts("response_headers_to_remove"),
    }
}

fn header_op(node: &Node<'_>) -> HeaderOp {
    let header = node.field("header");
    let part = |name: &str| header.as_ref().and_then(|header| header.text(name)).unwrap_or_default();
    let append = match node.text("append_action").as_deref() {
        Some("ADD_IF_ABSENT") => AppendAction::AddIfAbsent,
        Some("OVERWRITE_IF_EXISTS_OR_ADD") => AppendAction::OverwriteOrAdd,
        Some("OVERWRITE_IF_EXISTS") => AppendAction::OverwriteIfExists,
        Some(_) => AppendAction::AppendOrAdd,
        // The older field, a boolean.
        None if node.boolean("append") == Some(false) => AppendAction::OverwriteOrAdd,
        None => AppendAction::AppendOrAdd,
    };
    HeaderOp { name: part("key"), value: part("value"), append, keep_empty: node.flag("keep_empty_value") }
}

pub(super) fn fractional_percent(node: &Node<'_>) -> Fraction {
    let denominator = match node.text("denominator").as_deref() {
        Some("TEN_THOUSAND") => Denominator::TenThousand,
        Some("MILLION") => Denominator::Million,
        _ => Denominator::Hundred,
    };
    Fraction { numerator: node.number("numerator").unwrap_or(0), denominator }
}

pub(super) fn runtime_fraction(node: &Node<'_>) -> RuntimeFraction {
    RuntimeFraction {
        default: node.field("default_value").map(|value| fractional_percent(&value)).unwrap_or_default(),
        runtime_key: node.text("runtime_key").unwrap_or_default(),
    }
}

pub(super) fn mirror(node: &Node<'_>) -> Mirror {
    Mirror {
        cluster: ClusterName::new(node.text("cluster").unwrap_or_default()),
        cluster_header: node.text("cluster_header").filter(|name| !name.is_empty()),
        fraction: node.field("runtime_fraction").map(|fraction| runtime_fraction(&fraction)),
        keeps_host: node.flag("disable_shadow_host_suffix_append"),
    }
}

pub(super) fn regex_rewrite(node: &Node<'_>) -> RegexRewrite {
    let pattern = node.field("pattern").and_then(|pattern| pattern.text("regex"));
    RegexRewrite {
        pattern: pattern.unwrap_or_default(),
        substitution: node.text("substitution").unwrap_or_default(),
    }
}

pub(super) fn retry(node: &Node<'_>) -> Retry {
    let predicates = node.items("retry_host_predicate");
    let back_off = node.field("retry_back_off");
    let priority = node.field("retry_priority").and_then(|priority| priority.field("typed_config"));
    node.not_modelled(&["retriable_headers", "retriable_request_headers", "rate_limited_retry_back_off"]);
    Retry {
        retry_on: node.text("retry_on").unwrap_or_default(),
        retries: node.number("num_retries"),
        per_try_timeout: node.duration("per_try_timeout"),
        status_codes: node
            .items("retriable_status_codes")
            .iter()
            .filter_map(|status| u16::try_from(status.value().as_u64()?).ok())
            .collect(),
        avoid_previous_hosts: predicates
            .iter()
            .any(|predicate| predicate.text("name").is_some_and(|name| name.ends_with("previous_hosts"))),
        host_selection_attempts: node.integer("host_selection_retry_max_attempts"),
        avoid_previous_priorities: priority.and_then(|config| config.number("update_frequency")),
        base_interval: back_off.as_ref().and_then(|back_off| back_off.duration("base_interval")),
        max_interval: back_off.as_ref().and_then(|back_off| back_off.duration("max_interval")),
    }
}

pub(super) fn hash_policy(node: &Node<'_>) -> Option<HashPolicy> {
    const KINDS: [&str; 4] = ["header", "cookie", "connection_properties", "query_parameter"];
    let source = match node.one_of(&KINDS) {
        Some((0, header)) => HashSource::Header {
            name: header.text("header_name").unwrap_or_default(),
            rewrite: header.field("regex_rewrite").map(|rewrite| regex_rewrite(&rewrite)),
        },
        Some((1, cookie)) => HashSource::Cookie {
            name: cookie.text("name").unwrap_or_default(),
            ttl: cookie.duration("ttl"),
            path: cookie.text("path").unwrap_or_default(),
            attributes: cookie.items("attributes").iter().map(cookie_attribute).collect(),
        },
        Some((2, properties)) if properties.flag("source_ip") => HashSource::SourceIp,
        Some((3, parameter)) => HashSource::QueryParameter(parameter.text("name").unwrap_or_default()),
        _ => {
            node.error(NOT_MODELLED, "a hash policy of a kind that is not known");
            return None;
        }
    };
    Some(HashPolicy { source, terminal: node.flag("terminal") })
}

fn cookie_attribute(node: &Node<'_>) -> (String, String) {
    (node.text("name").unwrap_or_default(), node.text("value").unwrap_or_default())
}

/// The processor that a route asks instead of the filter's own.
pub(super) fn external_processor(node: &Node<'_>) -> Option<ExternalProcessor> {
    let filter = node.field("typed_per_filter_config")?.field("envoy.filters.http.ext_proc")?;
    let overrides = filter.field("overrides")?;
    let service = overrides.field("grpc_service")?.field("envoy_grpc")?;
    Some(ExternalProcessor {
        cluster: ClusterName::new(service.text("cluster_name").unwrap_or_default()),
        failure_mode_allow: overrides.flag("failure_mode_allow"),
    })
}

/// Fault and CORS settings of one route or virtual host.
pub(super) fn per_filter_config(node: &Node<'_>) -> (Option<Fault>, Option<Cors>) {
    let Some(filters) = node.field("typed_per_filter_config") else { return (None, None) };
    let fault = filters.field("envoy.filters.http.fault").map(|fault| http_fault(&fault));
    let cors = filters.field("envoy.filters.http.cors").map(|cors| cors_policy(&cors));
    (fault, cors)
}

fn http_fault(node: &Node<'_>) -> Fault {
    let percentage = |node: &Node<'_>| {
        node.field("percentage").map(|percentage| fractional_percent(&percentage)).unwrap_or_default()
    };
    let delay = node.field("delay").and_then(|delay| {
        Some(DelayFault { duration: delay.duration("fixed_delay")?, fraction: percentage(&delay) })
    });
    let abort = node.field("abort").and_then(|abort| {
        let status = match abort.one_of(&["http_status", "grpc_status"])? {
            (0, _) => AbortStatus::Http(abort.number("http_status")?),
            _ => AbortStatus::Grpc(abort.number("grpc_status")?),
        };
        Some(AbortFault { status, fraction: percentage(&abort) })
    });
    Fault { delay, abort }
}

pub(super) fn cors_policy(node: &Node<'_>) -> Cors {
    Cors {
        allow_origins: node.items("allow_origin_string_match").iter().map(string_match).collect(),
        allow_methods: node.text("allow_methods").unwrap_or_default(),
        allow_headers: node.text("allow_headers").unwrap_or_default(),
        expose_headers: node.text("expose_headers").unwrap_or_default(),
        max_age: node.text("max_age").unwrap_or_default(),
        allow_credentials: node.boolean("allow_credentials"),
        forward_unmatched_preflights: node.boolean("forward_not_matching_preflights"),
        enabled: node.field("filter_enabled").map(|fraction| runtime_fraction(&fraction)),
    }
}
