//! The application model: an application of components, each in one or more versions.
//!
//! This is Pointsman's own input format, the way teams speak of their services before there are manifests;
//! `pointsman-render` makes the manifests from it. In documents: `kind: Application` of `pointsman.dev/v1`.
//!
//! ```
//! use pointsman_api::app::{Application, Component, ExternalAccess};
//!
//! let application = Application::new()
//!     .with_name("bookinfo")
//!     .with_namespace("default")
//!     .with_components(vec![Component::http("productpage", 9080).with_version("v1", "example/productpage:1.5.0")])
//!     .with_external_access(ExternalAccess::new().with_component("productpage").with_port(80_u32));
//! assert!(application.check().is_empty());
//! ```

mod check;
mod component;
mod image;
mod traffic;

pub use check::{BAD_NAME, BAD_NUMBER, BAD_PORT, EMPTY_IMAGE, NAME_TWICE, NOTHING_THERE, UNKNOWN_COMPONENT};
pub use component::*;
pub use image::{ImageRef, ImageTag, InvalidImage, newest_tag};
pub use traffic::*;

use crate::macros::message;
use crate::object::Kind;

message! {
    /// A group of services that are released and reached together.
    Application {
        /// Name, a DNS label.
        name / with_name: String = "name",
        /// The cluster it runs in, as its label says; may be empty.
        cluster / with_cluster: String = "cluster",
        /// Namespace, a DNS label; empty means `default`.
        namespace / with_namespace: String = "namespace",
        /// Its services; names are unique.
        components / with_components: Vec<Component> = "components",
        /// How it is reached from outside; none: it is not.
        external_access / with_external_access: Option<ExternalAccess> = "externalAccess",
    }
}

impl Kind for Application {
    const GROUP: &'static str = "pointsman.dev";
    const VERSIONS: &'static [&'static str] = &["v1"];
    const KIND: &'static str = "Application";
}

message! {
    /// How an application is reached from outside: by a gateway that sends everything to one component.
    ExternalAccess {
        /// The component; it must exist.
        component / with_component: String = "component",
        /// The port of the gateway; 0 means 80.
        port / with_port: u32 = "port",
        /// Host names; empty means any.
        hosts / with_hosts: Vec<String> = "hosts",
        /// Labels of the gateway workload; empty means `istio: ingressgateway`.
        gateway_selector / with_gateway_selector: std::collections::BTreeMap<String, String> = "gatewaySelector",
    }
}

impl Application {
    /// The namespace, `default` where none is said.
    #[must_use]
    pub fn namespace_or_default(&self) -> &str {
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }

    /// The component of that name.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The component of that name, to be changed.
    pub fn component_mut(&mut self, name: &str) -> Option<&mut Component> {
        self.components.iter_mut().find(|component| component.name == name)
    }
}
