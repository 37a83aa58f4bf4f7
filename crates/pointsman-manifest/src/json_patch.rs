//! JSON Patch.

use serde::{Deserialize, Serialize};

use crate::read::MAX_DEPTH;
use crate::{Change, Map, Value, diff};

/// Operations that change one value, one after another: all of them, or none.
///
/// ```
/// use pointsman_manifest::{JsonPatch, Value};
/// let before = Value::from_json(r#"{"spec": {"weight": 90, "old": true}}"#)?;
/// let after = Value::from_json(r#"{"spec": {"weight": 80}}"#)?;
/// let patch = JsonPatch::between(&before, &after);
/// assert_eq!(
///     serde_json::to_string(&patch)?,
///     r#"[{"op":"replace","path":"/spec/weight","value":80},{"op":"remove","path":"/spec/old"}]"#,
/// );
/// assert_eq!(patch.apply(&before)?, after);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// *Source:* RFC 6902, with pointers of RFC 6901.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonPatch {
    /// In the order in which they are done.
    pub operations: Vec<Operation>,
}

/// One operation of a [`JsonPatch`]. Paths are JSON pointers: empty for the whole, `/spec/http/0`, `-` behind the last item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Operation {
    /// Sets a field or the whole, or puts an item before the one at its position.
    Add {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
    /// Takes out what is there.
    Remove {
        /// Where.
        path: String,
    },
    /// Sets what is there already.
    Replace {
        /// Where.
        path: String,
        /// To what.
        value: Value,
    },
    /// Takes out what is there and adds it elsewhere.
    Move {
        /// From where.
        from: String,
        /// To where.
        path: String,
    },
    /// Adds what is elsewhere.
    Copy {
        /// From where.
        from: String,
        /// To where.
        path: String,
    },
    /// Asks whether this is there.
    Test {
        /// Where.
        path: String,
        /// What.
        value: Value,
    },
}

/// Why a patch was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// A path leads nowhere, or is no pointer.
    #[error("operation {operation}: there is nothing at `{path}`")]
    Missing {
        /// Which, from 0.
        operation: usize,
        /// Where.
        path: String,
    },
    /// Something else is there than was tested.
    #[error("operation {operation}: something else is at `{path}`")]
    TestFailed {
        /// Which, from 0.
        operation: usize,
        /// Where.
        path: String,
    },
    /// Something was to be moved into itself.
    #[error("operation {operation}: `{path}` is inside of what is moved")]
    IntoItself {
        /// Which, from 0.
        operation: usize,
        /// Where.
        path: String,
    },
    /// Copies of copies would make the value larger or deeper than any manifest.
    #[error("operation {operation}: the value becomes too large or too deep")]
    TooLarge {
        /// Which, from 0.
        operation: usize,
    },
}

/// How many nodes and bytes of texts copies may make.
const MOST_COPIED: usize = 1_000_000;

impl JsonPatch {
    /// What makes `before` to `after`, by [`diff`].
    #[must_use]
    pub fn between(before: &Value, after: &Value) -> Self {
        let operation = |change: Change| match change {
            Change::Added { path, value } => Operation::Add { path: path.to_pointer(), value },
            Change::Removed { path, .. } => Operation::Remove { path: path.to_pointer() },
            Change::Replaced { path, after, .. } => {
                Operation::Replace { path: path.to_pointer(), value: after }
            }
        };
        Self { operations: diff(before, after).into_iter().map(operation).collect() }
    }

    /// The value that the operations make of this one.
    ///
    /// # Errors
    ///
    /// Where one cannot be done or a test fails; then none counts.
    pub fn apply(&self, value: &Value) -> Result<Value, PatchError> {
        let mut value = value.clone();
        let mut left = MOST_COPIED;
        for (number, operation) in self.operations.iter().enumerate() {
            operation.apply(&mut value, &mut left, number)?;
        }
        Ok(value)
    }
}

impl Operation {
    fn apply(&self, root: &mut Value, left: &mut usize, operation: usize) -> Result<(), PatchError> {
        let missing = |path: &str| PatchError::Missing { operation, path: path.to_owned() };
        let added = |root: &mut Value, path: &str, value: Value| {
            add(root, path, value).ok_or_else(|| missing(path))?;
            if tokens(path).map_or(0, |tokens| tokens.len()) > MAX_DEPTH {
                Err(PatchError::TooLarge { operation })
            } else {
                Ok(())
            }
        };
        match self {
            Self::Add { path, value } => added(root, path, value.clone()),
            Self::Remove { path } => remove(root, path).map(|_| ()).ok_or_else(|| missing(path)),
            Self::Replace { path, value } => {
                *find(root, path).ok_or_else(|| missing(path))? = value.clone();
                Ok(())
            }
            Self::Move { from, path }
                if path.strip_prefix(from.as_str()).is_some_and(|rest| rest.starts_with('/')) =>
            {
                Err(PatchError::IntoItself { operation, path: path.clone() })
            }
            Self::Move { from, path } if from == path => {
                find(root, from).map(|_| ()).ok_or_else(|| missing(from))
            }
            Self::Move { from, path } => {
                let value = remove(root, from).ok_or_else(|| missing(from))?;
                added(root, path, value)
            }
            Self::Copy { from, path } => {
                let value = find(root, from).ok_or_else(|| missing(from))?;
                let too_large = PatchError::TooLarge { operation };
                *left = left.checked_sub(size(value)).ok_or_else(|| too_large.clone())?;
                let depth = tokens(path).map_or(0, |tokens| tokens.len()) + depth(value);
                if depth > MAX_DEPTH {
                    return Err(too_large);
                }
                let value = value.clone();
                added(root, path, value)
            }
            Self::Test { path, value } => match find(root, path) {
                Some(found) if found == value => Ok(()),
                Some(_) => Err(PatchError::TestFailed { operation, path: path.clone() }),
                None => Err(missing(path)),
            },
        }
    }
}

/// The names of a pointer; `None` where it is none.
fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let names = pointer.strip_prefix('/')?.split('/');
    names.map(|name| (!has_bad_escape(name)).then(|| name.replace("~1", "/").replace("~0", "~"))).collect()
}

fn has_bad_escape(name: &str) -> bool {
    name.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']))
}

/// The position that a name means in a list of so many items, plus one where something is put.
fn position(name: &str, count: usize) -> Option<usize> {
    let plain = name == "0" || (!name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit()));
    let position: usize = plain.then(|| name.parse().ok()).flatten()?;
    (position < count).then_some(position)
}

fn step<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    match value {
        Value::Map(fields) => fields.get_mut(name),
        Value::List(items) => {
            let position = position(name, items.len())?;
            items.get_mut(position)
        }
        _ => None,
    }
}

fn find<'a>(root: &'a mut Value, pointer: &str) -> Option<&'a mut Value> {
    tokens(pointer)?.iter().try_fold(root, |value, name| step(value, name))
}

fn add(root: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let tokens = tokens(pointer)?;
    let Some((last, before)) = tokens.split_last() else {
        *root = value;
        return Some(());
    };
    match before.iter().try_fold(root, |value, name| step(value, name))? {
        Value::Map(fields) => {
            fields.insert(last.as_str(), value);
        }
        Value::List(items) => {
            let position = if last == "-" { items.len() } else { position(last, items.len() + 1)? };
            items.insert(position, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(root: &mut Value, pointer: &str) -> Option<Value> {
    let tokens = tokens(pointer)?;
    let (last, before) = tokens.split_last()?;
    match before.iter().try_fold(root, |value, name| step(value, name))? {
        Value::Map(fields) => fields.remove(last),
        Value::List(items) => {
            let position = position(last, items.len())?;
            Some(items.remove(position))
        }
        _ => None,
    }
}

/// Nodes and bytes of texts.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len(),
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(fields) => 1 + fields.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>(),
        _ => 1,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(fields) => 1 + Map::values(fields).map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonPatch, PatchError};
    use crate::Value;

    fn apply(value: &str, patch: &str) -> Result<String, PatchError> {
        let patch: JsonPatch = serde_json::from_str(patch).unwrap();
        patch.apply(&Value::from_json(value).unwrap()).map(|value| value.to_json())
    }

    fn check(value: &str, patch: &str, expected: &str) {
        assert_eq!(apply(value, patch).as_deref(), Ok(expected), "{patch}");
    }

    #[test]
    fn operations() {
        check(r#"{"a":[1,2]}"#, r#"[{"op":"add","path":"/a/1","value":9}]"#, r#"{"a":[1,9,2]}"#);
        check(r#"{"a":[1,2]}"#, r#"[{"op":"add","path":"/a/-","value":9}]"#, r#"{"a":[1,2,9]}"#);
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/a","value":null}]"#, r#"{"a":null}"#);
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"","value":[]}]"#, "[]");
        check(
            r#"{"a/b":1,"m~n":2}"#,
            r#"[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":3}]"#,
            r#"{"m~n":3}"#,
        );
        check(
            r#"{"a":{"b":1},"c":[]}"#,
            r#"[{"op":"move","from":"/a/b","path":"/c/0"}]"#,
            r#"{"a":{},"c":[1]}"#,
        );
        check(
            r#"{"a":{"b":1}}"#,
            r#"[{"op":"copy","from":"/a","path":"/a/c"},{"op":"test","path":"/a/c","value":{"b":1}}]"#,
            r#"{"a":{"b":1,"c":{"b":1}}}"#,
        );
        check(r#"{"":{"0":1}}"#, r#"[{"op":"test","path":"//0","value":1}]"#, r#"{"":{"0":1}}"#);
    }

    #[test]
    fn refusals() {
        let missing = |path: &str| Err(PatchError::Missing { operation: 0, path: path.to_owned() });
        assert_eq!(apply(r#"{"a":[1]}"#, r#"[{"op":"remove","path":"/a/1"}]"#), missing("/a/1"));
        assert_eq!(apply(r#"{"a":[1]}"#, r#"[{"op":"remove","path":"/a/-"}]"#), missing("/a/-"));
        assert_eq!(apply(r#"{"a":[1]}"#, r#"[{"op":"remove","path":"/a/00"}]"#), missing("/a/00"));
        assert_eq!(apply(r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/2","value":1}]"#), missing("/a/2"));
        assert_eq!(apply(r#"{"a":[1]}"#, r#"[{"op":"replace","path":"/b","value":1}]"#), missing("/b"));
        assert_eq!(apply(r#"{"a":1}"#, r#"[{"op":"remove","path":"a"}]"#), missing("a"));
        assert_eq!(apply(r#"{"~2":1}"#, r#"[{"op":"remove","path":"/~2"}]"#), missing("/~2"));
        let error = apply(r#"{"a":{}}"#, r#"[{"op":"move","from":"/a","path":"/a/b"}]"#).unwrap_err();
        assert_eq!(error.to_string(), "operation 0: `/a/b` is inside of what is moved");
        let failed = PatchError::TestFailed { operation: 1, path: "/a".to_owned() };
        assert_eq!(
            apply(r#"{"a":1}"#, r#"[{"op":"remove","path":"/a"},{"op":"test","path":"/a","value":1}]"#),
            Err(PatchError::Missing { operation: 1, path: "/a".to_owned() })
        );
        assert_eq!(
            apply(
                r#"{"a":1}"#,
                r#"[{"op":"add","path":"/a","value":2},{"op":"test","path":"/a","value":1}]"#
            ),
            Err(failed)
        );
        assert!(serde_json::from_str::<JsonPatch>(r#"[{"op":"add","path":"/a"}]"#).is_err());
        assert!(serde_json::from_str::<JsonPatch>(r#"[{"op":"spoil","path":"/a"}]"#).is_err());
    }

    #[test]
    fn copies_of_copies_end() {
        let copy = r#"{"op":"copy","from":"","path":"/a"}"#;
        let patch = format!("[{}]", vec![copy; 400].join(","));
        assert!(matches!(apply("{}", &patch), Err(PatchError::TooLarge { .. })));
        let copy = r#"{"op":"copy","from":"","path":"/-"}"#;
        let patch = format!("[{}]", vec![copy; 400].join(","));
        assert!(matches!(apply("[1]", &patch), Err(PatchError::TooLarge { .. })));
    }
}
