//! Faults, CORS and mirroring.

use pointsman_api::istio::networking::{
    CorsPolicy, FaultAbort, FaultAbortType, FaultDelay, FaultDelayType, HTTPFaultInjection, HTTPRoute,
    Percentage, StringMatch, StringMatchKind,
};

use super::destination;
use crate::codes;
use crate::report::{Place, Report};
use crate::words::{self, header, http_status, quote, text};

const GRPC_STATUSES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

pub(crate) fn check(fault: &HTTPFaultInjection, at: &Place<'_>, out: &mut Report) {
    if fault.abort.is_none() && fault.delay.is_none() {
        out.error(at, codes::FAULT_EMPTY, "the fault has neither `delay` nor `abort`");
    }
    if let Some(fault) = &fault.delay {
        delay(fault, &at.field("delay"), out);
    }
    if let Some(fault) = &fault.abort {
        abort(fault, &at.field("abort"), out);
    }
}

pub(crate) fn delay(fault: &FaultDelay, at: &Place<'_>, out: &mut Report) {
    fault_share(fault.percentage.as_ref(), at, out);
    match &fault.delay_type {
        Some(FaultDelayType::FixedDelay(time)) => words::duration(*time, &at.field("fixedDelay"), out),
        Some(FaultDelayType::ExponentialDelay(time)) => {
            let here = at.field("exponentialDelay");
            words::duration(*time, &here, out);
            out.error(&here, codes::NOT_SUPPORTED, "the control plane does not support `exponentialDelay`");
        }
        _ => {}
    }
}

pub(crate) fn abort(fault: &FaultAbort, at: &Place<'_>, out: &mut Report) {
    fault_share(fault.percentage.as_ref(), at, out);
    match &fault.error_type {
        None => out.info(at, codes::ABORT_EMPTY, "the abort says no status, so nothing fails"),
        Some(FaultAbortType::HttpStatus(status)) => {
            http_status(i64::from(*status), &at.field("httpStatus"), out);
        }
        Some(FaultAbortType::GrpcStatus(status)) => {
            if !GRPC_STATUSES.contains(&status.as_str()) {
                let message = format!("{} is not the name of a gRPC status", quote(status));
                out.error(&at.field("grpcStatus"), codes::GRPC_STATUS, message);
            }
        }
        Some(_) => {
            let message = "the control plane does not support `http2Error`";
            out.error(&at.field("http2Error"), codes::NOT_SUPPORTED, message);
        }
    }
}

/// A share of a fault: 0, or at least what Envoy can count.
fn fault_share(share: Option<&Percentage>, at: &Place<'_>, out: &mut Report) {
    let Some(share) = share else { return };
    if share.value != 0.0 && !(0.0001..=100.0).contains(&share.value) {
        let message = format!("`{}` is not a percentage from 0.0001 to 100", share.value);
        out.error(&at.field("percentage").field("value"), codes::INVALID_PERCENT, message);
    }
}

pub(crate) fn cors(policy: &CorsPolicy, at: &Place<'_>, out: &mut Report) {
    for (position, origin) in policy.allow_origins.iter().enumerate() {
        cors_origin(origin, &at.item("allowOrigins", position), out);
    }
    for (position, method) in policy.allow_methods.iter().enumerate() {
        if !METHODS.contains(&method.as_str()) {
            let message = format!("{} is not a method", quote(method));
            out.error(&at.item("allowMethods", position), codes::CORS_METHOD, message);
        }
    }
    for (field, names) in [("allowHeaders", &policy.allow_headers), ("exposeHeaders", &policy.expose_headers)]
    {
        for (position, name) in names.iter().enumerate().filter(|(_, name)| *name != "*") {
            header::strict_name(name, &at.item(field, position), out);
        }
    }
    if let Some(age) = policy.max_age {
        let here = at.field("maxAge");
        words::duration(age, &here, out);
        if age.nanos() % 1_000_000_000 != 0 {
            out.error(&here, codes::CORS_MAX_AGE, "`maxAge` is not a whole number of seconds");
        }
    }
}

fn cors_origin(origin: &StringMatch, at: &Place<'_>, out: &mut Report) {
    let empty = match &origin.kind {
        None => true,
        Some(StringMatchKind::Exact(text) | StringMatchKind::Prefix(text)) => text.is_empty(),
        Some(_) => false,
    };
    if empty {
        out.error(at, codes::CORS_ORIGIN, "the origin is empty");
    }
    text::regex_only(origin, at, out);
}

/// Where copies of requests go, and how many.
pub(super) fn mirrors(route: &HTTPRoute, at: &Place<'_>, out: &mut Report) {
    if route.mirror.is_some() && !route.mirrors.is_empty() {
        out.error(at, codes::MIRROR_TWICE, "both `mirror` and `mirrors` are set");
    }
    if let Some(mirror) = &route.mirror {
        destination::check(mirror, &at.field("mirror"), out);
    }
    if let Some(percent) = route.mirror_percent {
        let here = at.field("mirrorPercent");
        if percent > 100 {
            let message = format!("`{percent}` is not a percentage from 0 to 100");
            out.error(&here, codes::INVALID_PERCENT, message);
        }
        out.warn(&here, codes::DEPRECATED, "`mirrorPercent` is deprecated");
    }
    share(route.mirror_percentage.as_ref(), "mirrorPercentage", at, out);
    for (position, mirror) in route.mirrors.iter().enumerate() {
        let here = at.item("mirrors", position);
        match &mirror.destination {
            None => words::missing("destination", &here, out),
            Some(to) => destination::check(to, &here.field("destination"), out),
        }
        share(mirror.percentage.as_ref(), "percentage", &here, out);
    }
}

fn share(share: Option<&Percentage>, name: &str, at: &Place<'_>, out: &mut Report) {
    if let Some(share) = share {
        words::percent(share.value, &at.field(name).field("value"), out);
    }
}
