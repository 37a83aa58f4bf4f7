//! Words to a tree.

use super::ConditionError;
use super::lexer::{Token, tokens};
use super::node::{Each, Node, Operator};
use crate::Value;

const LONGEST: usize = 10_000;
const DEEPEST: usize = 100;
const NOT_BINDS: u8 = 50;
const SIGN_BINDS: u8 = 90;

pub(super) fn parse(text: &str) -> Result<Node, ConditionError> {
    if text.len() > LONGEST {
        return Err(ConditionError::TooMuch("long"));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, predicates: 0 };
    let node = parser.sequence()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => parser.fail("something follows the condition"),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
    /// How many predicates are around: `#` and `.field` mean something in one.
    predicates: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == name)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn wants(&mut self, sign: &str) -> Result<(), ConditionError> {
        if self.takes(sign) { Ok(()) } else { self.fail(format!("expected `{sign}`")) }
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T, ConditionError> {
        let at = self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, place)| *place);
        Err(ConditionError::Syntax { what: what.into(), at })
    }

    fn name(&mut self) -> Result<String, ConditionError> {
        match self.peek().clone() {
            Token::Name(name) => {
                self.at += 1;
                Ok(name)
            }
            _ => self.fail("expected a name"),
        }
    }

    /// Each level of the tree below what `inside` reads is one deeper.
    fn deeper<T>(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        let before = self.depth;
        self.deepen()?;
        let result = inside(self);
        self.depth = before;
        result
    }

    fn deepen(&mut self) -> Result<(), ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(ConditionError::TooMuch("deep")) } else { Ok(()) }
    }

    /// `let x = …; …`
    fn sequence(&mut self) -> Result<Node, ConditionError> {
        if !self.is_name("let") {
            return self.expression();
        }
        self.deeper(|parser| {
            parser.at += 1;
            let name = parser.name()?;
            parser.wants("=")?;
            let value = parser.expression()?;
            parser.wants(";")?;
            let rest = parser.sequence()?;
            Ok(Node::Let(name, Box::new(value), Box::new(rest)))
        })
    }

    fn expression(&mut self) -> Result<Node, ConditionError> {
        self.deeper(|parser| {
            let node = parser.binary(0)?;
            if !parser.takes("?") {
                return Ok(node);
            }
            let yes = parser.expression()?;
            parser.wants(":")?;
            let no = parser.expression()?;
            Ok(Node::Choose(Box::new(node), Box::new(yes), Box::new(no)))
        })
    }

    /// The operator that comes next, and whether a `not` stands before it.
    fn operator(&self) -> Option<(Operator, bool)> {
        let written = |token: &Token| match token {
            Token::Sign(sign) => Operator::written(sign),
            Token::Name(name) => Operator::written(name),
            _ => None,
        };
        if self.is_name("not") {
            let next = self.tokens.get(self.at + 1).and_then(|(token, _)| written(token))?;
            return Some((next, true));
        }
        Some((written(self.peek())?, false))
    }

    fn binary(&mut self, least: u8) -> Result<Node, ConditionError> {
        self.deeper(|parser| {
            let mut left = parser.unary()?;
            loop {
                parser.deepen()?;
                if parser.takes("??") {
                    let right = parser.unary()?;
                    left = Node::Coalesce(Box::new(left), Box::new(right));
                    continue;
                }
                // The pipe binds least: what is piped on may be compared.
                if least == 0 && parser.takes("|") {
                    let name = parser.name()?;
                    left = parser.call(name, Some(left))?;
                    left = parser.postfix(left)?;
                    continue;
                }
                let Some((operator, negated)) = parser.operator().filter(|(o, _)| o.binding().0 >= least)
                else {
                    return Ok(left);
                };
                parser.at += 1 + usize::from(negated);
                let binds = operator.binding().0;
                // A power binds to its right: 2 ** 3 ** 2 is 2 ** 9.
                let right = parser.binary(if operator == Operator::Power { binds } else { binds + 1 })?;
                left = Node::Binary(operator, Box::new(left), Box::new(right));
                if negated {
                    left = Node::Not(Box::new(left));
                }
            }
        })
    }

    fn unary(&mut self) -> Result<Node, ConditionError> {
        if self.is("!") || self.is_name("not") {
            self.at += 1;
            return self.binary(NOT_BINDS).map(|node| Node::Not(Box::new(node)));
        }
        if self.takes("-") {
            return self.binary(SIGN_BINDS).map(|node| Node::Negate(Box::new(node)));
        }
        if self.takes("+") {
            return self.binary(SIGN_BINDS);
        }
        let node = self.primary()?;
        self.postfix(node)
    }

    fn primary(&mut self) -> Result<Node, ConditionError> {
        match self.take() {
            Token::Literal(value) => Ok(Node::Literal(value)),
            Token::Name(name) if self.is("(") => self.call(name, None),
            Token::Name(name) if Operator::written(&name).is_none() => Ok(Node::Name(name)),
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

    fn call(&mut self, name: String, first: Option<Node>) -> Result<Node, ConditionError> {
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
                // `count(list)` counts what is true.
                if each == Each::Count && self.takes(")") {
                    return Ok(Node::Each(each, Box::new(list), Box::new(Node::Item)));
                }
                self.wants(",")?;
                list
            }
        };
        let body = self.predicate()?;
        self.wants(")")?;
        Ok(Node::Each(each, Box::new(list), Box::new(body)))
    }

    fn predicate(&mut self) -> Result<Node, ConditionError> {
        self.predicates += 1;
        let braces = self.takes("{");
        let body = self.sequence()?;
        if braces {
            self.wants("}")?;
        }
        self.predicates -= 1;
        Ok(body)
    }

    fn postfix(&mut self, mut node: Node) -> Result<Node, ConditionError> {
        let before = self.depth;
        loop {
            self.deepen()?;
            let optional = self.is("?.");
            if self.takes(".") || self.takes("?.") {
                let key = Box::new(Node::Literal(Value::Text(self.name()?)));
                if self.is("(") {
                    return self.fail("values have no methods");
                }
                node = Node::Member { of: Box::new(node), key, optional };
            } else if self.takes("[") {
                node = self.index(node)?;
            } else {
                self.depth = before;
                return Ok(node);
            }
        }
    }

    fn index(&mut self, of: Node) -> Result<Node, ConditionError> {
        let of = Box::new(of);
        let from = if self.is(":") { None } else { Some(Box::new(self.expression()?)) };
        if self.takes(":") {
            let to = if self.is("]") { None } else { Some(Box::new(self.expression()?)) };
            self.wants("]")?;
            return Ok(Node::Slice { of, from, to });
        }
        self.wants("]")?;
        match from {
            Some(key) => Ok(Node::Member { of, key, optional: false }),
            None => self.fail("expected a value"),
        }
    }
}
