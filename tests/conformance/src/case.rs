//! One case, its outcome, and a suite of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::expand_markers;

/// What came of one case, before it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the answer is what the case asks for.
    pub passed: bool,
    /// What the case asks for, for a reader.
    pub expected: String,
    /// What the library answered, before any comparison.
    pub actual: String,
}

impl Outcome {
    /// Passes when both say the same.
    pub fn equal(expected: impl ToString, actual: impl ToString) -> Self {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        Self { passed: expected == actual, expected, actual }
    }

    /// The adapter has judged by the rules of the corpus, which are not plain equality.
    pub fn judged(passed: bool, expected: impl ToString, actual: impl ToString) -> Self {
        Self { passed, expected: expected.to_string(), actual: actual.to_string() }
    }

    /// The library has no public answer to what the case asks, or the case cannot be read: a failure.
    pub fn unsupported(why: impl std::fmt::Display) -> Self {
        Self { passed: false, expected: "an answer".into(), actual: format!("unsupported: {why}") }
    }
}

/// One case with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The case's name in its suite, on one line and without tabs.
    pub id: String,
    /// Whether the answer is what the case asks for.
    pub passed: bool,
    /// What the case asks for, for a reader.
    pub expected: String,
    /// What the library answered, before any comparison.
    pub actual: String,
}

impl CaseResult {
    /// Runs one case. A panic is a failure of this case and ends nothing else.
    pub fn run(id: impl AsRef<str>, case: impl FnOnce() -> Outcome) -> Self {
        let outcome = catch_unwind(AssertUnwindSafe(case)).unwrap_or_else(|payload| Outcome {
            passed: false,
            expected: "an answer".into(),
            actual: format!("panicked: {}", panic_message(payload.as_ref())),
        });
        let id = id.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { id, passed: outcome.passed, expected: outcome.expected, actual: outcome.actual }
    }
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("with no message")
}

/// A named list of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteResult {
    /// As in the table of suites: `istio-validation/TestNameMatches`.
    pub name: String,
    /// In the order of the corpus.
    pub cases: Vec<CaseResult>,
}

impl SuiteResult {
    /// Runs each entry of the list at `cases` of a file, its `$repeat` markers written out.
    ///
    /// A case is named by its `id`, else by its `name`, else by its position.
    pub fn of_cases(name: impl Into<String>, file: &Value, run: impl Fn(&Value) -> Outcome) -> Self {
        let empty = Vec::new();
        Self::of_list(name, file.get("cases").and_then(Value::as_array).unwrap_or(&empty), run)
    }

    /// Runs each entry of a list: see [`SuiteResult::of_cases`].
    pub fn of_list(name: impl Into<String>, list: &[Value], run: impl Fn(&Value) -> Outcome) -> Self {
        let cases = list.iter().enumerate().map(|(index, case)| {
            CaseResult::run(case_id(case, index), || {
                let mut case = case.clone();
                expand_markers(&mut case);
                run(&case)
            })
        });
        Self { name: name.into(), cases: cases.collect() }
    }

    /// A suite whose file cannot be read: one failing case that says why.
    pub fn unreadable(name: impl Into<String>, why: impl std::fmt::Display) -> Self {
        let case = CaseResult::run("(file)", || Outcome::unsupported(why));
        Self { name: name.into(), cases: vec![case] }
    }

    /// How many cases passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.cases.iter().filter(|case| case.passed).count()
    }
}

fn case_id(case: &Value, index: usize) -> String {
    let named = case.get("id").or_else(|| case.get("name"));
    match named {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => format!("#{index}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_panic_fails_its_own_case_only() {
        let file = json!({"cases": [{"id": "good"}, {"id": "bad\tcase"}, {"name": "named"}, {}]});
        let suite = SuiteResult::of_cases("s", &file, |case| {
            assert!(case.get("id") != Some(&json!("bad\tcase")), "boom");
            Outcome::equal(1, 1)
        });
        let ids: Vec<_> = suite.cases.iter().map(|case| (case.id.as_str(), case.passed)).collect();
        assert_eq!(ids, [("good", true), ("bad case", false), ("named", true), ("#3", true)]);
        assert_eq!(suite.cases[1].actual, "panicked: boom");
        assert_eq!(suite.passed(), 3);
    }
}
