//! The index of a virtual host: finds the first route that matches without trying all of them.
//!
//! Every route stands in exactly one bucket: by its exact path, by its prefix (or the text its regular expression begins
//! with), or among the rest. A large bucket is divided again by the value of a header. A look-up asks the few buckets that
//! can hold a match and keeps the lowest position that really matches, so that the order of routes decides as in the plain
//! loop. Whatever cannot be indexed is tried in order: never more work than the loop, but for the look-ups.

mod bucket;
mod byte_map;
mod head;

use crate::ir::{PathMatch, Route};
use crate::program::{RouteProgram, View};

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

/// Where a route stands.
enum Key<'r> {
    Exact(&'r [u8], Entry),
    Prefix(Vec<u8>, Entry),
    Rest(Entry),
}

impl Index {
    /// `None` for few routes, or too many for 30 bits.
    pub(crate) fn new(routes: &[Route], programs: &[RouteProgram]) -> Option<Self> {
        if routes.len() <= FEW || routes.len() >= Entry::MOST {
            return None;
        }
        let mut index = Self::default();
        let (mut lists, mut rest, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (position, (route, program)) in (0_u32..).zip(routes.iter().zip(programs)) {
            let (map, key, entry) = match key_of(position, route, program) {
                Key::Exact(path, entry) => (&mut index.exact, path.to_vec(), entry),
                Key::Prefix(head, entry) => {
                    lengths.push(head.len());
                    (&mut index.prefixes, head, entry)
                }
                Key::Rest(entry) => {
                    rest.push(entry);
                    continue;
                }
            };
            add(map, &key, entry, &mut lists);
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
        let mut search = Search { view, programs, best: u32::MAX };
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
}

impl Search<'_, '_> {
    /// Takes the route if it stands before the best so far and matches; whether it is now the best.
    fn offer(&mut self, entry: Entry) -> bool {
        let position = entry.position();
        if position >= self.best {
            return false;
        }
        let holds = entry.is_certain()
            || self.programs.get(position as usize).is_some_and(|program| program.matches(self.view));
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

fn key_of<'r>(position: u32, route: &'r Route, program: &RouteProgram) -> Key<'r> {
    let matches = &route.matches;
    let plain = !program.has_conditions_beside_path();
    match &matches.path {
        _ if !matches.case_sensitive && !matches!(matches.path, PathMatch::Regex(_)) => {
            Key::Rest(Entry::new(position))
        }
        PathMatch::Exact(path) if !path.is_empty() => {
            Key::Exact(path.as_bytes(), Entry::new(position).certain_if(plain))
        }
        PathMatch::Prefix(prefix) if !prefix.is_empty() => {
            Key::Prefix(prefix.clone().into_bytes(), Entry::new(position).certain_if(plain))
        }
        PathMatch::PathSeparatedPrefix(prefix) if !prefix.is_empty() => {
            Key::Prefix(prefix.clone().into_bytes(), Entry::new(position))
        }
        PathMatch::Regex(regex) => match literal_head(regex) {
            head if head.is_empty() => Key::Rest(Entry::new(position)),
            head => Key::Prefix(head, Entry::new(position)),
        },
        _ => Key::Rest(Entry::new(position)),
    }
}
