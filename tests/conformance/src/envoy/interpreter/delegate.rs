//! Routes of delegates in the place of the routes that delegate.

use serde_json::{Map, Value, json};

use super::{Interpreter, text, texts};

impl Interpreter {
    /// The routes of a VirtualService, each with the namespace that completes its short names.
    pub(super) fn routes_of(&self, virtual_service: &Value) -> Vec<(Value, String)> {
        let namespace = text(&virtual_service["metadata"]["namespace"]);
        let mut routes = Vec::new();
        for route in virtual_service["spec"]["http"].as_array().into_iter().flatten() {
            let Some(delegate) = route.get("delegate") else {
                routes.push((route.clone(), namespace.clone()));
                continue;
            };
            let wanted = delegate["namespace"].as_str().unwrap_or(&namespace);
            let found = self.of_kind("VirtualService").find(|other| {
                other["metadata"]["name"] == delegate["name"]
                    && other["metadata"]["namespace"] == wanted
                    && texts(&other["spec"]["hosts"]).is_empty()
            });
            let Some(found) = found.filter(|found| is_exported(found, &namespace)) else { continue };
            for below in found["spec"]["http"].as_array().into_iter().flatten() {
                if let Some(merged) = merged(route, below) {
                    routes.push((merged, wanted.to_owned()));
                }
            }
        }
        routes
    }
}

/// Whether a namespace may use it.
pub(super) fn is_exported(object: &Value, client: &str) -> bool {
    let own = text(&object["metadata"]["namespace"]);
    let names = texts(&object["spec"]["exportTo"]);
    names.is_empty()
        || names.iter().any(|name| name == "*" || name == client || (name == "." && own == client))
}

fn merged(root: &Value, below: &Value) -> Option<Value> {
    let mut route = below.clone();
    if let Some(conditions) = conditions(&root["match"], &below["match"])? {
        route["match"] = Value::Array(conditions);
    }
    route["name"] = json!(joined(&text(&root["name"]), &text(&below["name"])));
    route["delegated"] = json!(true);
    const INHERITED: [&str; 11] = [
        "rewrite",
        "timeout",
        "retries",
        "mirror",
        "mirrors",
        "mirrorPercent",
        "mirrorPercentage",
        "headers",
        "directResponse",
        "fault",
        "corsPolicy",
    ];
    for field in INHERITED {
        if route.get(field).is_none()
            && let Some(value) = root.get(field)
        {
            route[field] = value.clone();
        }
    }
    Some(route)
}

fn joined(above: &str, below: &str) -> String {
    match (above.is_empty(), below.is_empty()) {
        (true, _) => below.to_owned(),
        (_, true) => above.to_owned(),
        _ => format!("{above}-{below}"),
    }
}

/// Every pair that does not exclude itself. `None`: some condition below finds no partner; `Some(None)`: no conditions.
#[expect(clippy::option_option, reason = "no conditions are not the same as none left")]
fn conditions(above: &Value, below: &Value) -> Option<Option<Vec<Value>>> {
    let (above, below) = (above.as_array().cloned(), below.as_array().cloned());
    let (Some(above), Some(below)) = (above.clone(), below.clone()) else { return Some(above.or(below)) };
    let mut all = Vec::new();
    for lower in &below {
        let partners: Vec<_> = above.iter().filter(|upper| !excludes(upper, lower)).collect();
        if partners.is_empty() {
            return None;
        }
        all.extend(partners.into_iter().map(|upper| pair(upper, lower)));
    }
    Some(Some(all))
}

fn pair(upper: &Value, lower: &Value) -> Value {
    let mut merged = lower.clone();
    let empty = Map::new();
    for (field, value) in upper.as_object().unwrap_or(&empty) {
        match field.as_str() {
            "ignoreUriCase" => {}
            "name" => merged["name"] = json!(joined(&text(value), &text(&lower["name"]))),
            "headers" | "withoutHeaders" | "queryParams" | "sourceLabels" => {
                let mut both = value.as_object().cloned().unwrap_or_default();
                both.extend(lower[field].as_object().cloned().unwrap_or_default());
                merged[field] = Value::Object(both);
            }
            _ if lower.get(field).is_none() => merged[field] = value.clone(),
            _ => {}
        }
    }
    merged
}

fn excludes(upper: &Value, lower: &Value) -> bool {
    let both = |field: &str| Some((upper.get(field)?, lower.get(field)?));
    let text_fields = ["uri", "scheme", "method", "authority"];
    if text_fields.iter().any(|field| both(field).is_some_and(|(upper, lower)| !is_part(upper, lower))) {
        return true;
    }
    for field in ["headers", "withoutHeaders", "queryParams"] {
        let lower = lower[field].as_object().into_iter().flatten();
        let mut shared = lower.filter_map(|(name, below)| Some((upper[field].get(name)?, below)));
        if shared.any(|(above, below)| !is_part(above, below)) {
            return true;
        }
    }
    let labels = upper["sourceLabels"].as_object().into_iter().flatten();
    let other_label = labels
        .into_iter()
        .any(|(name, value)| lower["sourceLabels"].get(name).is_some_and(|other| other != value));
    let other_case = (upper["ignoreUriCase"] == true) != (lower["ignoreUriCase"] == true);
    let other_port = both("port").is_some_and(|(upper, lower)| upper != lower);
    let other_namespace =
        upper.get("sourceNamespace").is_some_and(|above| lower.get("sourceNamespace") != Some(above));
    let other_gateway = both("gateways").is_some_and(|(upper, lower)| {
        let upper = texts(upper);
        texts(lower).iter().any(|name| !upper.contains(name))
    });
    other_label || other_case || other_port || other_namespace || other_gateway
}

/// Whether what is below is certainly a part of what is above; an empty text on top is never that.
fn is_part(above: &Value, below: &Value) -> bool {
    let word = |value: &Value, kind: &str| text(&value[kind]);
    if !word(above, "regex").is_empty() || !word(below, "regex").is_empty() {
        return false;
    }
    let (exact, prefix) = (word(above, "exact"), word(above, "prefix"));
    if !exact.is_empty() {
        return word(below, "prefix").is_empty() && word(below, "exact") == exact;
    }
    if prefix.is_empty() {
        return false;
    }
    let lower = [word(below, "prefix"), word(below, "exact")];
    lower.iter().any(|text| !text.is_empty() && text.starts_with(&prefix))
}
