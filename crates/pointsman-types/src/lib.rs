//! The words that every Pointsman crate speaks.
//!
//! This crate holds the *vocabulary* of traffic management as small checked values: which host, which port, what
//! weight, what share, which label, how long, when, where in a document, and what is wrong there. It holds no wire format
//! of any Kubernetes kind (that is `pointsman-api`) and no behaviour of a proxy (that is `pointsman-policy`).
//!
//! Every type has one family of constructors: `new` / `TryFrom` / `FromStr` check, `from_static` is for literals (it
//! panics on a bad one), `as_str` and `Display` give the value back, and serde goes through the same check.
//!
//! ```
//! use pointsman_types::{Draws, Host, Split, Weight};
//!
//! let host: Host = "*.example.com".parse()?;
//! assert!(host.matches("shop.example.com"));
//!
//! // Twenty percent to v2. Shares are exact: the same draw makes the same choice as in Envoy.
//! let split = Split::new([("v1", Weight::new(80)), ("v2", Weight::new(20))])?;
//! assert_eq!(split.pick(79), "v1");
//! assert_eq!(split.pick(80), "v2");
//! assert_eq!(Draws::from_seed(7), Draws::from_seed(7));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod diagnostic;
mod draws;
pub mod duration;
mod field_path;
pub mod host;
mod int_or_string;
mod labels;
mod object_ref;
mod percent;
mod port;
mod profile;
mod serde_str;
mod split;
#[cfg(feature = "proptest")]
pub mod strategies;
mod subset_name;
pub mod suggest;
mod time;
mod weight;

pub use diagnostic::{Code, Diagnostic, Related, Severity, Span};
pub use draws::{Draws, SplitMix64};
pub use field_path::{FieldPath, InvalidFieldPath, Segment};
pub use host::{Host, InvalidHost};
pub use int_or_string::{IntOrString, InvalidIntOrString, Rounding};
pub use labels::{InvalidLabel, Labels, Requirement, Selector};
pub use object_ref::ObjectRef;
pub use percent::{InvalidPercent, Percent};
pub use port::{InvalidPort, Port};
pub use profile::{EnvoyVersion, HeaderMatching, IstioVersion, Profile};
pub use split::{InvalidSplit, Split};
pub use subset_name::{InvalidSubsetName, SubsetName};
pub use time::{InvalidTime, Time};
pub use weight::Weight;
