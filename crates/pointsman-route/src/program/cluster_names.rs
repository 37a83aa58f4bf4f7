//! The clusters that the routes of a virtual host name.

use std::collections::HashMap;
use std::sync::Arc;

use super::Build;

/// The names of clusters, each once, and lists of them: so that the name of a chosen cluster is near.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClusterNames {
    names: Box<[Arc<str>]>,
    // Positions in `names`, one list after the other.
    lists: Box<[u32]>,
}

/// Names as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    known: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
    lists: Vec<u32>,
}

impl ClusterNames {
    /// The name at that place of the list that begins there.
    pub(crate) fn get(&self, list: u32, place: usize) -> Option<&str> {
        let name = *self.lists.get(list as usize + place)?;
        self.names.get(name as usize).map(|name| &**name)
    }
}

impl Gathering {
    /// Adds a list of names; where it begins.
    pub(super) fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, build: &mut Build) -> u32 {
        let begin = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        for name in names {
            let position = match self.known.get(name) {
                Some(position) => *position,
                None => self.remember(build.name(name)),
            };
            self.lists.push(position);
        }
        begin
    }

    fn remember(&mut self, name: Arc<str>) -> u32 {
        let position = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::clone(&name));
        self.known.insert(name, position);
        position
    }

    pub(super) fn finish(self) -> ClusterNames {
        ClusterNames { names: self.names.into(), lists: self.lists.into() }
    }
}
