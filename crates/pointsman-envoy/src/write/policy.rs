//! Mirrors, retries, faults, CORS, hash policies.

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{
    AbortStatus, Cors, Denominator, ExternalProcessor, Fault, Fraction, HashPolicy, HashSource, Mirror,
    RegexRewrite, Retry, RuntimeFraction,
};

use super::matcher::{regex_matcher, string_matcher};
use super::{Message, only, when};
use crate::duration::write_duration;

pub(super) fn fractional_percent(fraction: Fraction) -> Value {
    let denominator = match fraction.denominator {
        Denominator::Hundred => "",
        Denominator::TenThousand => "TEN_THOUSAND",
        Denominator::Million => "MILLION",
    };
    let numerator = (fraction.numerator != 0).then_some(fraction.numerator);
    Message::new().maybe("numerator", numerator).text("denominator", denominator).done()
}

pub(super) fn runtime_fraction(fraction: &RuntimeFraction) -> Value {
    Message::new()
        .with("defaultValue", fractional_percent(fraction.default))
        .text("runtimeKey", &fraction.runtime_key)
        .done()
}

pub(super) fn mirror_policy(mirror: &Mirror) -> Value {
    Message::new()
        .text("cluster", mirror.cluster.as_str())
        .maybe("clusterHeader", mirror.cluster_header.as_deref())
        .maybe("runtimeFraction", mirror.fraction.as_ref().map(runtime_fraction))
        .with("traceSampled", false)
        .flag("disableShadowHostSuffixAppend", when(mirror.keeps_host))
        .done()
}

pub(super) fn regex_rewrite(rewrite: &RegexRewrite) -> Value {
    Message::new()
        .with("pattern", regex_matcher(&rewrite.pattern))
        .text("substitution", &rewrite.substitution)
        .done()
}

pub(super) fn retry_policy(retry: &Retry) -> Value {
    let back_off = retry.base_interval.map(|base| {
        Message::new()
            .with("baseInterval", write_duration(base))
            .maybe("maxInterval", retry.max_interval.map(write_duration))
            .done()
    });
    Message::new()
        .text("retryOn", &retry.retry_on)
        .maybe("numRetries", retry.retries)
        .maybe("perTryTimeout", retry.per_try_timeout.map(write_duration))
        .maybe("retryPriority", retry.avoid_previous_priorities.map(previous_priorities))
        .maybe("retryHostPredicate", when(retry.avoid_previous_hosts).map(|()| vec![previous_hosts()]))
        .maybe(
            "hostSelectionRetryMaxAttempts",
            retry.host_selection_attempts.map(|attempts| attempts.to_string()),
        )
        .list("retriableStatusCodes", &retry.status_codes, |status| Value::from(*status))
        .maybe("retryBackOff", back_off)
        .done()
}

fn previous_hosts() -> Value {
    let config = Message::of_type("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate");
    Message::new()
        .with("name", "envoy.retry_host_predicates.previous_hosts")
        .with("typedConfig", config.done())
        .done()
}

fn previous_priorities(update_frequency: u32) -> Value {
    let config =
        Message::of_type("envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig")
            .with("updateFrequency", update_frequency);
    Message::new()
        .with("name", "envoy.retry_priorities.previous_priorities")
        .with("typedConfig", config.done())
        .done()
}

pub(super) fn hash_policy(policy: &HashPolicy) -> Value {
    let message = match &policy.source {
        HashSource::Header { name, rewrite } => {
            let header = Message::new()
                .with("headerName", name.as_str())
                .maybe("regexRewrite", rewrite.as_ref().map(regex_rewrite));
            Message::new().with("header", header.done())
        }
        HashSource::Cookie { name, ttl, path, attributes } => {
            let cookie = Message::new()
                .with("name", name.as_str())
                .maybe("ttl", ttl.map(write_duration))
                .text("path", path)
                .list("attributes", attributes, cookie_attribute);
            Message::new().with("cookie", cookie.done())
        }
        HashSource::SourceIp => Message::new().with("connectionProperties", only("sourceIp", true)),
        HashSource::QueryParameter(name) => {
            Message::new().with("queryParameter", only("name", name.as_str()))
        }
    };
    message.flag("terminal", when(policy.terminal)).done()
}

fn cookie_attribute((name, value): &(String, String)) -> Value {
    Message::new().with("name", name.as_str()).text("value", value).done()
}

/// The settings of filters for one route or virtual host.
pub(super) fn per_filter_config(
    fault: Option<&Fault>,
    cors: Option<&Cors>,
    processor: Option<&ExternalProcessor>,
) -> Option<Value> {
    let mut filters = Map::new();
    if let Some(processor) = processor {
        filters.insert("envoy.filters.http.ext_proc", external_processing(processor));
    }
    if let Some(cors) = cors {
        filters.insert("envoy.filters.http.cors", cors_policy(cors));
    }
    if let Some(fault) = fault {
        filters.insert("envoy.filters.http.fault", http_fault(fault));
    }
    (!filters.is_empty()).then_some(Value::Map(filters))
}

/// The processor sees headers, and bodies as they stream by.
fn external_processing(processor: &ExternalProcessor) -> Value {
    const STREAMED: &str = "FULL_DUPLEX_STREAMED";
    let mode = Message::new()
        .with("requestHeaderMode", "SEND")
        .with("responseHeaderMode", "SEND")
        .with("requestBodyMode", STREAMED)
        .with("responseBodyMode", STREAMED)
        .with("requestTrailerMode", "SEND")
        .with("responseTrailerMode", "SEND");
    let service = only("envoyGrpc", only("clusterName", processor.cluster.as_str()));
    let overrides = Message::new()
        .with("processingMode", mode.done())
        .with("grpcService", service)
        .with("failureModeAllow", processor.failure_mode_allow);
    Message::of_type("envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute")
        .with("overrides", overrides.done())
        .done()
}

fn http_fault(fault: &Fault) -> Value {
    let delay = fault.delay.map(|delay| {
        Message::new()
            .with("fixedDelay", write_duration(delay.duration))
            .with("percentage", fractional_percent(delay.fraction))
            .done()
    });
    let abort = fault.abort.map(|abort| {
        let message = match abort.status {
            AbortStatus::Http(status) => Message::new().with("httpStatus", status),
            AbortStatus::Grpc(status) => Message::new().with("grpcStatus", status),
        };
        message.with("percentage", fractional_percent(abort.fraction)).done()
    });
    Message::of_type("envoy.extensions.filters.http.fault.v3.HTTPFault")
        .maybe("delay", delay)
        .maybe("abort", abort)
        .done()
}

fn cors_policy(cors: &Cors) -> Value {
    Message::of_type("envoy.extensions.filters.http.cors.v3.CorsPolicy")
        .list("allowOriginStringMatch", &cors.allow_origins, string_matcher)
        .text("allowMethods", &cors.allow_methods)
        .text("allowHeaders", &cors.allow_headers)
        .text("exposeHeaders", &cors.expose_headers)
        .text("maxAge", &cors.max_age)
        .maybe("allowCredentials", cors.allow_credentials)
        .maybe("filterEnabled", cors.enabled.as_ref().map(runtime_fraction))
        .maybe("forwardNotMatchingPreflights", cors.forward_unmatched_preflights)
        .done()
}
