//! What a proxy does over time, one pure machine each.
//!
//! This crate holds the parts of a data plane that can be computed without one: which endpoint a hash falls on, which
//! destination a random number chooses. Every machine is a plain value: no clock, no dice, no sockets. It does not know
//! routes or requests (that is `pointsman-route`).
//!
//! ```text
//!   keys and weights ──► Ring / Maglev ──► pick(hash, attempt) ──► position of the host
//!   weights ───────────► WeightedPick ───► pick(draw) ──────────► position of the destination
//! ```
//!
//! The tables equal Envoy's bit for bit: the same hosts in the same order give the same choice for the same number.
//!
//! ```
//! use pointsman_policy::{HashHost, Maglev, Ring, RingOptions, WeightedPick, hash};
//!
//! let hosts = [HashHost::new("10.0.0.1:80", 1), HashHost::new("10.0.0.2:80", 1)];
//! let ring = Ring::build(&hosts, RingOptions::default());
//! let maglev = Maglev::build(&hosts, Maglev::DEFAULT_SIZE);
//! let key = hash::xx_hash64(b"jason");
//! assert!(ring.pick(key, 0).is_some() && maglev.pick(key, 0).is_some());
//!
//! // 80 to the first, 20 to the second: Envoy's rule is `draw % sum`.
//! let pick = WeightedPick::new([80, 20]);
//! assert_eq!((pick.pick(79), pick.pick(80)), (Some(0), Some(1)));
//! ```

#![forbid(unsafe_code)]

pub mod hash;
mod maglev;
mod priority;
pub mod quota;
mod ring;
mod weighted_pick;

pub use maglev::Maglev;
pub use priority::{PriorityLoad, PriorityLoads};
pub use ring::{HashHost, Ring, RingOptions};
pub use weighted_pick::WeightedPick;
