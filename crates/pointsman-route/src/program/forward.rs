//! What is prepared of sending a request on.

use pointsman_policy::WeightedPick;

use crate::ir::{DestinationChoice, Forward, HashPolicy, HashSource, HostRewrite, PathRewrite, RegexRewrite};
use crate::pattern::Replacement;

use super::{Findings, NO_WEIGHT};

#[derive(Debug, Clone)]
pub(crate) struct ForwardProgram {
    pub(crate) pick: WeightedPick,
    pub(crate) path: PathRewriteProgram,
    pub(crate) host: HostRewriteProgram,
    pub(crate) hash: Box<[HashProgram]>,
}

#[derive(Debug, Clone)]
pub(crate) enum PathRewriteProgram {
    None,
    Prefix,
    Regex(Box<Replacement>),
}

#[derive(Debug, Clone)]
pub(crate) enum HostRewriteProgram {
    /// As the configuration says.
    Plain,
    PathRegex(Box<Replacement>),
}

/// A hash policy: only the replacement of header values needs preparing.
#[derive(Debug, Clone)]
pub(crate) struct HashProgram {
    pub(crate) policy: HashPolicy,
    pub(crate) rewrite: Option<Box<Replacement>>,
}

impl ForwardProgram {
    pub(super) fn new(forward: &Forward, findings: &mut Findings) -> Self {
        let pick = match &forward.destination {
            DestinationChoice::Weighted { destinations, .. } => {
                let pick = WeightedPick::new(destinations.iter().map(|one| one.weight));
                if pick.total() == 0 {
                    findings.error(NO_WEIGHT, "the weights of the destinations add up to 0");
                }
                pick
            }
            _ => WeightedPick::default(),
        };
        let replacement =
            |rewrite: &RegexRewrite, findings: &mut Findings| findings.keep(Replacement::new(rewrite));
        let path = match &forward.path_rewrite {
            PathRewrite::Prefix(_) => PathRewriteProgram::Prefix,
            PathRewrite::Regex(rewrite) => replacement(rewrite, findings)
                .map_or(PathRewriteProgram::None, |rewrite| PathRewriteProgram::Regex(Box::new(rewrite))),
            PathRewrite::None => PathRewriteProgram::None,
        };
        let host = match &forward.host_rewrite {
            HostRewrite::PathRegex(rewrite) => replacement(rewrite, findings)
                .map_or(HostRewriteProgram::Plain, |rewrite| {
                    HostRewriteProgram::PathRegex(Box::new(rewrite))
                }),
            _ => HostRewriteProgram::Plain,
        };
        Self { pick, path, host, hash: HashProgram::all(&forward.hash, findings) }
    }
}

impl HashProgram {
    pub(super) fn all(policies: &[HashPolicy], findings: &mut Findings) -> Box<[Self]> {
        policies.iter().map(|policy| Self::new(policy, findings)).collect()
    }

    fn new(policy: &HashPolicy, findings: &mut Findings) -> Self {
        let rewrite = match &policy.source {
            HashSource::Header { rewrite: Some(rewrite), .. } => {
                findings.keep(Replacement::new(rewrite)).map(Box::new)
            }
            _ => None,
        };
        Self { policy: policy.clone(), rewrite }
    }
}
