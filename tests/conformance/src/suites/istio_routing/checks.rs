//! The assertions of a Go test over an Envoy message: a path, an operation, a value.

use serde_json::Value;

/// Why a check does not hold on a message; `None` where it holds.
pub(super) fn failure(message: &Value, check: &Value) -> Option<String> {
    let path = check["path"].as_str().unwrap_or_default();
    let (parents, last) = found(message, path);
    let holds = parents.iter().all(|parent| holds(parent, &last, check));
    (!holds).then(|| {
        let values: Vec<_> =
            parents.iter().map(|parent| part(parent, &last).unwrap_or(Value::Null)).collect();
        format!("{path} {} {}: {values:?}", check["op"], check["value"])
    })
}

/// The messages that hold the last part of a path, and that part.
fn found(message: &Value, path: &str) -> (Vec<Value>, String) {
    let mut parts = parts(path);
    let last = parts.pop().unwrap_or_default();
    let mut values = vec![message.clone()];
    for name in parts {
        values = values.iter().flat_map(|value| each(value, &name)).collect();
    }
    (values, last)
}

/// `a.b[0][*].c` and `a["x.y"]` in parts; what stands in brackets may hold dots.
fn parts(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (part, after) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        parts.push(part.trim_matches(['"', '\'']).to_owned());
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    parts
}

fn each(value: &Value, name: &str) -> Vec<Value> {
    if name == "*" {
        return value.as_array().cloned().unwrap_or_default();
    }
    vec![part(value, name).unwrap_or(Value::Null)]
}

/// A field, an item, or what Go calls the parts of a wrapper and of a duration.
fn part(value: &Value, name: &str) -> Option<Value> {
    match (value, name) {
        (Value::Array(items), _) => items.get(name.parse::<usize>().ok()?).cloned(),
        (Value::Object(fields), _) => fields.get(name).cloned(),
        (Value::String(text), "seconds") => {
            let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
            Some(Value::from(seconds.trunc() as i64))
        }
        (Value::String(text), "nanos") => {
            let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
            Some(Value::from((seconds.fract() * 1e9).round() as i64))
        }
        (Value::Null, _) => None,
        (plain, "value") => Some(plain.clone()),
        _ => None,
    }
}

fn holds(parent: &Value, name: &str, check: &Value) -> bool {
    let expected = &check["value"];
    if name == "*" {
        return parent.as_array().is_some_and(|items| items.iter().all(|item| same(item, expected)));
    }
    let actual = part(parent, name).unwrap_or(Value::Null);
    match check["op"].as_str().unwrap_or_default() {
        "equals" => same(&actual, expected),
        "equals_unordered" => {
            let sorted = |value: &Value| {
                let mut texts: Vec<_> =
                    value.as_array().into_iter().flatten().map(|item| plain(item).to_string()).collect();
                texts.sort();
                texts
            };
            sorted(&actual) == sorted(expected)
        }
        "len" => expected.as_u64() == Some(length(&actual) as u64),
        "oneof_is" => expected.as_str().is_some_and(|case| parent.get(case).is_some()),
        "oneof_is_not" => expected.as_str().is_some_and(|case| parent.get(case).is_none()),
        "oneof_equals" => expected.as_object().is_some_and(|cases| {
            cases.iter().all(|(case, value)| parent.get(case).is_some_and(|a| same(a, value)))
        }),
        "is_null" | "is_empty" => length(&actual) == 0 && !actual.is_number() && actual != Value::Bool(true),
        "is_not_null" => !actual.is_null(),
        "has_key" => expected.as_str().is_some_and(|key| actual.get(key).is_some()),
        _ => false,
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::String(text) => text.len(),
        _ => 0,
    }
}

/// Equal as messages: what is not set has its zero value, and numbers may stand as text.
fn same(actual: &Value, expected: &Value) -> bool {
    plain(actual) == plain(expected)
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Bool(false) => Value::Null,
        Value::Number(number) if number.as_f64() == Some(0.0) => Value::Null,
        Value::Number(number) => Value::String(number.to_string()),
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.filter(|(_, value)| !value.is_null()).collect())
        }
        other => other.clone(),
    }
}
