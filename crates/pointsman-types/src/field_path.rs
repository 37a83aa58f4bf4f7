//! Where in a document.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A path from the root of an object to one of its fields: `spec.http[0].route[1].weight`.
///
/// Shape: a list of field names and list positions (from 0); empty is the object itself. Names that are not plain
/// words (letters, digits, `_`, `-`) are shown in brackets and quotes: `metadata.labels["app.kubernetes.io/name"]`.
/// Reading what is shown gives the same path.
///
/// ```
/// use pointsman_types::FieldPath;
/// let path = FieldPath::root().field("spec").field("http").index(0).field("weight");
/// assert_eq!(path.to_string(), "spec.http[0].weight");
/// assert_eq!("spec.http[0].weight".parse(), Ok(path));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath {
    segments: Vec<Segment>,
}

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Into the field of that name.
    Field(String),
    /// To the item at that position, from 0.
    Index(usize),
}

/// A text that is no field path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a field path such as `spec.http[0].weight`")]
pub struct InvalidFieldPath {
    text: String,
}

impl FieldPath {
    /// The object itself.
    #[must_use]
    pub const fn root() -> Self {
        Self { segments: Vec::new() }
    }

    /// The field `name` of what this path leads to.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        self.segments.push(Segment::Field(name.into()));
        self
    }

    /// The item at `position` of what this path leads to.
    #[must_use]
    pub fn index(mut self, position: usize) -> Self {
        self.segments.push(Segment::Index(position));
        self
    }

    /// This path, then the other.
    #[must_use]
    pub fn join(mut self, other: &Self) -> Self {
        self.segments.extend_from_slice(&other.segments);
        self
    }

    /// Goes one step further, in place.
    pub fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    /// Goes one step back, in place.
    pub fn pop(&mut self) -> Option<Segment> {
        self.segments.pop()
    }

    /// The steps from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The path without its last step; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.segments.split_last()?;
        Some(Self { segments: rest.to_vec() })
    }

    /// Whether this is the object itself.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether the other path goes through what this one leads to (or is it).
    #[must_use]
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.segments.starts_with(&self.segments)
    }

    /// The path as an RFC 6901 JSON pointer: `/spec/http/0/weight`.
    #[must_use]
    pub fn to_pointer(&self) -> String {
        let mut pointer = String::new();
        for segment in &self.segments {
            pointer.push('/');
            match segment {
                Segment::Field(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Segment::Index(position) => pointer.push_str(&position.to_string()),
            }
        }
        pointer
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self { segments: segments.into_iter().collect() }
    }
}

impl From<&str> for Segment {
    fn from(name: &str) -> Self {
        Self::Field(name.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(position: usize) -> Self {
        Self::Index(position)
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Field(name) if !is_plain(name) => {
                    write!(f, "[\"{}\"]", name.replace('\\', "\\\\").replace('"', "\\\""))?;
                }
                Segment::Field(name) if position == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for FieldPath {
    type Err = InvalidFieldPath;

    fn from_str(text: &str) -> Result<Self, InvalidFieldPath> {
        let invalid = || InvalidFieldPath { text: text.to_owned() };
        let mut path = Self::root();
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, after) = read_segment(rest, path.is_root()).ok_or_else(invalid)?;
            path.segments.push(segment);
            rest = after;
        }
        Ok(path)
    }
}

fn read_segment(text: &str, first: bool) -> Option<(Segment, &str)> {
    if let Some(quoted) = text.strip_prefix("[\"") {
        return read_quoted(quoted);
    }
    if let Some(bracket) = text.strip_prefix('[') {
        let (digits, after) = bracket.split_once(']')?;
        return Some((Segment::Index(digits.parse().ok()?), after));
    }
    let name = if first { text } else { text.strip_prefix('.')? };
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (name, after) = name.split_at_checked(end)?;
    is_plain(name).then(|| (Segment::Field(name.to_owned()), after))
}

fn read_quoted(text: &str) -> Option<(Segment, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((position, letter)) = letters.next() {
        match letter {
            '\\' => name.push(letters.next()?.1),
            '"' => {
                let after = text.get(position + 1..)?.strip_prefix(']')?;
                return Some((Segment::Field(name), after));
            }
            other => name.push(other),
        }
    }
    None
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[test]
    fn odd_names_survive() {
        for name in ["a.b/c", "", "x\"y\\", "[0]", "ü"] {
            let path = FieldPath::root().field("labels").field(name).index(3).field("z");
            assert_eq!(path.to_string().parse(), Ok(path.clone()), "{path}");
            let first = FieldPath::root().field(name);
            assert_eq!(first.to_string().parse(), Ok(first.clone()), "{first}");
        }
        assert_eq!(FieldPath::root().field("a/b").index(0).to_pointer(), "/a~1b/0");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["a..b", "a[x]", "a[", ".a", "a[\"b", "a b", "a[1]b"] {
            assert!(text.parse::<FieldPath>().is_err(), "{text}");
        }
    }
}
