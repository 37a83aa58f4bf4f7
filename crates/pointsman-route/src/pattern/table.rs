//! An expression as a table of transitions: small, and read without a lock or a cache.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Hir, Look};

/// States of the expression itself beyond which no table is tried: most would grow too large, which takes long to see.
const MOST_NFA_STATES: usize = 512;
/// Bytes that making a table may take.
const MOST_BYTES: usize = 64 << 10;
/// The end of the table: offsets are 16 bits wide.
const MOST_CELLS: usize = u16::MAX as usize;

/// A deterministic automaton that takes whole values.
///
/// Shape: a row a state: where each class of bytes leads, and at last whether a value may end there. Row 0 leads nowhere.
#[derive(Debug)]
pub(super) struct Table {
    // The class of each byte: few ways to divide them serve many tables.
    classes: Arc<[u8; 256]>,
    // Offsets of rows.
    cells: Box<[u16]>,
    width: u16,
    start: u16,
}

impl Table {
    /// `None` where the table would be large. The expression must not look around.
    pub(super) fn new(hir: &Hir, classes: &mut Classes) -> Option<Self> {
        let dfa = automaton(hir, MOST_NFA_STATES, MOST_BYTES)?;
        Self::of(&dfa, classes)
    }

    fn of(dfa: &dense::DFA<Vec<u32>>, classes: &mut Classes) -> Option<Self> {
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        let representatives: Vec<u8> =
            dfa.byte_classes().representatives(0..=u8::MAX).filter_map(|unit| unit.as_u8()).collect();
        let mut rows = Rows { width: representatives.len() + 1, offsets: HashMap::new(), found: Vec::new() };
        let mut cells = vec![0; rows.width];
        let start = rows.offset(dfa, start)?;
        let mut next = 0;
        while let Some(state) = rows.found.get(next).copied() {
            next += 1;
            for byte in &representatives {
                cells.push(rows.offset(dfa, dfa.next_state(state, *byte))?);
            }
            cells.push(u16::from(dfa.is_match_state(dfa.next_eoi_state(state))));
        }
        let classes = classes.of(dfa);
        Some(Self { classes, cells: cells.into(), width: u16::try_from(rows.width).ok()?, start })
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.cells)
    }

    /// Whether the whole value matches. O(length).
    pub(super) fn matches(&self, value: &[u8]) -> bool {
        let cell = |row: u16, column: usize| self.cells.get(usize::from(row) + column).copied().unwrap_or(0);
        let mut row = self.start;
        for byte in value {
            #[expect(clippy::indexing_slicing, reason = "every byte has a class")]
            let class = self.classes[usize::from(*byte)];
            row = cell(row, usize::from(class));
            if row == 0 {
                return false;
            }
        }
        cell(row, usize::from(self.width - 1)) != 0
    }
}

/// The automaton of whole values, anchored at both ends; `None` where it has more states or takes more bytes.
pub(super) fn automaton(hir: &Hir, most_states: usize, most_bytes: usize) -> Option<dense::DFA<Vec<u32>>> {
    let whole = Hir::concat(vec![hir.clone(), Hir::look(Look::End)]);
    let config = thompson::Config::new().utf8(false).which_captures(WhichCaptures::None);
    let nfa = thompson::Compiler::new()
        .configure(config.nfa_size_limit(Some(most_bytes)))
        .build_from_hir(&whole)
        .ok()
        .filter(|nfa| nfa.states().len() <= most_states)?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(MatchKind::All)
        .accelerate(false)
        .dfa_size_limit(Some(most_bytes))
        .determinize_size_limit(Some(most_bytes));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()
}

/// Ways to divide the bytes into classes, each kept once.
#[derive(Debug, Default)]
pub(super) struct Classes(HashSet<Arc<[u8; 256]>>);

impl Classes {
    fn of(&mut self, dfa: &dense::DFA<Vec<u32>>) -> Arc<[u8; 256]> {
        let mut classes = [0; 256];
        for (class, byte) in classes.iter_mut().zip(0..=u8::MAX) {
            *class = dfa.byte_classes().get(byte);
        }
        match self.0.get(&classes) {
            Some(known) => Arc::clone(known),
            None => {
                let made = Arc::new(classes);
                self.0.insert(Arc::clone(&made));
                made
            }
        }
    }
}

/// The states that were found, and where their rows will stand.
struct Rows {
    width: usize,
    offsets: HashMap<StateID, u16>,
    found: Vec<StateID>,
}

impl Rows {
    fn offset(&mut self, dfa: &dense::DFA<Vec<u32>>, state: StateID) -> Option<u16> {
        if dfa.is_dead_state(state) {
            return Some(0);
        }
        if let Some(known) = self.offsets.get(&state) {
            return Some(*known);
        }
        self.found.push(state);
        let offset = self.found.len() * self.width;
        let offset = u16::try_from(offset).ok().filter(|_| offset + self.width <= MOST_CELLS)?;
        self.offsets.insert(state, offset);
        Some(offset)
    }
}
