//! What holds for a whole mesh: its configuration and its networks.

pub(crate) mod config;
pub(crate) mod networks;
pub(crate) mod provider;
pub(crate) mod proxy;
