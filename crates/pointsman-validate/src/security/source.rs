//! Values by which authorization policies tell clients apart.

use pointsman_types::Code;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::address;

/// How many service accounts one list may name.
const MOST_SERVICE_ACCOUNTS: usize = 16;
const LONGEST_SERVICE_ACCOUNT: usize = 320;

pub(super) fn no_empty_text(field: &str, texts: &[String], at: &Place<'_>, out: &mut Report) {
    each(field, texts, at, out, |text| {
        text.is_empty().then(|| (codes::EMPTY_TEXT, format!("an item of `{field}` is empty")))
    });
}

pub(super) fn addresses(field: &str, texts: &[String], at: &Place<'_>, out: &mut Report) {
    each(field, texts, at, out, |text| {
        let good = text.is_empty() || address::is_ip(text) || address::is_block(text);
        (!good).then(|| (codes::INVALID_ADDRESS, format!("`{text}` is neither an address nor a subnet")))
    });
}

pub(super) fn ports(field: &str, texts: &[String], at: &Place<'_>, out: &mut Report) {
    each(field, texts, at, out, |text| {
        // A sign would be read by `parse`, but not by the control plane.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let good = text.is_empty() || (digits && text.parse::<u64>().is_ok_and(|port| port <= 65535));
        (!good).then(|| (codes::PORT_TEXT, format!("`{text}` is not a port")))
    });
}

pub(super) fn service_accounts(field: &str, texts: &[String], at: &Place<'_>, out: &mut Report) {
    if texts.len() > MOST_SERVICE_ACCOUNTS {
        let message = format!("`{field}` names {} service accounts, at most 16 are taken", texts.len());
        out.error(&at.field(field), codes::SERVICE_ACCOUNTS, message);
    }
    each(field, texts, at, out, |text| {
        let why = if text.contains('*') {
            "wildcards are not taken"
        } else if text.len() > LONGEST_SERVICE_ACCOUNT {
            "it is longer than 320 characters"
        } else if text.matches('/').count() > 1 {
            "there is more than one `/`"
        } else if text.starts_with('/') || text.ends_with('/') {
            "both halves of `namespace/name` are needed"
        } else {
            return None;
        };
        Some((codes::SERVICE_ACCOUNT, format!("`{text}` is not a service account: {why}")))
    });
}

pub(super) fn trust_domains(field: &str, texts: &[String], at: &Place<'_>, out: &mut Report) {
    each(field, texts, at, out, |text| {
        let inner = text.strip_prefix('*').or_else(|| text.strip_suffix('*')).unwrap_or(text);
        let good = !text.contains('/') && !inner.contains('*');
        (!good).then(|| (codes::TRUST_DOMAIN, format!("`{text}` is not a trust domain")))
    });
}

/// Reports what is found about each text, at its place.
pub(super) fn each(
    field: &str,
    texts: &[String],
    at: &Place<'_>,
    out: &mut Report,
    check: impl Fn(&str) -> Option<(Code, String)>,
) {
    for (position, text) in texts.iter().enumerate() {
        if let Some((code, message)) = check(text) {
            out.error(&at.item(field, position), code, message);
        }
    }
}
