//! A condition on a text as an automaton, to be walked byte by byte.

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, Repetition};

use crate::ir::{StringMatch, StringPattern};

use super::{re2, table};

/// States of an expression beyond which no automaton is made: it would take long.
const MOST_NFA_STATES: usize = 4_096;
/// Bytes that making an automaton may take.
const MOST_BYTES: usize = 512 << 10;

/// A condition on a text as an automaton, to be walked byte by byte: it takes the texts of which the condition holds.
#[derive(Debug)]
pub(crate) struct Automaton(dense::DFA<Vec<u32>>);

/// Where a walk stands from which a text may yet be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Spot(StateID);

/// Why a condition has no automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAutomaton {
    /// It is no expression, and never holds.
    Invalid,
    /// It would be too large.
    TooLarge,
}

impl Automaton {
    pub(crate) fn new(text: &StringMatch) -> Result<Self, NoAutomaton> {
        let plain = |plain: &str| plain_text(plain, text.ignore_case);
        let hir = match &text.pattern {
            StringPattern::Exact(text) => plain(text),
            StringPattern::Prefix(text) => Hir::concat(vec![plain(text), anything()]),
            StringPattern::Suffix(text) => Hir::concat(vec![anything(), plain(text)]),
            StringPattern::Contains(text) => Hir::concat(vec![anything(), plain(text), anything()]),
            StringPattern::Regex(regex) => re2::parse(regex).map_err(|_| NoAutomaton::Invalid)?.0,
        };
        table::automaton(&hir, MOST_NFA_STATES, MOST_BYTES).map(Self).ok_or(NoAutomaton::TooLarge)
    }

    /// Before the first byte.
    pub(crate) fn start(&self) -> Option<Spot> {
        self.spot(self.0.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?)
    }

    /// After one more byte; `None` where nothing that begins so is taken.
    pub(crate) fn after(&self, spot: Spot, byte: u8) -> Option<Spot> {
        self.spot(self.0.next_state(spot.0, byte))
    }

    /// Whether the text is taken that ends here.
    pub(crate) fn takes(&self, spot: Spot) -> bool {
        self.0.is_match_state(self.0.next_eoi_state(spot.0))
    }

    /// What it keeps in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.0.memory_usage()
    }

    fn spot(&self, state: StateID) -> Option<Spot> {
        (!self.0.is_dead_state(state)).then_some(Spot(state))
    }
}

fn plain_text(text: &str, ignore_case: bool) -> Hir {
    let either = |byte: &u8| {
        let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        class(cases.map(|byte| ClassBytesRange::new(byte, byte)))
    };
    if ignore_case {
        Hir::concat(text.as_bytes().iter().map(either).collect())
    } else {
        Hir::literal(text.as_bytes())
    }
}

fn anything() -> Hir {
    let byte = Box::new(class([ClassBytesRange::new(0, u8::MAX)]));
    Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub: byte })
}

fn class(ranges: impl IntoIterator<Item = ClassBytesRange>) -> Hir {
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::text_holds;

    fn takes(text: &StringMatch, value: &str) -> bool {
        let Ok(automaton) = Automaton::new(text) else { return false };
        let walk = |spot: Option<Spot>, byte| automaton.after(spot?, byte);
        value.bytes().fold(automaton.start(), walk).is_some_and(|spot| automaton.takes(spot))
    }

    #[test]
    fn an_automaton_takes_what_the_condition_takes() {
        let values = ["", "a", "A", "ab", "aB", "b", "ba", "cab", "abc", "a b", "\n", "a\n", "é", "/a/b"];
        let kinds = [
            StringPattern::Exact as fn(String) -> StringPattern,
            StringPattern::Prefix,
            StringPattern::Suffix,
            StringPattern::Contains,
            StringPattern::Regex,
        ];
        let texts = ["", "a", "ab", "aB", "é", "a.*", "(?i)ab", "^a$", ".*\\bb", "[^a]+", "(", "a$|(?m:^b)"];
        for (kind, text, ignore_case, value) in kinds.iter().flat_map(|kind| {
            texts.iter().flat_map(move |text| {
                [true, false]
                    .into_iter()
                    .flat_map(move |ignore| values.map(|value| (kind, text, ignore, value)))
            })
        }) {
            let condition = StringMatch { pattern: kind((*text).to_owned()), ignore_case };
            let expected = text_holds(&condition, value.as_bytes());
            assert_eq!(takes(&condition, value), expected, "{condition:?} {value:?}");
        }
    }

    #[test]
    fn large_expressions_have_none() {
        let large = StringMatch::regex("(a?b?){900}");
        assert_eq!(Automaton::new(&large).err(), Some(NoAutomaton::TooLarge));
        assert_eq!(Automaton::new(&StringMatch::regex("(")).err(), Some(NoAutomaton::Invalid));
    }
}
