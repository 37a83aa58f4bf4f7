//! What the declarations of messages share.

use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, ObjectRef, suggest};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::decode::{Decoder, FIELD_TWICE, ONE_OF_TWICE, UNKNOWN_ENUM, camel_case, shortened};
use crate::field::Message;

/// Reads the fields of a map; names in the spelling of protocol buffers count as those of JSON.
pub(crate) fn decode_fields<'v>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    names: &dyn Fn() -> Vec<&'static str>,
    mut field: impl FnMut(&str, &'v Value, &mut Decoder<'v>) -> bool,
) {
    let Some(fields) = decoder.map(value) else { return };
    for (name, value) in fields.iter() {
        // A null is the same as nothing, but its name is checked all the same.
        let known = if value.is_null() {
            names().iter().any(|known| *known == name || (name.contains('_') && *known == camel_case(name)))
        } else {
            decoder.in_field(name, |decoder| {
                field(name, value, decoder)
                    || (name.contains('_') && field(&camel_case(name), value, decoder))
            })
        };
        if !known {
            decoder.unknown_field(name, names().into_iter());
        }
    }
}

pub(crate) fn report_twice(is_set: bool, name: &str, decoder: &mut Decoder<'_>) {
    if is_set {
        decoder.report(Diagnostic::error(FIELD_TWICE, format!("`{name}` is there under two spellings")));
    }
}

pub(crate) fn report_one_of(is_set: bool, names: &[&str], decoder: &mut Decoder<'_>) {
    if is_set {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("only one of {} may be set", names.join(", "));
        decoder.report(Diagnostic::error(ONE_OF_TWICE, message).with_help("remove all but one"));
    }
}

pub(crate) fn decode_enum<'v, T: Default>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    names: &'static [&'static str],
    from_name: fn(&str) -> Option<T>,
    from_number: fn(i32) -> T,
) -> T {
    if let Some(number) = value.as_i64().and_then(|number| i32::try_from(number).ok()) {
        return from_number(number);
    }
    let Value::String(text) = value else {
        decoder.wrong_type(value, "a name");
        return T::default();
    };
    from_name(text).unwrap_or_else(|| {
        let mut finding = Diagnostic::error(
            UNKNOWN_ENUM,
            format!("`{}` is not one of {}", shortened(text), names.join(", ")),
        );
        if let Some(near) = suggest::nearest(text, names.iter().copied()) {
            finding = finding.with_help(format!("did you mean `{near}`?"));
        }
        decoder.report(finding);
        T::default()
    })
}

pub(crate) fn deserialize<'de, T: Message, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let mut decoder = Decoder::new(ObjectRef::default());
    let message = T::decode(&value, &mut decoder);
    match decoder.into_findings().iter().find(|finding| finding.is_error()) {
        Some(finding) => Err(D::Error::custom(finding)),
        None => Ok(message),
    }
}
