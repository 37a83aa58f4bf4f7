//! The functions that ask no predicate.

use super::ConditionError;
use super::error::Wanted;
use super::go_text::printed;
use super::operators::{self, equal};
use crate::Value;

/// Calls a function that [`check`](super::signatures::check) knows, with as many arguments as it takes.
pub(super) fn call(name: &str, arguments: &[Value]) -> Result<Value, ConditionError> {
    let (first, second) = (arguments.first().unwrap_or(&Value::Nil), arguments.get(1));
    let wrong = |value: &Value| ConditionError::Argument { function: name.to_owned(), kind: value.kind() };
    match name {
        "asInt" | "int" => as_int(first).ok_or_else(|| wrong(first))?,
        "asFloat" | "float" => as_float(first).ok_or_else(|| wrong(first))?,
        "isNaN" => first.as_f64().map(|number| number.is_nan().into()).ok_or_else(|| wrong(first)),
        "isInf" => first.as_f64().map(|number| number.is_infinite().into()).ok_or_else(|| wrong(first)),
        "isNil" => Ok((*first == Value::Nil).into()),
        "default" => Ok(if *first == Value::Nil { second.unwrap_or(first) } else { first }.clone()),
        "abs" | "ceil" | "floor" | "round" => number(name, first).ok_or_else(|| wrong(first)),
        "mean" | "median" | "min" | "max" => of_numbers(name, arguments),
        "string" => Ok(Value::Text(printed(first))),
        "type" => Ok(Value::Text(if first.kind() == "float64" { "float" } else { first.kind() }.to_owned())),
        "toJSON" => Ok(Value::Text(first.to_string())),
        "get" => Ok(got(first, second.unwrap_or(&Value::Nil))),
        "len" | "first" | "last" | "keys" | "values" | "toPairs" | "fromPairs" | "reverse" | "flatten"
        | "uniq" => of_lists(name, first).ok_or_else(|| wrong(first)),
        "take" => taken(first, second).ok_or_else(|| wrong(first)),
        "concat" => concatenated(arguments).ok_or_else(|| wrong(first)),
        "sort" => sorted(first, second),
        _ if name.starts_with("bit") => bits(name, first, second).ok_or_else(|| wrong(first)),
        _ => super::texts::call(name, arguments).ok_or_else(|| wrong(first))?,
    }
}

fn as_int(value: &Value) -> Option<Result<Value, ConditionError>> {
    Some(match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Float(number) => Ok(Value::Int(whole(*number))),
        Value::Text(text) => text
            .parse()
            .map(Value::Int)
            .map_err(|_| ConditionError::NotANumber { text: text.clone(), wanted: Wanted::Int }),
        _ => return None,
    })
}

/// Towards zero. What does not fit, or is no number, is the least number, as processors of the x86 family have it.
#[expect(clippy::cast_possible_truncation, reason = "it fits")]
#[must_use]
pub(super) fn whole(number: f64) -> i64 {
    let edge = 2_f64.powi(63);
    if (-edge..edge).contains(&number) { number as i64 } else { i64::MIN }
}

fn as_float(value: &Value) -> Option<Result<Value, ConditionError>> {
    Some(match value {
        Value::Text(text) => {
            // What digits write is finite, or it is too large.
            let is_word = !text.contains(|c: char| c.is_ascii_digit());
            let number = text.parse().ok().filter(|number: &f64| is_word || number.is_finite());
            let error = || ConditionError::NotANumber { text: text.clone(), wanted: Wanted::Float };
            number.map(Value::Float).ok_or_else(error)
        }
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

/// Of numbers and lists of them, however deep.
fn of_numbers(name: &str, arguments: &[Value]) -> Result<Value, ConditionError> {
    if let ("min" | "max", [only @ (Value::Nil | Value::Bool(_) | Value::Text(_) | Value::Map(_))]) =
        (name, arguments)
    {
        return Ok(only.clone());
    }
    let mut items = Vec::new();
    for argument in arguments {
        collect(name, argument, &mut items)?;
    }
    let numbers: Vec<f64> = items.iter().filter_map(|item| item.as_f64()).collect();
    #[expect(clippy::cast_precision_loss, reason = "a length")]
    let count = numbers.len().max(1) as f64;
    Ok(match name {
        "min" | "max" => extreme(name, &items, &numbers),
        "mean" => Value::Float(numbers.iter().fold(0.0, |sum, number| sum + number) / count),
        _ => Value::Float(median(numbers)),
    })
}

fn collect<'v>(name: &str, value: &'v Value, items: &mut Vec<&'v Value>) -> Result<(), ConditionError> {
    match value {
        Value::List(inner) => inner.iter().try_for_each(|item| collect(name, item, items)),
        Value::Int(_) | Value::Float(_) => {
            items.push(value);
            Ok(())
        }
        other => Err(ConditionError::Argument { function: name.to_owned(), kind: other.kind() }),
    }
}

fn extreme(name: &str, items: &[&Value], numbers: &[f64]) -> Value {
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
        ("first" | "last", _) => Value::Nil,
        ("keys", Value::Map(fields)) => Value::List(fields.keys().map(|key| key.as_str().into()).collect()),
        ("values", Value::Map(fields)) => Value::List(fields.values().cloned().collect()),
        ("toPairs", Value::Map(fields)) => {
            let pair =
                |(key, value): (&String, &Value)| Value::List(vec![key.as_str().into(), value.clone()]);
            Value::List(fields.iter().map(pair).collect())
        }
        ("fromPairs", Value::List(items)) => {
            let pair = |item: &Value| match item {
                Value::List(pair) => match pair.as_slice() {
                    [key, value] => Some((printed(key), value.clone())),
                    _ => None,
                },
                _ => None,
            };
            Value::Map(items.iter().map(pair).collect::<Option<_>>()?)
        }
        ("reverse", Value::List(items)) => Value::List(items.iter().rev().cloned().collect()),
        ("flatten", Value::List(items)) => {
            let mut flat = Vec::new();
            flatten(items, &mut flat);
            Value::List(flat)
        }
        ("uniq", Value::List(items)) => {
            let mut kept: Vec<Value> = Vec::new();
            for item in items {
                if !kept.iter().any(|other| equal(item, other)) {
                    kept.push(item.clone());
                }
            }
            Value::List(kept)
        }
        _ => return None,
    })
}

fn flatten(items: &[Value], flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::List(inner) => flatten(inner, flat),
            other => flat.push(other.clone()),
        }
    }
}

fn taken(list: &Value, count: Option<&Value>) -> Option<Value> {
    match (list, count) {
        (Value::List(items), Some(Value::Int(count))) => {
            let count = usize::try_from(*count).ok()?;
            Some(Value::List(items.iter().take(count).cloned().collect()))
        }
        _ => None,
    }
}

fn concatenated(lists: &[Value]) -> Option<Value> {
    let items = lists.iter().map(|list| if let Value::List(items) = list { Some(items) } else { None });
    Some(Value::List(items.collect::<Option<Vec<_>>>()?.into_iter().flatten().cloned().collect()))
}

/// A field or an item; nil where there is none.
fn got(of: &Value, by: &Value) -> Value {
    match (of, by) {
        (Value::Map(fields), Value::Text(name)) => fields.get(name).cloned().unwrap_or_default(),
        (Value::List(items), Value::Int(index)) => {
            let place = if *index < 0 { index.saturating_add_unsigned(items.len() as u64) } else { *index };
            usize::try_from(place).ok().and_then(|place| items.get(place)).cloned().unwrap_or_default()
        }
        _ => Value::Nil,
    }
}

/// By what `keys` are, item by item; upwards unless `order` says `desc`.
pub(super) fn sorted_by(
    items: Vec<(Value, Value)>,
    order: Option<&Value>,
) -> Result<Vec<Value>, ConditionError> {
    let wrong = |kind| ConditionError::Argument { function: "sort".to_owned(), kind };
    let downwards = match order {
        None => false,
        Some(Value::Text(order)) if order == "asc" => false,
        Some(Value::Text(order)) if order == "desc" => true,
        Some(other) => return Err(wrong(other.kind())),
    };
    // Keys of one kind are compared; a single one need not be.
    if let [(first, _), rest @ ..] = items.as_slice() {
        for (key, _) in rest {
            operators::order(first, key).ok_or_else(|| wrong(key.kind()))?;
        }
    }
    let mut items = items;
    items.sort_by(|(a, _), (b, _)| {
        let order = operators::sort_order(a, b);
        if downwards { order.reverse() } else { order }
    });
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

fn sorted(list: &Value, order: Option<&Value>) -> Result<Value, ConditionError> {
    match list {
        Value::List(items) => {
            let keyed = items.iter().map(|item| (item.clone(), item.clone())).collect();
            sorted_by(keyed, order).map(Value::List)
        }
        other => Err(ConditionError::Argument { function: "sort".to_owned(), kind: other.kind() }),
    }
}

fn bits(name: &str, first: &Value, second: Option<&Value>) -> Option<Value> {
    let Value::Int(a) = *first else { return None };
    if name == "bitnot" {
        return Some(Value::Int(!a));
    }
    let Some(Value::Int(b)) = second.cloned() else { return None };
    let by = u32::try_from(b);
    Some(Value::Int(match name {
        "bitand" => a & b,
        "bitor" => a | b,
        "bitxor" => a ^ b,
        "bitnand" => a & !b,
        "bitshl" => a.checked_shl(by.ok()?).unwrap_or(0),
        "bitshr" => a >> by.ok()?.min(63),
        _ => a.cast_unsigned().checked_shr(by.ok()?).unwrap_or(0).cast_signed(),
    }))
}
