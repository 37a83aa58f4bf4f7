//! The lists of expected failures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::SuiteResult;

/// A case whose outcome is not the one its list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surprise {
    /// It fails and no list says so.
    NewFailure {
        /// The suite.
        suite: String,
        /// The case.
        id: String,
    },
    /// It passes and the list says it fails: take it off the list.
    UnexpectedPass {
        /// The suite.
        suite: String,
        /// The case.
        id: String,
    },
    /// An entry without a reason.
    NoReason {
        /// The suite.
        suite: String,
        /// The case.
        id: String,
    },
}

impl std::fmt::Display for Surprise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NewFailure { suite, id } => write!(f, "new failure: {suite} {id}"),
            Self::UnexpectedPass { suite, id } => {
                write!(f, "unexpected pass: {suite} {id} (take it off the list)")
            }
            Self::NoReason { suite, id } => write!(f, "expected failure without a reason: {suite} {id}"),
        }
    }
}

/// Where the lists of this repository stand.
#[must_use]
pub fn expected_failures_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("expected_failures")
}

/// What differs from the lists in a folder. Entries whose case did not run are ignored.
#[must_use]
pub fn check(results: &[SuiteResult], lists: &Path) -> Vec<Surprise> {
    let mut surprises = Vec::new();
    for suite in results {
        let file = lists.join(format!("{}.txt", suite.name.replace('/', "__")));
        let text = std::fs::read_to_string(file).unwrap_or_default();
        surprises.extend(check_suite(suite, &read_list(&text)));
    }
    surprises
}

/// Id and reason of each entry: a tab or two spaces between them; empty lines and those with `#` first are no entries.
fn read_list(text: &str) -> BTreeMap<&str, &str> {
    let entries = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'));
    entries
        .map(|line| {
            let (id, reason) = line.split_once('\t').or_else(|| line.split_once("  ")).unwrap_or((line, ""));
            (id.trim(), reason.trim())
        })
        .collect()
}

fn check_suite(suite: &SuiteResult, expected: &BTreeMap<&str, &str>) -> Vec<Surprise> {
    // Several cases may bear one id: it fails when one of them does.
    let mut passed: BTreeMap<&str, bool> = BTreeMap::new();
    for case in &suite.cases {
        let all = passed.entry(case.id.trim()).or_insert(true);
        *all = *all && case.passed;
    }
    let mut surprises = Vec::new();
    for (id, passed) in passed {
        let (suite, id, listed) = (suite.name.clone(), id.to_owned(), expected.get(id));
        match (passed, listed) {
            (false, None) => surprises.push(Surprise::NewFailure { suite, id }),
            (true, Some(_)) => surprises.push(Surprise::UnexpectedPass { suite, id }),
            (false, Some(&"")) => surprises.push(Surprise::NoReason { suite, id }),
            _ => {}
        }
    }
    surprises
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaseResult, Outcome};

    fn suite(cases: &[(&str, bool)]) -> SuiteResult {
        let run = |(id, passed): &(&str, bool)| CaseResult::run(id, || Outcome::judged(*passed, "", ""));
        SuiteResult { name: "s".into(), cases: cases.iter().map(run).collect() }
    }

    #[test]
    fn the_lists_hold_both_ways() {
        let list =
            read_list("# a comment\nold one\twhy it differs\nfixed  was wrong\nbare\nnot run  whatever\n");
        let results =
            suite(&[("old one", false), ("fixed", true), ("bare", false), ("new", false), ("fine", true)]);
        let surprises: Vec<String> = check_suite(&results, &list).iter().map(ToString::to_string).collect();
        assert_eq!(
            surprises,
            [
                "expected failure without a reason: s bare",
                "unexpected pass: s fixed (take it off the list)",
                "new failure: s new"
            ]
        );
    }

    #[test]
    fn of_several_cases_with_one_id_each_must_pass() {
        let list = read_list("twice  one of them differs");
        assert!(check_suite(&suite(&[("twice", true), ("twice", false)]), &list).is_empty());
        assert_eq!(check_suite(&suite(&[("twice", true), ("twice", true)]), &list).len(), 1);
    }
}
