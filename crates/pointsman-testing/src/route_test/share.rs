//! Exact shares.

use std::fmt;
use std::str::FromStr;

/// A share of requests, exact: `80%`, `12.5%`, `1/3`.
///
/// Shape: a fraction of whole numbers from 0 to 1; equal where the values are equal (`50%` and `1/2`). Shown as a percentage
/// where at most four digits after the point say it exactly, else as a fraction in lowest terms.
///
/// ```
/// use pointsman_testing::route_test::Share;
/// let third: Share = "1/3".parse()?;
/// assert_eq!((third.to_string(), Share::of(20, 100).to_string()), ("1/3".to_owned(), "20%".to_owned()));
/// assert_eq!("12.5%".parse::<Share>()?, Share::of(1, 8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    part: u64,
    whole: u64,
}

/// A text that is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a share such as `80%` or `4/5`")]
pub struct InvalidShare(String);

impl Share {
    /// All.
    pub const ALL: Self = Self { part: 1, whole: 1 };
    /// None.
    pub const NONE: Self = Self { part: 0, whole: 1 };

    /// So many of so many. Of nothing it is nothing; more than all is all.
    #[must_use]
    pub const fn of(part: u64, whole: u64) -> Self {
        if part == 0 || whole == 0 {
            return Self::NONE;
        }
        if part >= whole {
            return Self::ALL;
        }
        let divisor = greatest_common(part, whole);
        Self { part: part / divisor, whole: whole / divisor }
    }

    /// The sum, where it is a share and its fraction has numbers that fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b) = (u128::from(self.whole), u128::from(other.whole));
        let part = u128::from(self.part) * b + u128::from(other.part) * a;
        let divisor = greatest_common_wide(part, a * b).max(1);
        let (part, whole) = (part / divisor, a * b / divisor);
        let sum = (u64::try_from(part).ok()?, u64::try_from(whole).ok()?);
        (part <= whole).then(|| Self::of(sum.0, sum.1))
    }
}

const fn greatest_common(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

const fn greatest_common_wide(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let invalid = || InvalidShare(text.to_owned());
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        let (part, whole): (u64, u64) = if let Some(number) = text.strip_suffix('%') {
            let (units, rest) = number.split_once('.').unwrap_or((number, ""));
            let decimals = u32::try_from(rest.len()).ok().filter(|count| *count <= 9).ok_or_else(invalid)?;
            if !digits(units) || (number.contains('.') && !digits(rest)) {
                return Err(invalid());
            }
            let all = format!("{units}{rest}").parse().map_err(|_| invalid())?;
            (all, 100 * 10_u64.pow(decimals))
        } else {
            let (part, whole) = text.split_once('/').ok_or_else(invalid)?;
            if !digits(part) || !digits(whole) {
                return Err(invalid());
            }
            (part.parse().map_err(|_| invalid())?, whole.parse().map_err(|_| invalid())?)
        };
        if part > whole || whole == 0 { Err(invalid()) } else { Ok(Self::of(part, whole)) }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PARTS: u128 = 1_000_000;
        let scaled = u128::from(self.part) * PARTS;
        if !scaled.is_multiple_of(u128::from(self.whole)) {
            return write!(f, "{}/{}", self.part, self.whole);
        }
        let millionths = scaled / u128::from(self.whole);
        let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn shares_are_exact() {
        let table = [
            ("0%", Some("0%")),
            ("100%", Some("100%")),
            ("33.3%", Some("33.3%")),
            ("0.0001%", Some("0.0001%")),
            ("2/6", Some("1/3")),
            ("0.00001%", Some("1/10000000")),
            ("101%", None),
            ("3/2", None),
            ("1/0", None),
            ("80", None),
            ("-1%", None),
            ("+1%", None),
            (".5%", None),
            ("5.%", None),
            ("%", None),
            ("", None),
            ("99999999999999999999%", None),
            ("1.0000000000%", None),
        ];
        for (written, shown) in table {
            let share = written.parse::<Share>().ok().map(|share| share.to_string());
            assert_eq!(share.as_deref(), shown, "{written}");
        }
    }

    #[test]
    fn sums_are_exact() {
        let sum = |parts: &[(u64, u64)]| {
            parts.iter().try_fold(Share::NONE, |sum, (part, whole)| sum.checked_add(Share::of(*part, *whole)))
        };
        assert_eq!(sum(&[(1, 3), (1, 3), (1, 3)]), Some(Share::ALL));
        assert_eq!(sum(&[(1, 2), (2, 3)]), None);
        let huge = u64::MAX - 1;
        assert_eq!(sum(&[(1, huge), (1, huge - 1)]), None, "no overflow");
    }
}
