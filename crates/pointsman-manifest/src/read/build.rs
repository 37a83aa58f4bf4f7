//! From the nodes of a document to what it says: aliases repeated, merge keys merged.

use std::collections::HashSet;

use super::events::Nodes;
use super::{Failure, MAX_DEPTH};
use crate::syntax::{Entry, Name, NodeId, NodeKind, Syntax};
use crate::{Map, Value};

/// How much aliases may repeat whatever the size of the text, in bytes of texts and names.
const FREE_REPEATS: usize = 1_000_000;
/// How much more for each byte of the text.
const REPEATS_A_BYTE: usize = 4;
/// What a node counts beside its text.
const NODE: usize = 8;

/// What the nodes say.
///
/// A merge key sets its fields where it stands, so a field before it loses and a field after it wins, as in Go.
pub(super) fn build(nodes: Nodes, text: &str) -> Result<(Value, Syntax), Failure> {
    let left = FREE_REPEATS + REPEATS_A_BYTE * text.len();
    let Nodes { syntax, scalars, has_aliases, .. } = nodes;
    let mut builder = Builder { syntax: &syntax, scalars, has_aliases, text, left, repeating: 0 };
    let value = builder.value(syntax.root, 0)?;
    Ok((value, syntax))
}

struct Builder<'a> {
    syntax: &'a Syntax,
    scalars: Vec<Value>,
    has_aliases: bool,
    text: &'a str,
    /// What aliases may still repeat.
    left: usize,
    /// Inside so many aliases.
    repeating: usize,
}

impl Builder<'_> {
    fn value(&mut self, id: NodeId, depth: usize) -> Result<Value, Failure> {
        if depth > MAX_DEPTH {
            return Err(self.failure(id, format!("lists and maps nest deeper than {MAX_DEPTH}")));
        }
        self.charge(id)?;
        let syntax = self.syntax;
        match syntax.node(id).map(|node| &node.kind) {
            Some(NodeKind::List { items, .. }) => items
                .iter()
                .map(|item| self.value(*item, depth + 1))
                .collect::<Result<_, _>>()
                .map(Value::List),
            Some(NodeKind::Map { entries, .. }) => self.map(entries, depth).map(Value::Map),
            Some(NodeKind::Alias(target)) => self.repeated(|builder| builder.value(*target, depth)),
            Some(NodeKind::Scalar(_)) => Ok(self.scalar(id)),
            None => Ok(Value::Null),
        }
    }

    fn scalar(&mut self, id: NodeId) -> Value {
        let Some(value) = self.scalars.get_mut(id as usize) else { return Value::Null };
        if self.has_aliases { value.clone() } else { std::mem::take(value) }
    }

    fn repeated<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        self.repeating += 1;
        let result = work(self);
        self.repeating -= 1;
        result
    }

    fn charge(&mut self, id: NodeId) -> Result<(), Failure> {
        if self.repeating == 0 {
            return Ok(());
        }
        let text = self.scalars.get(id as usize).and_then(Value::as_str).map_or(0, str::len);
        let names = match self.syntax.node(id).map(|node| &node.kind) {
            Some(NodeKind::Map { entries, .. }) => {
                entries.iter().filter_map(|entry| self.syntax.name_of(entry, self.text)).map(str::len).sum()
            }
            _ => 0,
        };
        let left = self.left.checked_sub(NODE + text + names);
        self.left =
            left.ok_or_else(|| self.failure(id, "aliases repeat too much of this document".to_owned()))?;
        Ok(())
    }

    fn map(&mut self, entries: &[Entry], depth: usize) -> Result<Map, Failure> {
        let mut fields = Map::with_capacity(entries.len());
        let merges = entries.iter().any(|entry| entry.name == Name::Merge);
        let mut own = HashSet::new();
        for entry in entries {
            let Some(name) = self.syntax.name_of(entry, self.text) else {
                self.merge(entry.value, &mut fields, depth)?;
                continue;
            };
            if if merges { !own.insert(name) } else { fields.contains(name) } {
                return Err(self.failure(entry.key, format!("the field `{name}` is there twice")));
            }
            let value = self.value(entry.value, depth + 1)?;
            fields.insert(name, value);
        }
        Ok(fields)
    }

    fn merge(&mut self, source: NodeId, fields: &mut Map, depth: usize) -> Result<(), Failure> {
        let syntax = self.syntax;
        match syntax.node(syntax.resolved(source)).map(|node| &node.kind) {
            // Backwards, since the first of them wins.
            Some(NodeKind::List { items, .. }) if syntax.resolved(source) == source => {
                items.iter().rev().try_for_each(|item| self.merge_map(*item, fields, depth))
            }
            _ => self.merge_map(source, fields, depth),
        }
    }

    fn merge_map(&mut self, source: NodeId, fields: &mut Map, depth: usize) -> Result<(), Failure> {
        let is_map = matches!(
            self.syntax.node(self.syntax.resolved(source)).map(|node| &node.kind),
            Some(NodeKind::Map { .. })
        );
        if !is_map {
            return Err(self.failure(source, "`<<` takes a map or a list of maps".to_owned()));
        }
        if let Value::Map(merged) = self.value(source, depth + 1)? {
            for (name, value) in merged {
                fields.insert(name, value);
            }
        }
        Ok(())
    }

    fn failure(&self, id: NodeId, message: String) -> Failure {
        let place =
            self.syntax.span(id).unwrap_or(pointsman_types::Span { start: 0, end: 0, line: 1, column: 1 });
        Failure { message, place }
    }
}
