//! What differs between two values.

use pointsman_types::FieldPath;

use crate::Value;

/// One difference between two values.
///
/// Shown as `+ path: value`, `- path: value` or `~ path: before -> after`, values as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A field or an item came.
    Added {
        /// Where it is then.
        path: FieldPath,
        /// What it says.
        value: Value,
    },
    /// A field or an item went.
    Removed {
        /// Where it was.
        path: FieldPath,
        /// What it said.
        value: Value,
    },
    /// A value became another, and not both are maps or lists.
    Replaced {
        /// Where.
        path: FieldPath,
        /// What was there.
        before: Value,
        /// What is there.
        after: Value,
    },
}

/// What makes `before` to `after`: none where they are equal.
///
/// The changes are meant one after another: each path is true once the changes before it are made, as in a JSON patch. Items
/// that stay are found in what both lists have at their ends, and in between by the longest common sequence of short lists; the
/// order of fields does not count. O(size × depth).
///
/// ```
/// use pointsman_manifest::{Value, diff};
/// let before = Value::from_json(r#"{"hosts": ["a", "b"], "weight": 90}"#)?;
/// let after = Value::from_json(r#"{"hosts": ["b"], "weight": 80, "x": null}"#)?;
/// let changes: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
/// assert_eq!(changes, [r#"- hosts[0]: "a""#, "~ weight: 90 -> 80", "+ x: null"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn diff(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(&mut FieldPath::root(), before, after, &mut changes);
    changes
}

fn compare(path: &mut FieldPath, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    match (before, after) {
        (Value::Map(_), Value::Map(_)) => compare_maps(path, before, after, changes),
        (Value::List(before), Value::List(after)) => compare_lists(path, before, after, changes),
        _ if before == after => {}
        _ => changes.push(Change::Replaced {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
        }),
    }
}

fn compare_maps(path: &mut FieldPath, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    for (name, old) in before.as_map().into_iter().flat_map(crate::Map::iter) {
        path.push(name.into());
        match after.get(name) {
            Some(new) => compare(path, old, new, changes),
            None => changes.push(Change::Removed { path: path.clone(), value: old.clone() }),
        }
        path.pop();
    }
    for (name, new) in after.as_map().into_iter().flat_map(crate::Map::iter) {
        if before.get(name).is_none() {
            changes.push(Change::Added { path: path.clone().field(name), value: new.clone() });
        }
    }
}

fn compare_lists(path: &mut FieldPath, before: &[Value], after: &[Value], changes: &mut Vec<Change>) {
    let mut position = 0;
    let mut from = (0, 0);
    for (old, new) in kept(before, after).into_iter().chain([(before.len(), after.len())]) {
        let gone = before.get(from.0..old).unwrap_or_default();
        let come = after.get(from.1..new).unwrap_or_default();
        compare_gap(path, &mut position, gone, come, changes);
        position += 1;
        from = (old + 1, new + 1);
    }
}

/// Items between two that stayed: as many as both have are compared, the rest came or went.
fn compare_gap(
    path: &mut FieldPath,
    position: &mut usize,
    gone: &[Value],
    come: &[Value],
    changes: &mut Vec<Change>,
) {
    for (old, new) in gone.iter().zip(come) {
        path.push((*position).into());
        compare(path, old, new, changes);
        path.pop();
        *position += 1;
    }
    for old in gone.iter().skip(come.len()) {
        changes.push(Change::Removed { path: path.clone().index(*position), value: old.clone() });
    }
    for new in come.iter().skip(gone.len()) {
        changes.push(Change::Added { path: path.clone().index(*position), value: new.clone() });
        *position += 1;
    }
}

/// Comparing each item of one list with each of the other stops at so many pairs.
const MOST_PAIRS: usize = 4_096;

/// Positions of items that stay, in order.
fn kept(before: &[Value], after: &[Value]) -> Vec<(usize, usize)> {
    let head = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let rest = before.len().min(after.len()) - head;
    let tail =
        before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let old = before.get(head..before.len() - tail).unwrap_or_default();
    let new = after.get(head..after.len() - tail).unwrap_or_default();
    let middle = if old.len() * new.len() <= MOST_PAIRS { common(old, new) } else { Vec::new() };
    let ends = (0..tail).rev().map(|back| (before.len() - 1 - back, after.len() - 1 - back));
    (0..head)
        .map(|position| (position, position))
        .chain(middle.into_iter().map(|(old, new)| (head + old, head + new)))
        .chain(ends)
        .collect()
}

/// The longest sequence of equal items.
fn common(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let equal: Vec<bool> = old.iter().flat_map(|one| new.iter().map(move |other| one == other)).collect();
    let is_equal = |i: usize, j: usize| equal.get(i * new.len() + j).copied().unwrap_or(false);
    // The longest sequence of what follows each pair of positions.
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    let at = |longest: &[usize], i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or(0);
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let skipped = at(&longest, i + 1, j).max(at(&longest, i, j + 1));
            let taken = if is_equal(i, j) { at(&longest, i + 1, j + 1) + 1 } else { 0 };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = skipped.max(taken);
            }
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        let here = at(&longest, i, j);
        if is_equal(i, j) && here == at(&longest, i + 1, j + 1) + 1 {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&longest, i + 1, j) == here {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

impl Change {
    /// Where.
    #[must_use]
    pub const fn path(&self) -> &FieldPath {
        match self {
            Self::Added { path, .. } | Self::Removed { path, .. } | Self::Replaced { path, .. } => path,
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Added { path, value } => write!(f, "+ {path}: {}", value.to_json()),
            Self::Removed { path, value } => write!(f, "- {path}: {}", value.to_json()),
            Self::Replaced { path, before, after } => {
                write!(f, "~ {path}: {} -> {}", before.to_json(), after.to_json())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::diff;
    use crate::strategies::value;
    use crate::{JsonPatch, Value};

    fn check(before: &str, after: &str, expected: &[&str]) {
        let [before, after] = [before, after].map(|json| Value::from_json(json).unwrap());
        let changes: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();
        assert_eq!(changes, expected);
    }

    #[test]
    fn fields() {
        check(r#"{"a": 1, "b": {"c": 2}}"#, r#"{"b": {"c": 2}, "a": 1}"#, &[]);
        check(r#"{"a": 1, "b": {"c": 2}}"#, r#"{"b": {"d": 2}}"#, &["- a: 1", "- b.c: 2", "+ b.d: 2"]);
        check("1", "1.0", &["~ : 1 -> 1.0"]);
        check("{}", "[]", &["~ : {} -> []"]);
    }

    #[test]
    fn items_that_stay_are_found() {
        check("[1, 2, 3]", "[2, 3]", &["- [0]: 1"]);
        check("[1, 2, 3]", "[0, 1, 2, 3, 4]", &["+ [0]: 0", "+ [4]: 4"]);
        check("[1, 2, 3, 4]", "[1, 9, 2, 4]", &["+ [1]: 9", "- [3]: 3"]);
        check(r#"[{"a": 1}, 5]"#, r#"[{"a": 2}, 5]"#, &["~ [0].a: 1 -> 2"]);
        check("[[1], [2]]", "[[3], [4], [2]]", &["~ [0][0]: 1 -> 3", "+ [1]: [4]"]);
    }

    #[test]
    fn long_lists_take_no_square_of_time() {
        let list = |from: i64| Value::from((from..from + 20_000).collect::<Vec<i64>>());
        assert_eq!(diff(&list(0), &list(1)).len(), 20_000);
    }

    proptest! {
        #[test]
        fn the_changes_make_one_the_other(before in value(), after in value()) {
            let changes = diff(&before, &after);
            prop_assert_eq!(changes.is_empty(), before == after);
            prop_assert_eq!(JsonPatch::between(&before, &after).apply(&before), Ok(after));
        }
    }
}
