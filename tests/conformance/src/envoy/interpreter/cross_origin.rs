//! Cross-origin policies.

use serde_json::Value;

use super::super::AskedRequest;
use super::{condition, text, texts};

/// What a policy does.
pub(super) enum Effect {
    Nothing,
    /// The proxy answers with these headers.
    Preflight(Vec<(String, Vec<u8>)>),
    /// The answer gets these headers.
    Answer(Vec<(String, Vec<u8>)>),
    /// Nothing is said.
    Unclear,
}

pub(super) fn effect(route: &Value, request: &AskedRequest) -> Effect {
    let Some(policy) = route.get("corsPolicy") else { return Effect::Nothing };
    let values = |name| request.values(name).collect::<Vec<_>>();
    let first = |name| values(name).first().map(|value| value.to_vec()).unwrap_or_default();
    if values("origin").len() > 1 {
        return Effect::Unclear;
    }
    let origin = first("origin");
    if origin.is_empty() {
        return Effect::Nothing;
    }
    let mut origins = policy["allowOrigins"].as_array().into_iter().flatten();
    let allowed = origins.any(|one| condition::matches(one, b"*") || condition::matches(one, &origin));
    let mut headers = Vec::new();
    let mut put = |name: &str, value: Vec<u8>| headers.push((format!("access-control-{name}"), value));
    if allowed {
        put("allow-origin", origin);
    }
    if policy["allowCredentials"] == true {
        put("allow-credentials", b"true".to_vec());
    }
    let exposed = texts(&policy["exposeHeaders"]).join(",");
    if allowed && !exposed.is_empty() {
        put("expose-headers", exposed.into_bytes());
    }
    let wanted = first("access-control-request-method");
    if request.method == "OPTIONS" && !wanted.is_empty() {
        if !allowed && policy["unmatchedPreflights"] != "IGNORE" {
            return Effect::Nothing;
        }
        let asked = first("access-control-request-headers");
        for (field, name, asked) in
            [("allowMethods", "allow-methods", wanted), ("allowHeaders", "allow-headers", asked)]
        {
            match texts(&policy[field]).join(",").as_str() {
                "" => {}
                "*" => put(name, asked),
                list => put(name, list.as_bytes().to_vec()),
            }
        }
        let age = text(&policy["maxAge"]);
        if !age.is_empty() {
            put("max-age", age.trim_end_matches('s').as_bytes().to_vec());
        }
        return Effect::Preflight(headers);
    }
    if allowed { Effect::Answer(headers) } else { Effect::Nothing }
}
