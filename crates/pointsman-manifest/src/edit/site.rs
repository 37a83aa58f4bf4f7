//! The place in a text that a path leads to.

use pointsman_types::{FieldPath, Segment};

use super::EditError;
use super::scan::{BLANK, skip_properties, skip_trivia};
use crate::Document;
use crate::syntax::{Entry, Found, Node, NodeId, NodeKind, Style, Syntax};

/// A text with the places of its nodes.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) syntax: &'a Syntax,
    /// The first byte of the document, or its `---`.
    pub(super) start: usize,
    pub(super) is_json: bool,
}

/// One node in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) node: NodeId,
    pub(super) role: Role,
    /// Inside flow style, where everything stays in flow style.
    pub(super) in_flow: bool,
}

/// What a node is to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Root,
    Field { map: NodeId, position: usize },
    Item { list: NodeId, position: usize },
}

impl<'a> Page<'a> {
    pub(super) fn new(document: &'a Document) -> Option<Self> {
        Some(Self {
            text: document.text(),
            syntax: document.syntax()?,
            start: document.byte_range().start,
            is_json: document.is_json(),
        })
    }

    /// The place that a path leads to.
    pub(super) fn site(&self, path: &FieldPath) -> Result<Site, EditError> {
        let mut site = Site { node: self.syntax.root, role: Role::Root, in_flow: self.is_json };
        for segment in path.segments() {
            let from = Found { node: site.node, borrowed: false };
            let found = self.syntax.step(from, segment, self.text).ok_or_else(|| EditError::missing(path))?;
            let role = self.role(site.node, segment, found.node);
            let (false, Some(role)) = (found.borrowed, role) else {
                return Err(EditError::Borrowed { path: path.clone() });
            };
            site = Site { node: found.node, role, in_flow: site.in_flow || self.is_flow(site.node) };
        }
        if matches!(self.kind(site.node), Some(NodeKind::Alias(_))) && matches!(site.role, Role::Root) {
            return Err(EditError::Borrowed { path: path.clone() });
        }
        Ok(site)
    }

    fn role(&self, parent: NodeId, segment: &Segment, child: NodeId) -> Option<Role> {
        match (self.kind(parent)?, segment) {
            (NodeKind::Map { entries, .. }, Segment::Field(_)) => {
                let position = entries.iter().position(|entry| entry.value == child)?;
                Some(Role::Field { map: parent, position })
            }
            (NodeKind::List { .. }, Segment::Index(position)) => {
                Some(Role::Item { list: parent, position: *position })
            }
            _ => None,
        }
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.syntax.node(id)
    }

    pub(super) fn kind(&self, id: NodeId) -> Option<&'a NodeKind> {
        self.node(id).map(|node| &node.kind)
    }

    pub(super) fn is_flow(&self, id: NodeId) -> bool {
        matches!(self.kind(id), Some(NodeKind::List { flow: true, .. } | NodeKind::Map { flow: true, .. }))
    }

    pub(super) fn is_block(&self, id: NodeId) -> bool {
        matches!(
            self.kind(id),
            Some(
                NodeKind::List { flow: false, .. }
                    | NodeKind::Map { flow: false, .. }
                    | NodeKind::Scalar(Style::Block)
            )
        )
    }

    pub(super) fn is_absent(&self, id: NodeId) -> bool {
        matches!(self.kind(id), Some(NodeKind::Scalar(Style::Absent)))
    }

    /// Whether the text at this position begins so.
    pub(super) fn has(&self, position: usize, prefix: char) -> bool {
        self.text.get(position..).is_some_and(|rest| rest.starts_with(prefix))
    }

    /// The position behind the `:`, `-` or `---` that a node belongs to; in flow lists its first byte.
    pub(super) fn after_indicator(&self, role: Role) -> Option<usize> {
        match role {
            Role::Root if self.text.get(self.start..)?.starts_with("---") => Some(self.start + 3),
            Role::Root => Some(self.start),
            Role::Field { map, position } => self.colon(map, position).map(|colon| colon + 1),
            Role::Item { list, position } if self.is_flow(list) => {
                self.first_byte(self.item(list, position)?)
            }
            Role::Item { list, position } => self.dash(list, position).map(|dash| dash + 1),
        }
    }

    pub(super) fn item(&self, list: NodeId, position: usize) -> Option<NodeId> {
        match self.kind(list)? {
            NodeKind::List { items, .. } => items.get(position).copied(),
            _ => None,
        }
    }

    /// The colon of a field; `None` for a key alone.
    pub(super) fn colon(&self, map: NodeId, position: usize) -> Option<usize> {
        let NodeKind::Map { entries, .. } = self.kind(map)? else { return None };
        self.colon_of(entries.get(position)?)
    }

    pub(super) fn colon_of(&self, entry: &Entry) -> Option<usize> {
        let colon = skip_trivia(self.text, self.node(entry.key)?.end);
        self.has(colon, ':').then_some(colon)
    }

    /// The `-` of an item in block style.
    pub(super) fn dash(&self, list: NodeId, position: usize) -> Option<usize> {
        let from = match position.checked_sub(1) {
            Some(before) => self.end(self.item(list, before)?, Role::Item { list, position: before })?,
            None => self.after_indicator(self.role_of(list)?)?,
        };
        let dash =
            if position == 0 { skip_properties(self.text, from) } else { skip_trivia(self.text, from) };
        self.has(dash, '-').then_some(dash)
    }

    /// What a node is to its parent. O(nodes).
    fn role_of(&self, child: NodeId) -> Option<Role> {
        if child == self.syntax.root {
            return Some(Role::Root);
        }
        // Parents come before their children.
        (0..child).rev().find_map(|parent| match self.kind(parent)? {
            NodeKind::Map { entries, .. } => {
                let position = entries.iter().position(|entry| entry.value == child)?;
                Some(Role::Field { map: parent, position })
            }
            NodeKind::List { items, .. } => {
                let position = items.iter().position(|item| *item == child)?;
                Some(Role::Item { list: parent, position })
            }
            _ => None,
        })
    }

    /// The first byte of a node in flow style or of a scalar in one line, with its anchor and tag.
    pub(super) fn first_byte(&self, id: NodeId) -> Option<usize> {
        let node = self.node(id)?;
        Some(if node.properties.anchor || node.properties.tag { node.properties.start } else { node.start })
    }

    /// The first byte of any node: its anchor or tag, the `|` of a text, the `-` or `?` of a first item or field.
    pub(super) fn outer_start(&self, site: Site) -> Option<usize> {
        let node = self.node(site.node)?;
        if node.properties.anchor || node.properties.tag || !self.is_block(site.node) {
            return self.first_byte(site.node);
        }
        Some(skip_trivia(self.text, self.after_indicator(site.role)?))
    }

    /// One past the last byte that says something of a node: no line breaks, no comments.
    pub(super) fn end(&self, id: NodeId, role: Role) -> Option<usize> {
        let (id, role) = self.last_leaf(id, role)?;
        let node = self.node(id)?;
        match &node.kind {
            NodeKind::Scalar(Style::Absent) => self.end_of_absent(id, role),
            // Where it has no lines, its `|` is the last thing before it.
            NodeKind::Scalar(Style::Block) => Some(self.text.get(..node.end)?.trim_end_matches(BLANK).len()),
            _ => Some(node.end),
        }
    }

    /// The last scalar, alias or flow of a node in block style.
    pub(super) fn last_leaf(&self, id: NodeId, role: Role) -> Option<(NodeId, Role)> {
        let (mut id, mut role) = (id, role);
        loop {
            match self.kind(id)? {
                NodeKind::Map { flow: false, entries } => {
                    let position = entries.len().checked_sub(1)?;
                    role = Role::Field { map: id, position };
                    id = entries.get(position)?.value;
                }
                NodeKind::List { flow: false, items } => {
                    let position = items.len().checked_sub(1)?;
                    role = Role::Item { list: id, position };
                    id = *items.get(position)?;
                }
                _ => return Some((id, role)),
            }
        }
    }

    fn end_of_absent(&self, id: NodeId, role: Role) -> Option<usize> {
        let node = self.node(id)?;
        let after = match role {
            Role::Field { map, position } => match self.colon(map, position) {
                Some(colon) => colon + 1,
                None => node.start,
            },
            _ => node.start,
        };
        if !(node.properties.anchor || node.properties.tag) {
            return Some(after);
        }
        let rest = self.text.get(node.properties.start..)?;
        Some(node.properties.start + rest.find(['\n', '\r', ',', '}', ']']).unwrap_or(rest.len()))
    }
}
