//! Values, and what follows them: fields, items, calls.

use super::ConditionError;
use super::lexer::Token;
use super::node::{Each, Node, Operator};
use super::parser::Parser;
use crate::Value;

impl Parser {
    pub(super) fn primary(&mut self) -> Result<Node, ConditionError> {
        match self.take() {
            Token::Literal(value) => Ok(Node::Literal(value)),
            Token::Name(name) if !is_reserved(&name) && self.is("(") => self.call(name, None),
            Token::Name(name) if !is_reserved(&name) => Ok(Node::Name(name)),
            Token::Sign("::") => {
                let name = self.name()?;
                self.call(name, None)
            }
            Token::Sign("(") => {
                let node = self.sequence()?;
                self.wants(")")?;
                Ok(node)
            }
            Token::Sign("[") => self.list("]").map(Node::List),
            Token::Sign("{") => self.map(),
            Token::Sign("#") if self.predicates > 0 => match self.peek().clone() {
                Token::Name(name) if name == "index" => {
                    self.at += 1;
                    Ok(Node::ItemIndex)
                }
                Token::Name(name) if name == "acc" => {
                    self.at += 1;
                    Ok(Node::Accumulated)
                }
                _ => Ok(Node::Item),
            },
            Token::Sign(".") if self.predicates > 0 => {
                let field = self.name()?;
                let key = Box::new(Node::Literal(Value::Text(field)));
                Ok(Node::Member { of: Box::new(Node::Item), key, optional: false })
            }
            _ => {
                self.at -= 1;
                self.fail("expected a value")
            }
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Node>, ConditionError> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.expression()?);
            if !self.is(end) {
                self.wants(",")?;
            }
        }
        Ok(items)
    }

    fn map(&mut self) -> Result<Node, ConditionError> {
        let mut fields = Vec::new();
        while !self.takes("}") {
            let key = match self.take() {
                Token::Name(name) => Node::Literal(Value::Text(name)),
                Token::Literal(value) => Node::Literal(value),
                Token::Sign("(") => {
                    let key = self.expression()?;
                    self.wants(")")?;
                    key
                }
                _ => return self.fail("expected the name of a field"),
            };
            self.wants(":")?;
            fields.push((key, self.expression()?));
            if !self.is("}") {
                self.wants(",")?;
            }
        }
        Ok(Node::Map(fields))
    }

    pub(super) fn call(&mut self, name: String, first: Option<Node>) -> Result<Node, ConditionError> {
        self.wants("(")?;
        let Some(each) = Each::named(&name) else {
            let mut arguments: Vec<Node> = first.into_iter().collect();
            arguments.extend(self.list(")")?);
            return Ok(Node::Call(name, arguments));
        };
        let list = match first {
            Some(list) => list,
            None => {
                let list = self.expression()?;
                if !self.is(")") {
                    self.wants(",")?;
                }
                list
            }
        };
        // `count(list)` counts what is true, `sum(list)` adds the items.
        let body = match each {
            Each::Count | Each::Sum if self.is(")") => Node::Item,
            _ => self.predicate()?,
        };
        let mut last = None;
        if self.takes(",") && each.has_last() && !self.is(")") {
            last = Some(Box::new(self.expression()?));
            self.takes(",");
        }
        self.wants(")")?;
        Ok(Node::Each { each, list: Box::new(list), body: Box::new(body), last })
    }

    fn predicate(&mut self) -> Result<Node, ConditionError> {
        self.predicates += 1;
        let braces = self.takes("{");
        let body = if braces { self.sequence()? } else { self.expression()? };
        if braces {
            self.wants("}")?;
        }
        self.predicates -= 1;
        Ok(body)
    }

    pub(super) fn postfix(&mut self, mut node: Node) -> Result<Node, ConditionError> {
        let before = self.depth;
        loop {
            self.deepen()?;
            let optional = self.is("?.");
            if self.takes(".") || self.takes("?.") {
                if optional && self.takes("[") {
                    node = Node::Chain(Box::new(self.index(node, true)?));
                    continue;
                }
                let key = Box::new(Node::Literal(Value::Text(self.name()?)));
                if self.is("(") {
                    return self.fail("values have no methods");
                }
                // What follows a `?.` is part of its chain.
                let (of, chained) = match node {
                    Node::Chain(inner) => (inner, true),
                    other => (Box::new(other), false),
                };
                let member = Node::Member { of, key, optional };
                node = if chained || optional { Node::Chain(Box::new(member)) } else { member };
            } else if self.takes("[") {
                node = self.index(node, false)?;
            } else {
                self.depth = before;
                return Ok(node);
            }
        }
    }

    fn index(&mut self, of: Node, optional: bool) -> Result<Node, ConditionError> {
        let of = Box::new(of);
        let from = if self.is(":") { None } else { Some(Box::new(self.expression()?)) };
        if self.takes(":") {
            let to = if self.is("]") { None } else { Some(Box::new(self.expression()?)) };
            self.wants("]")?;
            return Ok(Node::Slice { of, from, to });
        }
        self.wants("]")?;
        match from {
            Some(key) => Ok(Node::Member { of, key, optional }),
            None => self.fail("expected a value"),
        }
    }
}

/// Whether a word is a part of the language.
fn is_reserved(word: &str) -> bool {
    Operator::written(word).is_some() || matches!(word, "not" | "let" | "if" | "else")
}
