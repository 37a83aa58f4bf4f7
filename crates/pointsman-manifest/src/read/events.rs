//! From the events of the YAML parser to the nodes of a document.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};
use pointsman_types::Span;

use super::base64::base64;
use super::scalar::{Unresolved, key_name, resolve_plain, resolve_tagged};
use super::{Failure, MAX_DEPTH};
use crate::Value;
use crate::syntax::{Entry, Name, Node, NodeId, NodeKind, Properties, Style, Syntax};

/// The documents of a text, one after another.
pub(super) struct Documents<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
}

/// The nodes of a document, and what its scalars say.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) syntax: Syntax,
    /// By node; null for what is no scalar.
    pub(super) scalars: Vec<Value>,
    pub(super) has_aliases: bool,
    pub(super) bytes: Range<usize>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // Limits a little above ours, so that ours speak. The end of a text ends its last line, as it does for Go.
        let options = granit_parser::options! {
            emit_comments: false,
            emit_anchor_events: true,
            block_scalar_eof_without_line_feed: true,
            flow_nesting_limit: MAX_DEPTH + 8,
            block_nesting_limit: MAX_DEPTH + 8,
        };
        Self { text, parser: Parser::new_from_str_with_options(text, options) }
    }

    pub(super) fn next_document(&mut self) -> Result<Option<Nodes>, Failure> {
        let mut reader: Option<Reader<'a>> = None;
        for next in self.parser.by_ref() {
            let (event, span) = next.map_err(|error| syntax_error(&error))?;
            match (event, &mut reader) {
                (Event::DocumentStart(..), _) => reader = Some(Reader::new(self.text, start_of(&span))),
                (Event::DocumentEnd, Some(_)) => return Ok(reader.map(|reader| reader.finish(end_of(&span)))),
                (Event::StreamEnd, _) => return Ok(None),
                (event, Some(reader)) => reader.take(event, &span)?,
                _ => {}
            }
        }
        Ok(None)
    }
}

fn start_of(span: &granit_parser::Span) -> usize {
    span.start.byte_offset().unwrap_or(0)
}

fn end_of(span: &granit_parser::Span) -> usize {
    span.end.byte_offset().unwrap_or(0)
}

fn place(span: &granit_parser::Span) -> Span {
    Span { start: start_of(span), end: end_of(span), line: span.start.line(), column: span.start.col() + 1 }
}

fn syntax_error(error: &ScanError) -> Failure {
    let mark = error.marker();
    let start = mark.byte_offset().unwrap_or(0);
    let place = Span { start, end: start, line: mark.line(), column: mark.col() + 1 };
    Failure { message: error.info().to_string(), place }
}

/// A collection whose end has not come.
struct Open {
    node: NodeId,
    /// The key that waits for its value, in a map.
    key: Option<NodeId>,
}

struct Reader<'a> {
    text: &'a str,
    nodes: Nodes,
    open: Vec<Open>,
    /// By the number that the parser gave.
    anchors: HashMap<usize, NodeId>,
    last: NodeId,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        let nodes = Nodes { bytes: start..start, ..Nodes::default() };
        Self { text, nodes, open: Vec::new(), anchors: HashMap::new(), last: 0 }
    }

    fn finish(mut self, end: usize) -> Nodes {
        self.nodes.bytes.end = end;
        self.nodes
    }

    fn take(&mut self, event: Event<'a>, span: &granit_parser::Span) -> Result<(), Failure> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), span),
            Event::SequenceStart(style, anchor, tag) => {
                let kind = NodeKind::List { flow: style == StructureStyle::Flow, items: Vec::new() };
                self.start(kind, anchor, tag.is_some(), span)
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = NodeKind::Map { flow: style == StructureStyle::Flow, entries: Vec::new() };
                self.start(kind, anchor, tag.is_some(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(id) => self.alias(id, span),
            Event::Anchor(..) => {
                self.properties_from(start_of(span));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) -> Result<(), Failure> {
        let style = match style {
            ScalarStyle::Plain if span.is_empty() => Style::Absent,
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        // The parser writes `~` for what is not there.
        let text = if style == Style::Absent { Cow::Borrowed("") } else { text };
        let value =
            scalar_value(text, style, tag).map_err(|message| Failure { message, place: place(span) })?;
        let node = self.add(NodeKind::Scalar(style), anchor, tag.is_some(), span, value);
        self.place(node)
    }

    fn add(
        &mut self,
        kind: NodeKind,
        anchor: usize,
        tag: bool,
        span: &granit_parser::Span,
        value: Value,
    ) -> NodeId {
        let id = u32::try_from(self.nodes.syntax.nodes.len()).unwrap_or(u32::MAX);
        let properties = Properties {
            anchor: anchor != 0,
            tag,
            start: span.tag_start().and_then(|mark| mark.byte_offset()).unwrap_or_else(|| start_of(span)),
        };
        self.nodes.syntax.nodes.push(Node {
            kind,
            start: start_of(span),
            end: end_of(span),
            line: u32::try_from(span.start.line()).unwrap_or(u32::MAX),
            column: u32::try_from(span.start.col()).unwrap_or(u32::MAX),
            properties,
        });
        self.nodes.scalars.push(value);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.last = id;
        id
    }

    /// The anchor of the node that came last stands here.
    fn properties_from(&mut self, start: usize) {
        if let Some(node) = self.nodes.syntax.nodes.get_mut(self.last as usize) {
            node.properties.start = node.properties.start.min(start);
        }
    }

    fn start(
        &mut self,
        kind: NodeKind,
        anchor: usize,
        tag: bool,
        span: &granit_parser::Span,
    ) -> Result<(), Failure> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("lists and maps nest deeper than {MAX_DEPTH}");
            return Err(Failure { message, place: place(span) });
        }
        let node = self.add(kind, anchor, tag, span, Value::Null);
        self.open.push(Open { node, key: None });
        Ok(())
    }

    fn end(&mut self, span: &granit_parser::Span) -> Result<(), Failure> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let last =
            self.last_child(open.node).and_then(|child| self.nodes.syntax.node(child)).map(|child| child.end);
        if let Some(node) = self.nodes.syntax.nodes.get_mut(open.node as usize) {
            let flow =
                matches!(node.kind, NodeKind::List { flow: true, .. } | NodeKind::Map { flow: true, .. });
            // The parser ends a block only where the next thing begins.
            node.end = if flow { end_of(span) } else { last.unwrap_or(node.end).max(node.end) };
        }
        self.place(open.node)
    }

    fn last_child(&self, node: NodeId) -> Option<NodeId> {
        match &self.nodes.syntax.node(node)?.kind {
            NodeKind::List { items, .. } => items.last().copied(),
            NodeKind::Map { entries, .. } => entries.last().map(|entry| entry.value),
            _ => None,
        }
    }

    fn alias(&mut self, anchor: usize, span: &granit_parser::Span) -> Result<(), Failure> {
        let target = self.anchors.get(&anchor).copied();
        let Some(target) = target.filter(|target| self.open.iter().all(|open| open.node != *target)) else {
            let message = "an alias stands inside the node it repeats".to_owned();
            return Err(Failure { message, place: place(span) });
        };
        self.nodes.has_aliases = true;
        let node = self.add(NodeKind::Alias(target), 0, false, span, Value::Null);
        self.place(node)
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: NodeId) -> Result<(), Failure> {
        let Some(open) = self.open.last_mut() else {
            self.nodes.syntax.root = node;
            return Ok(());
        };
        let parent = open.node;
        let is_map =
            matches!(self.nodes.syntax.node(parent).map(|parent| &parent.kind), Some(NodeKind::Map { .. }));
        if !is_map {
            if let Some(Node { kind: NodeKind::List { items, .. }, .. }) =
                self.nodes.syntax.nodes.get_mut(parent as usize)
            {
                items.push(node);
            }
            return Ok(());
        }
        let Some(key) = open.key.take() else {
            open.key = Some(node);
            return Ok(());
        };
        let name = self.name(key)?;
        if let Some(Node { kind: NodeKind::Map { entries, .. }, .. }) =
            self.nodes.syntax.nodes.get_mut(parent as usize)
        {
            entries.push(Entry { name, key, value: node });
        }
        Ok(())
    }

    fn name(&self, key: NodeId) -> Result<Name, Failure> {
        let syntax = &self.nodes.syntax;
        let Some(node) = syntax.node(key) else { return Ok(Name::Other("".into())) };
        let written = self.text.get(node.start..node.end).unwrap_or("");
        if node.kind == NodeKind::Scalar(Style::Plain) && written == "<<" {
            return Ok(Name::Merge);
        }
        let value = self.nodes.scalars.get(syntax.resolved(key) as usize);
        if let (NodeKind::Scalar(style), Some(Value::String(name))) = (&node.kind, value) {
            let quote = u8::from(matches!(style, Style::Single | Style::Double));
            let inner = written
                .len()
                .checked_sub(usize::from(quote))
                .and_then(|end| written.get(usize::from(quote)..end));
            if inner == Some(name) {
                return Ok(Name::Written(quote));
            }
        }
        let is_scalar =
            matches!(syntax.node(syntax.resolved(key)), Some(Node { kind: NodeKind::Scalar(_), .. }));
        let name = value.filter(|_| is_scalar).and_then(key_name).ok_or_else(|| Failure {
            message: "the name of a field is no text".to_owned(),
            place: syntax.span(key).unwrap_or(Span { start: 0, end: 0, line: 1, column: 1 }),
        })?;
        Ok(Name::Other(name.into()))
    }
}

fn scalar_value(text: Cow<'_, str>, style: Style, tag: Option<&Tag>) -> Result<Value, String> {
    let resolved = match tag {
        None if matches!(style, Style::Plain | Style::Absent) => resolve_plain(&text),
        None => return Ok(text.into_owned().into()),
        Some(tag) if tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("binary") => {
            return base64(&text)
                .map(Value::String)
                .ok_or_else(|| "`!!binary` holds no text in base64".to_owned());
        }
        Some(tag) => resolve_tagged(tag.core_suffix().unwrap_or("str"), &text),
    };
    resolved.map_err(|problem| match problem {
        Unresolved::NotFinite => format!("the number `{text}` has no form in JSON"),
        Unresolved::NotA(kind) => format!("`{text}` is no {kind}, as its tag says"),
    })
}
