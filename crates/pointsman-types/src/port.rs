//! A TCP or UDP port.

use std::num::NonZeroU16;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A port number.
///
/// Shape: 1 to 65535. In JSON a number.
///
/// ```
/// use pointsman_types::Port;
/// assert_eq!(Port::new(9080)?.value(), 9080);
/// assert!(Port::new(0).is_err() && Port::new(65_536).is_err());
/// # Ok::<(), pointsman_types::InvalidPort>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Port(NonZeroU16);

/// A number that is no port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a port: expected a number from 1 to 65535")]
pub struct InvalidPort {
    value: String,
}

impl Port {
    /// A port of that number.
    ///
    /// # Errors
    /// 0 or above 65535.
    pub fn new(number: u32) -> Result<Self, InvalidPort> {
        u16::try_from(number)
            .ok()
            .and_then(NonZeroU16::new)
            .map(Self)
            .ok_or_else(|| InvalidPort { value: number.to_string() })
    }

    /// A port from a literal.
    ///
    /// # Panics
    /// On 0.
    #[must_use]
    pub const fn from_static(number: u16) -> Self {
        match NonZeroU16::new(number) {
            Some(number) => Self(number),
            #[expect(clippy::panic, reason = "documented: for literals only")]
            None => panic!("0 is not a port"),
        }
    }

    /// The number, 1 to 65535.
    #[must_use]
    pub const fn value(self) -> u16 {
        self.0.get()
    }
}

impl TryFrom<u32> for Port {
    type Error = InvalidPort;

    fn try_from(number: u32) -> Result<Self, InvalidPort> {
        Self::new(number)
    }
}

impl std::str::FromStr for Port {
    type Err = InvalidPort;

    fn from_str(text: &str) -> Result<Self, InvalidPort> {
        let invalid = || InvalidPort { value: text.to_owned() };
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        text.parse::<u32>().ok().and_then(|number| Self::new(number).ok()).ok_or_else(invalid)
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u32::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
