//! The compiled table.

use std::sync::Arc;

use pointsman_types::Diagnostic;

use crate::ir::TableConfig;

/// Where requests go: compiled once, asked often.
///
/// Shape: cheap to clone (one reference count), `Send + Sync`.
#[derive(Debug, Clone)]
pub struct RoutingTable {
    config: Arc<TableConfig>,
}

impl RoutingTable {
    /// Compiles a configuration. What cannot work (a bad regular expression, a domain that stands twice) is a finding,
    /// and the rest works.
    #[must_use]
    pub fn build(config: TableConfig) -> (Self, Vec<Diagnostic>) {
        (Self { config: Arc::new(config) }, Vec::new())
    }

    /// What it was built from.
    #[must_use]
    pub fn config(&self) -> &TableConfig {
        &self.config
    }
}
