//! Setting fields of an object.

use pointsman_manifest::{Map, Value};

/// Sets a field, making the maps on the way; what stands on the way and is no map is replaced.
pub(crate) fn set(object: &mut Value, path: &[&str], value: impl Into<Value>) {
    match path {
        [] => *object = value.into(),
        [name, rest @ ..] => {
            if object.as_map().is_none() {
                *object = Value::Map(Map::new());
            }
            if let Some(map) = object.as_map_mut() {
                set(map.entry(*name), rest, value);
            }
        }
    }
}

/// Takes a field out, if it is there.
pub(crate) fn unset(object: &mut Value, path: &[&str]) {
    let Some((last, way)) = path.split_last() else { return };
    let mut at = object;
    for name in way {
        let Some(next) = at.get_mut(name) else { return };
        at = next;
    }
    if let Some(map) = at.as_map_mut() {
        map.remove(last);
    }
}

/// A map of these fields.
pub(crate) fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().collect())
}
