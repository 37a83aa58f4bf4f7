//! Retries.

use pointsman_api::istio::networking::HTTPRetry;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{optional_duration, quote};

const CONDITIONS: [&str; 16] = [
    "5xx",
    "gateway-error",
    "reset",
    "reset-before-request",
    "connect-failure",
    "retriable-4xx",
    "refused-stream",
    "retriable-status-codes",
    "retriable-headers",
    "envoy-ratelimited",
    "http3-post-connect-failure",
    "cancelled",
    "deadline-exceeded",
    "internal",
    "resource-exhausted",
    "unavailable",
];

pub(crate) fn check(retries: &HTTPRetry, at: &Place<'_>, out: &mut Report) {
    let attempts = retries.attempts;
    if attempts < 0 {
        out.error(&at.field("attempts"), codes::NEGATIVE, format!("`attempts` is negative: `{attempts}`"));
    }
    let set = retries.per_try_timeout.is_some()
        || !retries.retry_on.is_empty()
        || retries.retry_remote_localities.is_some();
    if attempts == 0 && set {
        let message = "`attempts` is 0, which turns retries off, but how to retry is set";
        out.error(at, codes::RETRY_OFF, message);
    }
    optional_duration(retries.per_try_timeout, "perTryTimeout", at, out);
    optional_duration(retries.backoff, "backoff", at, out);
    if !retries.retry_on.is_empty() {
        for condition in retries.retry_on.split(',').filter(|condition| !is_condition(condition)) {
            let message = format!("{} is not a condition for a retry", quote(condition));
            out.error(&at.field("retryOn"), codes::RETRY_ON, message);
        }
    }
}

/// A condition that Envoy knows, or a status that HTTP has a name for.
fn is_condition(text: &str) -> bool {
    CONDITIONS.contains(&text) || go_integer(text).is_some_and(is_named_status)
}

/// As Go reads an integer: a sign is allowed.
fn go_integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

const fn is_named_status(status: i64) -> bool {
    matches!(
        status,
        100..=103
            | 200..=208
            | 226
            | 300..=305
            | 307
            | 308
            | 400..=418
            | 421..=426
            | 428
            | 429
            | 431
            | 451
            | 500..=508
            | 510
            | 511
    )
}
