//! Where everything stands in a JSON text that was read before.

use std::ops::Range;

use crate::syntax::{Entry, Name, Node, NodeId, NodeKind, Properties, Style, Syntax};

/// The nodes of one JSON document. O(bytes up to its end); `None` where it is no JSON.
pub(crate) fn json_syntax(text: &str, bytes: Range<usize>) -> Option<Syntax> {
    let mut scanner = Scanner::new(text, bytes);
    while let Some(byte) = scanner.next_token() {
        scanner.token(byte)?;
    }
    (scanner.open.is_empty() && !scanner.syntax.nodes.is_empty()).then_some(scanner.syntax)
}

struct Scanner<'a> {
    text: &'a str,
    position: usize,
    end: usize,
    line: u32,
    /// Where the line would start if all characters were one byte long.
    line_start: usize,
    syntax: Syntax,
    open: Vec<(NodeId, Option<NodeId>)>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, bytes: Range<usize>) -> Self {
        let before = text.get(..bytes.start).unwrap_or("");
        let line =
            u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count() + 1).unwrap_or(u32::MAX);
        let line_start = before
            .rfind('\n')
            .map_or_else(|| before.len() - before.trim_start_matches('\u{feff}').len(), |at| at + 1);
        Self {
            text,
            position: bytes.start,
            end: bytes.end,
            line,
            line_start,
            syntax: Syntax::default(),
            open: Vec::new(),
        }
    }

    fn peek(&self) -> Option<u8> {
        (self.position < self.end).then(|| self.text.as_bytes().get(self.position).copied()).flatten()
    }

    fn next_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.position + 1;
                }
                b' ' | b'\t' | b'\r' | b',' | b':' => {}
                _ => return Some(byte),
            }
            self.position += 1;
        }
        None
    }

    fn token(&mut self, byte: u8) -> Option<()> {
        let (start, column) = (self.position, self.position.saturating_sub(self.line_start));
        match byte {
            b'{' => self.start(NodeKind::Map { flow: true, entries: Vec::new() }, column),
            b'[' => self.start(NodeKind::List { flow: true, items: Vec::new() }, column),
            b'}' | b']' => {
                self.position += 1;
                let (node, _) = self.open.pop()?;
                self.syntax.nodes.get_mut(node as usize)?.end = self.position;
                self.place(node)
            }
            b'"' => {
                self.skip_text()?;
                let node = self.add(NodeKind::Scalar(Style::Double), start, column);
                self.place(node)
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
                {
                    self.position += 1;
                }
                (self.position > start).then_some(())?;
                let node = self.add(NodeKind::Scalar(Style::Plain), start, column);
                self.place(node)
            }
        }
    }

    fn start(&mut self, kind: NodeKind, column: usize) -> Option<()> {
        let start = self.position;
        self.position += 1;
        let node = self.add(kind, start, column);
        self.open.push((node, None));
        Some(())
    }

    fn skip_text(&mut self) -> Option<()> {
        self.position += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.position += 2,
                byte => {
                    self.position += 1;
                    // Further bytes of one character.
                    self.line_start += usize::from(byte & 0xC0 == 0x80);
                }
            }
        }
        self.position += 1;
        Some(())
    }

    fn add(&mut self, kind: NodeKind, start: usize, column: usize) -> NodeId {
        let id = u32::try_from(self.syntax.nodes.len()).unwrap_or(u32::MAX);
        self.syntax.nodes.push(Node {
            kind,
            start,
            end: self.position,
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            properties: Properties { start, ..Properties::default() },
        });
        id
    }

    fn name(&self, key: NodeId) -> Option<Name> {
        let key = self.syntax.node(key)?;
        let written = self.text.get(key.start..key.end)?;
        if written.contains('\\') {
            return serde_json::from_str(written).ok().map(Name::Other);
        }
        Some(Name::Written(1))
    }

    fn place(&mut self, node: NodeId) -> Option<()> {
        let Some((parent, key)) = self.open.last_mut() else { return Some(()) };
        let parent = *parent as usize;
        if let NodeKind::List { items, .. } = &mut self.syntax.nodes.get_mut(parent)?.kind {
            items.push(node);
            return Some(());
        }
        let Some(key) = key.take() else {
            *key = Some(node);
            return Some(());
        };
        let name = self.name(key)?;
        match &mut self.syntax.nodes.get_mut(parent)?.kind {
            NodeKind::Map { entries, .. } => entries.push(Entry { name, key, value: node }),
            _ => return None,
        }
        Some(())
    }
}
