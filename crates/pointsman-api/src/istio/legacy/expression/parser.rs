//! From words to a tree.

use pointsman_types::duration::go;

use super::token::{Token, tokens};
use super::{Expression, InvalidExpression, Operator};

/// How deep brackets and calls may nest, and how many operators of one level may follow each other.
const DEEPEST: usize = 64;
/// How many words an expression may have: a tree of more could be too deep to be shown.
const LONGEST: usize = 2000;

pub(super) fn parse(text: &str) -> Result<Expression, InvalidExpression> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.len(), depth: 0 };
    if parser.tokens.len() > LONGEST {
        return Err(InvalidExpression::new(0, "the expression is too long".to_owned()));
    }
    let expression = parser.operation(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.error("the expression ends before this")),
    }
}

/// The operators by how closely they bind, loosest first.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ],
    &[("|", Operator::Default), ("+", Operator::Add)],
];

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.next += usize::from(found);
        found
    }

    fn wants(&mut self, sign: &str) -> Result<(), InvalidExpression> {
        if self.takes(sign) { Ok(()) } else { Err(self.error(&format!("`{sign}` is missing"))) }
    }

    fn error(&self, message: &str) -> InvalidExpression {
        let place = self.tokens.get(self.next).map_or(self.end, |(place, _)| *place);
        InvalidExpression::new(place, message.to_owned())
    }

    fn operation(&mut self, level: usize) -> Result<Expression, InvalidExpression> {
        let Some(operators) = LEVELS.get(level) else { return self.operand() };
        let mut left = self.operation(level + 1)?;
        let mut length = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.takes(sign)) {
            length += 1;
            if length > DEEPEST {
                return Err(self.error("the expression is too long"));
            }
            let right = self.operation(level + 1)?;
            left = Expression::Operation { operator: *operator, left: left.into(), right: right.into() };
        }
        Ok(left)
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, InvalidExpression>,
    ) -> Result<T, InvalidExpression> {
        self.depth += 1;
        let read =
            if self.depth > DEEPEST { Err(self.error("the expression nests too deep")) } else { read(self) };
        self.depth -= 1;
        read
    }

    fn operand(&mut self) -> Result<Expression, InvalidExpression> {
        let place = self.error("an operand is missing");
        let mut value = match self.take().ok_or(place.clone())? {
            Token::Integer(number) => Expression::Integer(number),
            Token::Double(number) => Expression::Double(number),
            Token::Text(text) => match go::parse(&text) {
                Ok(duration) => Expression::Duration(duration),
                Err(_) => Expression::Text(text),
            },
            Token::Name(name) => self.named(name)?,
            Token::Sign("(") => {
                let inner = self.nested(|parser| parser.operation(0))?;
                self.wants(")")?;
                inner
            }
            Token::Sign(_) => return Err(place),
        };
        let mut links = 0;
        loop {
            links += 1;
            if links > DEEPEST {
                return Err(self.error("the expression is too long"));
            }
            if self.takes("[") {
                let key = self.nested(|parser| parser.operation(0))?;
                self.wants("]")?;
                value = Expression::Index { map: value.into(), key: key.into() };
            } else if self.takes(".") {
                let Some(Token::Name(function)) = self.take() else {
                    self.next -= 1;
                    return Err(self.error("the name of a method is missing"));
                };
                self.wants("(")?;
                value =
                    Expression::Call { function, target: Some(value.into()), arguments: self.arguments()? };
            } else {
                return Ok(value);
            }
        }
    }

    /// `true`, an attribute, a function, or a method of an attribute.
    fn named(&mut self, first: String) -> Result<Expression, InvalidExpression> {
        let mut path = vec![first];
        while self.takes(".") {
            let Some(Token::Name(name)) = self.take() else {
                self.next -= 1;
                return Err(self.error("a name is missing"));
            };
            path.push(name);
        }
        if self.takes("(") {
            let function = path.pop().unwrap_or_default();
            let target = (!path.is_empty()).then(|| Expression::Attribute(path.join(".")).into());
            return Ok(Expression::Call { function, target, arguments: self.arguments()? });
        }
        let name = path.join(".");
        Ok(match name.to_lowercase().as_str() {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            _ => Expression::Attribute(name),
        })
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, InvalidExpression> {
        let mut arguments = Vec::new();
        if self.takes(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.nested(|parser| parser.operation(0))?);
            if !self.takes(",") {
                self.wants(")")?;
                return Ok(arguments);
            }
        }
    }
}
