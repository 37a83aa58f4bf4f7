//! Where worlds lead to when each thing that happens follows from the one before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};

/// The end of each way, by the hash of the world that it begins in: each is gone through once.
pub(super) struct Ways<W>(Mutex<HashMap<u64, Option<Arc<W>>>>);

/// What comes after a world.
pub(super) enum Next<W> {
    Nothing,
    Lost,
    World(W),
}

/// The longest way that is followed.
const STEPS: usize = 600;

impl<W> Default for Ways<W> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<W: Clone + Hash> Ways<W> {
    /// The last world of the way; `None` when it comes to no end.
    pub(super) fn end(&self, from: &W, next: impl Fn(&W) -> Next<W>) -> Option<Arc<W>> {
        let mut known = self.0.lock().expect("nobody panicked");
        let mut world = from.clone();
        let mut way = Vec::new();
        let end = loop {
            let mut hasher = DefaultHasher::new();
            world.hash(&mut hasher);
            if let Some(end) = known.get(&hasher.finish()) {
                break end.clone();
            }
            way.push(hasher.finish());
            match next(&world) {
                Next::Nothing => break Some(Arc::new(world)),
                Next::World(next) if way.len() < STEPS => world = next,
                Next::World(_) | Next::Lost => break None,
            }
        };
        known.extend(way.into_iter().map(|hash| (hash, end.clone())));
        end
    }
}
