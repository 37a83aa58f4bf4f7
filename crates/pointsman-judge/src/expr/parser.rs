//! Words to a tree.

use super::ConditionError;
use super::lexer::{Token, tokens};
use super::node::{Node, Operator};
use crate::Value;

const LONGEST: usize = 10_000;
const DEEPEST: usize = 100;
const NOT_BINDS: u16 = 50;
const SIGN_BINDS: u16 = 90;
const COALESCE_BINDS: u16 = 500;

/// What stands between two values.
#[derive(Clone, Copy, PartialEq)]
enum Infix {
    Pipe,
    Operator(Operator),
    Coalesce,
}

impl Infix {
    const fn binds(self) -> u16 {
        match self {
            Self::Pipe => 0,
            Self::Operator(operator) => operator.binding().0,
            Self::Coalesce => COALESCE_BINDS,
        }
    }
}

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

pub(super) struct Parser {
    tokens: Vec<(Token, usize)>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// How many predicates are around: `#` and `.field` mean something in one.
    pub(super) predicates: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    pub(super) fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == name)
    }

    pub(super) fn takes(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn wants(&mut self, sign: &str) -> Result<(), ConditionError> {
        if self.takes(sign) { Ok(()) } else { self.fail(format!("expected `{sign}`")) }
    }

    pub(super) fn fail<T>(&self, what: impl Into<String>) -> Result<T, ConditionError> {
        let at = self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, place)| *place);
        Err(ConditionError::Syntax { what: what.into(), at })
    }

    pub(super) fn name(&mut self) -> Result<String, ConditionError> {
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

    pub(super) fn deepen(&mut self) -> Result<(), ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(ConditionError::TooMuch("deep")) } else { Ok(()) }
    }

    /// Expressions with `;` between them; the last one may have one behind it.
    pub(super) fn sequence(&mut self) -> Result<Node, ConditionError> {
        let mut nodes = vec![self.expression()?];
        while self.takes(";") {
            if matches!(self.peek(), Token::End) {
                break;
            }
            nodes.push(self.expression()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Sequence(nodes) })
    }

    pub(super) fn expression(&mut self) -> Result<Node, ConditionError> {
        self.binary(0)
    }

    /// `let x = …; …`
    fn declaration(&mut self) -> Result<Node, ConditionError> {
        self.at += 1;
        let name = self.name()?;
        self.wants("=")?;
        let value = self.expression()?;
        self.wants(";")?;
        let rest = self.sequence()?;
        Ok(Node::Let(name, Box::new(value), Box::new(rest)))
    }

    /// `if … { … } else { … }`
    fn branches(&mut self) -> Result<Node, ConditionError> {
        self.deeper(|parser| {
            parser.at += 1;
            let condition = parser.expression()?;
            let yes = parser.block()?;
            if !parser.is_name("else") {
                return parser.fail("expected `else`");
            }
            parser.at += 1;
            let no = if parser.is_name("if") { parser.branches()? } else { parser.block()? };
            Ok(Node::Choose(Box::new(condition), Box::new(yes), Box::new(no)))
        })
    }

    fn block(&mut self) -> Result<Node, ConditionError> {
        self.wants("{")?;
        let node = self.sequence()?;
        self.wants("}")?;
        Ok(node)
    }

    /// `… ? … : …` and `… ?: …`, each as the condition of the next.
    fn choice(&mut self, mut node: Node) -> Result<Node, ConditionError> {
        while self.takes("?") {
            self.deepen()?;
            // Without a value of its own it gives the condition, which holds.
            let yes = if self.is(":") { Node::Literal(Value::Bool(true)) } else { self.expression()? };
            self.wants(":")?;
            let no = self.expression()?;
            node = Node::Choose(Box::new(node), Box::new(yes), Box::new(no));
        }
        Ok(node)
    }

    /// What comes next between two values, if it binds that tightly, and whether a `not` stands before it.
    fn infix(&self, least: u16) -> Result<Option<(Infix, bool)>, ConditionError> {
        let written = |token: &Token| match token {
            Token::Sign("|") => Some(Infix::Pipe),
            Token::Sign("??") => Some(Infix::Coalesce),
            Token::Sign(sign) => Operator::written(sign).map(Infix::Operator),
            Token::Name(name) => Operator::written(name).map(Infix::Operator),
            _ => None,
        };
        let negated = self.is_name("not");
        let next = self.tokens.get(self.at + usize::from(negated)).and_then(|(token, _)| written(token));
        if negated
            && !next
                .is_some_and(|next| matches!(next, Infix::Operator(operator) if operator.may_be_negated()))
        {
            return self.fail("expected an operator");
        }
        Ok(next.filter(|next| next.binds() >= least).map(|next| (next, negated)))
    }

    fn binary(&mut self, least: u16) -> Result<Node, ConditionError> {
        self.deeper(|parser| {
            if least == 0 && parser.is_name("let") {
                return parser.declaration();
            }
            if least == 0 && parser.is_name("if") {
                return parser.branches();
            }
            let mut left = parser.unary()?;
            let mut before = None;
            while let Some((infix, negated)) = parser.infix(least)? {
                parser.deepen()?;
                if before == Some(Infix::Coalesce) && !matches!(infix, Infix::Coalesce | Infix::Pipe) {
                    return parser.fail("`??` beside another operator wants parentheses");
                }
                parser.at += 1 + usize::from(negated);
                left = parser.joined(left, infix)?;
                if negated {
                    left = Node::Not(Box::new(left));
                }
                before = Some(infix);
            }
            if least == 0 { parser.choice(left) } else { Ok(left) }
        })
    }

    fn joined(&mut self, left: Node, infix: Infix) -> Result<Node, ConditionError> {
        let operator = match infix {
            Infix::Pipe => {
                let name = self.name()?;
                return self.call(name, Some(left));
            }
            Infix::Coalesce => {
                let right = self.binary(COALESCE_BINDS + 1)?;
                return Ok(Node::Coalesce(Box::new(left), Box::new(right)));
            }
            Infix::Operator(operator) => operator,
        };
        if operator.is_comparison() {
            return self.comparisons(left, operator);
        }
        let binds = operator.binding().0;
        // A power binds to its right: 2 ** 3 ** 2 is 2 ** 9.
        let right = self.binary(if operator == Operator::Power { binds } else { binds + 1 })?;
        Ok(Node::Binary(operator, Box::new(left), Box::new(right)))
    }

    /// `a < b < c` is `a < b and b < c`.
    fn comparisons(&mut self, left: Node, mut operator: Operator) -> Result<Node, ConditionError> {
        let mut rest = Vec::new();
        loop {
            self.deepen()?;
            rest.push((operator, self.binary(operator.binding().0 + 1)?));
            match self.infix(0)? {
                Some((Infix::Operator(next), false)) if next.is_comparison() => {
                    self.at += 1;
                    operator = next;
                }
                _ => return Ok(Node::Compare(Box::new(left), rest)),
            }
        }
    }

    fn unary(&mut self) -> Result<Node, ConditionError> {
        let node = if self.is("!") || self.is_name("not") {
            self.at += 1;
            self.binary(NOT_BINDS).map(|node| Node::Not(Box::new(node)))?
        } else if self.takes("-") {
            self.binary(SIGN_BINDS).map(|node| Node::Negate(Box::new(node)))?
        } else if self.takes("+") {
            self.binary(SIGN_BINDS).map(|node| Node::Plus(Box::new(node)))?
        } else {
            self.primary()?
        };
        self.postfix(node)
    }
}
