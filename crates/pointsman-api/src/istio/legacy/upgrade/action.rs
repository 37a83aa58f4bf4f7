//! What a route does with its requests.

use pointsman_types::ObjectRef;

use super::Run;
use crate::istio::legacy::{
    AbortType, CorsPolicy as OldCors, DelayType, FaultAbort as OldAbort, FaultDelay as OldDelay, RetryPolicy,
    RouteRule, TimeoutPolicy,
};
use crate::istio::networking::{
    CorsPolicy, FaultAbort, FaultAbortType, FaultDelay, FaultDelayType, HTTPFaultInjection, HTTPRedirect,
    HTTPRetry, HTTPRewrite, HTTPRoute, HeaderOperations, Headers, Percentage, StringMatch,
};

/// On what the old model tried again.
const RETRY_ON: &str = "5xx,connect-failure,refused-stream";

pub(super) fn apply(old: &RouteRule, object: &ObjectRef, route: &mut HTTPRoute, run: &mut Run<'_>) {
    if let Some(redirect) = &old.redirect {
        let new =
            HTTPRedirect::new().with_uri(redirect.uri.as_str()).with_authority(redirect.authority.as_str());
        route.redirect = Some(new);
        run.changed(
            object,
            "redirect",
            "the old model promised the status 302; a redirect without `redirectCode` answers 301, which clients remember",
            "write `redirectCode: 302` where they must not",
        );
    }
    route.rewrite = old.rewrite.as_ref().map(|rewrite| {
        HTTPRewrite::new().with_uri(rewrite.uri.as_str()).with_authority(rewrite.authority.as_str())
    });
    if !old.append_headers.is_empty() {
        let request = HeaderOperations::new().with_add(old.append_headers.clone());
        route.headers = Some(Headers::new().with_request(request));
    }
    route.cors_policy = old.cors_policy.as_ref().map(cors);
    timeout(old, object, route, run);
    retries(old, object, route, run);
    fault(old, object, route, run);
    if old.l4_fault.is_some() {
        run.lost(object, "l4Fault", "faults below HTTP never worked and have no successor", "remove them");
    }
}

fn override_header(name: &str, object: &ObjectRef, path: &str, run: &mut Run<'_>) {
    if !name.is_empty() {
        run.lost(
            object,
            &format!("{path}.overrideHeaderName"),
            format!("a request header such as `{name}` cannot change it any more"),
            "route by that header, with another value in each route",
        );
    }
}

fn timeout(old: &RouteRule, object: &ObjectRef, route: &mut HTTPRoute, run: &mut Run<'_>) {
    match old.http_req_timeout.as_ref().and_then(|timeout| timeout.timeout_policy.as_ref()) {
        Some(TimeoutPolicy::SimpleTimeout(simple)) => {
            route.timeout = simple.timeout;
            override_header(&simple.override_header_name, object, "httpReqTimeout.simpleTimeout", run);
        }
        Some(TimeoutPolicy::Custom(_)) => {
            run.lost(object, "httpReqTimeout.custom", "custom timeouts have no successor", "write a timeout");
        }
        None if old.redirect.is_none() => run.changed(
            object,
            "",
            "requests without a timeout ended after 15 s; now they have no end",
            "write `timeout: 15s` to keep it",
        ),
        None => {}
    }
}

fn retries(old: &RouteRule, object: &ObjectRef, route: &mut HTTPRoute, run: &mut Run<'_>) {
    match old.http_req_retries.as_ref().and_then(|retries| retries.retry_policy.as_ref()) {
        Some(RetryPolicy::SimpleRetry(simple)) => {
            let mut new = HTTPRetry::new().with_attempts(simple.attempts);
            if simple.attempts > 0 {
                new.per_try_timeout = simple.per_try_timeout;
                new.retry_on = RETRY_ON.to_owned();
            }
            route.retries = Some(new);
            override_header(&simple.override_header_name, object, "httpReqRetries.simpleRetry", run);
        }
        Some(RetryPolicy::Custom(_)) => {
            run.lost(object, "httpReqRetries.custom", "custom retries have no successor", "write `retries`");
        }
        None if old.redirect.is_none() => run.changed(
            object,
            "",
            "requests were not tried again unless it was said; now they are, twice",
            "write `retries: {attempts: 0}` to keep it",
        ),
        None => {}
    }
}

fn fault(old: &RouteRule, object: &ObjectRef, route: &mut HTTPRoute, run: &mut Run<'_>) {
    let Some(fault) = &old.http_fault else { return };
    let delay = fault.delay.as_ref().and_then(|delay| new_delay(delay, object, run));
    let abort = fault.abort.as_ref().and_then(|abort| new_abort(abort, object, run));
    if delay.is_some() || abort.is_some() {
        let mut new = HTTPFaultInjection::new();
        new.delay = delay;
        new.abort = abort;
        route.fault = Some(new);
    }
}

fn is_made(percent: f64, object: &ObjectRef, path: &str, run: &mut Run<'_>) -> bool {
    if percent == 0.0 {
        run.changed(
            object,
            path,
            "a fault without a percentage was never made, whatever the documentation said, and is left out",
            "write the percentage that was meant",
        );
    }
    percent != 0.0
}

fn new_delay(old: &OldDelay, object: &ObjectRef, run: &mut Run<'_>) -> Option<FaultDelay> {
    override_header(&old.override_header_name, object, "httpFault.delay", run);
    match old.http_delay_type {
        Some(DelayType::FixedDelay(delay)) if is_made(old.percent, object, "httpFault.delay", run) => Some(
            FaultDelay::new()
                .with_percentage(Percentage::new().with_value(old.percent))
                .with_delay_type(FaultDelayType::FixedDelay(delay)),
        ),
        Some(DelayType::ExponentialDelay(_)) => {
            run.lost(
                object,
                "httpFault.delay.exponentialDelay",
                "exponential delays never worked and have no successor",
                "write `fixedDelay`",
            );
            None
        }
        _ => None,
    }
}

fn new_abort(old: &OldAbort, object: &ObjectRef, run: &mut Run<'_>) -> Option<FaultAbort> {
    override_header(&old.override_header_name, object, "httpFault.abort", run);
    match &old.error_type {
        Some(AbortType::HttpStatus(status)) if is_made(old.percent, object, "httpFault.abort", run) => Some(
            FaultAbort::new()
                .with_percentage(Percentage::new().with_value(old.percent))
                .with_error_type(FaultAbortType::HttpStatus(*status)),
        ),
        Some(AbortType::GrpcStatus(_) | AbortType::Http2Error(_)) => {
            run.lost(
                object,
                "httpFault.abort",
                "only faults with an HTTP status were made",
                "write `httpStatus`, or `grpcStatus` where the error of gRPC is wanted now",
            );
            None
        }
        _ => None,
    }
}

fn cors(old: &OldCors) -> CorsPolicy {
    let origin = |origin: &String| {
        if origin == "*" { StringMatch::regex(".*") } else { StringMatch::exact(origin.as_str()) }
    };
    let mut new = CorsPolicy::new()
        .with_allow_origins(old.allow_origin.iter().map(origin).collect::<Vec<_>>())
        .with_allow_methods(old.allow_methods.clone())
        .with_allow_headers(old.allow_headers.clone())
        .with_expose_headers(old.expose_headers.clone());
    new.max_age = old.max_age;
    new.allow_credentials = old.allow_credentials;
    new
}
