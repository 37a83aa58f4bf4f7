//! The index of a virtual host: finds the first route that matches without trying all of them.
//!
//! Every route stands in exactly one bucket: by its exact path, by its prefix (or the text its regular expression begins
//! with), or among the rest. A large bucket is divided again by the value of a header. A look-up asks the few buckets that
//! can hold a match and keeps the lowest position that really matches, so that the order of routes decides as in the plain
//! loop. Whatever cannot be indexed is tried in order: never more work than the loop, but for the look-ups.

mod bucket;
mod byte_map;
mod entry;
mod texts;

use crate::program::{RouteProgram, View};

use bucket::Bucket;
pub(crate) use byte_map::{ByteMap, equal};
use entry::{Entry, Found};
use texts::Texts;

/// A look-up takes about as long as the plain loop takes for so many routes.
const LOOK_UP: usize = 6;

/// The index of one virtual host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    paths: Texts,
    buckets: Box<[Bucket]>,
    rest: Bucket,
}

impl Index {
    /// `None` where the plain loop is as fast, and for too many routes for 30 bits. O(routes · log routes).
    pub(crate) fn new(programs: &[RouteProgram]) -> Option<Self> {
        if programs.len() <= LOOK_UP || programs.len() >= Entry::MOST {
            return None;
        }
        let (mut keyed, mut rest) = (Vec::with_capacity(programs.len()), Vec::new());
        for (position, program) in (0_u32..).zip(programs) {
            let decided = program.path.is_decided_by_key() && !program.has_conditions_beside_path();
            match program.path.key() {
                Some(key) => keyed.push((key, Entry::new(position).certain_if(decided))),
                None => rest.push(Entry::new(position)),
            }
        }
        let (paths, lists) = Texts::new(keyed);
        let buckets = lists.into_iter().map(|list| Bucket::new(list, programs, true)).collect();
        let index = Self { paths, buckets, rest: Bucket::new(rest, programs, false) };
        index.is_faster_than_loop(programs.len()).then_some(index)
    }

    /// Whether the routes that need not be tried outweigh the look-ups of paths, or these do not count beside so many routes.
    fn is_faster_than_loop(&self, routes: usize) -> bool {
        let look_ups = LOOK_UP * self.paths.look_ups().max(1);
        let in_bucket = self.buckets.iter().map(Bucket::tried).max().unwrap_or(1);
        routes > look_ups + self.rest.tried() + in_bucket || routes > 10 * look_ups
    }

    /// The position of the first route that takes the request.
    pub(crate) fn first_match(&self, view: &View<'_>, programs: &[RouteProgram]) -> Option<usize> {
        let mut search = Search { view, programs, best: u32::MAX, by_key: true };
        self.paths.each(view.path, |found| match found {
            Found::One(entry) => {
                search.offer(entry);
            }
            Found::Several(number) => {
                if let Some(bucket) = self.buckets.get(number) {
                    bucket.search(&mut search);
                }
            }
        });
        if !self.rest.is_empty() {
            search.by_key = false;
            self.rest.search(&mut search);
        }
        (search.best != u32::MAX).then_some(search.best as usize)
    }
}

/// A look-up under way.
pub(crate) struct Search<'s, 'v> {
    view: &'s View<'v>,
    programs: &'s [RouteProgram],
    best: u32,
    // Whether entries were found by the key of their path, which then holds.
    by_key: bool,
}

impl Search<'_, '_> {
    /// Takes the route if it stands before the best so far and matches; whether it is now the best.
    #[inline]
    fn offer(&mut self, entry: Entry) -> bool {
        let position = entry.position();
        if position >= self.best {
            return false;
        }
        let holds = entry.is_certain()
            || self.programs.get(position as usize).is_some_and(|program| match self.by_key {
                true => program.matches_after_key(self.view),
                false => program.matches(self.view),
            });
        if holds {
            self.best = position;
        }
        holds
    }
}
