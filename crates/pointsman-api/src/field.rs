//! How each type of field stands in a document.

use std::collections::BTreeMap;

use pointsman_manifest::{Map, Number, Value};
use pointsman_types::duration::{TimeDelta, proto};
use pointsman_types::{Diagnostic, IntOrString};

use crate::decode::{Decoder, NULL_ITEM, WRONG_TYPE, shortened};

/// A type that a field of a message may have.
///
/// A null and an absent field are the same: the default.
pub trait Field: Sized {
    /// Reads what is there (not null). Reports what is wrong and then answers the default.
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self;

    /// As it is written.
    fn to_value(&self) -> Value;

    /// Whether it is left out when written.
    fn is_unset(&self) -> bool;
}

/// A structured value of the API: what its fields are called, and how it is read and written.
pub trait Message: Field + Default + Clone + PartialEq {
    /// The names of its fields in the document, those of one-of groups included.
    fn field_names() -> Vec<&'static str>;
}

/// A group of fields of which at most one may be set.
pub trait OneOf: Sized {
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// Reads the member of that name; `None` for a name that is no member.
    fn decode_member<'v>(name: &str, value: &'v Value, decoder: &mut Decoder<'v>) -> Option<Self>;

    /// Name and value as written.
    fn to_member(&self) -> (&'static str, Value);
}

impl Field for String {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        match value {
            Value::String(text) => text.clone(),
            other => {
                decoder.wrong_type(other, "a text");
                Self::new()
            }
        }
    }

    fn to_value(&self) -> Value {
        self.as_str().into()
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

impl Field for bool {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        value.as_bool().unwrap_or_else(|| {
            decoder.wrong_type(value, "`true` or `false`");
            false
        })
    }

    fn to_value(&self) -> Value {
        (*self).into()
    }

    fn is_unset(&self) -> bool {
        !self
    }
}

impl Field for f64 {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let number = match value {
            Value::String(text) => text.parse().ok().filter(|number: &Self| number.is_finite()),
            other => other.as_f64(),
        };
        number.unwrap_or_else(|| {
            decoder.wrong_type(value, "a number");
            0.0
        })
    }

    fn to_value(&self) -> Value {
        // Whole numbers are written without a fraction, as people write them.
        if self.fract() == 0.0 && self.abs() < 9.0e15 {
            return Value::from(*self as i64);
        }
        Number::from_f64(*self).map_or(Value::Null, Value::Number)
    }

    fn is_unset(&self) -> bool {
        *self == 0.0
    }
}

/// An integer: as a number, as a decimal number without fraction, or in quotes, as the JSON form of protocol buffers has it.
fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => {
            let signed = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            signed.or_else(|| {
                let decimal = number.as_f64();
                (decimal.fract() == 0.0 && decimal.abs() < 1.0e15).then_some(decimal as i128)
            })
        }
        _ => None,
    }
}

macro_rules! integer_fields {
    ($($type:ty: $words:literal),*) => {$(
        impl Field for $type {
            fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
                integer(value).and_then(|number| Self::try_from(number).ok()).unwrap_or_else(|| {
                    decoder.wrong_type(value, $words);
                    0
                })
            }

            fn to_value(&self) -> Value {
                (*self).into()
            }

            fn is_unset(&self) -> bool {
                *self == 0
            }
        }
    )*};
}

integer_fields!(
    i32: "an integer of 32 bits",
    u32: "an integer from 0 to 4294967295",
    i64: "an integer of 64 bits",
    u64: "an integer from 0 to 18446744073709551615"
);

impl Field for TimeDelta {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let Value::String(text) = value else {
            decoder.wrong_type(value, "a duration such as `10s`");
            return Self::ZERO;
        };
        proto::parse(text).unwrap_or_else(|_| {
            let message = format!("`{}` is not a duration", shortened(text));
            decoder.report(
                Diagnostic::error(WRONG_TYPE, message)
                    .with_help("write a number and a unit, such as `10s` or `1m30s`"),
            );
            Self::ZERO
        })
    }

    fn to_value(&self) -> Value {
        proto::format(*self).into()
    }

    fn is_unset(&self) -> bool {
        false
    }
}

impl Field for IntOrString {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let read = match value {
            Value::String(text) => text.parse().ok(),
            other => integer(other).and_then(|number| i32::try_from(number).ok()).map(Self::Int),
        };
        read.unwrap_or_else(|| {
            decoder.wrong_type(value, "a number or a percentage such as `25%`");
            Self::Int(0)
        })
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Int(number) => (*number).into(),
            Self::Percent(percent) => format!("{percent}%").into(),
        }
    }

    fn is_unset(&self) -> bool {
        false
    }
}

impl Field for Value {
    fn decode<'v>(value: &'v Value, _: &mut Decoder<'v>) -> Self {
        value.clone()
    }

    fn to_value(&self) -> Value {
        self.clone()
    }

    fn is_unset(&self) -> bool {
        self.is_null()
    }
}

impl<T: Field> Field for Option<T> {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        Some(T::decode(value, decoder))
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::to_value)
    }

    fn is_unset(&self) -> bool {
        self.is_none()
    }
}

impl<T: Field> Field for Box<T> {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        Self::new(T::decode(value, decoder))
    }

    fn to_value(&self) -> Value {
        (**self).to_value()
    }

    fn is_unset(&self) -> bool {
        (**self).is_unset()
    }
}

impl<T: Field> Field for Vec<T> {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let Some(items) = value.as_list() else {
            decoder.wrong_type(value, "a list");
            return Self::new();
        };
        let read = |(position, item): (usize, &'v Value)| {
            decoder.in_item(position, |decoder| {
                if item.is_null() {
                    decoder.report(Diagnostic::error(NULL_ITEM, "an item of the list is null"));
                }
                T::decode(if item.is_null() { empty_of(value) } else { item }, decoder)
            })
        };
        items.iter().enumerate().map(read).collect()
    }

    fn to_value(&self) -> Value {
        self.iter().map(Field::to_value).collect()
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}

/// What stands for a null item, so that positions stay: an empty map, which every message reads without a finding.
fn empty_of(_: &Value) -> &'static Value {
    static EMPTY: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    EMPTY.get_or_init(|| Value::Map(Map::new()))
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let Some(fields) = decoder.map(value) else { return Self::new() };
        let read = |(name, item): (&'v str, &'v Value)| {
            let item = decoder.in_field(name, |decoder| {
                if item.is_null() {
                    decoder.report(Diagnostic::error(NULL_ITEM, "a value of the map is null"));
                }
                T::decode(if item.is_null() { empty_of(value) } else { item }, decoder)
            });
            (name.to_owned(), item)
        };
        fields.iter().map(read).collect()
    }

    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(name, item)| (name.as_str(), item.to_value())).collect())
    }

    fn is_unset(&self) -> bool {
        self.is_empty()
    }
}
