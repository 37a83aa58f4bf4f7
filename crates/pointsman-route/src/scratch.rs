//! Memory that selection uses again and again.

/// Memory that [`RoutingTable::select`](crate::RoutingTable::select) uses again, so that it need not allocate.
///
/// Shape: one for each thread or task; it remembers nothing that changes an answer.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) spare: Vec<u8>,
}

impl Scratch {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
