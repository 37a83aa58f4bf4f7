//! The functions of texts.

use super::ConditionError;
use crate::Value;

/// How long a text may become.
const LONGEST: usize = 1_000_000;

/// Calls one of them; `None` for arguments that are no texts.
pub(super) fn call(name: &str, arguments: &[Value]) -> Option<Result<Value, ConditionError>> {
    let (first, second) = (arguments.first()?, arguments.get(1));
    if let ("join", Value::List(items)) = (name, first) {
        return joined(items, second);
    }
    let Value::Text(text) = first else { return None };
    if name == "repeat" {
        return Some(repeated(text, int(second?)?));
    }
    let part = match second {
        Some(Value::Text(part)) => Some(part.as_str()),
        Some(_) => return None,
        None => None,
    };
    let position = |at: Option<usize>| Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1));
    Some(Ok(match name {
        "lower" => Value::Text(text.to_lowercase()),
        "upper" => Value::Text(text.to_uppercase()),
        "trim" => Value::Text(match part {
            Some(part) => text.trim_matches(|c| part.contains(c)).to_owned(),
            None => text.trim().to_owned(),
        }),
        "trimPrefix" => Value::Text(text.strip_prefix(part.unwrap_or(" ")).unwrap_or(text).to_owned()),
        "trimSuffix" => Value::Text(text.strip_suffix(part.unwrap_or(" ")).unwrap_or(text).to_owned()),
        "hasPrefix" => text.starts_with(part?).into(),
        "hasSuffix" => text.ends_with(part?).into(),
        "indexOf" => position(text.find(part?)),
        "lastIndexOf" => position(text.rfind(part?)),
        "split" | "splitAfter" => {
            let most = arguments.get(2).map_or(Some(-1), int)?;
            split(text, part?, most, name == "splitAfter")
        }
        "replace" => {
            let Value::Text(with) = arguments.get(2)? else { return None };
            let most = arguments.get(3).map_or(Some(-1), int)?;
            return Some(replaced(text, part?, with, most));
        }
        "fromJSON" => {
            let json = serde_json::from_str::<serde_json::Value>(text);
            return Some(
                json.map(|json| Value::from(&json))
                    .map_err(|_| ConditionError::Argument { function: name.to_owned(), kind: "string" }),
            );
        }
        _ => return None,
    }))
}

fn int(value: &Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(*number) } else { None }
}

fn joined(items: &[Value], between: Option<&Value>) -> Option<Result<Value, ConditionError>> {
    let between = match between {
        Some(Value::Text(text)) => text.as_str(),
        Some(_) => return None,
        None => "",
    };
    let texts =
        items.iter().map(|item| if let Value::Text(text) = item { Some(text.as_str()) } else { None });
    let texts = texts.collect::<Option<Vec<_>>>()?;
    let length = texts.iter().fold(0_usize, |sum, text| sum.saturating_add(text.len() + between.len()));
    Some(if length > LONGEST {
        Err(ConditionError::TooManySteps)
    } else {
        Ok(texts.join(between).as_str().into())
    })
}

fn repeated(text: &str, count: i64) -> Result<Value, ConditionError> {
    let wrong = ConditionError::Argument { function: "repeat".to_owned(), kind: "int" };
    let count = usize::try_from(count).map_err(|_| wrong)?;
    if count > LONGEST || text.len().saturating_mul(count) > LONGEST {
        return Err(ConditionError::TooManySteps);
    }
    Ok(Value::Text(text.repeat(count)))
}

fn replaced(text: &str, part: &str, with: &str, most: i64) -> Result<Value, ConditionError> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let count = text.matches(part).count().min(most);
    if text.len().saturating_add(count.saturating_mul(with.len())) > LONGEST {
        return Err(ConditionError::TooManySteps);
    }
    Ok(Value::Text(text.replacen(part, with, most)))
}

/// At most so many parts; all with a negative number, none with 0. Between each two characters where `part` is empty.
fn split(text: &str, part: &str, most: i64, keeps: bool) -> Value {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut parts: Vec<Value> = Vec::new();
    let mut rest = text;
    while parts.len() + 1 < most {
        let next = if part.is_empty() {
            rest.char_indices().nth(1).map(|(at, _)| (at, at))
        } else {
            rest.find(part).map(|at| (at, at + part.len()))
        };
        let Some((end, behind)) = next else { break };
        let end = if keeps { behind } else { end };
        parts.push(rest.get(..end).unwrap_or_default().into());
        rest = rest.get(behind..).unwrap_or_default();
    }
    if most > 0 && !(part.is_empty() && text.is_empty()) {
        parts.push(rest.into());
    }
    Value::List(parts)
}

#[cfg(test)]
mod tests {
    use super::{replaced, split};
    use crate::Value;

    #[test]
    fn texts_are_split_as_go_does() {
        for (text, part, most, keeps, parts) in [
            ("a,b,c", ",", -1, false, "[\"a\",\"b\",\"c\"]"),
            ("a,b,c", ",", 2, false, "[\"a\",\"b,c\"]"),
            ("a,b", ",", 0, false, "[]"),
            ("a,b", ",", -1, true, "[\"a,\",\"b\"]"),
            ("abc", "", -1, false, "[\"a\",\"b\",\"c\"]"),
            ("", "", -1, false, "[]"),
            ("", ",", -1, false, "[\"\"]"),
        ] {
            assert_eq!(split(text, part, most, keeps).to_string(), parts, "{text} {part} {most}");
        }
    }

    #[test]
    fn a_replaced_text_does_not_grow_without_bound() {
        assert_eq!(replaced("aXbX", "X", "-", 1), Ok(Value::Text("a-bX".into())));
        assert!(replaced(&"a".repeat(2_000), "", &"b".repeat(2_000), -1).is_err());
    }
}
