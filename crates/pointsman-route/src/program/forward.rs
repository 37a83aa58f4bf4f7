//! What is prepared of sending a request on.

use pointsman_policy::WeightedPick;

use crate::ir::{DestinationChoice, Forward, HashPolicy, HashSource, HostRewrite, PathRewrite};
use crate::pattern::Replacement;

use super::Build;
use super::action::pick_of;

#[derive(Debug, Clone)]
pub(crate) struct ForwardProgram {
    pub(crate) pick: WeightedPick,
    /// Of the path.
    pub(crate) path: Option<Box<Replacement>>,
    /// Of the path, giving the host.
    pub(crate) host: Option<Box<Replacement>>,
    pub(crate) hash: Box<[HashProgram]>,
}

/// A hash policy: only the replacement of header values needs preparing.
#[derive(Debug, Clone)]
pub(crate) struct HashProgram {
    pub(crate) policy: HashPolicy,
    pub(crate) rewrite: Option<Box<Replacement>>,
}

impl ForwardProgram {
    pub(super) fn new(forward: &Forward, build: &mut Build) -> Self {
        let pick = match &forward.destination {
            DestinationChoice::Weighted { destinations, .. } => pick_of(destinations, build),
            _ => WeightedPick::default(),
        };
        let path = match &forward.path_rewrite {
            PathRewrite::Regex(rewrite) => build.replacement(rewrite).map(Box::new),
            _ => None,
        };
        let host = match &forward.host_rewrite {
            HostRewrite::PathRegex(rewrite) => build.replacement(rewrite).map(Box::new),
            _ => None,
        };
        Self { pick, path, host, hash: HashProgram::all(&forward.hash, build) }
    }
}

impl HashProgram {
    pub(super) fn all(policies: &[HashPolicy], build: &mut Build) -> Box<[Self]> {
        policies.iter().map(|policy| Self::new(policy, build)).collect()
    }

    fn new(policy: &HashPolicy, build: &mut Build) -> Self {
        let rewrite = match &policy.source {
            HashSource::Header { rewrite: Some(rewrite), .. } => build.replacement(rewrite).map(Box::new),
            _ => None,
        };
        Self { policy: policy.clone(), rewrite }
    }
}
