//! Fields of a value.

use std::collections::HashMap;

use crate::Value;

/// The fields of a [`Value::Map`], in order, each name once.
///
/// Equality ignores the order. Finding a field is O(1): maps of few fields are searched, larger ones have an index.
///
/// ```
/// use pointsman_manifest::{Map, Value};
/// let mut fields = Map::from_iter([("host", "reviews"), ("subset", "v1")]);
/// assert_eq!(fields.insert("subset", "v2"), Some("v1".into()));
/// assert_eq!(fields.names().collect::<Vec<_>>(), ["host", "subset"]);
/// assert_eq!(fields.get("subset"), Some(&Value::from("v2")));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Map {
    fields: Vec<(Box<str>, Value)>,
    /// Positions by name, where there are more than [`FEW`] fields.
    index: Option<Box<Index>>,
}

/// Behind a pointer, so that a [`Value`] stays small.
#[derive(Debug, Clone)]
struct Index {
    positions: HashMap<Box<str>, usize>,
}

/// Up to so many fields, looking at each is the fastest way to find one.
const FEW: usize = 16;

impl Map {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new(), index: None }
    }

    /// No fields yet, with room for so many.
    #[must_use]
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields), index: None }
    }

    /// The field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(self.position(name)?).map(|(_, value)| value)
    }

    /// The field of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let position = self.position(name)?;
        self.fields.get_mut(position).map(|(_, value)| value)
    }

    /// Whether there is a field of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Sets a field: in its place where it is there, else at the end. Answers what was there.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        if let Some(place) = self.get_mut(&name) {
            return Some(std::mem::replace(place, value));
        }
        self.push(name.into(), value);
        None
    }

    /// Adds a field whose name is not there yet.
    pub(crate) fn push(&mut self, name: Box<str>, value: Value) {
        if let Some(index) = &mut self.index {
            index.positions.insert(name.clone(), self.fields.len());
        }
        self.fields.push((name, value));
        if self.index.is_none() && self.fields.len() > FEW {
            self.make_index();
        }
    }

    /// Takes a field out; the others keep their order. O(fields).
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let position = self.position(name)?;
        let (_, value) = self.fields.remove(position);
        if let Some(index) = &mut self.index {
            index.positions.remove(name);
            for later in index.positions.values_mut().filter(|later| **later > position) {
                *later -= 1;
            }
        }
        Some(value)
    }

    /// The field of that name, made as null at the end where it is not there.
    pub fn entry(&mut self, name: impl Into<String>) -> &mut Value {
        let name = name.into();
        let position = self.position(&name).unwrap_or(self.fields.len());
        if position == self.fields.len() {
            self.push(name.into(), Value::Null);
        }
        #[expect(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.fields[position].1
    }

    /// How many fields.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> + DoubleEndedIterator {
        self.fields.iter().map(|(name, value)| (&**name, value))
    }

    /// Names and values in order, the values to be changed.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Value)> + DoubleEndedIterator {
        self.fields.iter_mut().map(|(name, value)| (&**name, value))
    }

    /// Names in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.fields.iter().map(|(name, _)| &**name)
    }

    /// Values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.fields.iter().map(|(_, value)| value)
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.positions.get(name).copied(),
            None => self.fields.iter().position(|(known, _)| **known == *name),
        }
    }

    fn make_index(&mut self) {
        let positions = self.fields.iter().enumerate().map(|(position, (name, _))| (name.clone(), position));
        self.index = Some(Box::new(Index { positions: positions.collect() }));
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let same = |((name, value), (other_name, other_value)): ((&str, &Value), (&str, &Value))| {
            // Mostly they stand in the same order.
            if name == other_name { value == other_value } else { other.get(name) == Some(value) }
        };
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl Eq for Map {}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut map = Self::new();
        for (name, value) in fields {
            map.insert(name, value);
        }
        map
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter { fields: self.fields.into_iter() }
    }
}

/// Names and values of a [`Map`], in order.
#[derive(Debug)]
pub struct IntoIter {
    fields: std::vec::IntoIter<(Box<str>, Value)>,
}

impl Iterator for IntoIter {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.fields.next().map(|(name, value)| (name.into(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.fields.size_hint()
    }
}

impl DoubleEndedIterator for IntoIter {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.fields.next_back().map(|(name, value)| (name.into(), value))
    }
}

impl ExactSizeIterator for IntoIter {}

#[cfg(test)]
mod tests {
    use super::Map;
    use crate::Value;

    #[test]
    fn many_fields_are_found_after_each_change() {
        let mut map = Map::new();
        let name = |n: u32| format!("f{n}");
        for n in 0..100 {
            assert_eq!(map.insert(name(n), n), None);
            assert_eq!(map.insert(name(n / 2), n / 2), Some((n / 2).into()));
        }
        for n in (0..100).step_by(3) {
            assert_eq!(map.remove(&name(n)), Some(n.into()));
            assert_eq!(map.remove(&name(n)), None);
        }
        *map.entry("new") = 1.into();
        *map.entry("f1") = 2.into();
        let left: Vec<u32> = (0..100).filter(|n| n % 3 != 0).collect();
        assert_eq!(map.len(), left.len() + 1);
        for n in left {
            assert_eq!(map.get(&name(n)), Some(&Value::from(if n == 1 { 2 } else { n })), "{n}");
        }
        assert_eq!(map.names().next_back(), Some("new"));
        let turned: Map = map.clone().into_iter().rev().collect();
        assert_eq!(turned, map);
        assert_ne!(turned, map.iter().skip(1).map(|(name, value)| (name, value.clone())).collect());
    }
}
