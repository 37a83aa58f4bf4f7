//! A file of route tests.

use std::collections::BTreeMap;

use pointsman_api::decode::UNKNOWN_FIELD;
use pointsman_api::field::Field as _;
use pointsman_api::istio::mesh::MeshConfig;
use pointsman_api::{Decoder, object_ref_of};
use pointsman_manifest::{Document, Manifest, Value};
use pointsman_route::MeshSettings;
use pointsman_types::{Diagnostic, FieldPath, ObjectRef, Segment, Severity, Span};

use super::asked::Asked;
use super::expect::{self, Expectation};
use super::problem::{BAD_VALUE, MISSING, Problem, SAME_NAME};
use super::read::{fields, get, items, needed, report, text};
use super::source::Source;

/// A file of route tests, read and checked.
///
/// Shape: at least one test; names differ. See [the module](super) for the format.
#[derive(Debug, Clone)]
pub struct RouteTests {
    pub(super) file: String,
    pub(super) given: Vec<Given>,
    pub(super) settings: MeshSettings,
    pub(super) namespace: String,
    pub(super) tests: Vec<Test>,
}

/// Manifests: a path that the caller reads, or an object that stands in the test file.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) what: GivenKind,
    pub(super) path: FieldPath,
    pub(super) span: Option<Span>,
}

#[derive(Debug, Clone)]
pub(super) enum GivenKind {
    Path(String),
    Object(Value),
}

#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) name: String,
    pub(super) path: FieldPath,
    pub(super) span: Option<Span>,
    pub(super) source: Source,
    pub(super) asked: Vec<Asked>,
    pub(super) expectations: Vec<Expectation>,
}

impl RouteTests {
    /// Reads a file of tests. The name is that which problems and reports tell. O(bytes).
    ///
    /// # Errors
    ///
    /// Everything that is wrong: a text that is no YAML, more or less than one document, unknown fields, values of the wrong
    /// kind, tests without a name or with another's, nothing that is asked or expected.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let manifest =
            Manifest::parse_named(file, text).map_err(|error| vec![Problem::unreadable(file, &error)])?;
        let document = match manifest.documents() {
            [document] => document,
            documents => {
                let finding = match documents {
                    [] => Diagnostic::error(MISSING, "the file is empty")
                        .with_help("it needs `given`, `from` and `tests`"),
                    [_, second, ..] => {
                        let finding = Diagnostic::error(BAD_VALUE, "a file of tests is one document");
                        match second.span(&FieldPath::root()) {
                            Some(span) => finding.with_span(span),
                            None => finding,
                        }
                    }
                    [_] => Diagnostic::error(BAD_VALUE, "a file of tests is one document"),
                };
                return Err(vec![Problem::new(file, finding)]);
            }
        };
        let mut decoder = Decoder::new(ObjectRef::default());
        let read = Self::read(file, document, &mut decoder);
        let findings = decoder.into_findings();
        match read {
            Some(tests) if findings.is_empty() => Ok(tests),
            _ => Err(problems(file, document, findings)),
        }
    }

    /// Leaves only the tests whose names contain a text.
    #[must_use]
    pub fn only(mut self, text: &str) -> Self {
        self.tests.retain(|test| test.name.contains(text));
        self
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of the tests, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|test| test.name.as_str())
    }

    fn read<'v>(file: &str, document: &'v Document, decoder: &mut Decoder<'v>) -> Option<Self> {
        let known = ["given", "mesh", "domain", "namespace", "from", "tests"];
        let map = fields(document.value(), decoder, &known)?;
        let given = needed(map, "given", decoder, |value, decoder| items(value, decoder, read_given));
        let config = get(map, "mesh", decoder, |value, decoder| Some(MeshConfig::decode(value, decoder)));
        let domain = get(map, "domain", decoder, text);
        let namespace = get(map, "namespace", decoder, text);
        let from = get(map, "from", decoder, Source::read);
        let has_from = map.get("from").is_some();
        let tests = needed(map, "tests", decoder, |value, decoder| {
            if value.as_list().is_some_and(<[_]>::is_empty) {
                report(decoder, MISSING, "there are no tests", "");
            }
            items(value, decoder, |value, decoder| read_test(value, decoder, from.as_ref(), has_from))
        })?;
        let mut settings = config.as_ref().map(MeshSettings::of).unwrap_or_default();
        if let Some(domain) = domain {
            settings = settings.with_domain(domain);
        }
        let namespace = namespace.unwrap_or_else(|| "default".to_owned());
        let mut tests = Self { file: file.to_owned(), given: given?, settings, namespace, tests };
        tests.report_same_names(decoder);
        tests.locate(document);
        Some(tests)
    }

    fn report_same_names(&self, decoder: &mut Decoder<'_>) {
        let mut seen: BTreeMap<&str, &FieldPath> = BTreeMap::new();
        for test in &self.tests {
            if let Some(first) = seen.get(test.name.as_str()) {
                let message = format!("another test is called `{}`", test.name);
                let finding = Diagnostic::error(SAME_NAME, message).with_help(format!("see `{first}`"));
                decoder.in_field("tests", |decoder| {
                    let report = |decoder: &mut Decoder<'_>| decoder.report(finding);
                    decoder.in_item(test.position(), |decoder| decoder.in_field("name", report));
                });
            } else {
                seen.insert(&test.name, &test.path);
            }
        }
    }

    /// Remembers where things stand in the text.
    fn locate(&mut self, document: &Document) {
        for given in &mut self.given {
            given.span = document.span(&given.path);
        }
        for test in &mut self.tests {
            test.span = document.span(&test.path);
            test.source.span = document.span(test.source.path());
            for expectation in &mut test.expectations {
                expectation.span = document.name_span(&expectation.path);
            }
        }
    }
}

impl Test {
    /// Its position among the tests of the file.
    fn position(&self) -> usize {
        match self.path.segments().last() {
            Some(Segment::Index(position)) => *position,
            _ => 0,
        }
    }
}

fn read_given<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Given> {
    let what = match value {
        Value::String(path) if path.is_empty() => {
            report(decoder, BAD_VALUE, "the path is empty", "write a file or a folder");
            return None;
        }
        Value::String(path) => GivenKind::Path(path.clone()),
        Value::Map(_) => {
            let object = object_ref_of(value);
            if object.kind.is_empty() || object.api_version.is_empty() || object.name.is_empty() {
                let message = "an object needs `apiVersion`, `kind` and `metadata.name`";
                report(decoder, MISSING, message, "");
            }
            GivenKind::Object(value.clone())
        }
        _ => {
            decoder.wrong_type(value, "a path or an object");
            return None;
        }
    };
    Some(Given { what, path: decoder.path(), span: None })
}

fn read_test<'v>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    from: Option<&Source>,
    has_from: bool,
) -> Option<Test> {
    let map = fields(value, decoder, &["name", "from", "when", "then", "not"])?;
    let name = needed(map, "name", decoder, |value, decoder| {
        let name = text(value, decoder)?;
        if name.trim().is_empty() {
            report(decoder, BAD_VALUE, "the name is empty", "say what the test shows");
        }
        Some(name)
    });
    let own = get(map, "from", decoder, Source::read);
    let source = own.or_else(|| from.cloned());
    if source.is_none() && map.get("from").is_none() && !has_from {
        report(
            decoder,
            MISSING,
            "nothing says who asks",
            "write `from: NAME` here or at the top of the file",
        );
    }
    let asked = needed(map, "when", decoder, |value, decoder| match value {
        Value::List(list) => {
            if list.is_empty() {
                report(decoder, MISSING, "nothing is asked", "");
            }
            items(value, decoder, Asked::read)
        }
        _ => Some(vec![Asked::read(value, decoder)?]),
    });
    let asks_connection = asked.iter().flatten().any(Asked::is_connection);
    let mut read = |name: &'static str, is_negative: bool| {
        get(map, name, decoder, |value, decoder| expect::read(value, decoder, is_negative, asks_connection))
    };
    let (then, not) = (read("then", false), read("not", true));
    if map.get("then").is_none() && map.get("not").is_none() {
        report(decoder, MISSING, "nothing is expected", "write `then` or `not`");
    }
    let expectations = then.into_iter().chain(not).flatten().collect();
    let path = decoder.path();
    Some(Test { name: name?, path, span: None, source: source?, asked: asked?, expectations })
}

/// Findings with their places, and the names of the tests that they are about.
fn problems(file: &str, document: &Document, mut findings: Vec<Diagnostic>) -> Vec<Problem> {
    if let Some(object) = document.objects().next() {
        object.locate(&mut findings);
    }
    let name_of = |path: &FieldPath| {
        let test: FieldPath = path.segments().iter().take(2).cloned().collect();
        let name = document.value().at(&test.field("name")).and_then(Value::as_str);
        let is_test = path.segments().first() == Some(&"tests".into());
        name.filter(|_| is_test).map(str::to_owned).unwrap_or_default()
    };
    let problem = |mut finding: Diagnostic| {
        // What is not understood is not tested.
        if finding.code == UNKNOWN_FIELD {
            finding.severity = Severity::Error;
        }
        Problem { test: name_of(&finding.path), ..Problem::new(file, finding) }
    };
    findings.into_iter().map(problem).collect()
}
