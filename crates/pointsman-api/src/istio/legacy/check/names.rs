//! Names, labels, addresses and durations.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use pointsman_types::Diagnostic;
use pointsman_types::duration::TimeDelta;

use super::{Checker, INVALID_NAME, OUT_OF_RANGE};
use crate::decode::shortened;

/// Whether it is a label of DNS: 1 to 63 letters of either case, digits and `-`, with a letter or digit at both ends.
pub(super) fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_wildcard_label(text: &str) -> bool {
    let rest = text.strip_prefix('*').map_or(text, |rest| rest.strip_prefix('-').unwrap_or(rest));
    text == "*" || (text.len() <= 63 && is_dns_label(rest))
}

pub(super) fn invalid_label(text: &str) -> Option<String> {
    (!is_dns_label(text)).then(|| format!("`{}` is not a DNS label", shortened(text)))
}

pub(super) fn invalid_domain(text: &str) -> Option<String> {
    let valid = (1..=255).contains(&text.len()) && text.split('.').all(is_dns_label);
    (!valid).then(|| format!("`{}` is not a domain name", shortened(text)))
}

fn invalid_wildcard_domain(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('.').map_or((text, None), |(first, rest)| (first, Some(rest)));
    let valid = (1..=255).contains(&text.len())
        && is_wildcard_label(first)
        && rest.is_none_or(|rest| rest.split('.').all(is_dns_label));
    (!valid).then(|| format!("`{}` is not a domain name with or without a leading `*`", shortened(text)))
}

fn invalid_egress_domain(text: &str) -> Option<String> {
    if text == "*" {
        return None;
    }
    let bare = match text.strip_prefix('*') {
        Some(rest) => rest.strip_prefix(['.', '-']).unwrap_or(rest),
        None => text,
    };
    invalid_domain(bare)
        .map(|_| format!("`{}` is not a domain name with or without a leading `*`", shortened(text)))
}

pub(super) fn invalid_egress_service(text: &str) -> Option<String> {
    if is_range(text) { invalid_subnet(text) } else { invalid_egress_domain(text) }
}

/// Whether it is written as a range of addresses.
pub(in super::super) fn is_range(text: &str) -> bool {
    text.matches('/').count() == 1
}

pub(super) fn invalid_subnet(text: &str) -> Option<String> {
    let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
    let valid = address.parse::<Ipv4Addr>().is_ok()
        && !bits.starts_with('+')
        && bits.parse::<u8>().is_ok_and(|bits| bits <= 32);
    (!valid).then(|| format!("`{}` is not an IPv4 address or range", shortened(text)))
}

pub(super) fn invalid_header(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("the name of a header is empty".to_owned());
    }
    (name.to_lowercase() != name)
        .then(|| format!("the name of the header `{}` is not in lower case", shortened(name)))
}

pub(super) fn invalid_duration(duration: Option<TimeDelta>) -> Option<String> {
    const MILLISECOND: i128 = 1_000_000;
    let Some(duration) = duration else { return Some("the duration is missing".to_owned()) };
    let nanos = i128::from(duration.nanos());
    (nanos < MILLISECOND || nanos % MILLISECOND != 0)
        .then(|| format!("`{duration}` is not a duration of whole milliseconds, one or more"))
}

pub(super) fn check_label_map(labels: &BTreeMap<String, String>, checker: &mut Checker) {
    let valid = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b'*'))
    };
    for (key, value) in labels {
        for text in [key, value] {
            if !valid(text) {
                checker.field(key, |checker| {
                    checker.error(INVALID_NAME, format!("`{}` is not a label", shortened(text)));
                });
            }
        }
    }
}

/// All that is wrong with labels.
#[must_use]
pub fn check_labels(labels: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut checker = Checker::default();
    check_label_map(labels, &mut checker);
    checker.findings
}

fn findings(code: pointsman_types::Code, message: Option<String>) -> Vec<Diagnostic> {
    message.into_iter().map(|message| Diagnostic::error(code.clone(), message)).collect()
}

/// All that is wrong with a domain name that may begin with `*`, `*-` or `*.`.
#[must_use]
pub fn check_wildcard_domain(domain: &str) -> Vec<Diagnostic> {
    findings(INVALID_NAME, invalid_wildcard_domain(domain))
}

/// All that is wrong with the domain of a service outside.
#[must_use]
pub fn check_egress_domain(domain: &str) -> Vec<Diagnostic> {
    findings(INVALID_NAME, invalid_egress_domain(domain))
}

/// All that is wrong with a service outside: a domain, or an IPv4 range.
#[must_use]
pub fn check_egress_service(service: &str) -> Vec<Diagnostic> {
    findings(INVALID_NAME, invalid_egress_service(service))
}

/// All that is wrong with a duration: it is whole milliseconds, one or more.
#[must_use]
pub fn check_duration(duration: TimeDelta) -> Vec<Diagnostic> {
    findings(OUT_OF_RANGE, invalid_duration(Some(duration)))
}
