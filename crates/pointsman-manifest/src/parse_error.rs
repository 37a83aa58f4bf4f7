//! Texts that cannot be read.

use pointsman_types::Span;

/// A text that is no manifest: what is wrong and where.
///
/// Shape: shown over three lines, with the line itself and a mark under the place. Lines and columns count from 1, columns in
/// characters.
///
/// ```
/// use pointsman_manifest::Manifest;
/// let error = Manifest::parse_named("a.yaml", "spec:\n  paused: true\n  paused: false\n").unwrap_err();
/// assert_eq!((error.line(), error.column()), (3, 3));
/// assert_eq!(
///     error.to_string(),
///     "a.yaml:3:3: the field `paused` is there twice\n  |\n3 |   paused: false\n  |   ^",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    file: Option<Box<str>>,
    message: Box<str>,
    place: Span,
    /// The line, or what of it stands near the place.
    excerpt: Box<str>,
    /// How many characters of the excerpt stand before the place.
    before: usize,
}

/// How many characters of a long line are shown on each side of the place.
const SHOWN: usize = 60;

impl ParseError {
    pub(crate) fn new(file: Option<&str>, text: &str, place: Span, message: impl Into<String>) -> Self {
        let start = floor_boundary(text, place.start.min(text.len()));
        let (head, tail) = text.split_at(start);
        let line_head = head.rsplit(['\n', '\r']).next().unwrap_or("");
        let line_tail = tail.split(['\n', '\r']).next().unwrap_or("");
        let skip = line_head.chars().count().saturating_sub(SHOWN);
        let before: String = line_head.chars().skip(skip).collect();
        let mut excerpt = before;
        let before = excerpt.chars().count();
        excerpt.extend(line_tail.chars().take(SHOWN));
        Self {
            file: file.map(Into::into),
            message: message.into().into(),
            place,
            excerpt: excerpt.into(),
            before,
        }
    }

    /// The name of the file, where one was given.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.place.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.place.column
    }

    /// The place in the text.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.place
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line of the text, or what of a long line stands near the place.
    #[must_use]
    pub fn source_line(&self) -> &str {
        &self.excerpt
    }
}

impl std::error::Error for ParseError {}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
        }
        let Span { line, column, .. } = self.place;
        writeln!(f, "{line}:{column}: {}", self.message)?;
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        // Tabs stay, so that the mark stands under its place whatever their width.
        let indent: String = self
            .excerpt
            .chars()
            .take(self.before)
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        write!(f, "{gutter} |\n{number} | {}\n{gutter} | {indent}^", self.excerpt)
    }
}

fn floor_boundary(text: &str, mut position: usize) -> usize {
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    position
}
