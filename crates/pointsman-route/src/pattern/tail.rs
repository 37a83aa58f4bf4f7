//! What an expression wants after the plain text that it begins with.

use std::collections::HashMap;
use std::sync::Arc;

use regex_automata::meta::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::table::{Classes, Table};

/// How the rest of a value, after the plain text, is compared.
#[derive(Debug)]
pub(super) enum Tail {
    /// There must be none.
    End,
    /// So many bytes or more, all of a set.
    Every { set: Box<[bool; 256]>, least: usize },
    /// By a table.
    Table(Table),
    /// By the general engine.
    Rest(Regex),
    /// By the general engine, looking at the whole value: the expression looks around itself.
    Whole(Regex),
}

impl Tail {
    pub(super) fn matches(&self, value: &[u8], head: usize) -> bool {
        let rest = value.get(head..).unwrap_or_default();
        match self {
            Self::End => rest.is_empty(),
            Self::Every { set, least } => {
                #[expect(clippy::indexing_slicing, reason = "the set knows every byte")]
                let all = rest.iter().all(|byte| set[usize::from(*byte)]);
                all && rest.len() >= *least
            }
            Self::Table(table) => table.matches(rest),
            Self::Rest(regex) => regex.is_match(rest),
            Self::Whole(regex) => regex.is_match(value),
        }
    }

    /// Whether it takes everything but line breaks.
    pub(super) fn takes_any_line(&self) -> bool {
        matches!(self, Self::Every { set, least: 0 } if set.iter().zip(0..=u8::MAX).all(|(has, byte)| *has || byte == b'\n'))
    }

    /// `None` for an expression that is too large.
    fn new(tail: &Hir, classes: &mut Classes) -> Option<Self> {
        if *tail.kind() == HirKind::Empty {
            return Some(Self::End);
        }
        if let HirKind::Repetition(repeated) = tail.kind()
            && repeated.max.is_none()
            && let Some(set) = set_of(&repeated.sub)
        {
            return Some(Self::Every { set, least: repeated.min as usize });
        }
        match Table::new(tail, classes) {
            Some(table) => Some(Self::Table(table)),
            None => super::compile(&whole(tail)).map(Self::Rest),
        }
    }
}

/// The bytes of an expression that is one byte of a set.
fn set_of(hir: &Hir) -> Option<Box<[bool; 256]>> {
    let mut set = Box::new([false; 256]);
    let mut add = |low: u8, high: u8| {
        for has in set.iter_mut().take(usize::from(high) + 1).skip(usize::from(low)) {
            *has = true;
        }
    };
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => class.iter().for_each(|range| add(range.start(), range.end())),
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => add(byte, byte),
            _ => return None,
        },
        _ => return None,
    }
    Some(set)
}

fn whole(hir: &Hir) -> Hir {
    Hir::concat(vec![Hir::look(Look::Start), hir.clone(), Hir::look(Look::End)])
}

/// Tails of one build: routes mostly differ in the plain text and end alike, so each tail is compiled once.
#[derive(Debug, Default)]
pub(crate) struct Tails {
    known: HashMap<String, Arc<Tail>>,
    classes: Classes,
}

impl Tails {
    /// The plain text that every match begins with, and what comes after it; `None` for an expression that is too large.
    pub(super) fn split(&mut self, hir: &Hir) -> Option<(Box<[u8]>, Arc<Tail>)> {
        let (head, tail) = split(&without_groups(hir));
        if !tail.properties().look_set().is_empty() {
            return Some((head, Arc::new(Tail::Whole(super::compile(&whole(hir))?))));
        }
        let key = format!("{tail:?}");
        if let Some(known) = self.known.get(&key) {
            return Some((head, Arc::clone(known)));
        }
        let made = Arc::new(Tail::new(&tail, &mut self.classes)?);
        self.known.insert(key, Arc::clone(&made));
        Some((head, made))
    }
}

/// Plain text at the beginning, and the rest; anchors at the ends say nothing about whole values and are left out.
fn split(hir: &Hir) -> (Box<[u8]>, Hir) {
    let mut parts = match hir.kind() {
        HirKind::Concat(parts) => parts.clone(),
        _ => vec![hir.clone()],
    };
    let begin = parts.iter().take_while(|part| *part.kind() == HirKind::Look(Look::Start)).count();
    parts.drain(..begin);
    while parts.last().is_some_and(|part| *part.kind() == HirKind::Look(Look::End)) {
        parts.pop();
    }
    let head = match parts.first().map(Hir::kind) {
        Some(HirKind::Literal(literal)) => literal.0.clone(),
        _ => return (Box::default(), Hir::concat(parts)),
    };
    (head, Hir::concat(parts.into_iter().skip(1).collect()))
}

/// The same expression without groups to remember, so that plain text in a group is plain text.
fn without_groups(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Capture(capture) => without_groups(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_groups).collect()),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(without_groups).collect()),
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(without_groups(&repetition.sub))),
        _ => hir.clone(),
    }
}
