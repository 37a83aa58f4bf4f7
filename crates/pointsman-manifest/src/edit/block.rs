//! Changes in block style.

use super::scan::{
    BLANK, begins_line, column, line_end, line_start, next_line, skip_properties, skip_trivia,
};
use super::site::{Page, Role, Site};
use super::splice::Splice;
use crate::Value;
use crate::syntax::{NodeId, NodeKind, Style};
use crate::write::{Layout, Writer};

/// A value in the place of another.
pub(super) fn replace(page: Page<'_>, site: Site, value: &Value) -> Vec<Splice> {
    // A text that is written line by line may run into what follows it.
    [(true, false), (true, true), (false, false)]
        .into_iter()
        .filter_map(|(literals, closed)| {
            let mut written = written(page, site, value, layout(page, literals))?;
            if !closed {
                written.truncate(written.trim_end_matches('\n').len());
            }
            replace_with(page, site, &written)
        })
        .collect()
}

/// What stands behind the `:` or `-` of the node, from the space or line break on.
fn written(page: Page<'_>, site: Site, value: &Value, layout: Layout) -> Option<String> {
    let mut writer = Writer::new(layout);
    match site.role {
        Role::Root => {
            let start = page.outer_start(site)?;
            writer.root(value, if begins_line(page.text, start) { column(page.text, start) } else { 0 });
            Some(format!(" {}", writer.finish()))
        }
        Role::Field { map, .. } => {
            writer.after_colon(value, page.node(map)?.column as usize);
            Some(writer.finish())
        }
        Role::Item { list, .. } => {
            writer.item(value, column(page.text, page.dash(list, 0)?));
            writer.finish().strip_prefix('-').map(str::to_owned)
        }
    }
}

fn replace_with(page: Page<'_>, site: Site, written: &str) -> Option<Splice> {
    let text = page.text;
    let after = page.after_indicator(site.role)?;
    if page.is_absent(site.node) {
        return Some(insert_behind(text, after, after, written));
    }
    let (start, end) = (page.outer_start(site)?, page.end(site.node, site.role)?);
    let same_line = !text.get(after..start)?.contains('\n');
    if site.role == Role::Root {
        if same_line && after < start && written.trim_end_matches(BLANK).contains('\n') {
            return Some(Splice::new(after..end, format!("\n{}", written.trim_start_matches(BLANK))));
        }
        return Some(Splice::new(start..end, written.trim_start_matches(BLANK)));
    }
    Some(match (same_line, written.contains('\n')) {
        (true, false) => Splice::new(start..end, written.trim_start_matches(BLANK)),
        (false, false) if !page.is_block(site.node) => {
            Splice::new(start..end, written.trim_start_matches(BLANK))
        }
        // A comment behind the old value comes to stand behind the name.
        (true, true) => insert_behind(text, end, after, written),
        // A comment behind the name stays there.
        (false, _) => {
            let comment = text.get(after..line_end(text, after))?.trim_end_matches(BLANK);
            Splice::new(after..line_end(text, end).max(end), with_comment(written, comment))
        }
    })
}

/// Puts lines in the place of what stands from `start` to `end`, with what follows in the line of `end` behind the first one.
fn insert_behind(text: &str, end: usize, start: usize, written: &str) -> Splice {
    let line_end = line_end(text, end);
    let rest = text.get(end..line_end).unwrap_or_default();
    Splice::new(start..line_end, with_comment(written, rest.trim_end_matches(BLANK)))
}

fn with_comment(written: &str, comment: &str) -> String {
    let (first, lines) = written.split_at(written.find('\n').unwrap_or(written.len()));
    [first, comment, lines].concat()
}

/// A field behind the last one of a map.
pub(super) fn add(page: Page<'_>, site: Site, name: &str, value: &Value) -> Vec<Splice> {
    let Some((indent, last)) = last_entry(page, site.node) else { return Vec::new() };
    ways_behind(page, last.0, last.1, |literals| {
        let mut writer = Writer::new(layout(page, literals));
        writer.field(name, value, indent);
        format!("{}{}", " ".repeat(indent), writer.finish())
    })
}

fn last_entry(page: Page<'_>, map: NodeId) -> Option<(usize, (NodeId, Role))> {
    let NodeKind::Map { entries, .. } = page.kind(map)? else { return None };
    let position = entries.len().checked_sub(1)?;
    Some((page.node(map)?.column as usize, (entries.get(position)?.value, Role::Field { map, position })))
}

/// An item before the one at a position, or behind the last one.
pub(super) fn insert(page: Page<'_>, site: Site, position: usize, value: &Value) -> Vec<Splice> {
    let list = site.node;
    let Some(first) = page.dash(list, 0) else { return Vec::new() };
    let indent = column(page.text, first);
    let item = |literals| {
        let mut writer = Writer::new(layout(page, literals));
        writer.item(value, indent);
        writer.finish()
    };
    let Some(before) = position.checked_sub(1) else {
        let spaces = " ".repeat(indent);
        return [true, false].map(|literals| Splice::new(first..first, item(literals) + &spaces)).into();
    };
    let Some(node) = page.item(list, before) else { return Vec::new() };
    ways_behind(page, node, Role::Item { list, position: before }, |literals| {
        " ".repeat(indent) + &item(literals)
    })
}

/// Lines behind those of a node: directly, or behind the blank lines that a text at its end may own.
fn ways_behind(page: Page<'_>, node: NodeId, role: Role, lines: impl Fn(bool) -> String) -> Vec<Splice> {
    let text = page.text;
    let Some(end) = page.end(node, role) else { return Vec::new() };
    let owned = page.node(node).map_or(end, |node| node.end);
    let mut ways = Vec::new();
    for literals in [true, false] {
        let lines = lines(literals);
        for from in [next_line(text, end), line_start(text, owned).max(next_line(text, end)), text.len()] {
            if text.get(..from).is_some_and(|before| before.ends_with('\n')) {
                ways.push(Splice::new(from..from, lines.clone()));
                continue;
            }
            let lines = format!("\n{}", lines.trim_end_matches('\n'));
            ways.extend(behind_open_text(page, node, role, &lines));
            ways.push(Splice::new(from..from, lines));
        }
    }
    ways
}

/// A text written line by line whose last line has no end: `|-` keeps that so when lines follow.
fn behind_open_text(page: Page<'_>, node: NodeId, role: Role, lines: &str) -> Option<Splice> {
    let (leaf, role) = page.last_leaf(node, role)?;
    matches!(page.kind(leaf), Some(NodeKind::Scalar(Style::Block))).then_some(())?;
    let header = skip_properties(page.text, page.after_indicator(role)?);
    let rest = page.text.get(header + 1..)?;
    Some(Splice::new(header + 1..page.text.len(), format!("-{rest}{lines}")))
}

/// Without a field or an item that is not the only one.
pub(super) fn remove(page: Page<'_>, site: Site) -> Vec<Splice> {
    let text = page.text;
    let (Some(start), Some(end)) = (start_of(page, site.role), page.end(site.node, site.role)) else {
        return Vec::new();
    };
    if !begins_line(text, start) {
        return remove_inline(page, site, start, end).into_iter().collect();
    }
    let from = line_start(text, start);
    let owned = page.node(site.node).map_or(end, |node| node.end);
    let mut ways: Vec<Splice> = [next_line(text, end), line_start(text, owned).max(next_line(text, end))]
        .map(|to| Splice::new(from..to, ""))
        .into();
    if next_line(text, end) == text.len() && !text.ends_with('\n') {
        // The text ended without a line break, and still does.
        let before = text.get(..from).unwrap_or_default();
        let before = before.strip_suffix('\n').unwrap_or(before);
        ways.insert(0, Splice::new(before.strip_suffix('\r').unwrap_or(before).len()..text.len(), ""));
    }
    ways
}

/// Without the first field of a map that begins behind a `-`.
fn remove_inline(page: Page<'_>, site: Site, start: usize, end: usize) -> Option<Splice> {
    let text = page.text;
    let next = match site.role {
        Role::Field { map, position } => Role::Field { map, position: position + 1 },
        Role::Item { list, position } => Role::Item { list, position: position + 1 },
        Role::Root => return None,
    };
    let next = start_of(page, next)?;
    if text.get(end..next)?.contains('#') {
        let before = text.get(..start)?.trim_end_matches(' ').len();
        return Some(Splice::new(before..line_end(text, end), ""));
    }
    Some(Splice::new(start..next, ""))
}

/// The first byte of a field or item: its key with anchor, tag and `?`, or its `-`.
fn start_of(page: Page<'_>, role: Role) -> Option<usize> {
    match role {
        Role::Root => None,
        Role::Item { list, position } => page.dash(list, position),
        Role::Field { map, position } => {
            let NodeKind::Map { entries, .. } = page.kind(map)? else { return None };
            let key = page.first_byte(entries.get(position)?.key)?;
            let before = page.text.get(..key)?.trim_end_matches([' ', '\n', '\r']);
            let line = before.get(line_start(page.text, before.len())..)?;
            let first = line.trim_start_matches([' ', '-', '?']).is_empty();
            let marked = line.ends_with('?') && first && skip_trivia(page.text, before.len()) == key;
            Some(if marked { before.len() - 1 } else { key })
        }
    }
}

/// How the document is laid out, as its first nested map and its first list below a name show.
fn layout(page: Page<'_>, literals: bool) -> Layout {
    let (mut step, mut list_offset) = (None, None);
    for node in &page.syntax.nodes {
        let NodeKind::Map { flow: false, entries } = &node.kind else { continue };
        for entry in entries {
            let deeper = |column: usize| column.checked_sub(node.column as usize);
            match page.kind(entry.value) {
                Some(NodeKind::Map { flow: false, .. }) if step.is_none() => {
                    step = page.node(entry.value).and_then(|value| deeper(value.column as usize));
                }
                Some(NodeKind::List { flow: false, .. }) if list_offset.is_none() => {
                    let colon = page.colon_of(entry);
                    let dash = colon.map(|colon| skip_trivia(page.text, colon + 1));
                    list_offset = dash
                        .filter(|dash| page.has(*dash, '-'))
                        .and_then(|dash| deeper(column(page.text, dash)));
                }
                _ => {}
            }
        }
        if step.is_some() && list_offset.is_some() {
            break;
        }
    }
    let usual = Layout::default();
    Layout {
        step: step.filter(|step| (1..=8).contains(step)).unwrap_or(usual.step),
        list_offset: list_offset.filter(|offset| *offset <= 8).unwrap_or(usual.list_offset),
        literals,
    }
}
