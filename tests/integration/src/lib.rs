//! What the tests of the workspace as a whole share: where it is, which crates it publishes, what they contain.

#![forbid(unsafe_code)]

mod arrows;
mod sources;
mod workspace;

pub use arrows::{Arrows, MissingTable};
pub use sources::{Source, library_sources, without_comments};
pub use workspace::{Dependency, Package, library_crates, resolved_dependencies, root};
