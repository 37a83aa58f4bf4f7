//! Conditions of authorization policies on attributes.

use pointsman_api::istio::security::Condition;
use pointsman_types::{Code, suggest};

use super::source;
use crate::codes;
use crate::report::{Place, Report};

/// What the values of an attribute are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Any,
    Addresses,
    Ports,
    ServiceAccounts,
    TrustDomains,
}

const ATTRIBUTES: [(&str, Values); 11] = [
    ("source.ip", Values::Addresses),
    ("remote.ip", Values::Addresses),
    ("source.namespace", Values::Any),
    ("source.serviceAccount", Values::ServiceAccounts),
    ("source.principal", Values::Any),
    ("source.trustDomain", Values::TrustDomains),
    ("request.auth.principal", Values::Any),
    ("request.auth.audiences", Values::Any),
    ("request.auth.presenter", Values::Any),
    ("destination.ip", Values::Addresses),
    ("destination.port", Values::Ports),
];

/// Attributes with a name in brackets.
const MAPS: [&str; 3] = ["request.headers", "request.auth.claims", "experimental.envoy.filters."];

/// Attributes of old policies, and what says the same now.
const GONE: [(&str, &str); 4] = [
    ("destination.namespace", "the namespace of the policy"),
    ("destination.labels", "`selector`"),
    ("destination.name", "`selector`"),
    ("destination.user", "`selector`"),
];

pub(super) fn check(condition: &Condition, at: &Place<'_>, out: &mut Report) {
    if condition.values.is_empty() && condition.not_values.is_empty() {
        out.error(at, codes::CONDITION_VALUES, "the condition has neither `values` nor `notValues`");
    }
    let lists = [("values", condition.values.as_slice()), ("notValues", condition.not_values.as_slice())];
    for (field, values) in lists {
        source::no_empty_text(field, values, at, out);
    }
    let key = at.field("key");
    match attribute(&condition.key) {
        Ok(Values::Any) => {}
        Ok(kind) => {
            for (field, values) in lists {
                check_values(kind, field, values, at, out);
            }
        }
        Err((code, message)) => out.error(&key, code, message),
    }
}

/// Whether a key names who a client is, which an external authorizer cannot be asked about.
pub(super) fn needs_identity(key: &str) -> bool {
    let names = ["source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal"];
    names.contains(&key) || key.starts_with("request.auth.")
}

fn attribute(key: &str) -> Result<Values, (Code, String)> {
    if key.is_empty() {
        return Err((codes::CONDITION_KEY, "the condition has no key".to_owned()));
    }
    if key == "connection.sni" {
        return Ok(Values::Any);
    }
    if let Some((_, values)) = ATTRIBUTES.iter().find(|(name, _)| *name == key) {
        return Ok(*values);
    }
    if let Some((_, instead)) = GONE.iter().find(|(name, _)| key.starts_with(name)) {
        return Err((codes::ATTRIBUTE_GONE, format!("`{key}` is no condition any more; {instead} says it")));
    }
    if let Some(map) = MAPS.iter().find(|map| key.starts_with(**map)) {
        let message = || format!("`{key}` needs a name in brackets: `{}[name]`", map.trim_end_matches('.'));
        return if has_name(key) { Ok(Values::Any) } else { Err((codes::ATTRIBUTE_NAME, message())) };
    }
    let near = suggest::nearest(key, ATTRIBUTES.iter().map(|(name, _)| *name));
    let near = near.map(|near| format!("; `{near}` is one")).unwrap_or_default();
    Err((codes::ATTRIBUTE, format!("`{key}` is not an attribute{near}")))
}

fn has_name(key: &str) -> bool {
    let Some((before, rest)) = key.split_once('[') else { return false };
    !before.is_empty() && rest.strip_suffix(']').is_some_and(|name| !name.is_empty())
}

fn check_values(kind: Values, field: &str, values: &[String], at: &Place<'_>, out: &mut Report) {
    match kind {
        Values::Any => {}
        Values::Addresses => source::addresses(field, values, at, out),
        Values::Ports => source::ports(field, values, at, out),
        Values::ServiceAccounts => source::service_accounts(field, values, at, out),
        Values::TrustDomains => source::trust_domains(field, values, at, out),
    }
}
