//! The bridge between Pointsman's objects and `k8s-openapi`.
//!
//! [`K8s`] makes any kind of `pointsman-api` a resource of `k8s-openapi` with the real `ObjectMeta`, so that `kube` can list and
//! watch it. [`to_k8s`] and [`from_k8s`] carry Deployments, Services and all other types of `k8s-openapi` in and out of documents.
//! There is no client here, and no Kubernetes version is chosen: that is up to the program that links this.
//!
//! ```
//! use k8s_openapi::api::apps::v1::Deployment;
//! use pointsman_k8s::{from_k8s, to_k8s};
//! use pointsman_manifest::Value;
//!
//! let document = Value::from_json(
//!     r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "reviews-v1"}, "spec": {"replicas": 3,
//!         "selector": {}, "template": {}}}"#,
//! )?;
//! let deployment: Deployment = to_k8s(&document)?;
//! assert_eq!(deployment.spec.replicas, Some(3));
//! let back = from_k8s(&deployment)?;
//! assert_eq!(back.at(&"spec.replicas".parse()?).and_then(Value::as_i64), Some(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod convert;
mod resource;

pub use convert::{NotConvertible, from_k8s, objects, to_k8s};
pub use resource::{K8s, KubeKind};
