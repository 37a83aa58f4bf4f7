//! What came out.

use std::fmt;

use pointsman_types::{Diagnostic, FieldPath};

use super::Problem;

/// What came out of the tests of several files.
///
/// Shape: `Display` says it in words, all failures with their explanations; [`Report::to_junit`] for machines.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Report {
    /// The files, in order.
    pub files: Vec<FileReport>,
}

/// What came out of the tests of one file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// What makes it unusable: where there is any, no test was carried out.
    pub problems: Vec<Problem>,
    /// What is odd about the manifests.
    pub notes: Vec<Problem>,
    /// What compiling said for those who asked in tests that failed.
    pub findings: Vec<Diagnostic>,
    /// The tests, in order.
    pub tests: Vec<TestReport>,
}

/// What came out of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestReport {
    /// Its name.
    pub name: String,
    /// Its line, from 1.
    pub line: Option<usize>,
    /// What failed: one for each request that came out otherwise. None: it passed.
    pub failures: Vec<Failure>,
}

/// A request that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What was asked, in words.
    pub asked: String,
    /// What was expected and what came out.
    pub mismatches: Vec<Mismatch>,
    /// Why it came out so: every host and route that was tried, a line each.
    pub why: Vec<String>,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// Its field, such as `tests[0].then.subset`.
    pub field: FieldPath,
    /// Its line, from 1.
    pub line: Option<usize>,
    /// What was expected.
    pub expected: String,
    /// What came out.
    pub found: String,
}

/// The end of it all. Orders from the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every test passed.
    Passed,
    /// Some test failed.
    Failed,
    /// Some file cannot be used, or there is no test at all.
    Unusable,
}

impl FileReport {
    /// A file without tests.
    #[must_use]
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            problems: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
            tests: Vec::new(),
        }
    }

    /// A file that cannot be used.
    #[must_use]
    pub fn unusable(file: &str, problems: Vec<Problem>) -> Self {
        Self { problems, ..Self::new(file) }
    }

    /// How many tests failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.tests.iter().filter(|test| !test.has_passed()).count()
    }
}

impl TestReport {
    /// Whether everything came out as expected.
    #[must_use]
    pub const fn has_passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl Report {
    /// What came out of some files.
    #[must_use]
    pub const fn new(files: Vec<FileReport>) -> Self {
        Self { files }
    }

    /// How it ended.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let has_tests = self.files.iter().any(|file| !file.tests.is_empty());
        if self.files.iter().any(|file| !file.problems.is_empty()) || !has_tests {
            Verdict::Unusable
        } else if self.files.iter().any(|file| file.failed() > 0) {
            Verdict::Failed
        } else {
            Verdict::Passed
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|file| file.fmt(f))?;
        let tests: usize = self.files.iter().map(|file| file.tests.len()).sum();
        let failed: usize = self.files.iter().map(FileReport::failed).sum();
        let unusable = self.files.iter().filter(|file| !file.problems.is_empty()).count();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "{tests} test{}: {} passed, {failed} failed", plural(tests), tests - failed)?;
        if unusable > 0 {
            write!(f, "; {unusable} file{} cannot be used", plural(unusable))?;
        }
        writeln!(f)
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.file)?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "  error: {problem}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))?;
        for test in &self.tests {
            let (word, line) = match (test.has_passed(), test.line) {
                (true, _) => ("passed", String::new()),
                (false, None) => ("FAILED", String::new()),
                (false, Some(line)) => ("FAILED", format!(" (line {line})")),
            };
            writeln!(f, "  {word}  {}{line}", test.name)?;
            test.failures.iter().try_for_each(|failure| failure.write(&self.file, "    ", f))?;
        }
        if !self.findings.is_empty() {
            writeln!(f, "  what is odd about the configuration:")?;
        }
        for finding in &self.findings {
            let help = if finding.help.is_empty() { String::new() } else { format!("; {}", finding.help) };
            writeln!(f, "    {finding}{help}")?;
        }
        Ok(())
    }
}

impl Failure {
    fn write(&self, file: &str, indent: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{indent}{}", self.asked)?;
        for mismatch in &self.mismatches {
            let place = mismatch.line.map(|line| format!("{file}:{line}: ")).unwrap_or_default();
            writeln!(f, "{indent}  {place}{mismatch}")?;
        }
        writeln!(f, "{indent}  why:")?;
        self.why.iter().try_for_each(|line| writeln!(f, "{indent}    {line}"))
    }

    /// As text, as it stands in the report.
    pub(super) fn to_text(&self, file: &str) -> String {
        struct Whole<'a>(&'a Failure, &'a str);
        impl fmt::Display for Whole<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(self.1, "", f)
            }
        }
        Whole(self, file).to_string()
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The test is known: `then.subset` is enough.
        let field: FieldPath = self.field.segments().iter().skip(2).cloned().collect();
        write!(f, "{field}: expected {}, found {}", self.expected, self.found)
    }
}
