//! Ways to write a change.

use std::ops::Range;

use pointsman_types::{FieldPath, Segment};

use super::change::Change;
use super::site::{Page, Role, Site};
use super::{EditError, block, flow};
use crate::syntax::NodeKind;
use crate::{Document, Map, Value};

/// Bytes of a text and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
}

impl Splice {
    pub(super) fn new(range: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { range, replacement: replacement.into() }
    }

    /// The text with it, with the line breaks of the text; `None` where its bytes are none of the text.
    pub(super) fn applied(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.range.start)?, text.get(self.range.end..)?);
        (self.range.start <= self.range.end).then_some(())?;
        let replacement = match super::scan::line_break(text) {
            "\n" => self.replacement.clone(),
            line_break => self.replacement.replace("\r\n", "\n").replace('\n', line_break),
        };
        Some([before, &replacement, after].concat())
    }
}

/// Ways to write a change, the best first. Any of them may turn out to say something else.
pub(super) fn ways(document: &Document, change: &Change) -> Result<Vec<Splice>, EditError> {
    let page = Page::new(document).ok_or_else(|| EditError::unsafe_at(change.path()))?;
    match change {
        Change::Replace { path, value } => replace(page, path, value),
        Change::Add { map, name, value } => add(page, map, name, value),
        Change::Insert { list, position, value } => insert(page, list, *position, value),
        Change::Remove { path } => remove(page, path),
    }
}

fn replace(page: Page<'_>, path: &FieldPath, value: &Value) -> Result<Vec<Splice>, EditError> {
    let site = match (page.site(path), path.segments().last(), path.parent()) {
        // A field of its own overrides one that was merged.
        (Err(EditError::Borrowed { .. }), Some(Segment::Field(name)), Some(map)) => {
            return add(page, &map, name, value).map_err(|_| EditError::Borrowed { path: path.clone() });
        }
        (site, ..) => site?,
    };
    Ok(replaced(page, site, value))
}

fn replaced(page: Page<'_>, site: Site, value: &Value) -> Vec<Splice> {
    if site.in_flow { flow::replace(page, site, value) } else { block::replace(page, site, value) }
}

fn add(page: Page<'_>, map: &FieldPath, name: &str, value: &Value) -> Result<Vec<Splice>, EditError> {
    let site = page.site(map)?;
    match page.kind(site.node) {
        Some(NodeKind::Alias(_)) => Err(EditError::Borrowed { path: map.clone() }),
        Some(NodeKind::Map { flow, entries }) if !entries.is_empty() => {
            Ok(if *flow { flow::add(page, site, name, value) } else { block::add(page, site, name, value) })
        }
        _ => Ok(replaced(page, site, &Map::from_iter([(name, value.clone())]).into())),
    }
}

fn insert(
    page: Page<'_>,
    list: &FieldPath,
    position: usize,
    value: &Value,
) -> Result<Vec<Splice>, EditError> {
    let site = page.site(list)?;
    match page.kind(site.node) {
        Some(NodeKind::Alias(_)) => Err(EditError::Borrowed { path: list.clone() }),
        Some(NodeKind::List { flow, items }) if !items.is_empty() => Ok(if *flow {
            flow::insert(page, site, position, value)
        } else {
            block::insert(page, site, position, value)
        }),
        _ => Ok(replaced(page, site, &Value::List(vec![value.clone()]))),
    }
}

fn remove(page: Page<'_>, path: &FieldPath) -> Result<Vec<Splice>, EditError> {
    let site = page.site(path)?;
    let parent = path.parent().ok_or_else(|| EditError::missing(path))?;
    let (node, last) = match site.role {
        Role::Root => return Err(EditError::missing(path)),
        Role::Field { map, .. } => (map, Value::Map(Map::new())),
        Role::Item { list, .. } => (list, Value::List(Vec::new())),
    };
    let alone = match page.kind(node) {
        Some(NodeKind::Map { entries, .. }) => entries.len() == 1,
        Some(NodeKind::List { items, .. }) => items.len() == 1,
        _ => true,
    };
    Ok(match () {
        () if alone => replaced(page, page.site(&parent)?, &last),
        () if page.is_flow(node) => flow::remove(page, site),
        () => block::remove(page, site),
    })
}
