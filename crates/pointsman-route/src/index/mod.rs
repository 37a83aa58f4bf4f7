//! The index of a virtual host: finds the first route that matches without trying all of them.
//!
//! Every route stands in exactly one bucket: by its exact path, by its prefix (or the text its regular expression begins
//! with), or among the rest. A large bucket is divided again by the value of a header. A look-up asks the few buckets that
//! can hold a match and keeps the lowest position that really matches, so that the order of routes decides as in the plain
//! loop. Whatever cannot be indexed is tried in order: never more work than the loop, but for the look-ups.

mod bucket;
mod byte_map;
mod head;

use crate::program::{PathKey, RouteProgram, View};

use bucket::{Bucket, Entry};
pub(crate) use byte_map::ByteMap;
use byte_map::PrefixHash;
pub(crate) use head::literal_head;

/// Up to so many routes the plain loop is as fast.
const FEW: usize = 16;
/// Marks a value of a map that is a position in `buckets`, not an entry of its own.
const MANY: u32 = 1 << 31;

/// The index of one virtual host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    exact: ByteMap,
    prefixes: ByteMap,
    // Lengths of the prefixes, ascending.
    lengths: Box<[usize]>,
    buckets: Box<[Bucket]>,
    rest: Bucket,
}

impl Index {
    /// `None` for few routes, or too many for 30 bits.
    pub(crate) fn new(programs: &[RouteProgram]) -> Option<Self> {
        if programs.len() <= FEW || programs.len() >= Entry::MOST {
            return None;
        }
        let mut index = Self::default();
        let (mut lists, mut rest, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (position, program) in (0_u32..).zip(programs) {
            let decided = program.path.is_decided_by_key() && !program.has_conditions_beside_path();
            let entry = Entry::new(position).certain_if(decided);
            match program.path.key() {
                Some(PathKey::Whole(path)) => add(&mut index.exact, path, entry, &mut lists),
                Some(PathKey::Begin(head)) => {
                    lengths.push(head.len());
                    add(&mut index.prefixes, head, entry, &mut lists);
                }
                None => rest.push(Entry::new(position)),
            }
        }
        lengths.sort_unstable();
        lengths.dedup();
        index.lengths = lengths.into();
        index.buckets = lists.into_iter().map(|list| Bucket::new(list, programs)).collect();
        index.rest = Bucket::new(rest, programs);
        Some(index)
    }

    /// The position of the first route that takes the request.
    pub(crate) fn first_match(&self, view: &View<'_>, programs: &[RouteProgram]) -> Option<usize> {
        let mut search = Search { view, programs, best: u32::MAX, by_key: true };
        let path = view.path;
        if !self.exact.is_empty()
            && let Some(value) = self.exact.get(path)
        {
            self.visit(value, &mut search);
        }
        let mut hashes = PrefixHash::new(path);
        for length in self.lengths.iter().take_while(|length| **length <= path.len()) {
            let hash = hashes.to(*length);
            let prefix = path.get(..*length).unwrap_or_default();
            if let Some(value) = self.prefixes.get_hashed(hash, prefix) {
                self.visit(value, &mut search);
            }
        }
        search.by_key = false;
        self.rest.search(&mut search);
        (search.best != u32::MAX).then_some(search.best as usize)
    }

    fn visit(&self, value: u32, search: &mut Search<'_, '_>) {
        if value & MANY == 0 {
            search.offer(Entry::from_bits(value));
        } else if let Some(bucket) = self.buckets.get((value & !MANY) as usize) {
            bucket.search(search);
        }
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

fn add(map: &mut ByteMap, key: &[u8], entry: Entry, lists: &mut Vec<Vec<Entry>>) {
    let mut fresh = false;
    let value = map.entry(key, || {
        fresh = true;
        entry.bits()
    });
    if fresh {
        return;
    }
    if *value & MANY == 0 {
        lists.push(vec![Entry::from_bits(*value)]);
        *value = u32::try_from(lists.len() - 1).unwrap_or(0) | MANY;
    }
    if let Some(list) = lists.get_mut((*value & !MANY) as usize) {
        list.push(entry);
    }
}
