//! What to be faithful to.

use serde::{Deserialize, Serialize};

/// Which releases of the real systems to behave like, where these differ.
///
/// Shape: the default is the newest pair that was measured: Istio 1.30 (istio/istio 86c9f01f, 22 August 2026) with Envoy
/// 1.40. Reports that depend on it say so.
///
/// ```
/// use pointsman_types::{EnvoyVersion, HeaderMatching, Profile};
/// assert_eq!(Profile::default().header_matching(), HeaderMatching::Individual);
/// let old = Profile::default().with_envoy(EnvoyVersion::new(1, 38));
/// assert_eq!(old.header_matching(), HeaderMatching::Joined);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Profile {
    /// The control plane.
    pub istio: IstioVersion,
    /// The data plane.
    pub envoy: EnvoyVersion,
}

/// A release of Istio: major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IstioVersion {
    major: u16,
    minor: u16,
}

/// A release of Envoy: major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvoyVersion {
    major: u16,
    minor: u16,
}

/// How several lines of one request header are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeaderMatching {
    /// Joined with `,` and matched as one value: Envoy until 1.38.
    Joined,
    /// Each line on its own, any of them may match: Envoy since 1.39.
    Individual,
}

impl Profile {
    /// The newest pair of releases that was measured.
    pub const MEASURED: Self = Self { istio: IstioVersion::new(1, 30), envoy: EnvoyVersion::new(1, 40) };

    /// With another control plane.
    #[must_use]
    pub const fn with_istio(mut self, istio: IstioVersion) -> Self {
        self.istio = istio;
        self
    }

    /// With another data plane.
    #[must_use]
    pub const fn with_envoy(mut self, envoy: EnvoyVersion) -> Self {
        self.envoy = envoy;
        self
    }

    /// How repeated headers are matched.
    #[must_use]
    pub fn header_matching(self) -> HeaderMatching {
        if self.envoy >= EnvoyVersion::new(1, 39) {
            HeaderMatching::Individual
        } else {
            HeaderMatching::Joined
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::MEASURED
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Istio {} with Envoy {}", self.istio, self.envoy)
    }
}

macro_rules! version {
    ($name:ident) => {
        impl $name {
            /// The release of that major and minor number.
            #[must_use]
            pub const fn new(major: u16, minor: u16) -> Self {
                Self { major, minor }
            }

            /// Major number.
            #[must_use]
            pub const fn major(self) -> u16 {
                self.major
            }

            /// Minor number.
            #[must_use]
            pub const fn minor(self) -> u16 {
                self.minor
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}.{}", self.major, self.minor)
            }
        }
    };
}

version!(IstioVersion);
version!(EnvoyVersion);
