//! Reports for machines.

use std::fmt::Write as _;

use super::report::{FileReport, Report, TestReport};

impl Report {
    /// As JUnit XML: a suite a file, a case a test. A file that cannot be used is a suite with one case that has an error.
    ///
    /// Shape: UTF-8, XML 1.0; what XML cannot hold becomes `U+FFFD`. There are no times: nothing here has a clock.
    #[must_use]
    pub fn to_junit(&self) -> String {
        let (tests, failures, errors) = self
            .files
            .iter()
            .map(counts)
            .fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(
            xml,
            "<testsuites name=\"route tests\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
        );
        for file in &self.files {
            suite(file, &mut xml);
        }
        xml.push_str("</testsuites>\n");
        xml
    }
}

/// Tests, failures and errors.
fn counts(file: &FileReport) -> (usize, usize, usize) {
    if file.problems.is_empty() { (file.tests.len(), file.failed(), 0) } else { (1, 0, 1) }
}

fn suite(file: &FileReport, xml: &mut String) {
    let (tests, failures, errors) = counts(file);
    let name = attribute(&file.file);
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">"
    );
    if let Some(first) = file.problems.first() {
        let all: String = file.problems.iter().map(|problem| format!("{problem}\n")).collect();
        let _ = writeln!(
            xml,
            "    <testcase name=\"the file can be used\" classname=\"{name}\" file=\"{name}\">\n      \
             <error message=\"{}\" type=\"unusable\">{}</error>\n    </testcase>",
            attribute(&first.to_string()),
            text(&all)
        );
    } else {
        file.tests.iter().for_each(|test| case(test, file, &name, xml));
    }
    let notes: String = file.notes.iter().map(|note| format!("{note}\n")).collect();
    if !notes.is_empty() {
        let _ = writeln!(xml, "    <system-out>{}</system-out>", text(&notes));
    }
    xml.push_str("  </testsuite>\n");
}

fn case(test: &TestReport, file: &FileReport, class: &str, xml: &mut String) {
    let line = test.line.map(|line| format!(" line=\"{line}\"")).unwrap_or_default();
    let _ = write!(
        xml,
        "    <testcase name=\"{}\" classname=\"{class}\" file=\"{class}\"{line}",
        attribute(&test.name)
    );
    let Some(first) = test.failures.first() else {
        xml.push_str("/>\n");
        return;
    };
    // One element: several failures of a case are not understood everywhere.
    let message = first.mismatches.first().map(ToString::to_string).unwrap_or_default();
    let all: String = test.failures.iter().map(|failure| failure.to_text(&file.file)).collect();
    let _ = writeln!(
        xml,
        ">\n      <failure message=\"{}\" type=\"mismatch\">{}</failure>\n    </testcase>",
        attribute(&message),
        text(&all)
    );
}

fn attribute(value: &str) -> String {
    escaped(value, |letter| match letter {
        '"' => Some("&quot;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        '\t' => Some("&#9;"),
        _ => None,
    })
}

fn text(value: &str) -> String {
    escaped(value, |letter| (letter == '\r').then_some("&#13;"))
}

fn escaped(value: &str, more: impl Fn(char) -> Option<&'static str>) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => match more(letter) {
                Some(escape) => escaped.push_str(escape),
                None if is_xml(letter) => escaped.push(letter),
                None => escaped.push('\u{fffd}'),
            },
        }
    }
    escaped
}

/// Whether XML 1.0 has the character at all.
const fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
