//! A condition that was read.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::ConditionError;
use super::check::{Kind, check};
use super::eval::evaluate;
use super::node::Node;
use super::parser::parse;
use crate::Value;

/// A condition over `result`, read and checked.
///
/// Shape: its text as it was written; two conditions are equal when their texts are.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    node: Node,
}

impl Condition {
    /// The condition as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds for this result.
    ///
    /// # Errors
    /// What does not fit this result: a field it lacks, a text that is no number, a kind that cannot be compared.
    pub fn holds(&self, result: &Value) -> Result<bool, ConditionError> {
        check(&self.node, Kind::of(result))?;
        match evaluate(&self.node, result)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(ConditionError::NotBool(other.kind())),
        }
    }
}

impl std::str::FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let node = parse(text)?;
        check(&node, Kind::Any)?;
        Ok(Self { text: text.to_owned(), node })
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, result: &str) -> Result<bool, String> {
        let result = Value::from(&serde_json::from_str::<serde_json::Value>(result).expect("JSON"));
        let condition: Condition =
            condition.parse().map_err(|error: ConditionError| format!("read: {error}"))?;
        condition.holds(&result).map_err(|error| error.to_string())
    }

    #[test]
    fn what_holds() {
        for (condition, result) in [
            ("result >= 0.95", "0.95"),
            ("result[0] < 1e3 && result[-1] == 2", "[1, 2.0]"),
            ("all(result.values, {# > 1}) and none(result.values, # > 5)", r#"{"values": [2, 3.5]}"#),
            ("any(result, .code == 'x')", r#"[{"code": "y"}, {"code": "x"}]"#),
            ("map(result, # * #index) == [0, 3] and reduce(result, #acc + #) == 5", "[2, 3]"),
            // No more items are looked at than have to be.
            ("any(result, # > 1) and not all(result, # > 2)", "[2, null]"),
            ("0 < result <= 0.5 and not (0.5 < result < 0.6)", "0.5"),
            ("result.a?.b.c == nil and result?.a?.[0] == nil and (result.a?.b ?? 1) == 1", r#"{"a": null}"#),
            ("if result > 1 { true } else if result > 0 { false } else { true }", "2"),
            ("(result > 1 ?: false) and (1; true)", "2"),
            // What is written out decides before anything is looked at.
            ("result[9] > 1 or true", "[]"),
            ("(result | first()) == 2 and ::len(result) == 1 and +1 == 1", "[2]"),
            (
                "sum(result, .n) == 3 and len(groupBy(result, .k).a) == 2",
                r#"[{"n": 1, "k": "a"}, {"n": 2, "k": "a"}]"#,
            ),
            ("sortBy(result, -#) == [3, 2, 1] and sort(result, 'desc')[0] == 3", "[1, 3, 2]"),
            ("findLast(result, # > 1) == 2 and findLastIndex(result, # > 5) == nil", "[1, 3, 2]"),
            (
                "take(result, 2) == [1, 3] and get(result, 9) == nil and concat(result, [4]) == [1, 3, 2, 4]",
                "[1, 3, 2]",
            ),
            (
                "mean(result, 4) == 2.5 and min(result) == 1 and uniq(flatten([result, result])) == [1, 3, 2]",
                "[1, 3, 2]",
            ),
            ("not (result.name contains 'x') and not (result.name matches 'x')", r#"{"name": null}"#),
            (
                "string(0.5) + string(nil) == '0.5<nil>' and fromJSON('[1]') == [1] and `a``b` == 'a\x60b'",
                "0",
            ),
            ("1_000 == 1000 and 1. == 1 and '\\101\\u{42}' == 'AB' and bitshl(1, 3) == 8", "0"),
            (
                "len(filter(result, {.ok})) == 1 and count(result, .ok) == 1",
                r#"[{"ok": true}, {"ok": false}]"#,
            ),
            ("2 in result and 7 not in result", "[1, 2.0]"),
            ("'a' in result and result?.b?.c == nil and (result.b ?? 4) == 4", r#"{"a": 1}"#),
            ("-2 ** 2 == -4 and 2 ** 3 ** 2 == 512 and 7 % 4 == 3 and 1 / 2 == 0.5", "0"),
            ("!true == false and not (1 > 2) and (1 < 2 ? true : false)", "0"),
            ("asFloat(result) > 0.5 and asInt('7') == 7 and asInt(1.9) == 1", "\"0.75\""),
            ("isNaN(asFloat('NaN')) and isInf(asFloat('-Inf')) and not isNaN(1)", "0"),
            ("isNil(result) and default(result, 3) == 3", "null"),
            ("result matches '^v[0-9]+$' && result startsWith 'v' && result contains '1'", "\"v12\""),
            (
                "asInt(1e300) < 0 and 1 / mean([]) > 0 and sum(1..4) == 10 and [1, 2, 3][1:] == [2, 3] and {a: 1}.a == 1 and 0x10 == 16",
                "0",
            ),
            ("let x = result * 2; x | max(1) == 4 and x > 3", "2"),
            ("result == \"it's\" || result == 'it\\'s' // a comment", "\"it's\""),
            (
                "median(result) == 2 and mean(result) == 2 and min(result) == 1 and max(4, 2) == 4",
                "[3, 1, 2]",
            ),
            ("result.'x' == 1 or true", "0"),
        ] {
            if condition.contains(".'") {
                assert!(holds(condition, result).is_err(), "{condition}");
            } else {
                assert_eq!(holds(condition, result), Ok(true), "{condition}");
            }
        }
    }

    #[test]
    fn errors_are_found_when_the_condition_is_read() {
        for (condition, error) in [
            ("a == true", "read: unknown name `a`"),
            ("asFloat(result) == 'x'", "read: `==` does not take float64 and string"),
            ("1", "read: the condition gives int and not true or false"),
            ("result >", "read: expected a value at character 9"),
            ("now() > 1", "read: unknown name `now`"),
            ("len()", "read: `len` takes one argument"),
            ("# > 1", "read: expected a value at character 1"),
            ("any([1], #index == 0)", "read: unknown name `#index`"),
            ("result ?? 0 > 1", "read: `??` beside another operator wants parentheses at character 13"),
            ("result not > 1", "read: expected an operator at character 8"),
            ("let result = 1; true", "read: `result` is there already"),
            ("'a' in [1, 2]", "read: `==` does not take string and int"),
            ("result in nil", "read: `in` does not take any and nil"),
            ("99999999999999999999 > 1", "read: `99999999999999999999` is not a number at character 21"),
            ("isNaN('a')", "read: `isNaN` does not take string"),
            ("result.Name() == 'x'", "read: values have no methods at character 12"),
            ("'open", "read: a text without an end at character 6"),
            ("1 < 'a'", "read: `<` does not take int and string"),
        ] {
            assert_eq!(holds(condition, "1"), Err(error.to_owned()), "{condition}");
        }
    }

    #[test]
    fn errors_that_depend_on_the_result_are_found_with_it() {
        for (condition, result, error) in [
            ("result[0] > 1", "[]", "there is no item 0 in a list of 0"),
            ("result[0] > 1", "null", "nil has no field `[int]`"),
            // The whole condition is looked at, whatever comes first.
            ("isNil(result) or len(result) == 0", "null", "`len` does not take nil"),
            ("result == nil or result > 1", "null", "`>` does not take nil and int"),
            ("result?.x == nil", "null", "nil has no field `x`"),
            ("result.x[1] > 0", r#"{"x": "a"}"#, "there is no item 1 in a list of 1"),
            ("sum(result) > 1", r#"["a"]"#, "`+` does not take string and int"),
            ("asFloat(result) > 1", "\"1e999\"", "`1e999` is not a number"),
            ("result.x.y == 1", r#"{"x": 3}"#, "int has no field `y`"),
            ("result == 'hi'", "1", "`==` does not take int and string"),
            ("asInt(result) == 1", "\"1.1\"", "`1.1` is not a whole number"),
            ("result.x > 1", r#"{"x": "2"}"#, "`>` does not take string and int"),
            ("result.x == 1 and result.x", r#"{"x": 1}"#, "the condition gives int and not true or false"),
        ] {
            assert_eq!(holds(condition, result), Err(error.to_owned()), "{condition}");
        }
        assert_eq!(holds("result.x == 1", r#"{"x": "1"}"#), Ok(false));
    }

    /// Numbers of several kinds, and what is none: in such an order each place still has its item.
    #[test]
    fn any_numbers_are_sorted() {
        let mixed = "map(1..200, # % 7 == 0 ? asFloat('NaN') : # * 37 % 61)";
        for sorted in [format!("sort({mixed})"), format!("sortBy({mixed}, #)")] {
            let condition = format!("let s = {sorted}; isNaN(s[27]) and s[28] == 0 and s[199] == 60");
            assert_eq!(holds(&condition, "0"), Ok(true), "{condition}");
        }
        let near = "[9007199254740993, 9007199254740992.0, 9007199254740992]";
        assert_eq!(holds(&format!("sort({near})[2] == 9007199254740993"), "0"), Ok(true));
    }

    #[test]
    fn hostile_conditions_end() {
        for condition in [
            "(".repeat(5_000),
            "!".repeat(9_000),
            "1+".repeat(4_000) + "1 > 0",
            "result".to_owned() + &".a".repeat(4_000) + " == 1",
            "[".repeat(9_000),
            "let a = 1; ".repeat(900) + "true",
            "result ? ".repeat(1_000),
            "true ?: ".repeat(1_000) + "true",
            "1 < ".repeat(2_000) + "1",
            "if true {".repeat(500),
            "x".repeat(20_000),
        ] {
            assert!(condition.parse::<Condition>().is_err());
        }
        assert_eq!(holds("len(1..9000000000) > 0", "0"), Err("evaluating takes too many steps".into()));
        for growing in [
            "len(repeat('aaaaaaaaaa', 1000000)) > 0",
            "let a = repeat('x', 900000); len(replace(a, 'x', a)) > 0",
            "len(join(map(1..900, 'x'), repeat('y', 9000))) > 0",
            "len(uniq(1..2000)) > 0",
            "len(reduce(1..100000, [#acc], 0)) == 1",
            "none(1..900, 'a' matches '(a{100}){100}' + string(#))",
            "trim(repeat('x', 900000), repeat('y', 900000)) == ''",
        ] {
            assert_eq!(holds(growing, "0"), Err("evaluating takes too many steps".into()), "{growing}");
        }
        let copies = format!("len(map(1..200000, '{}')) > 0", "x".repeat(9_000));
        assert_eq!(holds(&copies, "0"), Err("evaluating takes too many steps".into()));
        let nested = (0..30).fold("result".to_owned(), |inner, _| format!("result in [{inner}]"));
        assert_eq!(holds(&nested, "true"), Ok(true));
        let squares = "all(1..2000, {all(1..2000, {# > 0})})";
        assert_eq!(holds(squares, "0"), Err("evaluating takes too many steps".into()));
        let doubling = (0..40).fold("let a0 = 'xxxxxxxxxxxxxxxx'; ".to_owned(), |text, i| {
            format!("{text}let a{} = a{i} + a{i}; ", i + 1)
        }) + "len(a40) > 0";
        assert_eq!(holds(&doubling, "0"), Err("evaluating takes too many steps".into()));
        assert_eq!(
            holds("'a' matches '(a{1000}){1000}'", "0"),
            Err("`(a{1000}){1000}` is not a regular expression".into())
        );
    }
}
