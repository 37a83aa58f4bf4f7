//! Changes in flow style and in JSON.

use super::scan::{begins_line, column, line_start, skip_trivia};
use super::site::{Page, Role, Site};
use super::splice::Splice;
use crate::Value;
use crate::syntax::{NodeId, NodeKind, Style};
use crate::write::{FlowStyle, Place, flow_field, flow_value};

/// A value in the place of another.
pub(super) fn replace(page: Page<'_>, site: Site, value: &Value) -> Vec<Splice> {
    let container = match site.role {
        Role::Root => site.node,
        Role::Field { map, .. } => map,
        Role::Item { list, .. } => list,
    };
    let Some(start) = page.first_byte(site.node) else { return Vec::new() };
    let style = style(page, container, start);
    if page.is_absent(site.node) {
        return replace_absent(page, site, value, style).into_iter().collect();
    }
    let Some(end) = page.end(site.node, site.role) else { return Vec::new() };
    vec![Splice::new(start..end, flow_value(value, style))]
}

/// `{a}` and `{a: }`.
fn replace_absent(page: Page<'_>, site: Site, value: &Value, style: FlowStyle) -> Option<Splice> {
    let Role::Field { map, position } = site.role else { return None };
    Some(match page.colon(map, position) {
        Some(colon) => Splice::new(colon + 1..colon + 1, format!(" {}", flow_value(value, style))),
        None => {
            let end = page.node(site.node)?.start;
            Splice::new(end..end, format!(": {}", flow_value(value, style)))
        }
    })
}

/// A field behind the last one of a map.
pub(super) fn add(page: Page<'_>, site: Site, name: &str, value: &Value) -> Vec<Splice> {
    let count = children(page, site.node).len();
    put(page, site.node, count, &|style| flow_field(name, value, style)).into_iter().collect()
}

/// An item before the one at a position, or behind the last one.
pub(super) fn insert(page: Page<'_>, site: Site, position: usize, value: &Value) -> Vec<Splice> {
    put(page, site.node, position, &|style| flow_value(value, style)).into_iter().collect()
}

fn put(
    page: Page<'_>,
    parent: NodeId,
    position: usize,
    write: &dyn Fn(FlowStyle) -> String,
) -> Option<Splice> {
    let text = page.text;
    let children = children(page, parent);
    let neighbour = children.get(position).or(children.last())?;
    let style = style(page, parent, neighbour.0);
    let written = write(style);
    let line = line_before(text, neighbour.0);
    let space = if style.compact { "" } else { " " };
    let gap = line.unwrap_or_else(|| space.to_owned());
    if position < children.len() {
        return Some(Splice::new(neighbour.0..neighbour.0, format!("{written},{gap}")));
    }
    let comma = skip_trivia(text, neighbour.1);
    Some(if page.has(comma, ',') {
        Splice::new(comma + 1..comma + 1, format!("{gap}{written}"))
    } else {
        Splice::new(neighbour.1..neighbour.1, format!(",{gap}{written}"))
    })
}

/// Without a field or an item that is not the only one.
pub(super) fn remove(page: Page<'_>, site: Site) -> Vec<Splice> {
    let (parent, position) = match site.role {
        Role::Field { map, position } => (map, position),
        Role::Item { list, position } => (list, position),
        Role::Root => return Vec::new(),
    };
    let children = children(page, parent);
    let range = match (children.get(position), children.get(position + 1)) {
        (Some(child), Some(next)) => child.0..next.0,
        (Some(child), None) => {
            let before = position.checked_sub(1).and_then(|before| children.get(before));
            before.map_or(child.0, |before| before.1)..child.1
        }
        _ => return Vec::new(),
    };
    vec![Splice::new(range, "")]
}

/// First and last bytes of the fields or items of a list or map in flow style.
fn children(page: Page<'_>, parent: NodeId) -> Vec<(usize, usize)> {
    let bytes = |position: usize, first: NodeId, value: NodeId, role: fn(NodeId, usize) -> Role| {
        Some((key_start(page, first)?, page.end(value, role(parent, position))?))
    };
    let all: Option<Vec<_>> = match page.kind(parent) {
        Some(NodeKind::Map { entries, .. }) => {
            let role = |map, position| Role::Field { map, position };
            entries.iter().enumerate().map(|(at, entry)| bytes(at, entry.key, entry.value, role)).collect()
        }
        Some(NodeKind::List { items, .. }) => {
            let role = |list, position| Role::Item { list, position };
            items.iter().enumerate().map(|(at, item)| bytes(at, *item, *item, role)).collect()
        }
        _ => None,
    };
    all.unwrap_or_default()
}

/// The first byte of a key or an item, with its `?`.
fn key_start(page: Page<'_>, node: NodeId) -> Option<usize> {
    let start = page.first_byte(node)?;
    let before = page.text.get(..start)?.trim_end_matches(' ');
    let marked = before.len() < start
        && before.strip_suffix('?').is_some_and(|before| before.ends_with(['{', '[', ',', ' ', '\n']));
    Some(if marked { before.len() - 1 } else { start })
}

/// The line break and the spaces before something that begins its line.
fn line_before(text: &str, start: usize) -> Option<String> {
    let from = line_start(text, start);
    (from > 0 && begins_line(text, start)).then(|| format!("\n{}", text.get(from..start).unwrap_or_default()))
}

/// How a list or map is written, for something that is put at `start`.
fn style(page: Page<'_>, container: NodeId, start: usize) -> FlowStyle {
    let text = page.text;
    let first_key = match page.kind(container) {
        Some(NodeKind::Map { entries, .. }) => entries.first(),
        _ => None,
    };
    let quoted = first_key.is_some_and(|entry| {
        page.node(entry.key).is_some_and(|key| key.kind == NodeKind::Scalar(Style::Double))
    });
    let place = if page.is_json || quoted { Place::Json } else { Place::Flow };
    let is_spaced =
        |position: usize| text.get(position..).is_some_and(|rest| rest.starts_with([' ', '\n', '\r', '\t']));
    let children = children(page, container);
    let colon = first_key.and_then(|entry| page.colon_of(entry));
    let comma = children.first().zip(children.get(1)).map(|(first, _)| skip_trivia(text, first.1));
    let compact = place == Place::Json && colon.or(comma).is_some_and(|sign| !is_spaced(sign + 1));
    let line_of = text.get(line_start(text, start)..start).unwrap_or_default();
    let indent = line_of.len() - line_of.trim_start_matches(' ').len();
    let in_lines = page.is_json
        && children.first().is_some_and(|child| begins_line(text, child.0) && line_start(text, child.0) > 0);
    let step = first_step(page);
    FlowStyle { place, compact, lines: in_lines.then_some((indent, step)) }
}

/// How many spaces deeper the first field of a JSON document stands than its bracket.
fn first_step(page: Page<'_>) -> usize {
    let root = page.syntax.root;
    let open = page.node(root).map_or(0, |root| root.start);
    let line = page.text.get(line_start(page.text, open)..open).unwrap_or_default();
    let outer = line.len() - line.trim_start_matches(' ').len();
    let inner = children(page, root).first().map_or(outer + 2, |child| column(page.text, child.0));
    inner.checked_sub(outer).filter(|step| (1..=8).contains(step)).unwrap_or(2)
}
