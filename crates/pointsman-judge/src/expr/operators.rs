//! What operators give.

use regex::{Regex, RegexBuilder};

use super::ConditionError;
use super::functions::whole;
use super::node::Operator;
use crate::Value;

fn mismatch(operator: Operator, left: &Value, right: &Value) -> ConditionError {
    ConditionError::Mismatch { operator: operator.name(), left: left.kind(), right: right.kind() }
}

/// Equal as the language has it: numbers by value whether whole or not, lists and maps item by item.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((n, a), (m, b))| n == m && equal(a, b))
        }
        #[expect(clippy::float_cmp, reason = "the language compares numbers exactly")]
        (a, b) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a == b,
            _ => left == right,
        },
    }
}

/// Numbers in one order, also where whole numbers, fractions and what is no number (the least) stand together, in which
/// [`order`] is not the same all around.
fn number_order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    let key = |value: &Value| {
        let number = value.as_f64()?;
        let exact = if let Value::Int(whole) = value { *whole } else { whole(number) };
        // Zero is zero, whatever its sign.
        Some((!number.is_nan(), number + 0.0, exact))
    };
    let ((a_is, a, a_exact), (b_is, b, b_exact)) = (key(left)?, key(right)?);
    Some(a_is.cmp(&b_is).then(a.total_cmp(&b)).then(a_exact.cmp(&b_exact)))
}

/// In which order two values are sorted.
pub(super) fn sort_order(left: &Value, right: &Value) -> std::cmp::Ordering {
    let order = number_order(left, right).or_else(|| order(left, right).flatten());
    order.unwrap_or(std::cmp::Ordering::Equal)
}

/// Which of the two is more; the outer `None` for what cannot be compared, the inner one where a number is none.
pub(super) fn order(left: &Value, right: &Value) -> Option<Option<std::cmp::Ordering>> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(Some(a.cmp(b))),
        (Value::Text(a), Value::Text(b)) => Some(Some(a.cmp(b))),
        (a, b) => a.as_f64().zip(b.as_f64()).map(|(a, b)| a.partial_cmp(&b)),
    }
}

pub(super) fn compare(operator: Operator, left: &Value, right: &Value) -> Result<bool, ConditionError> {
    let order = order(left, right).ok_or_else(|| mismatch(operator, left, right))?;
    // Nothing is above or below what is no number.
    Ok(order.is_some_and(|order| match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))
}

pub(super) fn is_in(left: &Value, right: &Value) -> Result<bool, ConditionError> {
    match (left, right) {
        (_, Value::List(items)) => Ok(items.iter().any(|item| equal(left, item))),
        (Value::Text(name), Value::Map(fields)) => Ok(fields.contains_key(name)),
        (Value::Nil, Value::Map(fields)) => Ok(fields.contains_key("")),
        (_, Value::Nil) => Ok(false),
        _ => Err(mismatch(Operator::In, left, right)),
    }
}

pub(super) fn of_texts(operator: Operator, left: &Value, right: &Value) -> Result<bool, ConditionError> {
    if *left == Value::Nil || *right == Value::Nil {
        return Ok(false);
    }
    let (Value::Text(text), Value::Text(part)) = (left, right) else {
        return Err(mismatch(operator, left, right));
    };
    Ok(match operator {
        Operator::Contains => text.contains(part.as_str()),
        Operator::StartsWith => text.starts_with(part.as_str()),
        _ => text.ends_with(part.as_str()),
    })
}

/// A regular expression, of a bounded size.
pub(super) fn read_regex(text: &str) -> Result<Regex, ConditionError> {
    let wrong = |_| ConditionError::NotARegex(text.to_owned());
    RegexBuilder::new(text).size_limit(1 << 20).build().map_err(wrong)
}

pub(super) fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, ConditionError> {
    if let (Operator::Add, Value::Text(a), Value::Text(b)) = (operator, left, right) {
        return Ok(Value::Text(format!("{a}{b}")));
    }
    if let (Value::Int(a), Value::Int(b)) = (left, right) {
        let whole = match operator {
            Operator::Add => Some(a.wrapping_add(*b)),
            Operator::Subtract => Some(a.wrapping_sub(*b)),
            Operator::Multiply => Some(a.wrapping_mul(*b)),
            Operator::Remainder if *b != 0 => Some(a.wrapping_rem(*b)),
            Operator::Remainder => return Err(mismatch(operator, left, right)),
            _ => None,
        };
        if let Some(whole) = whole {
            return Ok(Value::Int(whole));
        }
    }
    let (Some(a), Some(b)) = (left.as_f64(), right.as_f64()) else {
        return Err(mismatch(operator, left, right));
    };
    Ok(Value::Float(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Power => a.powf(b),
        _ => return Err(mismatch(operator, left, right)),
    }))
}
