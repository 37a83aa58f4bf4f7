//! Numbers of a document.

/// A number as JSON has it: an integer of 64 bits, or a finite decimal number.
///
/// Shape: integers and decimals are different numbers (`1` and `1.0`), as their texts are. Infinite numbers and "not a number"
/// have no JSON form and cannot be made.
///
/// ```
/// use pointsman_manifest::Number;
/// assert_eq!(Number::from(3_u16).to_string(), "3");
/// assert_eq!(Number::from_f64(1.0).unwrap().to_string(), "1.0");
/// assert_eq!(Number::from_f64(f64::NAN), None);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Number(Repr);

#[derive(Debug, Clone, Copy)]
enum Repr {
    Signed(i64),
    /// Only above `i64::MAX`.
    Unsigned(u64),
    Decimal(f64),
}

impl Number {
    /// A decimal number; `None` where it is not finite.
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(Repr::Decimal(number)))
    }

    /// As a signed integer, where it is one that fits.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Signed(number) => Some(number),
            _ => None,
        }
    }

    /// As an unsigned integer, where it is one that fits.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Signed(number) if number >= 0 => Some(number as u64),
            Repr::Unsigned(number) => Some(number),
            _ => None,
        }
    }

    /// As a decimal number, rounded where it has too many digits.
    #[must_use]
    pub const fn as_f64(&self) -> f64 {
        match self.0 {
            Repr::Signed(number) => number as f64,
            Repr::Unsigned(number) => number as f64,
            Repr::Decimal(number) => number,
        }
    }

    /// Whether it was written as an integer.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        !matches!(self.0, Repr::Decimal(_))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Repr::Signed(one), Repr::Signed(two)) => one == two,
            (Repr::Unsigned(one), Repr::Unsigned(two)) => one == two,
            (Repr::Decimal(one), Repr::Decimal(two)) => one.to_bits() == two.to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self.0 {
            Repr::Signed(number) => number.hash(state),
            Repr::Unsigned(number) => number.hash(state),
            Repr::Decimal(number) => number.to_bits().hash(state),
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Repr::Signed(number))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(i64::try_from(number).map_or(Repr::Unsigned(number), Repr::Signed))
    }
}

macro_rules! from_small {
    ($($type:ty),*) => {$(
        impl From<$type> for Number {
            fn from(number: $type) -> Self {
                Self(Repr::Signed(i64::from(number)))
            }
        }
    )*};
}

from_small!(i8, i16, i32, u8, u16, u32);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Repr::Signed(number) => write!(f, "{number}"),
            Repr::Unsigned(number) => write!(f, "{number}"),
            // `{:?}` keeps the fraction of a whole number and takes exponents for very large ones.
            Repr::Decimal(number) => write!(f, "{number:?}"),
        }
    }
}
