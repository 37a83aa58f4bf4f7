//! Reading fields, with a finding for everything that is wrong.

use std::net::{IpAddr, SocketAddr};

use pointsman_api::Decoder;
use pointsman_manifest::{Map, Value};
use pointsman_types::duration::{TimeDelta, proto};
use pointsman_types::{Code, Diagnostic};

use super::problem::{BAD_VALUE, MISSING};

/// The fields of a map, of which only some are known.
pub(super) fn fields<'v>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    known: &[&'static str],
) -> Option<&'v Map> {
    let map = decoder.map(value)?;
    for (name, _) in map.iter().filter(|(name, _)| !known.contains(name)) {
        decoder.unknown_field(name, known.iter().copied());
    }
    Some(map)
}

/// What stands in a field, where it is there.
pub(super) fn get<'v, T>(
    map: &'v Map,
    name: &'static str,
    decoder: &mut Decoder<'v>,
    read: impl FnOnce(&'v Value, &mut Decoder<'v>) -> Option<T>,
) -> Option<T> {
    let value = map.get(name)?;
    decoder.in_field(name, |decoder| read(value, decoder))
}

/// What stands in a field that has to be there.
pub(super) fn needed<'v, T>(
    map: &'v Map,
    name: &'static str,
    decoder: &mut Decoder<'v>,
    read: impl FnOnce(&'v Value, &mut Decoder<'v>) -> Option<T>,
) -> Option<T> {
    if map.get(name).is_none() {
        report(decoder, MISSING, format!("`{name}` is missing"), "");
    }
    get(map, name, decoder, read)
}

/// Reads every item of a list.
pub(super) fn items<'v, T>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    mut read: impl FnMut(&'v Value, &mut Decoder<'v>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(items) = value.as_list() else {
        decoder.wrong_type(value, "a list");
        return None;
    };
    let read = |(position, value)| decoder.in_item(position, |decoder| read(value, decoder));
    Some(items.iter().enumerate().filter_map(read).collect())
}

pub(super) fn report(decoder: &mut Decoder<'_>, code: Code, message: impl Into<String>, help: &str) {
    decoder.report(Diagnostic::error(code, message).with_help(help));
}

/// Reports that a value is not of the wanted form.
pub(super) fn bad(decoder: &mut Decoder<'_>, written: &str, wanted: &str) {
    report(decoder, BAD_VALUE, format!("`{written}` is not {wanted}"), "");
}

pub(super) fn text(value: &Value, decoder: &mut Decoder<'_>) -> Option<String> {
    let text = value.as_str().map(str::to_owned);
    if text.is_none() {
        decoder.wrong_type(value, "a text");
    }
    text
}

pub(super) fn flag(value: &Value, decoder: &mut Decoder<'_>) -> Option<bool> {
    let flag = value.as_bool();
    if flag.is_none() {
        decoder.wrong_type(value, "`true` or `false`");
    }
    flag
}

/// A whole number that fits.
pub(super) fn number<T: TryFrom<u64>>(value: &Value, decoder: &mut Decoder<'_>, wanted: &str) -> Option<T> {
    let number = value.as_u64().and_then(|number| T::try_from(number).ok());
    if number.is_none() {
        match value {
            Value::Number(number) => bad(decoder, &number.to_string(), wanted),
            _ => decoder.wrong_type(value, wanted),
        }
    }
    number
}

pub(super) fn port(value: &Value, decoder: &mut Decoder<'_>) -> Option<u16> {
    let port = number::<u16>(value, decoder, "a port from 1 to 65535")?;
    if port == 0 {
        bad(decoder, "0", "a port from 1 to 65535");
    }
    Some(port)
}

/// A text that is read further.
pub(super) fn parsed<T>(
    value: &Value,
    decoder: &mut Decoder<'_>,
    wanted: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let text = text(value, decoder)?;
    let parsed = parse(&text);
    if parsed.is_none() {
        bad(decoder, &text, wanted);
    }
    parsed
}

pub(super) fn address(value: &Value, decoder: &mut Decoder<'_>) -> Option<IpAddr> {
    parsed(value, decoder, "an address such as `10.0.0.1`", |text| text.parse().ok())
}

/// An address, with the given port where it has none.
pub(super) fn socket_address(value: &Value, decoder: &mut Decoder<'_>, port: u16) -> Option<SocketAddr> {
    parsed(value, decoder, "an address such as `10.0.0.1` or `10.0.0.1:4711`", |text| {
        text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, port)))
    })
}

/// A length of time, such as `5s`.
pub(super) fn duration(value: &Value, decoder: &mut Decoder<'_>) -> Option<TimeDelta> {
    let parse = |text: &str| proto::parse(text).ok().filter(|time| !time.is_negative());
    parsed(value, decoder, "a duration such as `5s`", parse)
}

/// Whether a value is the word for "there is none".
pub(super) fn is_none(value: &Value) -> bool {
    value.as_str() == Some("none")
}

/// Values by header; an empty list for a header that must not be there, which is written as null.
pub(super) type HeaderLines = Vec<(String, Vec<String>)>;

/// Headers: a text or a list of texts by name.
pub(super) fn headers<'v>(
    value: &'v Value,
    decoder: &mut Decoder<'v>,
    may_be_null: Absence,
) -> Option<HeaderLines> {
    let map = decoder.map(value)?;
    let one = |(name, value): (&'v str, &'v Value)| {
        decoder.in_field(name, |decoder| {
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                bad(decoder, name, "a header name; pseudo-headers such as `:path` have fields of their own");
            } else if name.eq_ignore_ascii_case("host") {
                bad(decoder, name, "written as a header; it has a field of its own");
            }
            let values = match value {
                Value::Null if may_be_null == Absence::Allowed => Vec::new(),
                Value::List(_) => items(value, decoder, header_value)?,
                _ => vec![header_value(value, decoder)?],
            };
            Some((name.to_owned(), values))
        })
    };
    Some(map.iter().filter_map(one).collect())
}

/// Whether a header may be said not to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    Allowed,
    Refused,
}

fn header_value(value: &Value, decoder: &mut Decoder<'_>) -> Option<String> {
    parsed(value, decoder, "a header value: it has a control character", |text| {
        http::HeaderValue::from_bytes(text.as_bytes()).is_ok().then(|| text.to_owned())
    })
}
