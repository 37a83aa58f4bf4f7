//! What is printed of the results.

use serde_json::{Map, Value, json};

use crate::SuiteResult;

/// A line a suite: `NAME passed=P failed=F total=T`.
#[must_use]
pub fn suite_lines(results: &[SuiteResult]) -> String {
    let mut text = String::new();
    for suite in results {
        let (passed, total) = (suite.passed(), suite.cases.len());
        text.push_str(&format!("{} passed={passed} failed={} total={total}\n", suite.name, total - passed));
    }
    text
}

/// One object: `{"NAME": {"passed": P, "failed": F, "total": T}, …}`.
#[must_use]
pub fn json_object(results: &[SuiteResult]) -> Value {
    let mut object = Map::new();
    for suite in results {
        let (passed, total) = (suite.passed(), suite.cases.len());
        object
            .insert(suite.name.clone(), json!({"passed": passed, "failed": total - passed, "total": total}));
    }
    Value::Object(object)
}

/// A line a failing case with what was expected and what was answered; long answers are cut.
#[must_use]
pub fn failure_lines(results: &[SuiteResult]) -> String {
    let mut text = String::new();
    for suite in results {
        for case in suite.cases.iter().filter(|case| !case.passed) {
            let (expected, actual) = (one_line(&case.expected), one_line(&case.actual));
            text.push_str(&format!("{} {}  expected: {expected}  actual: {actual}\n", suite.name, case.id));
        }
    }
    text
}

/// A JSON object a line and case: `{"suite", "id", "actual"}`.
#[must_use]
pub fn actual_lines(results: &[SuiteResult]) -> String {
    let mut text = String::new();
    for suite in results {
        for case in &suite.cases {
            let line = json!({"suite": suite.name, "id": case.id, "actual": case.actual});
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}

fn one_line(text: &str) -> String {
    const LONGEST: usize = 2_000;
    let mut line: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaseResult, Outcome};

    #[test]
    fn the_same_counts_are_printed_in_both_forms() {
        let cases = vec![
            CaseResult::run("a", || Outcome::equal(1, 1)),
            CaseResult::run("b", || Outcome::equal("x\ny", 2)),
        ];
        let results = [SuiteResult { name: "s/t".into(), cases }];
        assert_eq!(suite_lines(&results), "s/t passed=1 failed=1 total=2\n");
        assert_eq!(json_object(&results), json!({"s/t": {"passed": 1, "failed": 1, "total": 2}}));
        assert_eq!(failure_lines(&results), "s/t b  expected: x y  actual: 2\n");
        assert_eq!(actual_lines(&results).lines().count(), 2);
    }
}
