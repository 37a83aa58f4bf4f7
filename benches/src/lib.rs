//! How Pointsman is measured: ours and an independent baseline, interleaved in one run, so that the machine's moods hit
//! both; what counts is the ratio. Numbers for a table of the README come from `cargo bench`.
//!
//! ```no_run
//! use pointsman_benches::ratio;
//! let numbers: Vec<u64> = (0..1_000).collect();
//! let ratio = ratio::measure("look up the last", |i| numbers.binary_search(&(i % 1_000)), |i| {
//!     numbers.iter().position(|number| *number == i % 1_000)
//! });
//! println!("{ratio}");
//! ```

#![forbid(unsafe_code)]
#![allow(clippy::indexing_slicing, reason = "positions are taken modulo the length")]

pub mod gate;
pub mod options;
pub mod ratio;
pub mod tables;
pub mod traffic;
