//! Which API a VirtualService was written in.

use pointsman_api::ObjectMeta;

/// Which API a VirtualService was written in, before it became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Semantics {
    /// As a VirtualService.
    #[default]
    VirtualService,
    /// As an Ingress.
    Ingress,
    /// As an HTTPRoute of the Gateway API.
    Gateway,
}

impl Semantics {
    /// As the annotation `internal.istio.io/route-semantics` says.
    #[must_use]
    pub fn of(metadata: &ObjectMeta) -> Self {
        match metadata.annotations.get("internal.istio.io/route-semantics").map(String::as_str) {
            Some("ingress") => Self::Ingress,
            Some("gateway") => Self::Gateway,
            _ => Self::VirtualService,
        }
    }

    /// Whether a prefix ends at a path segment.
    #[must_use]
    pub const fn has_segment_prefixes(self) -> bool {
        !matches!(self, Self::VirtualService)
    }
}
