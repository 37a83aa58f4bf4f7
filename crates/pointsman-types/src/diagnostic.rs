//! What is wrong, where, and what to do.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{FieldPath, ObjectRef};

/// One finding about one field of one object.
///
/// Shape: `message` is lower case, without a full stop, with what the user wrote in backticks; `help` says what to
/// write instead and is empty when there is nothing to say. Findings sort by object, path, severity, code, message.
///
/// ```
/// use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, Severity};
/// let finding = Diagnostic::error(Code::from_static("PM0101"), "weight `-1` is negative")
///     .on(ObjectRef::new("networking.istio.io/v1", "VirtualService", "default", "reviews"))
///     .at(FieldPath::root().field("spec").field("http").index(0))
///     .with_help("write a weight of 0 or more");
/// assert_eq!(finding.severity, Severity::Error);
/// assert_eq!(finding.to_string(), "error[PM0101]: VirtualService default/reviews spec.http[0]: weight `-1` is negative");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// What kind of finding, stable over releases.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// About which object.
    #[serde(default)]
    pub object: ObjectRef,
    /// About which field.
    #[serde(default)]
    pub path: FieldPath,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Where in the text, if it was read from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Other places that matter, such as the rule that comes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// The codes that other tools use for this, such as `IST0101`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_as: Vec<Code>,
}

/// The stable name of a kind of finding: `PM0101`. A code is never used again for something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

/// How bad a finding is. Orders from the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The control plane refuses it, or traffic would break.
    Error,
    /// Accepted, but most likely not what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte, from 0.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in characters, from 1.
    pub column: usize,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Related {
    /// Which object.
    pub object: ObjectRef,
    /// Which field of it.
    pub path: FieldPath,
    /// What is to be seen there.
    pub message: String,
}

impl Diagnostic {
    /// A finding of that severity, not yet tied to an object or field.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            object: ObjectRef::default(),
            path: FieldPath::root(),
            message: message.into(),
            help: String::new(),
            span: None,
            related: Vec::new(),
            seen_as: Vec::new(),
        }
    }

    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A remark.
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, message)
    }

    /// About this object.
    #[must_use]
    pub fn on(mut self, object: ObjectRef) -> Self {
        self.object = object;
        self
    }

    /// About this field.
    #[must_use]
    pub fn at(mut self, path: FieldPath) -> Self {
        self.path = path;
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// At this place of the text.
    #[must_use]
    pub fn with_span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With another place that matters.
    #[must_use]
    pub fn with_related(mut self, object: ObjectRef, path: FieldPath, message: impl Into<String>) -> Self {
        self.related.push(Related { object, path, message: message.into() });
        self
    }

    /// Known elsewhere under this code.
    #[must_use]
    pub fn seen_as(mut self, code: Code) -> Self {
        self.seen_as.push(code);
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Sorts findings in the one order that reports use, whatever order they were found in.
    pub fn sort(findings: &mut [Self]) {
        findings.sort_by(|a, b| {
            (&a.object, &a.path, a.severity, &a.code, &a.message)
                .cmp(&(&b.object, &b.path, b.severity, &b.code, &b.message))
        });
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]: ", self.severity, self.code)?;
        if self.object != ObjectRef::default() {
            write!(f, "{} ", self.object)?;
        }
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl Code {
    /// A code from a literal.
    #[must_use]
    pub const fn from_static(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// A code from a text, such as another tool's.
    pub fn new(code: impl Into<String>) -> Self {
        Self(Cow::Owned(code.into()))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}
