//! What an expression wants after the plain text that it begins with.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex_automata::meta::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::table::{Classes, Table};

/// How large the compiled form of one expression may be, in bytes.
const LARGEST: usize = 4 << 20;
/// What the general engine may remember of states that it met, in bytes; it then forgets all of them.
const REMEMBERED: usize = 256 << 10;
/// What the expressions of one virtual host may keep in memory together, in bytes: some 30,000 usual ones, or 250 of the
/// largest that the control plane lets through.
const MOST_OF_A_HOST: usize = 256 << 20;

const TOO_LARGE: &str = "it is too large";
const TOO_MANY: &str = "with the expressions before it in its virtual host it takes too much memory";

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

    /// What it keeps in memory, nearly.
    fn bytes(&self) -> usize {
        match self {
            Self::End => 0,
            Self::Every { .. } => size_of::<[bool; 256]>(),
            Self::Table(table) => table.bytes(),
            Self::Rest(regex) | Self::Whole(regex) => regex.memory_usage(),
        }
    }

    /// Without the general engine; `None` where it is needed.
    fn simple(tail: &Hir, classes: &mut Classes) -> Option<Self> {
        if *tail.kind() == HirKind::Empty {
            return Some(Self::End);
        }
        if let HirKind::Repetition(repeated) = tail.kind()
            && repeated.max.is_none()
            && let Some(set) = set_of(&repeated.sub)
        {
            return Some(Self::Every { set, least: repeated.min as usize });
        }
        Table::new(tail, classes).map(Self::Table)
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
    // Of the present virtual host: what counts must not depend on which hosts were compiled before.
    counted: HashSet<*const Tail>,
    spent: usize,
    is_full: bool,
}

impl Tails {
    /// From here on expressions are those of another virtual host.
    pub(crate) fn begin_host(&mut self) {
        self.counted.clear();
        self.spent = 0;
        self.is_full = false;
    }

    /// Compiles for the general engine, unless the virtual host has had too much already.
    pub(super) fn general(&mut self, hir: &Hir) -> Result<Regex, &'static str> {
        if self.is_full {
            return Err(TOO_MANY);
        }
        let config =
            Regex::config().utf8_empty(false).nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(REMEMBERED);
        Regex::builder().configure(config).build_from_hir(hir).map_err(|_| TOO_LARGE)
    }

    /// Counts so many bytes, or says that the virtual host cannot have them.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), &'static str> {
        let spent = self.spent.saturating_add(bytes);
        self.is_full |= spent > MOST_OF_A_HOST;
        if spent > MOST_OF_A_HOST {
            return Err(TOO_MANY);
        }
        self.spent = spent;
        Ok(())
    }

    fn spend_once(&mut self, tail: &Arc<Tail>) -> Result<(), &'static str> {
        if !self.counted.contains(&Arc::as_ptr(tail)) {
            // One that another virtual host made is refused where it would not be made.
            if self.is_full && matches!(**tail, Tail::Rest(_) | Tail::Whole(_)) {
                return Err(TOO_MANY);
            }
            self.spend(tail.bytes())?;
            self.counted.insert(Arc::as_ptr(tail));
        }
        Ok(())
    }

    /// The plain text that every match begins with, and what comes after it; or why it cannot be had.
    pub(super) fn split(&mut self, hir: &Hir) -> Result<(Box<[u8]>, Arc<Tail>), &'static str> {
        let (head, tail) = split(&without_groups(hir));
        if !tail.properties().look_set().is_empty() {
            let made = Arc::new(Tail::Whole(self.general(&whole(hir))?));
            self.spend_once(&made)?;
            return Ok((head, made));
        }
        let key = format!("{tail:?}");
        if let Some(known) = self.known.get(&key).cloned() {
            self.spend_once(&known)?;
            return Ok((head, known));
        }
        let made = match Tail::simple(&tail, &mut self.classes) {
            Some(simple) => Arc::new(simple),
            None => Arc::new(Tail::Rest(self.general(&whole(&tail))?)),
        };
        self.spend_once(&made)?;
        self.known.insert(key, Arc::clone(&made));
        Ok((head, made))
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
