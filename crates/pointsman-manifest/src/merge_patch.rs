//! JSON Merge Patch.

use serde::{Deserialize, Serialize};

use crate::{Map, Value};

/// A value laid over another: its fields replace, null takes away, maps are laid over maps.
///
/// ```
/// use pointsman_manifest::{MergePatch, Value};
/// let before = Value::from_json(r#"{"spec": {"weight": 90, "old": true}}"#)?;
/// let after = Value::from_json(r#"{"spec": {"weight": 80}}"#)?;
/// let patch = MergePatch::between(&before, &after).unwrap();
/// assert_eq!(patch.0.to_json(), r#"{"spec":{"weight":80,"old":null}}"#);
/// assert_eq!(patch.apply(&before), after);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// *Source:* RFC 7386.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MergePatch(pub Value);

impl MergePatch {
    /// What makes `before` to `after`; `None` where it would have to set a field to null, which such a patch cannot.
    #[must_use]
    pub fn between(before: &Value, after: &Value) -> Option<Self> {
        match (before, after) {
            (Value::Map(before), Value::Map(after)) => {
                between_maps(before, after).map(|patch| Self(patch.into()))
            }
            _ => sets_no_null(after).then(|| Self(after.clone())),
        }
    }

    /// The value with the patch laid over it.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        let mut value = value.clone();
        merge(&mut value, &self.0);
        value
    }
}

fn between_maps(before: &Map, after: &Map) -> Option<Map> {
    let mut patch = Map::new();
    for (name, old) in before.iter() {
        match after.get(name) {
            None => {
                patch.insert(name, Value::Null);
            }
            Some(new) if new == old => {}
            Some(Value::Null) => return None,
            Some(new) => {
                patch.insert(name, MergePatch::between(old, new)?.0);
            }
        }
    }
    for (name, new) in after.iter().filter(|(name, _)| !before.contains(name)) {
        if new.is_null() || !sets_no_null(new) {
            return None;
        }
        patch.insert(name, new.clone());
    }
    Some(patch)
}

/// Nulls in lists are items as others.
fn sets_no_null(value: &Value) -> bool {
    match value {
        Value::Map(fields) => fields.values().all(|value| !value.is_null() && sets_no_null(value)),
        _ => true,
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Map(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if target.as_map().is_none() {
        *target = Map::new().into();
    }
    let Some(fields) = target.as_map_mut() else { return };
    for (name, value) in patch.iter() {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::MergePatch;
    use crate::Value;
    use crate::strategies::value;

    /// The examples of the appendix of the RFC.
    #[test]
    fn examples() {
        for (value, patch, expected) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let [value, patch] = [value, patch].map(|json| Value::from_json(json).unwrap());
            assert_eq!(MergePatch(patch).apply(&value).to_json(), expected);
        }
    }

    #[test]
    fn null_cannot_be_set() {
        let between = |before: &str, after: &str| {
            let [before, after] = [before, after].map(|json| Value::from_json(json).unwrap());
            MergePatch::between(&before, &after).map(|patch| patch.0.to_json())
        };
        assert_eq!(between("{}", r#"{"a":null}"#), None);
        assert_eq!(between(r#"{"a":1}"#, r#"{"a":{"b":null}}"#), None);
        assert_eq!(between(r#"{"a":null}"#, r#"{"a":null,"b":[null]}"#).as_deref(), Some(r#"{"b":[null]}"#));
        assert_eq!(between(r#"{"a":{"b":1}}"#, r#"{"a":{}}"#).as_deref(), Some(r#"{"a":{"b":null}}"#));
    }

    proptest! {
        #[test]
        fn the_patch_makes_one_the_other(before in value(), after in value()) {
            if let Some(patch) = MergePatch::between(&before, &after) {
                prop_assert_eq!(patch.apply(&before), after);
            }
        }
    }
}
