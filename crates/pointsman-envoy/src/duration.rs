//! Durations as proto JSON writes them: seconds with an `s`.

use std::time::Duration;

use pointsman_manifest::Value;

/// `0s`, `3s`, `0.025s`, `1.000000001s`: fractions in groups of three digits.
pub(crate) fn write_duration(duration: Duration) -> Value {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    let text = match nanos {
        0 => format!("{seconds}s"),
        _ if nanos % 1_000_000 == 0 => format!("{seconds}.{:03}s", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => format!("{seconds}.{:06}s", nanos / 1_000),
        _ => format!("{seconds}.{nanos:09}s"),
    };
    Value::from(text)
}

/// `1.5s`, or a map of `seconds` and `nanos`. Negative ones are refused.
pub(crate) fn read_duration(value: &Value) -> Option<Duration> {
    if value.as_map().is_some() {
        let number = |name: &str| match value.get(name) {
            Some(number) => number.as_u64().or_else(|| number.as_str()?.parse().ok()),
            None => Some(0),
        };
        return Some(Duration::new(
            number("seconds")?,
            u32::try_from(number("nanos")?).ok()?.min(999_999_999),
        ));
    }
    let text = value.as_str()?.strip_suffix('s')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(seconds.parse().ok()?, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds() {
        for (nanos, text) in [
            (0, "0s"),
            (25_000_000, "0.025s"),
            (1_000_000_000, "1s"),
            (1_000_001_000, "1.000001s"),
            (1_000_000_001, "1.000000001s"),
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(write_duration(duration), Value::from(text));
            assert_eq!(read_duration(&Value::from(text)), Some(duration));
        }
        for bad in ["-1s", "1", "s", "1.s2", "1.0000000001s", "99999999999999999999s"] {
            assert_eq!(read_duration(&Value::from(bad)), None, "{bad}");
        }
        assert_eq!(
            read_duration(&Value::from_json(r#"{"seconds":"30","nanos":5}"#).expect("JSON")),
            Some(Duration::new(30, 5))
        );
    }
}
