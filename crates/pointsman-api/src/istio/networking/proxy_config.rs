//! Settings of proxies.

use std::collections::BTreeMap;

use crate::istio::WorkloadSelector;
use crate::macros::message;

message! {
    /// Settings of proxies.
    ProxyConfig {
        /// The workloads for which it counts; none: all of the namespace.
        selector / with_selector: Option<WorkloadSelector> = "selector",
        /// Worker threads; 0: as many as cores.
        concurrency / with_concurrency: Option<i32> = "concurrency",
        /// Environment.
        environment_variables / with_environment_variables: BTreeMap<String, String> = "environmentVariables",
        /// Image.
        image / with_image: Option<ProxyImage> = "image",
    }
}

message! {
    /// The image of a proxy.
    ProxyImage {
        /// `default`, `debug`, `distroless`.
        image_type / with_image_type: String = "imageType",
    }
}
