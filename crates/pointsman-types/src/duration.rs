//! Lengths of time and the three ways in which manifests write them.
//!
//! | dialect | who writes it | grammar |
//! |---|---|---|
//! | [`go`] | Argo Rollouts, Flagger, `metav1.Duration` | Go's `time.ParseDuration`: `1h30m`, `1.5s`, `-2ms`, `0` |
//! | [`proto`] | Istio | read like [`go`] (the control plane's JSON reader does), written as seconds: `1.500s` |
//! | [`gep2257`] | Gateway API | one to four of `h`, `m`, `s`, `ms` with at most five digits each, nothing else |
//!
//! All arithmetic is in whole nanoseconds; no reading goes through a floating-point number.

use serde::{Deserialize, Serialize};

/// A length of time, negative ones included.
///
/// Shape: whole nanoseconds in an `i64`, so up to about 292 years either way. In JSON the number of nanoseconds; the
/// dialects of this module give the texts of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeDelta {
    nanos: i64,
}

/// A text that is no length of time in the dialect asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration: {why}")]
pub struct InvalidDuration {
    text: String,
    why: &'static str,
}

impl InvalidDuration {
    fn new(text: &str, why: &'static str) -> Self {
        Self { text: text.to_owned(), why }
    }
}

impl TimeDelta {
    /// No time at all.
    pub const ZERO: Self = Self { nanos: 0 };

    /// So many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos }
    }

    /// So many milliseconds; what does not fit becomes the longest or shortest length.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { nanos: millis.saturating_mul(1_000_000) }
    }

    /// So many seconds; what does not fit becomes the longest or shortest length.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self { nanos: seconds.saturating_mul(1_000_000_000) }
    }

    /// The length in nanoseconds.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.nanos
    }

    /// The length in whole milliseconds, cut towards zero.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.nanos / 1_000_000
    }

    /// The length in whole seconds, cut towards zero.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.nanos / 1_000_000_000
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// Whether it is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// The same length as the standard library has it; `None` when negative.
    #[must_use]
    pub fn to_std(self) -> Option<std::time::Duration> {
        u64::try_from(self.nanos).ok().map(std::time::Duration::from_nanos)
    }
}

impl std::fmt::Display for TimeDelta {
    /// As Go prints it: `1h30m0s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&go::format(*self))
    }
}

/// The dialect of Go's `time` package.
pub mod go {
    use super::{InvalidDuration, TimeDelta};

    const UNITS: [(&str, u64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000), // U+00B5, micro sign
        ("μs", 1_000), // U+03BC, Greek mu
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];

    /// Reads `1h30m`, `1.5s`, `-2ms`, `+5s`, `.5s`, `0`.
    ///
    /// # Errors
    /// Empty, no unit, an unknown unit (days are none), blanks, or more than an `i64` of nanoseconds.
    ///
    /// ```
    /// use pointsman_types::duration::go;
    /// assert_eq!(go::parse("1h30m")?.secs(), 5_400);
    /// assert!(go::parse("1d").is_err());
    /// # Ok::<(), pointsman_types::duration::InvalidDuration>(())
    /// ```
    pub fn parse(text: &str) -> Result<TimeDelta, InvalidDuration> {
        let fail = |why| InvalidDuration::new(text, why);
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if unsigned == "0" {
            return Ok(TimeDelta::ZERO);
        }
        if unsigned.is_empty() {
            return Err(fail("expected a number and a unit, such as `30s`"));
        }
        let mut total: u64 = 0;
        let mut rest = unsigned;
        while !rest.is_empty() {
            let (nanos, after) = term(rest).map_err(fail)?;
            total = total.checked_add(nanos).filter(|sum| *sum <= 1 << 63).ok_or_else(|| fail(TOO_LONG))?;
            rest = after;
        }
        let nanos = if negative {
            0_i64.checked_sub_unsigned(total).ok_or_else(|| fail(TOO_LONG))?
        } else {
            i64::try_from(total).map_err(|_| fail(TOO_LONG))?
        };
        Ok(TimeDelta::from_nanos(nanos))
    }

    const TOO_LONG: &str = "it is longer than about 292 years";

    /// One number with its unit, in nanoseconds, and what follows it.
    fn term(text: &str) -> Result<(u64, &str), &'static str> {
        let (whole, after_whole) = split_digits(text);
        let (fraction, after_number) = match after_whole.strip_prefix('.') {
            Some(after_dot) => split_digits(after_dot),
            None => ("", after_whole),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err("expected a number and a unit, such as `30s`");
        }
        let end = after_number.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after_number.len());
        let (unit, after) = after_number.split_at_checked(end).ok_or("it has no unit")?;
        if unit.is_empty() {
            return Err("a unit is missing: write `ms`, `s`, `m` or `h` after each number");
        }
        let (_, scale) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or("it has a unit other than `ns`, `us`, `ms`, `s`, `m`, `h`")?;
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| TOO_LONG)? };
        let nanos = whole.checked_mul(scale).filter(|nanos| *nanos <= 1 << 63).ok_or(TOO_LONG)?;
        nanos.checked_add(fraction_nanos(fraction, scale)).map(|sum| (sum, after)).ok_or(TOO_LONG)
    }

    /// The digits after the point, in nanoseconds, cut towards zero.
    fn fraction_nanos(digits: &str, scale: u64) -> u64 {
        let mut numerator: u128 = 0;
        let mut denominator: u128 = 1;
        // Eighteen digits are finer than a nanosecond of an hour; further ones cannot matter.
        for digit in digits.bytes().take(18) {
            numerator = numerator * 10 + u128::from(digit - b'0');
            denominator *= 10;
        }
        u64::try_from(numerator * u128::from(scale) / denominator).unwrap_or(0)
    }

    pub(super) fn split_digits(text: &str) -> (&str, &str) {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text.split_at_checked(end).unwrap_or((text, ""))
    }

    /// Writes it as Go's `Duration.String` does: `1h30m0s`, `1.5s`, `2ms`, `0s`.
    #[must_use]
    pub fn format(delta: TimeDelta) -> String {
        let nanos = delta.nanos().unsigned_abs();
        let sign = if delta.is_negative() { "-" } else { "" };
        match nanos {
            0 => "0s".to_owned(),
            1..1_000 => format!("{sign}{nanos}ns"),
            1_000..1_000_000 => format!("{sign}{}µs", decimal(nanos, 1_000, 3)),
            1_000_000..1_000_000_000 => format!("{sign}{}ms", decimal(nanos, 1_000_000, 6)),
            _ => {
                let minutes = nanos / 60_000_000_000;
                let seconds = decimal(nanos % 60_000_000_000, 1_000_000_000, 9);
                match (minutes / 60, minutes % 60) {
                    (0, 0) => format!("{sign}{seconds}s"),
                    (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                    (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
                }
            }
        }
    }

    fn decimal(value: u64, unit: u64, digits: usize) -> String {
        let fraction = format!("{:0digits$}", value % unit);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { (value / unit).to_string() } else { format!("{}.{fraction}", value / unit) }
    }
}

/// The dialect of Istio: protobuf durations.
pub mod proto {
    use super::{InvalidDuration, TimeDelta, go};

    /// Reads what Istio's control plane reads: everything that [`go::parse`] does, `10ms` and `1h30m` too.
    ///
    /// # Errors
    /// As [`go::parse`].
    pub fn parse(text: &str) -> Result<TimeDelta, InvalidDuration> {
        go::parse(text)
    }

    /// Writes it as protobuf's JSON does: seconds with 0, 3, 6 or 9 digits after the point: `5s`, `0.010s`.
    #[must_use]
    pub fn format(delta: TimeDelta) -> String {
        let nanos = delta.nanos().unsigned_abs();
        let sign = if delta.is_negative() { "-" } else { "" };
        let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        if rest == 0 {
            format!("{sign}{seconds}s")
        } else if rest % 1_000_000 == 0 {
            format!("{sign}{seconds}.{:03}s", rest / 1_000_000)
        } else if rest % 1_000 == 0 {
            format!("{sign}{seconds}.{:06}s", rest / 1_000)
        } else {
            format!("{sign}{seconds}.{rest:09}s")
        }
    }
}

/// The dialect of the Gateway API.
pub mod gep2257 {
    use super::go::split_digits;
    use super::{InvalidDuration, TimeDelta};

    /// Reads one to four groups of one to five digits with `h`, `m`, `s` or `ms`: `1h30m`, `500ms`.
    ///
    /// # Errors
    /// Anything else: signs, fractions, blanks, other units, more groups or digits.
    pub fn parse(text: &str) -> Result<TimeDelta, InvalidDuration> {
        let fail = || {
            InvalidDuration::new(
                text,
                "expected one to four numbers of at most five digits with `h`, `m`, `s` or `ms`",
            )
        };
        let mut millis: i64 = 0;
        let mut rest = text;
        let mut groups = 0;
        while !rest.is_empty() {
            let (digits, after) = split_digits(rest);
            groups += 1;
            if digits.is_empty() || digits.len() > 5 || groups > 4 {
                return Err(fail());
            }
            let (scale, after) = unit(after).ok_or_else(fail)?;
            millis += digits.parse::<i64>().map_err(|_| fail())? * scale;
            rest = after;
        }
        if groups == 0 { Err(fail()) } else { Ok(TimeDelta::from_millis(millis)) }
    }

    /// The unit that a text begins with, in milliseconds, and what follows it.
    fn unit(text: &str) -> Option<(i64, &str)> {
        [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
            .into_iter()
            .find_map(|(name, scale)| text.strip_prefix(name).map(|after| (scale, after)))
    }

    /// Writes it in this dialect: `1h30m`, `1s500ms`, `0s`. `None` for what the dialect cannot say: negative lengths, parts
    /// of a millisecond, 100,000 hours and more.
    #[must_use]
    pub fn format(delta: TimeDelta) -> Option<String> {
        let nanos = u64::try_from(delta.nanos()).ok()?;
        let millis = nanos / 1_000_000;
        let hours = millis / 3_600_000;
        if nanos % 1_000_000 != 0 || hours > 99_999 {
            return None;
        }
        let parts =
            [(hours, "h"), (millis / 60_000 % 60, "m"), (millis / 1_000 % 60, "s"), (millis % 1_000, "ms")];
        let text: String = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, unit)| format!("{count}{unit}"))
            .collect();
        Some(if text.is_empty() { "0s".to_owned() } else { text })
    }
}

#[cfg(test)]
mod tests {
    use super::{TimeDelta, gep2257, go, proto};

    #[test]
    fn go_reads_what_go_reads() {
        let table = [
            ("0", 0),
            ("1h30m", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("-1h", -3_600_000_000_000),
            ("+5s", 5_000_000_000),
            ("1µs", 1_000),
            ("1μs", 1_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("1m1m", 120_000_000_000),
            ("0.000000000000000000000000001h", 0),
            ("9223372036854775807ns", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
        ];
        for (text, nanos) in table {
            assert_eq!(go::parse(text).map(TimeDelta::nanos).ok(), Some(nanos), "{text}");
        }
        for text in [
            "",
            "1",
            "1d",
            "1h 30m",
            " 1s",
            "s",
            ".s",
            "-",
            "1.2.3s",
            "9223372036854775808ns",
            "99999999h",
            "é",
        ] {
            assert!(go::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn go_writes_what_go_writes() {
        for text in ["1h30m0s", "1.5s", "2ms", "1.5µs", "3ns", "0s", "-1m0.5s", "2562047h47m16.854775807s"] {
            assert_eq!(go::parse(text).map(go::format).ok().as_deref(), Some(text));
        }
        assert_eq!(go::format(TimeDelta::from_nanos(i64::MIN)), "-2562047h47m16.854775808s");
    }

    #[test]
    fn proto_writes_seconds() {
        for (text, written) in [
            ("10ms", "0.010s"),
            ("1h", "3600s"),
            ("1us", "0.000001s"),
            ("1ns", "0.000000001s"),
            ("-1.5s", "-1.500s"),
        ] {
            assert_eq!(proto::parse(text).map(proto::format).ok().as_deref(), Some(written));
        }
    }

    #[test]
    fn gep2257_is_strict() {
        for (text, written) in
            [("1h30m", "1h30m"), ("90m", "1h30m"), ("0ms", "0s"), ("99999h", "99999h"), ("1500ms", "1s500ms")]
        {
            assert_eq!(
                gep2257::parse(text).ok().and_then(gep2257::format).as_deref(),
                Some(written),
                "{text}"
            );
        }
        for text in ["", "1", "100000h", "1.5h", "-1s", "1s1s1s1s1s", "1us", " 1s"] {
            assert!(gep2257::parse(text).is_err(), "{text}");
        }
        assert_eq!(gep2257::format(TimeDelta::from_nanos(1)), None);
    }
}
