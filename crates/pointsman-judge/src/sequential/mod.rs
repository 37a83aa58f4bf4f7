//! Judges that stay valid however often one looks.
//!
//! A usual test is made for one look. A release looks every tick and stops when it likes, and then a 5 % test cries wolf
//! in a third of all good releases. These judges may be looked at after every request: their promise is about the whole
//! judgement. They count requests instead of averaging rates, so quiet minutes weigh little and busy ones much.
//!
//! | judge | against | `Fail` when shown | `Pass` when shown |
//! |---|---|---|---|
//! | [`Comparison`] | baseline, any traffic share | rate above the baseline's | rate below `1 + margin` times |
//! | [`Difference`] | baseline, steady rates | share more than a margin above | share less than a margin above |
//! | [`Latency`] | baseline, any traffic share | slower at some bound | within the margin at all bounds |
//! | [`Objective`] | a share | above it | below it |
//! | [`Sprt`] | a good and a bad share | rather the bad one | rather the good one |
//! | [`ExpectedLoss`] | baseline; **not** safe to look at often | most likely worse | expected loss is small |
//!
//! [`holm`], [`mean_e_value`] and [`judge_together`] put several metrics together.
//!
//! Simulated by the test `always_valid`: 200 requests a tick, canary shares of 5, 10, 20 and 50 % for 20 ticks each, a look
//! at every tick, a risk of 5 %, 2,000 runs with fixed seeds (in brackets the 95 % interval):
//!
//! | | `Comparison` | z test, looked at as often |
//! |---|---|---|
//! | equal errors of 2 %: wrongly failed | 1.95 % (1.43 to 2.65) | 39.60 % (37.48 to 41.76) |
//! | equal errors of 20 %: wrongly failed | 0.75 % (0.46 to 1.23) | 40.80 % (38.67 to 42.97) |
//! | 6 % against 2 %: found | 100 % (99.81 to 100), half of them by tick 16 | |
//! | equal errors of 2 %: passed early (margin: less than doubled) | 97.65 % (96.89 to 98.23), half of these by tick 38 | |
//!
//! The words: an *e-value* is what a bet against "all is well" has grown to; above 20 it is evidence at 5 %. A sum of
//! bets made one after another is an e-value at any time one looks.

mod comparison;
mod difference;
mod expected_loss;
mod grid;
mod hits;
mod latency;
mod objective;
mod risk;
mod sprt;
mod together;

pub use comparison::{Comparison, ComparisonReport, ComparisonState};
pub use difference::{Difference, DifferenceState, Interval, share_interval};
pub use expected_loss::{Belief, ExpectedLoss, ExpectedLossState, belief};
pub use grid::Mixture;
pub use hits::{Counts, Hits};
pub use latency::{Latency, LatencyState};
pub use objective::{InvalidShare, Objective, ObjectiveState};
pub use risk::{InvalidRisk, Risk};
pub use sprt::{InvalidSprt, Sprt, SprtState};
pub use together::{e_benjamini_hochberg, holm, judge_together, mean_e_value};
