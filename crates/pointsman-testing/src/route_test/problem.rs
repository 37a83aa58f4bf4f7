//! What makes a test file or the manifests that it names unusable.

use std::fmt;

use pointsman_manifest::ParseError;
use pointsman_types::{Code, Diagnostic};

/// A value that a field does not take.
pub const BAD_VALUE: Code = Code::from_static("PT0101");
/// A field that has to be there.
pub const MISSING: Code = Code::from_static("PT0102");
/// Fields that exclude each other.
pub const NOT_TOGETHER: Code = Code::from_static("PT0103");
/// A name that another test has.
pub const SAME_NAME: Code = Code::from_static("PT0104");
/// A text that is neither YAML nor JSON.
pub const UNREADABLE: Code = Code::from_static("PT0105");
/// Manifests that cannot be had.
pub const NO_MANIFESTS: Code = Code::from_static("PT0201");
/// A workload that is in no manifest.
pub const NO_WORKLOAD: Code = Code::from_static("PT0202");
/// An object that stands in the manifests more than once.
pub const OBJECT_TWICE: Code = Code::from_static("PT0203");
/// An object that is not read, though it may decide where requests go.
pub const NOT_READ: Code = Code::from_static("PT0204");
/// An object without a name, which no cluster takes.
pub const NO_NAME: Code = Code::from_static("PT0205");

/// A finding in a file: what is wrong, in which file and in which test of it.
///
/// Shape: shown as `FILE:LINE:COLUMN: test NAME: FIELD: what is wrong; what to do`, without the parts that are not known.
///
/// ```
/// use pointsman_testing::route_test::RouteTests;
/// let problems = RouteTests::parse("a.yaml", "given: []\nform: shop\ntests: []\n").unwrap_err();
/// assert_eq!(problems[0].to_string(), "a.yaml:2:7: form: unknown field `form`; did you mean `from`?");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The file; empty for what stands in none.
    pub file: String,
    /// The name of the test; empty outside of tests.
    pub test: String,
    /// What is wrong.
    pub finding: Diagnostic,
}

impl Problem {
    /// A finding in a file.
    pub fn new(file: impl Into<String>, finding: Diagnostic) -> Self {
        Self { file: file.into(), test: String::new(), finding }
    }

    pub(super) fn unreadable(file: &str, error: &ParseError) -> Self {
        Self::new(file, Diagnostic::error(UNREADABLE, error.message()).with_span(error.span()))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = &self.finding;
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if let Some(span) = finding.span {
                write!(f, "{}:{}:", span.line, span.column)?;
            }
            f.write_str(" ")?;
        }
        if !self.test.is_empty() {
            write!(f, "test `{}`: ", self.test)?;
        }
        if !finding.object.kind.is_empty() {
            write!(f, "{} ", finding.object)?;
        }
        if !finding.path.is_root() {
            write!(f, "{}: ", finding.path)?;
        }
        f.write_str(&finding.message)?;
        if finding.help.is_empty() { Ok(()) } else { write!(f, "; {}", finding.help) }
    }
}
