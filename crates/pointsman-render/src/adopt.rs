//! Taking somebody's own manifests under release.

use pointsman_api::app::{ImageRef, InvalidImage};
use pointsman_rollout::Version;
use pointsman_types::{Code, Diagnostic, FieldPath};

use crate::{Located, ManifestSet, Release, RenderError};

/// A component, or a version of it, that the manifests do not have.
pub const NOT_THERE: Code = Code::from_static("PR0101");
/// Stable and canary are one version.
pub const SAME_VERSION: Code = Code::from_static("PR0102");
/// A canary that exists, and an image for it.
pub const CANARY_EXISTS: Code = Code::from_static("PR0103");
/// A canary that does not exist, and no image for it.
pub const NO_IMAGE: Code = Code::from_static("PR0104");
/// A version that gets no traffic.
pub const OTHER_VERSION: Code = Code::from_static("PR0105");
/// A version without the label that tells versions apart.
pub const NO_VERSION_LABEL: Code = Code::from_static("PR0106");
/// Two objects of one name.
pub const NAME_TWICE: Code = Code::from_static("PR0107");

/// What is to be released from somebody's own manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adoption {
    /// The namespace; objects without one count as in it.
    pub namespace: String,
    /// The component: the name of its Service.
    pub component: String,
    /// The version that has the traffic.
    pub stable: Version,
    /// The version that shall have it.
    pub canary: Version,
    /// The image of the canary, where it does not exist yet.
    pub image: Option<String>,
}

impl Adoption {
    /// In the namespace `default`, of a canary that exists.
    pub fn new(component: impl Into<String>, stable: Version, canary: Version) -> Self {
        Self { namespace: "default".into(), component: component.into(), stable, canary, image: None }
    }

    /// In that namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// With an image for a canary that does not exist yet: it is derived from the stable version.
    #[must_use]
    pub fn with_image(mut self, image: impl Into<String>) -> Self {
        self.image = Some(image.into());
        self
    }
}

impl Release {
    /// Takes manifests under release. Nothing is changed yet; the findings say what to know before it begins.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or findings: the component or its stable version is not there; stable and canary are one;
    /// the canary exists and an image is given, or neither; the image is none.
    pub fn adopt(manifests: ManifestSet, adoption: &Adoption) -> Result<(Self, Vec<Diagnostic>), AdoptError> {
        let mut findings = Vec::new();
        let mut release = Self::new(manifests, &adoption.namespace, &adoption.component);
        if adoption.stable == adoption.canary {
            let message = format!("stable and canary are both `{}`", adoption.stable);
            return Err(error(
                Diagnostic::error(SAME_VERSION, message).with_help("name two different versions"),
            ));
        }
        if let Some(finding) = name_twice(&release)? {
            return Err(error(finding));
        }
        let service = release.service()?;
        let deployments = release.deployments()?;
        if service.is_none() {
            let objects = release.manifests().objects().map_err(RenderError::from)?;
            let names: Vec<_> = objects
                .iter()
                .filter(|object| object.object_ref.kind == "Service")
                .map(|object| object.object_ref.name.clone())
                .collect();
            let message =
                format!("there is no Service `{}` in namespace `{}`", adoption.component, adoption.namespace);
            let help = if names.is_empty() {
                "the manifests have no Service at all".into()
            } else {
                format!("there are: {}", names.join(", "))
            };
            return Err(error(Diagnostic::error(NOT_THERE, message).with_help(help)));
        }
        let has = |version: &Version| deployments.iter().any(|(name, _)| name == version.as_str());
        if !has(&adoption.stable) {
            let names: Vec<_> = deployments.iter().map(|(name, _)| name.as_str()).collect();
            let message =
                format!("`{}` has no Deployment of version `{}`", adoption.component, adoption.stable);
            let help = format!("its versions are: {}", names.join(", "));
            return Err(error(Diagnostic::error(NOT_THERE, message).with_help(help)));
        }
        match (&adoption.image, has(&adoption.canary)) {
            (Some(image), true) => {
                let message = format!(
                    "version `{}` of `{}` exists, and the image `{image}` is given for it",
                    adoption.canary, adoption.component
                );
                let help =
                    "leave the image out to release the version that exists, or name a version that does not";
                return Err(error(Diagnostic::error(CANARY_EXISTS, message).with_help(help)));
            }
            (None, false) => {
                let message = format!(
                    "version `{}` of `{}` does not exist and no image is given for it",
                    adoption.canary, adoption.component
                );
                let help = "give the image it shall run";
                return Err(error(Diagnostic::error(NO_IMAGE, message).with_help(help)));
            }
            (Some(image), false) => {
                ImageRef::parse(image).map_err(|invalid| {
                    let message = match invalid {
                        InvalidImage::Empty => format!(
                            "the image of version `{}` of `{}` is empty",
                            adoption.canary, adoption.component
                        ),
                        other => other.to_string(),
                    };
                    error(
                        Diagnostic::error(NO_IMAGE, message)
                            .with_help("write an image with its tag, such as `example/reviews:1.5.0`"),
                    )
                })?;
                release = release.with_image(adoption.canary.clone(), image.as_str());
            }
            (None, true) => {}
        }
        let label = FieldPath::root().field("spec").field("template").field("metadata").field("labels");
        for (version, object) in &deployments {
            if version.is_empty() {
                let message =
                    "its pods have no label `version`, so no subset can select them: they get no traffic";
                let finding = Diagnostic::warning(NO_VERSION_LABEL, message);
                findings.push(finding.on(object.object_ref.clone()).at(label.clone()));
            } else if version != adoption.stable.as_str() && version != adoption.canary.as_str() {
                let message = format!("version `{version}` gets no traffic during and after this release");
                let finding = Diagnostic::warning(OTHER_VERSION, message).with_help(format!(
                    "traffic goes to `{}` and `{}` only",
                    adoption.stable, adoption.canary
                ));
                findings.push(finding.on(object.object_ref.clone()).at(label.clone().field("version")));
            }
        }
        Diagnostic::sort(&mut findings);
        Ok((release, findings))
    }
}

/// The first object of a kind that matters here that stands twice.
fn name_twice(release: &Release) -> Result<Option<Diagnostic>, RenderError> {
    let mut seen: Vec<Located> = Vec::new();
    for object in release.manifests().objects()? {
        let kind = object.object_ref.kind.as_str();
        if !matches!(kind, "Service" | "Deployment" | "VirtualService" | "DestinationRule") {
            continue;
        }
        let namespace = |object: &Located| match object.object_ref.namespace.as_str() {
            "" => release.namespace().to_owned(),
            namespace => namespace.to_owned(),
        };
        let same = |other: &&Located| {
            other.object_ref.kind == kind
                && other.object_ref.name == object.object_ref.name
                && namespace(other) == namespace(&object)
        };
        if let Some(other) = seen.iter().find(same) {
            let name = &object.object_ref.name;
            let message =
                format!("there are two of the name `{name}`: in {} and in {}", other.file, object.file);
            let finding = Diagnostic::error(NAME_TWICE, message)
                .with_help("give one of them another name, or leave it out");
            let path = FieldPath::root().field("metadata").field("name");
            return Ok(Some(finding.on(object.object_ref.clone()).at(path)));
        }
        seen.push(object);
    }
    Ok(None)
}

fn error(finding: Diagnostic) -> AdoptError {
    AdoptError::Finding(Box::new(finding))
}

/// Why manifests cannot be taken under release.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// A file cannot be read, or an object not be found.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// What is asked for does not fit the manifests.
    #[error("{0}")]
    Finding(Box<Diagnostic>),
}
