//! The traffic-management API as typed views of documents.
//!
//! Each kind of Istio that moves traffic, and the few of Kubernetes that matter for it, is one Rust type with the exact JSON form
//! of the API: one-of groups are enums, wrapped scalars are options, durations and enumerations have their texts. Reading
//! answers a typed view *and* all that is wrong, with paths: wrong types, unknown fields, two members of a group.
//!
//! This crate does not judge what a document means (that is `pointsman-validate`) and does not own documents (that is
//! `pointsman-manifest`): fields that the API does not know stay in the document and are not in the view.
//!
//! ```
//! use pointsman_api::{Object, istio::networking::*};
//!
//! let route = HTTPRoute::new().with_route(vec![
//!     HTTPRouteDestination::new().with_destination(Destination::new().with_host("reviews").with_subset("v1")).with_weight(80),
//!     HTTPRouteDestination::new().with_destination(Destination::new().with_host("reviews").with_subset("v2")).with_weight(20),
//! ]);
//! let service = VirtualService::new().with_hosts(vec!["reviews".to_owned()]).with_http(vec![route]);
//! let object = Object::new("default", "reviews", service);
//! let written = object.to_value();
//! assert_eq!(written.get("apiVersion").and_then(|v| v.as_str()), Some("networking.istio.io/v1"));
//! let read = Object::<VirtualService>::from_value(&written);
//! assert!(read.findings.is_empty());
//! assert_eq!(read.value, object);
//! ```

#![forbid(unsafe_code)]

pub mod app;
mod apply;
pub mod core;
pub mod decode;
pub mod field;
pub mod istio;
mod macros;
mod message;
mod object;
mod resource;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;

pub use decode::{Decoded, Decoder};
pub use object::{Kind, Object, ObjectMeta, api_version, group_and_version, object_ref_of};
pub use resource::{Resource, UNKNOWN_VERSION};
