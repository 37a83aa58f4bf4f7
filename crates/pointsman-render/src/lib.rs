//! Applications, splits and effects to manifests.
//!
//! [`application`] makes all manifests of an application model. A [`Release`] holds the manifests of one component while it is
//! released, whoever wrote them, and turns the effects of a rollout into edits of these files: a change of a weight changes that weight in the
//! text and nothing else. What it says of each effect is a [`Stage`]: the changes, why they stand in this place, and what must
//! hold before. Nothing is read or written here: a [`ManifestSet`] is text by path, and the caller owns the disk.
//!
//! ```text
//!  app::Application ──► application ──► ManifestSet ──► Release ──► ManifestSet
//!                       somebody's own files ──► adopt ──┘  ▲           + Stages (what before what, why)
//!                                            rollout::Effect┘
//! ```
//!
//! ```
//! use pointsman_api::app::{Application, Component};
//! use pointsman_render::{Release, application};
//! use pointsman_rollout::{Effect, Version};
//!
//! let model = Application::new()
//!     .with_name("bookinfo")
//!     .with_components(vec![Component::http("reviews", 9080).with_version("v1", "example/reviews:1.5.0")]);
//! let manifests = application(&model).expect("the model is sound");
//! let v2 = Version::new("v2")?;
//! let mut release = Release::new(manifests, "default", "reviews").with_image(v2.clone(), "example/reviews:1.5.0-v2");
//! let inherits = Some(Version::new("v1")?);
//! let stages = release.carry_out(&[Effect::EnsureVersion { version: v2, inherits }])?;
//! assert_eq!(
//!     stages[0].changes[0].to_string(),
//!     "create Deployment default/reviews-v2 (reviews/deployment-v2.yaml)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod adopt;
mod application;
mod derive;
mod edit;
mod error;
mod managed;
mod manifest_set;
mod pins;
mod release;
pub mod roles;
mod split;
mod stage;
mod traffic;
mod workloads;

pub use adopt::{
    AdoptError, Adoption, CANARY_EXISTS, NAME_TWICE, NO_IMAGE, NO_VERSION_LABEL, NOT_THERE, OTHER_VERSION,
    SAME_VERSION,
};
pub use application::application;
pub use derive::derive_version;
pub use error::RenderError;
pub use manifest_set::{Located, ManifestSet};
pub use release::Release;
pub use stage::{Action, ApplyStage, Change, Stage, stages_of};
