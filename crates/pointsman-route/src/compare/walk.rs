//! Many automata walked at once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::pattern::{Automaton, Spot};

use super::space::Space;

/// How many automata may stand somewhere, over all places together: it bounds both time and memory.
const MOST_STANDS: usize = 1_000_000;

/// Many automata walked at once, over all texts of a space, the shortest first.
///
/// Cost: O(letters × automata that may yet take something, over all places together).
pub(super) struct Walk<'w> {
    automata: &'w [Automaton],
    space: &'w Space,
    places: Vec<Place>,
    seen: HashSet<Arc<[Stand]>>,
    stands: usize,
}

/// Where all automata are at once, and how the walk came there.
struct Place {
    stands: Arc<[Stand]>,
    last: Option<(usize, u8)>,
}

/// Where one automaton is; those that take nothing any more are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stand {
    automaton: usize,
    spot: Spot,
}

impl<'w> Walk<'w> {
    pub(super) fn new(automata: &'w [Automaton], space: &'w Space) -> Self {
        let after = |stands: Vec<Stand>, byte| after(automata, &stands, byte);
        let stands = space.begin.bytes().fold(start(automata), after);
        let places = vec![Place { stands: stands.into(), last: None }];
        let seen = places.iter().map(|place| Arc::clone(&place.stands)).collect();
        Self { automata, space, places, seen, stands: 0 }
    }

    /// Tells of each place which automata take the text that leads there; whether no place was left out.
    pub(super) fn run(mut self, mut tell: impl FnMut(Vec<usize>, &dyn Fn() -> Option<String>)) -> bool {
        let mut next = 0;
        while let Some(place) = self.places.get(next) {
            let stands = Arc::clone(&place.stands);
            tell(taking(self.automata, &stands), &|| self.text(next));
            for letter in &self.space.letters {
                let after = after(self.automata, &stands, *letter);
                if self.seen.contains(&*after) {
                    continue;
                }
                self.stands += after.len() + 1;
                if self.stands > MOST_STANDS {
                    return false;
                }
                let stands: Arc<[Stand]> = after.into();
                self.seen.insert(Arc::clone(&stands));
                self.places.push(Place { stands, last: Some((next, *letter)) });
            }
            next += 1;
        }
        true
    }

    /// A text that leads to a place; `None` where it is not UTF-8.
    fn text(&self, mut place: usize) -> Option<String> {
        let mut text = Vec::new();
        while let Some((before, letter)) = self.places.get(place).and_then(|place| place.last) {
            text.push(letter);
            place = before;
        }
        text.extend(self.space.begin.bytes().rev());
        text.reverse();
        String::from_utf8(text).ok()
    }
}

/// Tells of each text which automata take it. Walks once what texts that follow each other begin with alike.
pub(super) fn tell_of_texts<'t>(
    automata: &[Automaton],
    texts: impl Iterator<Item = &'t String>,
    mut tell: impl FnMut(Vec<usize>, &'t str),
) {
    let (mut walked, mut way) = ("", vec![start(automata)]);
    for text in texts {
        let alike = walked.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        way.truncate(alike + 1);
        for byte in text.bytes().skip(alike) {
            way.extend(way.last().map(|stands| after(automata, stands, byte)));
        }
        tell(way.last().map(|stands| taking(automata, stands)).unwrap_or_default(), text);
        walked = text;
    }
}

fn start(automata: &[Automaton]) -> Vec<Stand> {
    let start = |(automaton, one): (usize, &Automaton)| Some(Stand { automaton, spot: one.start()? });
    automata.iter().enumerate().filter_map(start).collect()
}

fn after(automata: &[Automaton], stands: &[Stand], byte: u8) -> Vec<Stand> {
    let one = |stand: &Stand| {
        Some(Stand { spot: automata.get(stand.automaton)?.after(stand.spot, byte)?, ..*stand })
    };
    stands.iter().filter_map(one).collect()
}

fn taking(automata: &[Automaton], stands: &[Stand]) -> Vec<usize> {
    let takes = |stand: &&Stand| automata.get(stand.automaton).is_some_and(|one| one.takes(stand.spot));
    stands.iter().filter(takes).map(|stand| stand.automaton).collect()
}
