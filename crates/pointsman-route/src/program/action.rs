//! What is prepared of a route's action.

use pointsman_policy::WeightedPick;

use crate::ir::{
    Action, DestinationChoice, Forward, HostRewrite, PathRewrite, Redirect, RedirectPath, WeightedDestination,
};
use crate::pattern::Replacement;

use super::cluster_names::Gathering;
use super::{Build, ForwardProgram, INCOMPLETE_ROUTE, NO_WEIGHT};

/// What a decision needs of an action: small, as it stands beside thousands of others and most have nothing special.
#[derive(Debug, Clone)]
pub(crate) enum ActionProgram {
    /// Answered: there is nothing to choose.
    Plain,
    /// Sent on to the cluster of that list of names.
    Cluster { names: u32 },
    /// Sent on to one of several clusters by the number of the request.
    Weighted { names: u32, pick: WeightedPick },
    /// Sent on in a way that has to be prepared.
    Forward(Box<ForwardProgram>),
    /// Sent elsewhere by an expression.
    Redirect(Box<Replacement>),
    /// Not known.
    None,
}

impl ActionProgram {
    pub(super) fn new(action: &Action, names: &mut Gathering, build: &mut Build) -> Self {
        match action {
            Action::Forward(forward) => Self::of_forward(forward, names, build),
            Action::Redirect(redirect) => Self::of_redirect(redirect, build),
            Action::DirectResponse(_) => Self::Plain,
            Action::None => {
                build.error(INCOMPLETE_ROUTE, "a route has no action");
                Self::None
            }
        }
    }

    fn of_forward(forward: &Forward, names: &mut Gathering, build: &mut Build) -> Self {
        match &forward.destination {
            _ if is_special(forward) => Self::Forward(Box::new(ForwardProgram::new(forward, build))),
            DestinationChoice::Cluster(cluster) => {
                Self::Cluster { names: names.add([cluster.as_str()], build) }
            }
            DestinationChoice::Weighted { destinations, .. } => Self::Weighted {
                pick: pick_of(destinations, build),
                names: names.add(destinations.iter().map(|one| one.cluster.as_str()), build),
            },
            DestinationChoice::ClusterHeader(_) => Self::Plain,
        }
    }

    fn of_redirect(redirect: &Redirect, build: &mut Build) -> Self {
        match &redirect.path {
            RedirectPath::Regex(rewrite) => {
                build.replacement(rewrite).map_or(Self::Plain, |made| Self::Redirect(Box::new(made)))
            }
            _ => Self::Plain,
        }
    }

    /// What is prepared beside the weights of the destinations.
    pub(crate) fn forward(&self) -> Option<&ForwardProgram> {
        match self {
            Self::Forward(forward) => Some(forward),
            _ => None,
        }
    }

    /// Whether the destinations of the route have no weight at all.
    pub(crate) fn is_without_weight(&self, forward: &Forward) -> bool {
        let pick = match self {
            Self::Weighted { pick, .. } => pick,
            Self::Forward(prepared) => &prepared.pick,
            _ => return false,
        };
        pick.total() == 0 && matches!(forward.destination, DestinationChoice::Weighted { .. })
    }
}

pub(super) fn pick_of(destinations: &[WeightedDestination], build: &mut Build) -> WeightedPick {
    let pick = WeightedPick::new(destinations.iter().map(|one| one.weight));
    if pick.total() == 0 {
        build.error(NO_WEIGHT, "the weights of the destinations add up to 0");
    }
    pick
}

/// Whether more than the number of the request decides, or an expression rewrites.
fn is_special(forward: &Forward) -> bool {
    let chosen_by_more = match &forward.destination {
        DestinationChoice::Cluster(_) => false,
        DestinationChoice::ClusterHeader(_) => true,
        DestinationChoice::Weighted { destinations, random_header, use_hash_policy } => {
            let by_header = |one: &WeightedDestination| one.cluster_header.is_some();
            random_header.is_some() || *use_hash_policy || destinations.iter().any(by_header)
        }
    };
    chosen_by_more
        || matches!(forward.path_rewrite, PathRewrite::Regex(_))
        || matches!(forward.host_rewrite, HostRewrite::PathRegex(_))
        || !forward.hash.is_empty()
}
