//! Points in time, given by the caller.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::duration::TimeDelta;

/// A point in time.
///
/// Shape: nanoseconds since 1970-01-01T00:00:00Z in an `i64`, so the years 1677 to 2262; in JSON an RFC 3339 text in
/// UTC: `2026-03-01T12:00:00Z`. The library never asks what time it is.
///
/// ```
/// use pointsman_types::{Time, duration::TimeDelta};
/// let start: Time = "2026-03-01T12:00:00+01:00".parse()?;
/// assert_eq!(start.plus(TimeDelta::from_secs(90)).to_string(), "2026-03-01T11:01:30Z");
/// # Ok::<(), pointsman_types::InvalidTime>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time {
    nanos: i64,
}

/// A text that is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a time: expected RFC 3339 within the years 1678 to 2261, such as `2026-03-01T12:00:00Z`"
)]
pub struct InvalidTime {
    text: String,
}

const NANOS: i64 = 1_000_000_000;
const DAY_SECS: i64 = 86_400;

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self { nanos: 0 };

    /// So many nanoseconds after the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos }
    }

    /// So many seconds after the epoch; what does not fit becomes the last or first point there is.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self { nanos: seconds.saturating_mul(NANOS) }
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.nanos
    }

    /// This much later (or earlier); stops at the last and first point there is.
    #[must_use]
    pub const fn plus(self, delta: TimeDelta) -> Self {
        Self { nanos: self.nanos.saturating_add(delta.nanos()) }
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta::from_nanos(self.nanos.saturating_sub(earlier.nanos))
    }
}

impl std::str::FromStr for Time {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        read(text).map(Self::from_nanos).ok_or_else(|| InvalidTime { text: text.to_owned() })
    }
}

/// `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`; a leap second counts as the second after it.
fn read(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = clock.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_in(year, month)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(after) => {
            let end = after.find(|c: char| !c.is_ascii_digit())?;
            let (digits, zone) = after.split_at_checked(end)?;
            (fraction_nanos(digits)?, zone)
        }
        None => (0, rest),
    };
    let seconds = days_since_epoch(year, month, day) * DAY_SECS + hour * 3_600 + minute * 60 + second
        - offset_secs(zone)?;
    // The first point there is lies in a second that begins before it, so the product needs more room than the sum.
    i64::try_from(i128::from(seconds) * i128::from(NANOS) + i128::from(fraction)).ok()
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut found = [0; 3];
    let mut parts = text.split(separator);
    for (number, width) in found.iter_mut().zip(widths) {
        let part =
            parts.next().filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn fraction_nanos(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let nanos: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    nanos.parse().ok()
}

fn offset_secs(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let (sign, clock) = match zone.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten().map(i64::from);
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, by eras of 400 years that begin in March.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_since_epoch`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl std::fmt::Display for Time {
    /// RFC 3339 in UTC, with as many digits after the point as needed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.nanos.div_euclid(NANOS);
        let fraction = self.nanos.rem_euclid(NANOS);
        let (year, month, day) = date_of(seconds.div_euclid(DAY_SECS));
        let clock = seconds.rem_euclid(DAY_SECS);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            clock / 3_600,
            clock / 60 % 60,
            clock % 60
        )?;
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_read_and_write() {
        let table = [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59.5Z", 951_868_799_500_000_000),
            ("1969-12-31T23:59:59Z", -NANOS),
            ("2026-03-01T12:00:00Z", 1_772_366_400 * NANOS),
        ];
        for (text, nanos) in table {
            assert_eq!(text.parse(), Ok(Time::from_nanos(nanos)), "{text}");
            assert_eq!(Time::from_nanos(nanos).to_string(), text);
        }
        assert_eq!(
            "2026-03-01T12:00:00-00:30".parse::<Time>().map(|t| t.to_string()).as_deref(),
            Ok("2026-03-01T12:30:00Z")
        );
    }

    #[test]
    fn each_day_of_four_centuries_is_its_own_inverse() {
        for days in -106_000..106_000 {
            let (year, month, day) = date_of(days);
            assert_eq!(days_since_epoch(year, month, day), days);
        }
        for time in [i64::MIN, i64::MAX].map(Time::from_nanos) {
            assert_eq!(time.to_string().parse(), Ok(time));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T24:00:00Z",
            "9999-01-01T00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "äääääääääää",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
