//! What is to be done in the cluster.

use pointsman_types::{Split, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{ManagedRoute, Pins, Version};

/// One thing to do, or to wait for.
///
/// Effects are *declarative* (they name the end, not the difference), *idempotent* (doing one twice is doing it once) and
/// *ordered*: an effect is done only after all before it, and only while its [preconditions](Effect::requires) hold. A
/// list ends with at most one `Await…`: stop there, report what is seen as an [`Event`](crate::Event), and carry out the
/// list that comes back instead. The newest list replaces all older ones; after a crash
/// [`effects`](crate::effects) gives it again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Effect {
    /// The workload of a version exists.
    EnsureVersion {
        /// Which.
        version: Version,
        /// From which version it inherits what is not said otherwise.
        inherits: Option<Version>,
    },
    /// The workload of a version asks for so many pods.
    Scale {
        /// Which.
        version: Version,
        /// How many.
        replicas: u32,
    },
    /// The workload of a version asks for no pods, whether or not a route still sends requests to it: nobody wants any of the component.
    ///
    /// The only effect that takes pods from under a route; [`Scale`](Self::Scale) to 0 requires that there is no traffic.
    ScaleToZero {
        /// Which.
        version: Version,
    },
    /// Wait until so many pods are ready.
    AwaitReady {
        /// Of which version.
        version: Version,
        /// How many at least.
        at_least: u32,
    },
    /// Routes can name the version.
    EnsureSubset {
        /// Which.
        version: Version,
    },
    /// The route shares its traffic so.
    SetSplit {
        /// Counts the changes of one rollout, from 1.
        change: u64,
        /// The shares by version name.
        split: Split,
        /// Which users stay where they are, written in one change with the shares; `None` where the plan knows none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pins: Option<Pins>,
    },
    /// These and no other managed routes stand before the split.
    SetRoutes {
        /// Belongs to the split of this number.
        change: u64,
        /// To which version they point; `None` exactly when there are no routes.
        to: Option<Version>,
        /// The routes, the first has precedence.
        routes: Vec<ManagedRoute>,
    },
    /// Wait until every proxy has the split.
    AwaitPropagation {
        /// The number of the split.
        change: u64,
        /// How long to hold after it was written; `None`: until it is observed.
        hold: Option<TimeDelta>,
    },
    /// Begin to measure.
    StartAnalysis {
        /// Counts the runs of one rollout, from 1.
        run: u64,
        /// What.
        templates: Vec<String>,
        /// The version that is judged.
        canary: Version,
        /// The version it is compared with.
        stable: Version,
    },
    /// Stop a run, and report it finished.
    StopAnalysis {
        /// Its number.
        run: u64,
    },
    /// Make the pods of a version anew, and report it [restarted](crate::Event::Restarted) when none is older than this was asked for and
    /// all are ready. Another version follows only then.
    RestartPods {
        /// Counts the restarts of one rollout, from 1.
        restart: u64,
        /// Of which version.
        version: Version,
        /// How many of them may be missing at a time. With 0 a new pod comes before an old one goes.
        at_most: u32,
    },
    /// No route can name the version any more.
    RemoveSubset {
        /// Which.
        version: Version,
    },
    /// The workload of a version is gone.
    RemoveVersion {
        /// Which.
        version: Version,
    },
    /// Wait until nothing is left of a version.
    AwaitGone {
        /// Which.
        version: Version,
    },
}

/// What must hold in the cluster at the moment an effect is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Condition {
    /// At least so many pods are ready.
    Ready {
        /// Of which version.
        version: Version,
        /// How many at least.
        at_least: u32,
    },
    /// Routes can name the version.
    SubsetExists {
        /// Which.
        version: Version,
    },
    /// No route gives the version a weight above 0, at any proxy.
    WithoutTraffic {
        /// Which.
        version: Version,
    },
    /// No route names the version, not even with weight 0.
    Unreferenced {
        /// Which.
        version: Version,
    },
}

impl Effect {
    /// What must hold in the cluster at the moment this effect is carried out. If it does not, stop and report what is
    /// seen.
    #[must_use]
    pub fn requires(&self) -> Vec<Condition> {
        match self {
            Self::SetSplit { split, .. } => split_requires(split),
            Self::SetRoutes { to: Some(version), .. } => vec![
                Condition::SubsetExists { version: version.clone() },
                Condition::Ready { version: version.clone(), at_least: 1 },
            ],
            Self::Scale { version, replicas: 0 } => {
                vec![Condition::WithoutTraffic { version: version.clone() }]
            }
            Self::RemoveSubset { version } | Self::RemoveVersion { version } => {
                vec![Condition::Unreferenced { version: version.clone() }]
            }
            _ => Vec::new(),
        }
    }

    /// Whether this is a wait and not a deed.
    #[must_use]
    pub const fn is_wait(&self) -> bool {
        matches!(self, Self::AwaitReady { .. } | Self::AwaitPropagation { .. } | Self::AwaitGone { .. })
    }
}

fn split_requires(split: &Split) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (name, weight) in split.iter() {
        // Names of a split that a rollout makes are versions; others would have no condition that can be said.
        let Ok(version) = Version::new(name) else { continue };
        conditions.push(Condition::SubsetExists { version: version.clone() });
        if !weight.is_zero() {
            conditions.push(Condition::Ready { version, at_least: 1 });
        }
    }
    conditions
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EnsureVersion { version, inherits: Some(from) } => {
                write!(f, "create {version}, as {from} where nothing else is said")
            }
            Self::EnsureVersion { version, inherits: None } => write!(f, "create {version}"),
            Self::Scale { version, replicas } => write!(f, "scale {version} to {replicas}"),
            Self::ScaleToZero { version } => write!(f, "scale {version} to zero, as no pods are wanted"),
            Self::AwaitReady { version, at_least } => {
                write!(f, "wait until {at_least} pods of {version} are ready")
            }
            Self::EnsureSubset { version } => write!(f, "let routes name {version}"),
            Self::SetSplit { split, pins: Some(pins), .. } if pins.is_on() => {
                write!(f, "share the traffic {split}, users stay by `{}`", pins.sticky.name)
            }
            Self::SetSplit { split, .. } => write!(f, "share the traffic {split}"),
            Self::SetRoutes { routes, to: Some(version), .. } => write_routes(f, routes, version),
            Self::SetRoutes { to: None, .. } => f.write_str("take the managed routes away"),
            Self::AwaitPropagation { hold: Some(hold), .. } => {
                write!(f, "wait {hold} until every proxy has it")
            }
            Self::AwaitPropagation { hold: None, .. } => f.write_str("wait until every proxy has it"),
            Self::StartAnalysis { run, templates, canary, .. } => {
                write!(f, "start analysis {run} of {canary}: {}", templates.join(", "))
            }
            Self::StopAnalysis { run } => write!(f, "stop analysis {run}"),
            Self::RestartPods { version, at_most: 0, .. } => {
                write!(f, "make the pods of {version} anew, a new one before an old one goes")
            }
            Self::RestartPods { version, at_most, .. } => {
                write!(f, "make the pods of {version} anew, {at_most} at a time")
            }
            Self::RemoveSubset { version } => write!(f, "let no route name {version}"),
            Self::RemoveVersion { version } => write!(f, "remove {version}"),
            Self::AwaitGone { version } => write!(f, "wait until {version} is gone"),
        }
    }
}

fn write_routes(
    f: &mut std::fmt::Formatter<'_>,
    routes: &[ManagedRoute],
    version: &Version,
) -> std::fmt::Result {
    let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
    write!(f, "set the routes {} to {version}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use pointsman_types::{Split, Weight};

    use super::{Condition, Effect};
    use crate::Version;

    #[test]
    fn a_split_requires_pods_where_traffic_goes_and_subsets_everywhere() {
        let split = Split::new([("v1", Weight::new(0)), ("v2", Weight::new(100))]).expect("valid");
        let (v1, v2) = (Version::from_static("v1"), Version::from_static("v2"));
        assert_eq!(
            Effect::SetSplit { change: 1, split, pins: None }.requires(),
            [
                Condition::SubsetExists { version: v1 },
                Condition::SubsetExists { version: v2.clone() },
                Condition::Ready { version: v2, at_least: 1 },
            ]
        );
    }
}
