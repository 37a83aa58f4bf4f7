//! Texts of every class that some conditions can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{StringMatch, StringPattern};
use crate::pattern::{Automaton, NoAutomaton};

use super::space::Space;
use super::walk::{Walk, tell_of_texts};

/// What the automata of one part of a request may take in memory together.
const MOST_BYTES: usize = 64 << 20;
const TOO_LARGE_TOGETHER: &str = "is too large with the other conditions";

/// Texts of every class that some conditions can tell apart.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) texts: BTreeSet<String>,
    /// Why there may be classes without a text here.
    pub(super) why_not: Option<String>,
}

impl Classes {
    /// A text for each combination of conditions that hold of one text of the space.
    ///
    /// The automata of all conditions are walked at once, so that no combination is missed.
    pub(super) fn of(conditions: &BTreeSet<StringMatch>, space: &Space) -> Self {
        let Built { conditions: known, mut automata, mut why_not } = Built::of(conditions, space);
        // They stand behind all conditions and make no classes, but different places.
        automata.extend(space.hints.iter().filter_map(|hint| Automaton::new(hint).ok()));
        let mut classes: BTreeMap<Vec<usize>, Option<String>> = BTreeMap::new();
        let mut add = |mut holding: Vec<usize>, text: &dyn Fn() -> Option<String>| {
            holding.retain(|condition| *condition < known.len());
            let class = classes.entry(holding).or_default();
            if class.is_none() {
                *class = text().filter(|text| space.has(text));
            }
        };
        let examples = space.examples.iter().filter(|example| space.has(example));
        tell_of_texts(&automata, examples, |taking, text| add(taking, &|| Some(text.to_owned())));
        let is_whole = Walk::new(&automata, space).run(&mut add);
        if !is_whole {
            why_not.get_or_insert_with(|| named(&known, TOO_LARGE_TOGETHER, space));
        }
        let without_text = classes.iter().find(|(_, text)| text.is_none());
        if let Some((holding, _)) = without_text {
            let of_class: Vec<_> = holding.iter().filter_map(|one| known.get(*one).copied()).collect();
            why_not
                .get_or_insert_with(|| named(&of_class, "holds of texts that no request was made of", space));
        }
        Self { texts: classes.into_values().flatten().collect(), why_not }
    }
}

/// The automata of those conditions that can hold.
#[derive(Default)]
struct Built<'c> {
    conditions: Vec<&'c StringMatch>,
    automata: Vec<Automaton>,
    /// Why not all have one.
    why_not: Option<String>,
}

impl<'c> Built<'c> {
    fn of(conditions: &'c BTreeSet<StringMatch>, space: &Space) -> Self {
        let (mut built, mut bytes) = (Self::default(), 0);
        for condition in conditions {
            match Automaton::new(condition) {
                Ok(automaton) if bytes <= MOST_BYTES => {
                    bytes += automaton.bytes();
                    built.automata.push(automaton);
                    built.conditions.push(condition);
                }
                Ok(_) => {
                    built.why_not = Some(named(&[condition], TOO_LARGE_TOGETHER, space));
                    break;
                }
                Err(NoAutomaton::Invalid) => {}
                Err(NoAutomaton::TooLarge) => {
                    built.why_not = Some(named(&[condition], "is too large", space));
                }
            }
        }
        built
    }
}

/// What stands in the way: the first regular expression, if there is one.
fn named(conditions: &[&StringMatch], why: &str, space: &Space) -> String {
    let regex = conditions.iter().find_map(|condition| match &condition.pattern {
        StringPattern::Regex(regex) => Some(regex),
        _ => None,
    });
    match regex {
        Some(regex) => format!("the regular expression `{regex}` on {} {why}", space.name),
        None => format!("a condition on {} {why}", space.name),
    }
}
