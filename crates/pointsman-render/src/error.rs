//! Why manifests cannot be changed as asked.

use pointsman_manifest::ParseError;
use pointsman_types::ObjectRef;

/// Why an effect cannot be rendered. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A file cannot be read.
    #[error(transparent)]
    Parse(Box<ParseError>),
    /// A place in a file cannot be changed safely.
    #[error("{file}: {message}")]
    Edit {
        /// The file.
        file: String,
        /// Why.
        message: String,
    },
    /// There is nothing to make a version from.
    #[error("there is no Deployment of version `{version}` of `{component}` to derive from")]
    NoSuchVersion {
        /// The component.
        component: String,
        /// The version.
        version: String,
    },
    /// A version is to be made, and nobody said which image it runs.
    #[error("version `{version}` of `{component}` does not exist and no image is given for it")]
    NoImage {
        /// The component.
        component: String,
        /// The version.
        version: String,
    },
    /// A subset of the name exists and selects something else.
    #[error("{object}: subset `{subset}` exists and does not select version `{version}`")]
    SubsetTaken {
        /// The DestinationRule.
        object: Box<ObjectRef>,
        /// The subset.
        subset: String,
        /// The version.
        version: String,
    },
    /// Users cannot be marked, since somebody else uses the header.
    #[error("{object}: `{path}` has `{header}` already, so users who stay cannot be marked by it")]
    MarkTaken {
        /// The VirtualService.
        object: Box<ObjectRef>,
        /// Where.
        path: String,
        /// The header, as it is written there.
        header: String,
    },
    /// A route still names what is to go.
    #[error("{object}: `{path}` still names subset `{subset}`")]
    StillReferenced {
        /// The VirtualService.
        object: Box<ObjectRef>,
        /// Where.
        path: String,
        /// The subset.
        subset: String,
    },
}

impl From<ParseError> for RenderError {
    fn from(error: ParseError) -> Self {
        Self::Parse(Box::new(error))
    }
}
