//! Where judging stands, and what was found so far.

use pointsman_types::{Code, Diagnostic, FieldPath, Segment, Severity};

use crate::codes;

/// A place in an object, on the stack of whoever judges it: free until a finding needs it as a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Index(usize),
    Item(&'a str, usize),
}

impl Place<'_> {
    pub(crate) const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    pub(crate) const fn field<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Field(name) }
    }

    pub(crate) const fn index(&self, position: usize) -> Place<'_> {
        Place { parent: Some(self), step: Step::Index(position) }
    }

    /// The item at that position of the list in that field.
    pub(crate) const fn item<'a>(&'a self, name: &'a str, position: usize) -> Place<'a> {
        Place { parent: Some(self), step: Step::Item(name, position) }
    }

    pub(crate) fn path(&self) -> FieldPath {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Field(name) => path.push(Segment::Field(name.to_owned())),
            Step::Index(position) => path.push(Segment::Index(position)),
            Step::Item(name, position) => {
                path.push(Segment::Field(name.to_owned()));
                path.push(Segment::Index(position));
            }
        }
        path
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    findings: Vec<Diagnostic>,
    errors: usize,
    hushed: bool,
}

impl Report {
    pub(crate) fn error(&mut self, at: &Place<'_>, code: Code, message: impl Into<String>) {
        self.add(at, code, Severity::Error, message.into());
    }

    pub(crate) fn warn(&mut self, at: &Place<'_>, code: Code, message: impl Into<String>) {
        let severity = if self.hushed { Severity::Info } else { Severity::Warning };
        self.add(at, code, severity, message.into());
    }

    /// A warning that other tools know by that code.
    pub(crate) fn warn_as(&mut self, at: &Place<'_>, code: Code, seen_as: Code, message: String) {
        self.warn(at, code, message);
        if let Some(finding) = self.findings.last_mut() {
            finding.seen_as.push(seen_as);
        }
    }

    pub(crate) fn info(&mut self, at: &Place<'_>, code: Code, message: impl Into<String>) {
        self.add(at, code, Severity::Info, message.into());
    }

    /// The control plane drops the warnings of some parts of an object. There they are remarks.
    pub(crate) fn hushed<T>(&mut self, judge: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.hushed, true);
        let answer = judge(self);
        self.hushed = before;
        answer
    }

    fn add(&mut self, at: &Place<'_>, code: Code, severity: Severity, message: String) {
        self.errors += usize::from(severity == Severity::Error);
        let help = codes::help(&code);
        self.findings.push(Diagnostic::new(code, severity, message).at(at.path()).with_help(help));
    }

    /// How many findings are errors.
    pub(crate) const fn errors(&self) -> usize {
        self.errors
    }

    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// Findings of a part on its own.
    pub(crate) fn of(judge: impl FnOnce(&Place<'_>, &mut Self)) -> Vec<Diagnostic> {
        let mut report = Self::default();
        judge(&Place::ROOT, &mut report);
        let mut findings = report.into_findings();
        Diagnostic::sort(&mut findings);
        findings
    }
}
