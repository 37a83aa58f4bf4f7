//! The functions that ask no predicate.

use super::ConditionError;
use super::error::Wanted;
use crate::Value;

/// The names, each with the least and the most arguments it takes.
const FUNCTIONS: [(&str, usize, usize); 36] = [
    ("asInt", 1, 1),
    ("asFloat", 1, 1),
    ("isNaN", 1, 1),
    ("isInf", 1, 1),
    ("isNil", 1, 1),
    ("default", 2, 2),
    ("abs", 1, 1),
    ("ceil", 1, 1),
    ("floor", 1, 1),
    ("round", 1, 1),
    ("int", 1, 1),
    ("float", 1, 1),
    ("string", 1, 1),
    ("type", 1, 1),
    ("len", 1, 1),
    ("sum", 1, 1),
    ("mean", 1, usize::MAX),
    ("median", 1, usize::MAX),
    ("min", 1, usize::MAX),
    ("max", 1, usize::MAX),
    ("first", 1, 1),
    ("last", 1, 1),
    ("keys", 1, 1),
    ("values", 1, 1),
    ("lower", 1, 1),
    ("upper", 1, 1),
    ("trim", 1, 1),
    ("hasPrefix", 2, 2),
    ("hasSuffix", 2, 2),
    ("indexOf", 2, 2),
    ("split", 2, 2),
    ("join", 1, 2),
    ("reverse", 1, 1),
    ("flatten", 1, 1),
    ("uniq", 1, 1),
    ("sort", 1, 1),
];

/// Whether there is such a function and it takes so many arguments.
pub(super) fn check(name: &str, arguments: usize) -> Result<(), ConditionError> {
    let Some((_, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        return Err(ConditionError::UnknownName(name.to_owned()));
    };
    if (*least..=*most).contains(&arguments) {
        return Ok(());
    }
    let wanted = match (least, most) {
        (1, 1) => "one argument",
        (2, 2) => "two arguments",
        (1, 2) => "one or two arguments",
        _ => "one argument or more",
    };
    Err(ConditionError::ArgumentCount { function: name.to_owned(), wanted })
}

/// Calls a function that [`check`] knows.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, ConditionError> {
    check(name, arguments.len())?;
    let (first, second) = (arguments.first().unwrap_or(&Value::Nil), arguments.get(1));
    let wrong = |value: &Value| ConditionError::Argument { function: name.to_owned(), kind: value.kind() };
    match name {
        "asInt" | "int" => as_int(first).ok_or_else(|| wrong(first))?,
        "asFloat" | "float" => as_float(first).ok_or_else(|| wrong(first))?,
        "isNaN" => first.as_f64().map(|number| Ok(number.is_nan().into())).ok_or_else(|| wrong(first))?,
        "isInf" => {
            first.as_f64().map(|number| Ok(number.is_infinite().into())).ok_or_else(|| wrong(first))?
        }
        "isNil" => Ok((*first == Value::Nil).into()),
        "default" => Ok(if *first == Value::Nil { second.unwrap_or(first) } else { first }.clone()),
        "abs" | "ceil" | "floor" | "round" => number(name, first).ok_or_else(|| wrong(first)),
        "sum" | "mean" | "median" | "min" | "max" => of_numbers(name, arguments),
        "string" => Ok(Value::Text(match first {
            Value::Text(text) => text.clone(),
            other => other.to_string(),
        })),
        "type" => Ok(Value::Text(if first.kind() == "float64" { "float" } else { first.kind() }.to_owned())),
        "len" | "first" | "last" | "keys" | "values" | "reverse" | "flatten" | "uniq" | "sort" => {
            of_lists(name, first).ok_or_else(|| wrong(first))
        }
        _ => of_texts(name, first, second).ok_or_else(|| wrong(first)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "towards zero, as the language does")]
fn as_int(value: &Value) -> Option<Result<Value, ConditionError>> {
    Some(match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Float(number) => Ok(Value::Int(*number as i64)),
        Value::Text(text) => text
            .parse()
            .map(Value::Int)
            .map_err(|_| ConditionError::NotANumber { text: text.clone(), wanted: Wanted::Int }),
        _ => return None,
    })
}

fn as_float(value: &Value) -> Option<Result<Value, ConditionError>> {
    Some(match value {
        Value::Text(text) => text
            .parse()
            .map(Value::Float)
            .map_err(|_| ConditionError::NotANumber { text: text.clone(), wanted: Wanted::Float }),
        other => Ok(Value::Float(other.as_f64()?)),
    })
}

fn number(name: &str, value: &Value) -> Option<Value> {
    if let (Value::Int(whole), "abs") = (value, name) {
        return Some(Value::Int(whole.wrapping_abs()));
    }
    let number = value.as_f64()?;
    Some(Value::Float(match name {
        "abs" => number.abs(),
        "ceil" => number.ceil(),
        "floor" => number.floor(),
        _ => number.round(),
    }))
}

/// Of a list of numbers, or of several numbers.
fn of_numbers(name: &str, arguments: &[Value]) -> Result<Value, ConditionError> {
    let items = match arguments {
        [Value::List(items)] => items.as_slice(),
        several => several,
    };
    let number = |value: &Value| {
        value
            .as_f64()
            .ok_or_else(|| ConditionError::Argument { function: name.to_owned(), kind: value.kind() })
    };
    let numbers = items.iter().map(number).collect::<Result<Vec<f64>, _>>()?;
    match name {
        "sum" if items.iter().all(|item| matches!(item, Value::Int(_))) => {
            let whole = |item: &Value| if let Value::Int(whole) = item { *whole } else { 0 };
            return Ok(Value::Int(items.iter().map(whole).fold(0, i64::wrapping_add)));
        }
        "min" | "max" => return Ok(extreme(name, items, &numbers)),
        _ => {}
    }
    let sum: f64 = numbers.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a length")]
    let count = numbers.len().max(1) as f64;
    Ok(Value::Float(match name {
        "sum" => sum,
        "mean" => sum / count,
        _ => median(numbers),
    }))
}

fn extreme(name: &str, items: &[Value], numbers: &[f64]) -> Value {
    let mut best: Option<(f64, &Value)> = None;
    for (number, item) in numbers.iter().zip(items) {
        let better = best.is_none_or(|(top, _)| if name == "max" { *number > top } else { *number < top });
        if better {
            best = Some((*number, item));
        }
    }
    best.map_or(Value::Nil, |(_, item)| item.clone())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle).copied().unwrap_or(0.0);
    if numbers.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|at| numbers.get(at)).copied().unwrap_or(upper);
    f64::midpoint(lower, upper)
}

fn of_lists(name: &str, value: &Value) -> Option<Value> {
    let length = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    Some(match (name, value) {
        ("len", Value::List(items)) => length(items.len()),
        ("len", Value::Map(fields)) => length(fields.len()),
        ("len", Value::Text(text)) => length(text.chars().count()),
        ("first", Value::List(items)) => items.first().cloned().unwrap_or_default(),
        ("last", Value::List(items)) => items.last().cloned().unwrap_or_default(),
        ("keys", Value::Map(fields)) => Value::List(fields.keys().map(|key| key.as_str().into()).collect()),
        ("values", Value::Map(fields)) => Value::List(fields.values().cloned().collect()),
        ("reverse", Value::List(items)) => Value::List(items.iter().rev().cloned().collect()),
        ("flatten", Value::List(items)) => Value::List(
            items
                .iter()
                .flat_map(|item| match item {
                    Value::List(inner) => inner.clone(),
                    other => vec![other.clone()],
                })
                .collect(),
        ),
        ("uniq", Value::List(items)) => {
            let mut seen = std::collections::BTreeSet::new();
            Value::List(items.iter().filter(|item| seen.insert(item.to_string())).cloned().collect())
        }
        ("sort", Value::List(items)) => sorted(items)?,
        _ => return None,
    })
}

fn sorted(items: &[Value]) -> Option<Value> {
    if items.iter().all(|item| matches!(item, Value::Text(_))) {
        let mut texts = items.to_vec();
        texts.sort_by_cached_key(
            |item| if let Value::Text(text) = item { text.clone() } else { String::new() },
        );
        return Some(Value::List(texts));
    }
    let mut numbered = items.iter().map(|item| Some((item.as_f64()?, item))).collect::<Option<Vec<_>>>()?;
    numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some(Value::List(numbered.into_iter().map(|(_, item)| item.clone()).collect()))
}

fn of_texts(name: &str, first: &Value, second: Option<&Value>) -> Option<Value> {
    if let ("join", Value::List(items)) = (name, first) {
        let between = if let Some(Value::Text(text)) = second { text.as_str() } else { "" };
        let texts =
            items.iter().map(|item| if let Value::Text(text) = item { Some(text.as_str()) } else { None });
        return Some(Value::Text(texts.collect::<Option<Vec<_>>>()?.join(between)));
    }
    let Value::Text(text) = first else { return None };
    let part = match second {
        Some(Value::Text(part)) => part.as_str(),
        Some(_) => return None,
        None => "",
    };
    Some(match name {
        "lower" => Value::Text(text.to_lowercase()),
        "upper" => Value::Text(text.to_uppercase()),
        "trim" => Value::Text(text.trim().to_owned()),
        "hasPrefix" => text.starts_with(part).into(),
        "hasSuffix" => text.ends_with(part).into(),
        "indexOf" => Value::Int(text.find(part).map_or(-1, |at| i64::try_from(at).unwrap_or(-1))),
        "split" => Value::List(text.split(part).map(Value::from).collect()),
        _ => return None,
    })
}
