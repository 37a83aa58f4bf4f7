//! The words that rules are made of: hosts, names, ports, durations, labels, headers, expressions.

pub(crate) mod address;
pub(crate) mod export;
pub(crate) mod gateway_name;
pub(crate) mod header;
pub(crate) mod labels;
pub(crate) mod protocol;
pub(crate) mod re2;
pub(crate) mod selector;
pub(crate) mod text;
mod unicode;

use pointsman_types::duration::TimeDelta;
use pointsman_types::host;

use crate::codes;
use crate::report::{Place, Report};

/// At most eighty letters of what the user wrote, control characters escaped.
pub(crate) fn quote(text: &str) -> String {
    let short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    // Quotes need no escape between backticks.
    let short = short.replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\");
    if text.chars().nth(80).is_some() { format!("`{short}…`") } else { format!("`{short}`") }
}

/// A host whose first label may be a wildcard.
pub(crate) fn wildcard_host(text: &str, at: &Place<'_>, out: &mut Report) {
    if let Err(why) = host::check_wildcard_host(text) {
        out.error(at, codes::INVALID_HOST, format!("{} is not a host: {why}", quote(text)));
    }
}

/// A full name without a wildcard.
pub(crate) fn fqdn(text: &str, at: &Place<'_>, out: &mut Report) {
    if let Err(why) = host::check_fqdn(text) {
        out.error(at, codes::INVALID_FQDN, format!("{} is not a host name: {why}", quote(text)));
    }
}

/// A DNS label.
pub(crate) fn label(text: &str, what: &str, at: &Place<'_>, out: &mut Report) {
    if !host::is_dns_label(text) {
        let message = if text.is_empty() {
            format!("the {what} is empty")
        } else {
            format!("the {what} {} is not a DNS label", quote(text))
        };
        out.error(at, codes::INVALID_NAME, message);
    }
}

/// 1 to 65535.
pub(crate) fn port(number: u32, at: &Place<'_>, out: &mut Report) {
    if !is_port(number) {
        out.error(at, codes::INVALID_PORT, format!("port `{number}` is not between 1 and 65535"));
    }
}

pub(crate) const fn is_port(number: u32) -> bool {
    number >= 1 && number <= 65_535
}

/// A whole number of milliseconds, one or more.
pub(crate) fn duration(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    let nanos = time.nanos();
    if nanos < 1_000_000 || nanos % 1_000_000 != 0 {
        let written = pointsman_types::duration::proto::format(time);
        let why = if nanos < 1_000_000 { "shorter than 1ms" } else { "not a whole number of milliseconds" };
        out.error(at, codes::INVALID_DURATION, format!("the duration `{written}` is {why}"));
    }
}

/// A duration, where one is set.
pub(crate) fn optional_duration(time: Option<TimeDelta>, name: &str, at: &Place<'_>, out: &mut Report) {
    if let Some(time) = time {
        duration(time, &at.field(name), out);
    }
}

/// Zero or more.
pub(crate) fn not_negative(number: i32, name: &str, at: &Place<'_>, out: &mut Report) {
    if number < 0 {
        out.error(&at.field(name), codes::NEGATIVE, format!("`{name}` is negative: `{number}`"));
    }
}

/// A share from 0 to 100.
pub(crate) fn percent(value: f64, at: &Place<'_>, out: &mut Report) {
    if !(0.0..=100.0).contains(&value) {
        out.error(at, codes::INVALID_PERCENT, format!("`{value}` is not a percentage from 0 to 100"));
    }
}

/// A status of HTTP, as the control plane takes it: 600 is one.
pub(crate) fn http_status(status: i64, at: &Place<'_>, out: &mut Report) {
    if !(200..=600).contains(&status) {
        out.error(at, codes::INVALID_STATUS, format!("`{status}` is not an HTTP status from 200 to 599"));
    }
}

/// Reports a field that must be there.
pub(crate) fn missing(name: &str, at: &Place<'_>, out: &mut Report) {
    out.error(&at.field(name), codes::MISSING, format!("`{name}` is missing"));
}
