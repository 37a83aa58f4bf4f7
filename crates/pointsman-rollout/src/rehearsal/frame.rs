//! What was seen in a rehearsal.

use pointsman_types::{Time, Weight, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Event, State, Status, Version, Waiting};

/// How things stood after something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// When, counted from the moment the new version appeared.
    pub at: TimeDelta,
    /// What happened; its `Display` says it in words.
    pub event: Event,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
    /// Where the rollout stands.
    pub state: State,
    /// What it waits for.
    pub waiting: Waiting,
    /// The shares that are in force or on their way: those of the route, or of the ready pods where there is none.
    pub shares: Vec<(Version, Weight)>,
    /// The pods of each version, as they are.
    pub pods: Vec<PodCount>,
    /// The names of the managed routes.
    pub routes: Vec<String>,
}

/// The pods of one version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PodCount {
    /// Which version.
    pub version: Version,
    /// So many are asked for.
    pub replicas: u32,
    /// So many are ready.
    pub ready: u32,
}

/// How a rehearsal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// The new version serves.
    Promoted,
    /// The update was aborted, and the version before serves.
    Aborted,
    /// Nothing more happens, and the version before serves as if there had been no update.
    Unchanged,
    /// It waits for something that does not come.
    Waiting,
    /// It was still going on when the time, or the number of frames, was over.
    Unfinished,
}

/// Everything that was seen in a rehearsal, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    pub(super) frames: Vec<Frame>,
    pub(super) status: Status,
    pub(super) end: Time,
    pub(super) ending: Ending,
}

impl Rehearsal {
    /// What was seen, never empty.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// How it ended.
    #[must_use]
    pub const fn ending(&self) -> Ending {
        self.ending
    }

    /// The status at the end.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// When nothing more happened, counted from the moment the new version appeared.
    #[must_use]
    pub const fn lasted(&self) -> TimeDelta {
        self.end.since(Time::EPOCH)
    }

    /// The greatest share that the new version ever had before it was stable.
    #[must_use]
    pub fn greatest_weight(&self) -> Weight {
        let weight = |frame: &Frame| {
            let canary = frame.state.canary()?;
            frame.shares.iter().find(|(version, _)| version == canary).map(|(_, weight)| *weight)
        };
        self.frames.iter().filter_map(weight).max().unwrap_or(Weight::ZERO)
    }
}
