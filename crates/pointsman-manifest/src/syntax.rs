//! Where everything stands in the text of one document.

use pointsman_types::{FieldPath, Segment, Span};

/// The nodes of one document as they are written, without what they say.
///
/// An arena, so that deep documents cost no stack to drop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Syntax {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: NodeId,
}

pub(crate) type NodeId = u32;

/// One node. Its bytes do not contain its anchor and tag; those of a block scalar do not contain its `|`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: u32,
    /// In characters, from 0.
    pub(crate) column: u32,
    /// Has an anchor or a tag.
    pub(crate) properties: Properties,
}

/// What stands before a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Properties {
    pub(crate) anchor: bool,
    pub(crate) tag: bool,
    /// First byte of the first of them; only where there is one.
    pub(crate) start: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Scalar(Style),
    List { flow: bool, items: Vec<NodeId> },
    Map { flow: bool, entries: Vec<Entry> },
    Alias(NodeId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Nothing is written.
    Absent,
    Plain,
    Single,
    Double,
    /// `|` or `>`.
    Block,
}

/// One field as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Name,
    pub(crate) key: NodeId,
    pub(crate) value: NodeId,
}

/// What the key of a field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// What is written, so many bytes off at both ends for quotes.
    Written(u8),
    Other(Box<str>),
    /// `<<`: the fields of other maps.
    Merge,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) node: NodeId,
    /// The way went through an alias or a merge key.
    pub(crate) borrowed: bool,
}

impl Syntax {
    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// What an alias stands for; any other node itself.
    pub(crate) fn resolved(&self, id: NodeId) -> NodeId {
        match self.node(id).map(|node| &node.kind) {
            Some(NodeKind::Alias(target)) => *target,
            _ => id,
        }
    }

    pub(crate) fn name_of<'a>(&'a self, entry: &'a Entry, text: &'a str) -> Option<&'a str> {
        match &entry.name {
            Name::Written(quote) => {
                let key = self.node(entry.key)?;
                let quote = usize::from(*quote);
                text.get(key.start + quote..key.end.checked_sub(quote)?)
            }
            Name::Other(name) => Some(name),
            Name::Merge => None,
        }
    }

    /// The node that a path leads to. O(fields on the way).
    pub(crate) fn find(&self, path: &FieldPath, text: &str) -> Option<Found> {
        let start = Found { node: self.root, borrowed: false };
        path.segments().iter().try_fold(start, |found, segment| self.step(found, segment, text))
    }

    /// The key of the field that a path leads to; of an item, the item.
    pub(crate) fn find_key(&self, path: &FieldPath, text: &str) -> Option<NodeId> {
        let Some((Segment::Field(name), _)) = path.segments().split_last() else {
            return self.find(path, text).map(|found| found.node);
        };
        let map = self.find(&path.parent()?, text)?.node;
        let value = self.find(path, text)?.node;
        match &self.node(self.resolved(map))?.kind {
            NodeKind::Map { entries, .. } => {
                let own = entries.iter().find(|entry| self.name_of(entry, text) == Some(name));
                Some(own.map_or(value, |entry| entry.key))
            }
            _ => None,
        }
    }

    pub(crate) fn step(&self, from: Found, segment: &Segment, text: &str) -> Option<Found> {
        let node = self.resolved(from.node);
        let borrowed = from.borrowed || node != from.node;
        match segment {
            Segment::Field(name) => {
                let (node, merged) = self.field(node, name, text, 0)?;
                Some(Found { node, borrowed: borrowed || merged })
            }
            Segment::Index(position) => match &self.node(node)?.kind {
                NodeKind::List { items, .. } => Some(Found { node: *items.get(*position)?, borrowed }),
                _ => None,
            },
        }
    }

    /// The field of that name: the last one in the text wins, as a later merge does over an earlier field.
    fn field(&self, map: NodeId, name: &str, text: &str, depth: usize) -> Option<(NodeId, bool)> {
        let NodeKind::Map { entries, .. } = &self.node(map)?.kind else { return None };
        entries.iter().rev().find_map(|entry| match entry.name {
            Name::Merge => self.merged_field(entry.value, name, text, depth),
            _ => (self.name_of(entry, text) == Some(name)).then_some((entry.value, false)),
        })
    }

    fn merged_field(&self, value: NodeId, name: &str, text: &str, depth: usize) -> Option<(NodeId, bool)> {
        if depth > super::read::MAX_DEPTH {
            return None;
        }
        let value = self.resolved(value);
        let in_map =
            |map: NodeId| self.field(self.resolved(map), name, text, depth + 1).map(|(node, _)| (node, true));
        match &self.node(value)?.kind {
            NodeKind::Map { .. } => in_map(value),
            NodeKind::List { items, .. } => items.iter().find_map(|item| in_map(*item)),
            _ => None,
        }
    }

    pub(crate) fn span(&self, id: NodeId) -> Option<Span> {
        let node = self.node(id)?;
        Some(Span {
            start: node.start,
            end: node.end,
            line: node.line as usize,
            column: node.column as usize + 1,
        })
    }
}
