//! Values as Go prints them.

use std::fmt::Write as _;

use crate::Value;

/// As `%v` of Go.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::Nil => "<nil>".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}:{}", printed(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// The shortest digits that give the number, with an exponent below 1e-4 and from 1e21 on.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || (1e-4..1e21).contains(&size) {
        return number.to_string();
    }
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((written.as_str(), "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    let mut text = digits.to_owned();
    let _ = write!(text, "e{sign}{exponent:0>2}");
    text
}

#[cfg(test)]
mod tests {
    use super::printed;
    use crate::Value;

    #[test]
    fn numbers_are_written_as_go_does() {
        for (number, text) in [
            (0.5, "0.5"),
            (5.0, "5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-07"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(printed(&Value::Float(number)), text);
        }
        let list = Value::List(vec![Value::Nil, Value::Bool(true), "a".into()]);
        assert_eq!(printed(&list), "[<nil> true a]");
    }
}
