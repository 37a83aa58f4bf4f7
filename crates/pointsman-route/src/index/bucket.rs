//! Routes that share a path key, divided by header values where there are many.

use crate::program::{HeaderName, RouteProgram};

use super::Search;
use super::entry::{Entry, Found};
use super::texts::Texts;

/// Up to so many routes are tried one after the other.
const FEW: usize = 8;
/// By so many header names a bucket is divided at most.
const MOST_NAMES: usize = 4;
/// Names beyond so many are not counted.
const NAMES_COUNTED: usize = 64;

/// Routes in order, and those divided by header values.
#[derive(Debug, Clone, Default)]
pub(super) struct Bucket {
    entries: Box<[Entry]>,
    headers: Box<[ByHeader]>,
}

/// Routes that want one header's value to be a text, or to begin so.
#[derive(Debug, Clone)]
struct ByHeader {
    name: HeaderName,
    values: Texts,
    lists: Box<[Box<[Entry]>]>,
    // The lowest position of all: nothing to find where something better is known.
    first: u32,
}

impl Bucket {
    pub(super) fn new(mut entries: Vec<Entry>, programs: &[RouteProgram], by_key: bool) -> Self {
        let mut headers = Vec::new();
        while entries.len() > FEW && headers.len() < MOST_NAMES {
            let Some(name) = most_wanted(&entries, programs) else { break };
            let wants = |entry: &&Entry| {
                let program = programs.get(entry.position() as usize);
                program.is_some_and(|program| program.header_keys().any(|(known, _)| *known == name))
            };
            let (indexed, rest): (Vec<Entry>, Vec<Entry>) = entries.iter().partition(wants);
            headers.push(ByHeader::new(name, &indexed, programs, by_key));
            entries = rest;
        }
        Self { entries: entries.into(), headers: headers.into() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.headers.is_empty()
    }

    /// How many routes are tried for most requests that come here, a look-up by header for one.
    pub(super) fn tried(&self) -> usize {
        self.entries.len() + self.headers.len()
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
    fn new(name: HeaderName, entries: &[Entry], programs: &[RouteProgram], by_key: bool) -> Self {
        let keyed = entries.iter().filter_map(|entry| {
            let program = programs.get(entry.position() as usize)?;
            let (_, key) = program.header_keys().find(|(known, _)| **known == name)?;
            let decided = by_key && program.path.is_decided_by_key() && program.is_decided_by_header(&name);
            Some((key, entry.certain_if(decided)))
        });
        let (values, lists) = Texts::new(keyed);
        let first = entries.first().map_or(u32::MAX, |entry| entry.position());
        Self { name, values, lists: lists.into_iter().map(Into::into).collect(), first }
    }

    fn search(&self, search: &mut Search<'_, '_>) {
        if self.first >= search.best {
            return;
        }
        let view = search.view;
        self.name.any_value(view, |value| {
            self.values.each(value, |found| match found {
                Found::One(entry) => {
                    search.offer(entry);
                }
                Found::Several(number) => {
                    if let Some(list) = self.lists.get(number) {
                        search_list(list, search);
                    }
                }
            });
            false
        });
    }
}

/// The header of which most routes want a value, if at least two do.
fn most_wanted(entries: &[Entry], programs: &[RouteProgram]) -> Option<HeaderName> {
    let mut counts: Vec<(&HeaderName, usize)> = Vec::new();
    for entry in entries {
        let program = programs.get(entry.position() as usize)?;
        for (name, _) in program.header_keys() {
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
