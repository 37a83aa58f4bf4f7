//! Routes that share a path key, divided by header values where there are many.

use crate::program::{HeaderName, RouteProgram};

use super::{ByteMap, Search};

/// Up to so many routes are tried one after the other.
const FEW: usize = 8;
/// By so many header names a bucket is divided at most.
const MOST_NAMES: usize = 4;
/// Names beyond so many are not counted.
const NAMES_COUNTED: usize = 64;

/// A route in the index: its position, and whether the key alone says that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

const CERTAIN: u32 = 1 << 30;

impl Entry {
    /// One more than the highest position.
    pub(super) const MOST: usize = CERTAIN as usize;

    pub(super) const fn new(position: u32) -> Self {
        Self(position)
    }

    pub(super) const fn certain_if(self, certain: bool) -> Self {
        if certain { Self(self.0 | CERTAIN) } else { self }
    }

    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    pub(super) const fn position(self) -> u32 {
        self.0 & (CERTAIN - 1)
    }

    pub(super) const fn is_certain(self) -> bool {
        self.0 & CERTAIN != 0
    }
}

/// Routes in order, and those divided by header values.
#[derive(Debug, Clone, Default)]
pub(super) struct Bucket {
    entries: Box<[Entry]>,
    headers: Box<[ByHeader]>,
}

/// Routes that want one exact value of a header.
#[derive(Debug, Clone)]
struct ByHeader {
    name: HeaderName,
    values: ByteMap,
    lists: Box<[Box<[Entry]>]>,
    // The lowest position of all: nothing to find where something better is known.
    first: u32,
}

impl Bucket {
    pub(super) fn new(mut entries: Vec<Entry>, programs: &[RouteProgram]) -> Self {
        let mut headers = Vec::new();
        while entries.len() > FEW && headers.len() < MOST_NAMES {
            let Some(name) = most_wanted(&entries, programs) else { break };
            let (indexed, rest): (Vec<Entry>, Vec<Entry>) =
                entries.iter().partition(|entry| value_of(**entry, programs, &name).is_some());
            headers.push(ByHeader::new(name, &indexed, programs));
            entries = rest;
        }
        Self { entries: entries.into(), headers: headers.into() }
    }

    pub(super) fn search(&self, search: &mut Search<'_, '_>) {
        for by_header in &self.headers {
            by_header.search(search);
        }
        search_list(&self.entries, search);
    }
}

/// Entries stand in ascending order: the first that matches is the best of them.
fn search_list(entries: &[Entry], search: &mut Search<'_, '_>) {
    for entry in entries {
        if entry.position() >= search.best || search.offer(*entry) {
            return;
        }
    }
}

impl ByHeader {
    fn new(name: HeaderName, entries: &[Entry], programs: &[RouteProgram]) -> Self {
        let mut values = ByteMap::default();
        let mut lists: Vec<Vec<Entry>> = Vec::new();
        for entry in entries {
            let Some(value) = value_of(*entry, programs, &name) else { continue };
            let list = *values.entry(value, || {
                lists.push(Vec::new());
                u32::try_from(lists.len() - 1).unwrap_or(0)
            });
            if let Some(list) = lists.get_mut(list as usize) {
                list.push(*entry);
            }
        }
        let first = entries.first().map_or(u32::MAX, |entry| entry.position());
        Self { name, values, lists: lists.into_iter().map(Into::into).collect(), first }
    }

    fn search(&self, search: &mut Search<'_, '_>) {
        if self.first >= search.best {
            return;
        }
        let view = search.view;
        self.name.any_value(view, |value| {
            let list = self.values.get(value).and_then(|list| self.lists.get(list as usize));
            if let Some(list) = list {
                search_list(list, search);
            }
            false
        });
    }
}

/// The header of which most routes want an exact value, if at least two do.
fn most_wanted(entries: &[Entry], programs: &[RouteProgram]) -> Option<HeaderName> {
    let mut counts: Vec<(&HeaderName, usize)> = Vec::new();
    for entry in entries {
        let program = programs.get(entry.position() as usize)?;
        for (name, _) in program.exact_headers() {
            let known = counts.iter().position(|(known, _)| *known == name).unwrap_or(counts.len());
            if known == counts.len() && known < NAMES_COUNTED {
                counts.push((name, 0));
            }
            if let Some((_, count)) = counts.get_mut(known) {
                *count += 1;
            }
        }
    }
    let (name, count) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    (count > 1).then(|| name.clone())
}

fn value_of<'p>(entry: Entry, programs: &'p [RouteProgram], name: &HeaderName) -> Option<&'p [u8]> {
    let program = programs.get(entry.position() as usize)?;
    program.exact_headers().find(|(known, _)| *known == name).map(|(_, value)| value)
}
