//! All that a group remembers.

use std::collections::BTreeMap;

use pointsman_types::Time;
use serde::{Deserialize, Serialize};

use crate::{Plan, Presence, State, Status, Version};

/// All that a group of rollouts remembers: the status of each component, and which versions are released together.
///
/// Shape: as [`Status`]: comparable, serialisable, without floats.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupStatus {
    #[serde(default)]
    pub(super) members: BTreeMap<String, Status>,
    /// The versions of the present release, or of the last one.
    #[serde(default)]
    pub(super) released: BTreeMap<String, Version>,
}

impl GroupStatus {
    /// The status before anything happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The status of one component; that of a rollout in which nothing happened for one that is not known.
    #[must_use]
    pub fn member(&self, component: &str) -> Status {
        self.members.get(component).cloned().unwrap_or_default()
    }

    /// The group that stands for all that differ only in clock and counters, as [`Status::canonical`] is for one component.
    #[must_use]
    pub fn canonical(self, now: Time) -> Self {
        let members = self.members.into_iter().map(|(component, status)| (component, status.canonical(now)));
        Self { members: members.collect(), released: self.released }
    }

    /// The versions that are released together, at present or at last.
    pub fn released(&self) -> impl Iterator<Item = (&str, &Version)> {
        self.released.iter().map(|(component, version)| (component.as_str(), version))
    }
}

/// Whether this component's part of the release is on its way, so that others wait for it at barriers.
pub(super) fn is_under_way(status: &Status, version: &Version) -> bool {
    status.state().canary() == Some(version)
        && !matches!(status.state(), State::Aborted(_) | State::Promoting(_))
}

/// The barrier at which a component stands.
pub(super) fn stands_at<'p>(plan: &'p Plan, status: &Status) -> Option<&'p str> {
    let State::Stepping(update) = status.state() else { return None };
    // Its step begins again with its pods.
    if status.presence() != Presence::Present {
        return None;
    }
    super::plan::barriers(plan).find(|(index, _)| *index == update.index as usize).map(|(_, name)| name)
}

/// Whether a component has still to pass a barrier.
pub(super) fn is_ahead(plan: &Plan, status: &Status, barrier: &str) -> bool {
    let Some(update) = status.state().update() else { return false };
    super::plan::barriers(plan).any(|(index, name)| name == barrier && index >= update.index as usize)
}
