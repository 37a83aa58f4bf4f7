//! All that a rollout remembers.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::{Time, Weight};
use serde::{Deserialize, Serialize};

use crate::{ManagedRoute, Pins, Presence, State, Version};

/// All that a rollout remembers between two events: small, comparable, and fit for the status of a custom resource.
///
/// Shape: begins as [`Status::new`], changes only through [`step`](crate::step). Save it *before* carrying out the effects that
/// came with it. Serialised it carries the version number of its layout, `schema`: every older one loads, a newer one is refused with
/// an error that names both, and fields that the layout does not know are passed over, so that a status may stand among other
/// fields of a custom resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct Status {
    pub(crate) schema: u32,
    pub(crate) state: State,
    /// When the state, the weights or the number of ready pods last changed.
    pub(crate) progress: Time,
    #[serde(default)]
    pub(crate) late: Lateness,
    #[serde(default)]
    pub(crate) pods: BTreeMap<Version, Pods>,
    #[serde(default)]
    pub(crate) route: Route,
    /// Counts analysis runs.
    #[serde(default)]
    pub(crate) run: u64,
    /// Runs that were started and not reported finished.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) open_runs: BTreeSet<u64>,
    #[serde(default)]
    pub(crate) restart: Restart,
    /// Versions that served, the latest first.
    #[serde(default)]
    pub(crate) history: Vec<Version>,
    /// The replicas wanted, where they differ from the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replicas: Option<u32>,
    #[serde(default, skip_serializing_if = "Presence::is_present")]
    pub(crate) presence: Presence,
    /// The fingerprint of the plan that the index of the state counts in.
    #[serde(default)]
    pub(crate) plan: u64,
}

/// Whether the progress deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lateness {
    /// It has not.
    #[default]
    InTime,
    /// It has, and the plan says only to report it.
    Late,
}

/// What is known of the pods of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pods {
    /// How many its workload asks for; `None` before the first report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// How many are ready.
    #[serde(default)]
    pub ready: u32,
}

/// What is known of the route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// Counts the changes; 0 before the first.
    pub(crate) change: u64,
    /// What the latest change asks for.
    #[serde(default)]
    pub(crate) shares: Vec<(Version, Weight)>,
    /// The managed routes that the latest change asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) managed: Vec<ManagedRoute>,
    /// The version that the managed routes point to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) managed_to: Option<Version>,
    /// Whether the managed routes changed since the last change that settled.
    #[serde(default)]
    pub(crate) managed_changed: bool,
    /// Who stays where they are, by the latest change; with no weight while that takes the marks away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pins: Option<Box<Pins>>,
    #[serde(default)]
    pub(crate) settling: Settling,
    /// Versions that may get traffic at some proxy.
    #[serde(default)]
    pub(crate) live: BTreeSet<Version>,
}

/// How far the latest change of the route has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Settling {
    /// It is to be written.
    Asked,
    /// It was written then; some proxies may still have the one before.
    Applied {
        /// When.
        at: Time,
    },
    /// Every proxy has it.
    #[default]
    Settled,
}

/// A restart of the pods.
///
/// Shape: `left` is empty exactly when `done` is `asked`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    /// Counts the restarts.
    pub(crate) asked: u64,
    /// The last that is done.
    pub(crate) done: u64,
    /// Versions whose pods are still to be made anew, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<Version>,
}

impl Status {
    /// The version number of what is written now.
    pub const SCHEMA: u32 = 3;

    /// The status before anything happened.
    #[must_use]
    pub fn new() -> Self {
        Self {
            schema: Self::SCHEMA,
            state: State::Empty,
            progress: Time::EPOCH,
            late: Lateness::InTime,
            pods: BTreeMap::new(),
            route: Route::default(),
            run: 0,
            open_runs: BTreeSet::new(),
            restart: Restart::default(),
            history: Vec::new(),
            replicas: None,
            presence: Presence::Present,
            plan: 0,
        }
    }

    /// Where the rollout stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What is known of the pods of each version that takes part.
    pub fn pods(&self) -> impl Iterator<Item = (&Version, Pods)> {
        self.pods.iter().map(|(version, pods)| (version, *pods))
    }

    /// The shares that are asked for at present, in the order of the split.
    #[must_use]
    pub fn shares(&self) -> &[(Version, Weight)] {
        &self.route.shares
    }

    /// The share that is asked for one version at present.
    #[must_use]
    pub fn weight(&self, version: &Version) -> Weight {
        let of_version = |(other, _): &&(Version, Weight)| other == version;
        self.route.shares.iter().find(of_version).map_or(Weight::ZERO, |(_, weight)| *weight)
    }

    /// The managed routes that are asked for at present.
    #[must_use]
    pub fn managed_routes(&self) -> &[ManagedRoute] {
        &self.route.managed
    }

    /// Which users stay where they are, as is asked for at present.
    #[must_use]
    pub fn pins(&self) -> Option<&Pins> {
        self.route.pins.as_deref().filter(|pins| pins.is_on())
    }

    /// The number of the latest change of the route, 0 before the first.
    #[must_use]
    pub const fn change(&self) -> u64 {
        self.route.change
    }

    /// How far the latest change of the route has come.
    #[must_use]
    pub const fn settling(&self) -> Settling {
        self.route.settling
    }

    /// Versions that may get traffic at some proxy.
    pub fn live(&self) -> impl Iterator<Item = &Version> {
        self.route.live.iter()
    }

    /// Versions that served, the latest first.
    #[must_use]
    pub fn history(&self) -> &[Version] {
        &self.history
    }

    /// Whether the progress deadline has passed.
    #[must_use]
    pub const fn lateness(&self) -> Lateness {
        self.late
    }

    /// What is known of the pods of one version; nothing of one that takes no part.
    #[must_use]
    pub fn pods_of(&self, version: &Version) -> Pods {
        self.pods.get(version).copied().unwrap_or_default()
    }

    /// Analysis runs that were started and not reported finished.
    pub fn open_runs(&self) -> impl Iterator<Item = u64> {
        self.open_runs.iter().copied()
    }

    /// How far the latest restart of pods has come.
    #[must_use]
    pub const fn restart(&self) -> &Restart {
        &self.restart
    }

    /// How many replicas are wanted by [`Scaled`](crate::Event::Scaled); `None` for as many as the plan says.
    #[must_use]
    pub const fn replicas(&self) -> Option<u32> {
        self.replicas
    }

    /// Whether it was scaled to zero, and whether its pods are back since.
    #[must_use]
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// How many pods of a version are ready, as last reported.
    #[must_use]
    pub fn ready(&self, version: &Version) -> u32 {
        self.pods_of(version).ready
    }
}

impl Default for Status {
    fn default() -> Self {
        Self::new()
    }
}

impl Restart {
    /// The number of the latest restart that was asked for, 0 before the first.
    #[must_use]
    pub const fn asked(&self) -> u64 {
        self.asked
    }

    /// The number of the latest restart that is done.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.done
    }

    /// Versions whose pods are still to be made anew, in this order.
    #[must_use]
    pub fn left(&self) -> &[Version] {
        &self.left
    }
}

impl Status {
    /// Whether a version gets requests at some proxy, or is to get some.
    pub(crate) fn has_traffic(&self, version: &Version) -> bool {
        self.route.live.contains(version) || !self.weight(version).is_zero()
    }

    /// Whether the state still wants the answer of this run.
    pub(crate) fn is_wanted_run(&self, run: u64) -> bool {
        let inline = match &self.state {
            State::Analysing(analysing) => Some(analysing.run),
            State::Experimenting(running) => running.run,
            State::Held(held) => match held.inner {
                crate::state::Inner::Analysing { run, .. } => Some(run),
                _ => None,
            },
            _ => None,
        };
        let background = match &self.state {
            State::Aborted(_) | State::Promoting(_) => None,
            state => state.update().and_then(|update| update.background),
        };
        inline == Some(run) || background == Some(run)
    }
}

impl Route {
    /// Versions that get traffic by what is asked for.
    pub(crate) fn destinations(&self) -> BTreeSet<Version> {
        let weighted = self.shares.iter().filter(|(_, weight)| !weight.is_zero()).map(|(version, _)| version);
        weighted.chain(&self.managed_to).cloned().collect()
    }

    /// Every proxy has what is asked for.
    pub(crate) fn settle(&mut self) {
        self.settling = Settling::Settled;
        self.managed_changed = false;
        self.pins.take_if(|pins| !pins.is_on());
        self.live = self.destinations();
    }
}
