//! Reading typed views out of documents, with all findings at once.

use pointsman_manifest::{Map, Value};
use pointsman_types::{Code, Diagnostic, FieldPath, ObjectRef, Segment, suggest};

use crate::field::Message;

/// A value of a kind that the field does not take.
pub const WRONG_TYPE: Code = Code::from_static("PA0101");
/// A field that the API does not have.
pub const UNKNOWN_FIELD: Code = Code::from_static("PA0102");
/// Two members of a group of which one may be set.
pub const ONE_OF_TWICE: Code = Code::from_static("PA0103");
/// A null where a list or a map needs an item.
pub const NULL_ITEM: Code = Code::from_static("PA0104");
/// A text that is none of an enumeration's.
pub const UNKNOWN_ENUM: Code = Code::from_static("PA0105");
/// A field that is there under two spellings.
pub const FIELD_TWICE: Code = Code::from_static("PA0106");
/// A document without `kind`, `apiVersion` or `metadata`.
pub const NO_OBJECT: Code = Code::from_static("PA0107");

/// What reading left: the typed view, and everything that was wrong on the way.
///
/// Shape: `value` is always there; what could not be read has its default. It is to be trusted where no finding is an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<T> {
    /// The typed view.
    pub value: T,
    /// Findings in the order of the document.
    pub findings: Vec<Diagnostic>,
}

impl<T: Message> Decoded<T> {
    /// Reads a message that stands alone, such as a part of a spec; findings are about that object, paths begin at the message.
    #[must_use]
    pub fn of_message(value: &Value, object: ObjectRef) -> Self {
        let mut decoder = Decoder::new(object);
        let message = T::decode(value, &mut decoder);
        Self { value: message, findings: decoder.into_findings() }
    }
}

impl<T> Decoded<T> {
    /// The view, where nothing was an error; warnings are dropped.
    ///
    /// # Errors
    ///
    /// All findings, where one is an error.
    pub fn ok(self) -> Result<T, Vec<Diagnostic>> {
        if self.findings.iter().any(Diagnostic::is_error) { Err(self.findings) } else { Ok(self.value) }
    }
}

/// Where reading stands in a document, and what was found so far.
#[derive(Debug)]
pub struct Decoder<'v> {
    object: ObjectRef,
    path: Vec<Step<'v>>,
    findings: Vec<Diagnostic>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'v> {
    Field(&'v str),
    Index(usize),
}

impl<'v> Decoder<'v> {
    /// At the root of that object.
    #[must_use]
    pub fn new(object: ObjectRef) -> Self {
        Self { object, path: Vec::new(), findings: Vec::new() }
    }

    /// What was found.
    #[must_use]
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// Reads something inside the field of that name.
    pub fn in_field<T>(&mut self, name: &'v str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Field(name));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads something inside the item at that position.
    pub fn in_item<T>(&mut self, position: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Index(position));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Where reading stands.
    #[must_use]
    pub fn path(&self) -> FieldPath {
        self.path
            .iter()
            .map(|step| match step {
                Step::Field(name) => Segment::from(*name),
                Step::Index(position) => Segment::from(*position),
            })
            .collect()
    }

    /// Adds a finding about where reading stands.
    pub fn report(&mut self, finding: Diagnostic) {
        let finding = finding.on(self.object.clone()).at(self.path());
        self.findings.push(finding);
    }

    /// Reports a value of the wrong kind.
    pub fn wrong_type(&mut self, value: &Value, wanted: &str) {
        let found = match value {
            Value::String(text) => format!("the text `{}`", shortened(text)),
            Value::Number(number) => format!("the number `{number}`"),
            Value::Bool(value) => format!("`{value}`"),
            other => other.kind().to_owned(),
        };
        let quoting = matches!((value, wanted), (Value::Number(_) | Value::Bool(_), "a text"));
        let finding = Diagnostic::error(WRONG_TYPE, format!("{found} stands where {wanted} is expected"));
        self.report(if quoting { finding.with_help("put it in quotes") } else { finding });
    }

    /// Reports fields that are not known, with the name that was probably meant.
    pub fn unknown_field(&mut self, name: &'v str, known: impl Iterator<Item = &'static str>) {
        let near = suggest::nearest(name, known);
        let mut finding = Diagnostic::warning(UNKNOWN_FIELD, format!("unknown field `{}`", shortened(name)));
        if let Some(near) = near {
            finding = finding.with_help(format!("did you mean `{near}`?"));
        }
        self.in_field(name, |decoder| decoder.report(finding));
    }

    /// The fields of a map; reports anything else.
    pub fn map(&mut self, value: &'v Value) -> Option<&'v Map> {
        let map = value.as_map();
        if map.is_none() {
            self.wrong_type(value, "a map");
        }
        map
    }
}

/// At most sixty letters of what the user wrote.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The spelling of JSON for a field in the spelling of protocol buffers: `retry_on` → `retryOn`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' {
            raise = true;
        } else if raise {
            camel.extend(letter.to_uppercase());
            raise = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

impl Decoder<'_> {
    /// Takes over what another decoder found at the same place.
    pub(crate) fn extend(&mut self, other: Decoder<'_>) {
        self.findings.extend(other.findings);
    }
}
