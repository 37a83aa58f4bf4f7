//! Where everything stands in the text of one document.

use std::collections::HashMap;
use std::sync::OnceLock;

use pointsman_types::{FieldPath, Segment, Span};

/// The nodes of one document as they are written, without what they say.
///
/// An arena, so that deep documents cost no stack to drop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Syntax {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: NodeId,
    /// Large maps. Made when someone first asks for a field of one.
    index: OnceLock<HashMap<NodeId, Large>>,
}

/// What stands where in a large map.
#[derive(Debug, Clone)]
struct Large {
    positions: HashMap<Box<str>, usize>,
    merges: Vec<usize>,
}

/// Up to so many fields, a map is searched one after another.
const FEW: usize = 32;

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
                let own =
                    self.own_field(self.resolved(map), name, text).and_then(|position| entries.get(position));
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
        let own = self.own_field(map, name, text);
        let merged =
            self.merges(map, text).into_iter().rev().filter(|position| own.is_none_or(|own| own < *position));
        let merged =
            merged.filter_map(|position| self.merged_field(entries.get(position)?.value, name, text, depth));
        merged.into_iter().next().or_else(|| Some((entries.get(own?)?.value, false)))
    }

    /// The positions of merge keys.
    fn merges(&self, map: NodeId, text: &str) -> Vec<usize> {
        match self.node(map).map(|node| &node.kind) {
            Some(NodeKind::Map { entries, .. }) if entries.len() <= FEW => merges_among(entries),
            _ => self.large(map, text).map(|large| large.merges.clone()).unwrap_or_default(),
        }
    }

    /// The position of a field that the map itself has.
    fn own_field(&self, map: NodeId, name: &str, text: &str) -> Option<usize> {
        let NodeKind::Map { entries, .. } = &self.node(map)?.kind else { return None };
        if entries.len() <= FEW {
            return entries.iter().position(|entry| self.name_of(entry, text) == Some(name));
        }
        self.large(map, text)?.positions.get(name).copied()
    }

    fn large(&self, map: NodeId, text: &str) -> Option<&Large> {
        self.index.get_or_init(|| self.make_index(text)).get(&map)
    }

    fn make_index(&self, text: &str) -> HashMap<NodeId, Large> {
        let large = |(id, node): (NodeId, &Node)| match &node.kind {
            NodeKind::Map { entries, .. } if entries.len() > FEW => {
                let named = entries.iter().enumerate();
                let positions = named
                    .filter_map(|(position, entry)| Some((self.name_of(entry, text)?.into(), position)))
                    .collect();
                Some((id, Large { positions, merges: merges_among(entries) }))
            }
            _ => None,
        };
        (0..).zip(&self.nodes).filter_map(large).collect()
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

fn merges_among(entries: &[Entry]) -> Vec<usize> {
    let merges = entries.iter().enumerate().filter(|(_, entry)| entry.name == Name::Merge);
    merges.map(|(position, _)| position).collect()
}
