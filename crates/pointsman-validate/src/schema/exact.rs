//! Values of a type that reading takes but the API server does not: numbers in quotes, names as numbers.

use pointsman_manifest::Value;

use crate::codes;
use crate::report::{Place, Report};

/// Compares what was written with how the typed view would write it.
pub(super) fn check(written: &Value, view: &Value, at: &Place<'_>, out: &mut Report) {
    match (written, view) {
        (Value::Map(written), Value::Map(view)) => {
            for (name, field) in view.iter() {
                if let Some(written) = written.get(name) {
                    check(written, field, &at.field(name), out);
                }
            }
        }
        (Value::List(written), Value::List(view)) => {
            for (position, (written, view)) in written.iter().zip(view).enumerate() {
                check(written, view, &at.index(position), out);
            }
        }
        (Value::String(text), Value::Number(number)) => {
            let message = format!("the text `{text}` stands where the number `{number}` is expected");
            out.error(at, codes::SCHEMA_NUMBER, message);
        }
        (Value::Number(number), Value::String(name)) => {
            out.error(
                at,
                codes::SCHEMA_ENUM,
                format!("the number `{number}` stands where the name `{name}` is expected"),
            );
        }
        _ => {}
    }
}
