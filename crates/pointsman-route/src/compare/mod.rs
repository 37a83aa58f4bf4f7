//! Questions about whole tables: what changes between two, and which routes can be reached at all.

mod candidates;
mod classes;
mod conditions;
mod connections;
mod cover;
mod diff;
mod grid;
mod reachable;
mod sample;
mod side;
mod space;
mod walk;
mod witness;

pub use connections::{ConnectionChange, ConnectionSide, ConnectionWitness};
pub use diff::{ChangeKind, RouteChange, TableDiff, Undecided};
pub use reachable::{Reachability, RouteReach, reachable};
pub use side::Side;
pub use witness::Witness;
