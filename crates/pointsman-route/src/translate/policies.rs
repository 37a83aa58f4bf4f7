//! What is done to a request besides sending it.

use pointsman_api::istio::networking::{
    ConsistentHashLb, CorsPolicy, FaultAbortType, FaultDelayType, HTTPFaultInjection, HTTPMirrorPolicy,
    HTTPRetry, HTTPRoute, HashKey, Percentage, StringMatchKind, UnmatchedPreflights,
};
use pointsman_types::{IstioVersion, Profile};

use crate::ir::{
    AbortFault, AbortStatus, Cors, DelayFault, Fault, Fraction, HashPolicy, HashSource, Retry, StringMatch,
};

/// A percentage as a share of a million, cut off below that.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
pub fn percentage(wanted: &Percentage) -> Fraction {
    Fraction::of_million((wanted.value * 10_000.0).clamp(0.0, f64::from(u32::MAX)) as u32)
}

/// Which requests the `mirror` of a route gets; `None` for none of them.
#[must_use]
pub fn mirror_fraction(route: &HTTPRoute) -> Option<Fraction> {
    match (&route.mirror_percentage, route.mirror_percent) {
        (Some(wanted), _) => share(wanted),
        (None, Some(percent)) => (percent > 0).then_some(Fraction::of_hundred(percent)),
        (None, None) => Some(Fraction::ALWAYS),
    }
}

/// Which requests one of several mirrors gets; `None` for none of them.
#[must_use]
pub fn mirror_policy_fraction(mirror: &HTTPMirrorPolicy) -> Option<Fraction> {
    mirror.percentage.as_ref().map_or(Some(Fraction::ALWAYS), share)
}

fn share(wanted: &Percentage) -> Option<Fraction> {
    (wanted.value > 0.0).then(|| percentage(wanted))
}

/// Errors made on purpose. Without a percentage nobody meets them.
#[must_use]
pub fn fault(wanted: &HTTPFaultInjection) -> Fault {
    let delay = wanted.delay.as_ref().and_then(|delay| {
        let Some(FaultDelayType::FixedDelay(duration)) = &delay.delay_type else { return None };
        let deprecated = || Fraction::of_hundred(u32::try_from(delay.percent).unwrap_or_default());
        let fraction = delay.percentage.as_ref().map_or_else(deprecated, percentage);
        Some(DelayFault { duration: duration.to_std().unwrap_or_default(), fraction })
    });
    let abort = wanted.abort.as_ref().and_then(|abort| {
        let status = match abort.error_type.as_ref()? {
            FaultAbortType::HttpStatus(status) => AbortStatus::Http(u16::try_from(*status).ok()?),
            FaultAbortType::GrpcStatus(name) => AbortStatus::Grpc(grpc_status(name)?),
            _ => return None,
        };
        let fraction = abort.percentage.as_ref().map_or_else(Fraction::default, percentage);
        Some(AbortFault { status, fraction })
    });
    Fault { delay, abort }
}

fn grpc_status(name: &str) -> Option<u32> {
    const NAMES: [&str; 17] = [
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
    NAMES.iter().position(|known| *known == name).and_then(|number| u32::try_from(number).ok())
}

/// A cross-origin policy, in force for all requests.
#[must_use]
pub fn cors(wanted: &CorsPolicy) -> Cors {
    let origins = wanted.allow_origins.iter().filter_map(|origin| match origin.kind.as_ref()? {
        StringMatchKind::Exact(text) => Some(StringMatch::exact(text.clone())),
        StringMatchKind::Prefix(text) => Some(StringMatch::prefix(text.clone())),
        StringMatchKind::Regex(pattern) => Some(StringMatch::regex(pattern.clone())),
        _ => None,
    });
    let mut allow_origins: Vec<_> = origins.collect();
    if wanted.allow_origins.is_empty() {
        allow_origins.extend(wanted.allow_origin.iter().map(StringMatch::exact));
    }
    Cors {
        allow_origins,
        allow_methods: wanted.allow_methods.join(","),
        allow_headers: wanted.allow_headers.join(","),
        expose_headers: wanted.expose_headers.join(","),
        max_age: wanted.max_age.map(|age| age.secs().to_string()).unwrap_or_default(),
        allow_credentials: wanted.allow_credentials,
        forward_unmatched_preflights: Some(wanted.unmatched_preflights != UnmatchedPreflights::Ignore),
        enabled: Some(Fraction::ALWAYS.into()),
    }
}

const DEFAULT_RETRY_ON: &str = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";

/// Retries of a route; `None` for none. Where the route says nothing there are two, on failures that are safe.
///
/// `is_hashed`: whether the destination is chosen by hash, so that the endpoint tried before is not avoided by default.
///
/// Istio before 1.24 also retried answers 503 by default.
#[must_use]
pub fn retry(wanted: Option<&HTTPRetry>, is_hashed: bool, profile: Profile) -> Option<Retry> {
    let mut retry = Retry {
        retry_on: DEFAULT_RETRY_ON.to_owned(),
        retries: Some(2),
        host_selection_attempts: Some(5),
        avoid_previous_hosts: !is_hashed,
        ..Retry::default()
    };
    let Some(wanted) = wanted else {
        if profile.istio < IstioVersion::new(1, 24) {
            retry.status_codes.push(503);
        }
        return Some(retry);
    };
    let attempts = u32::try_from(wanted.attempts).ok().filter(|attempts| *attempts > 0)?;
    retry.retries = Some(attempts);
    if wanted.retry_on.is_empty() {
        if profile.istio < IstioVersion::new(1, 24) {
            retry.status_codes.push(503);
        }
    } else {
        (retry.retry_on, retry.status_codes) = retry_conditions(&wanted.retry_on);
    }
    retry.per_try_timeout = wanted.per_try_timeout.and_then(|timeout| timeout.to_std());
    retry.base_interval = wanted.backoff.and_then(|backoff| backoff.to_std());
    if let Some(avoid) = wanted.retry_ignore_previous_hosts {
        retry.avoid_previous_hosts = avoid;
    }
    if wanted.retry_remote_localities == Some(true) {
        retry.avoid_previous_priorities = Some(2);
    }
    Some(retry)
}

/// Retries of requests that come in, towards the workload itself; `None` for none. Where the mesh says nothing there are two,
/// of requests that never began. Only attempts, conditions and backoff count.
#[must_use]
pub fn inbound_retry(wanted: Option<&HTTPRetry>) -> Option<Retry> {
    let mut retry =
        Retry { retry_on: "reset-before-request".to_owned(), retries: Some(2), ..Retry::default() };
    let Some(wanted) = wanted else { return Some(retry) };
    retry.retries = Some(u32::try_from(wanted.attempts).ok().filter(|attempts| *attempts > 0)?);
    if !wanted.retry_on.is_empty() {
        (retry.retry_on, retry.status_codes) = retry_conditions(&wanted.retry_on);
    }
    retry.base_interval = wanted.backoff.and_then(|backoff| backoff.to_std());
    Some(retry)
}

/// Statuses stand among the conditions; they are told apart, and the condition that looks at them is added.
fn retry_conditions(text: &str) -> (String, Vec<u16>) {
    let mut conditions = Vec::new();
    let mut codes = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.parse::<u16>() {
            Ok(code) if is_known_status(code) => codes.push(code),
            _ => conditions.push(part),
        }
    }
    const BY_STATUS: &str = "retriable-status-codes";
    let mut joined = conditions.join(",");
    // As the control plane writes it, which is with an empty part where only statuses are given.
    if !codes.is_empty() && !joined.contains(BY_STATUS) {
        joined.push(',');
        joined.push_str(BY_STATUS);
    }
    (joined, codes)
}

const fn is_known_status(code: u16) -> bool {
    matches!(code, 100..=103 | 200..=208 | 226 | 300..=305 | 307 | 308 | 400..=418 | 421..=426)
        || matches!(code, 428 | 429 | 431 | 451 | 500..=508 | 510 | 511)
}

/// What consistent hashing looks at.
#[must_use]
pub fn hash_policies(wanted: &ConsistentHashLb) -> Vec<HashPolicy> {
    let source = match &wanted.hash_key {
        Some(HashKey::HttpHeaderName(name)) => HashSource::Header { name: name.clone(), rewrite: None },
        Some(HashKey::HttpCookie(cookie)) => HashSource::Cookie {
            name: cookie.name.clone(),
            ttl: cookie.ttl.and_then(|ttl| ttl.to_std()),
            path: cookie.path.clone(),
            attributes: cookie
                .attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), attribute.value.clone()))
                .collect(),
        },
        Some(HashKey::UseSourceIp(true)) => HashSource::SourceIp,
        Some(HashKey::HttpQueryParameterName(name)) => HashSource::QueryParameter(name.clone()),
        _ => return Vec::new(),
    };
    vec![source.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_no_mirror() {
        let route = HTTPRoute::new();
        assert_eq!(mirror_fraction(&route), Some(Fraction::ALWAYS));
        assert_eq!(mirror_fraction(&route.clone().with_mirror_percent(Some(0))), None);
        let both = route
            .with_mirror_percent(Some(5))
            .with_mirror_percentage(Some(Percentage::new().with_value(0.5)));
        assert_eq!(mirror_fraction(&both), Some(Fraction::of_million(5000)));
    }

    #[test]
    fn statuses_are_told_apart_from_conditions() {
        assert_eq!(retry_conditions("5xx,503,999"), ("5xx,999,retriable-status-codes".to_owned(), vec![503]));
        assert_eq!(retry_conditions("503, 409"), (",retriable-status-codes".to_owned(), vec![503, 409]));
    }

    #[test]
    fn retries_of_incoming_requests_are_for_what_never_began() {
        let by_default = inbound_retry(None).expect("two");
        assert_eq!((by_default.retry_on.as_str(), by_default.retries), ("reset-before-request", Some(2)));
        assert_eq!(inbound_retry(Some(&HTTPRetry::new())), None);
        let wanted = HTTPRetry::new()
            .with_attempts(5)
            .with_retry_on("reset,503")
            .with_retry_remote_localities(Some(true));
        let retry = inbound_retry(Some(&wanted)).expect("five");
        assert_eq!((retry.retry_on.as_str(), retry.retries), ("reset,retriable-status-codes", Some(5)));
        assert_eq!((retry.status_codes, retry.avoid_previous_priorities), (vec![503], None));
    }

    #[test]
    fn no_attempts_are_no_retries() {
        assert_eq!(retry(Some(&HTTPRetry::new()), false, Profile::MEASURED), None);
        let by_default = retry(None, true, Profile::MEASURED).expect("two");
        assert_eq!((by_default.retries, by_default.avoid_previous_hosts), (Some(2), false));
    }
}
