//! What can be known of a condition before a value is there.

use super::ConditionError;
use super::functions;
use super::node::{Each, Node, Operator};
use crate::Value;

/// What kind of value a part gives, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Nil,
    Bool,
    Int,
    Float,
    Text,
    List,
    Map,
}

impl Kind {
    pub(super) const fn of(value: &Value) -> Self {
        match value {
            Value::Nil => Self::Nil,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Text(_) => Self::Text,
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Map,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Nil => "nil",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float64",
            Self::Text => "string",
            Self::List => "array",
            Self::Map => "map",
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Any)
    }

    const fn may_be(self, kind: Self) -> bool {
        matches!(self, Self::Any) || self as u8 == kind as u8
    }
}

/// Checks a whole condition, with what is known of `result`.
pub(super) fn check(node: &Node, result: Kind) -> Result<(), ConditionError> {
    let kind = Checker { names: vec![("result".to_owned(), result)] }.kind(node)?;
    if kind.may_be(Kind::Bool) { Ok(()) } else { Err(ConditionError::NotBool(kind.name())) }
}

struct Checker {
    names: Vec<(String, Kind)>,
}

impl Checker {
    fn kind(&mut self, node: &Node) -> Result<Kind, ConditionError> {
        Ok(match node {
            Node::Literal(value) => Kind::of(value),
            Node::Name(name) => self.name(name)?,
            Node::Item => Kind::Any,
            Node::ItemIndex => Kind::Int,
            Node::List(items) => {
                items.iter().try_for_each(|item| self.kind(item).map(drop))?;
                Kind::List
            }
            Node::Map(fields) => {
                for (key, value) in fields {
                    self.kind(key)?;
                    self.kind(value)?;
                }
                Kind::Map
            }
            Node::Not(of) => self.bool_of("not", of)?,
            Node::Negate(of) => match self.kind(of)? {
                kind if kind.is_number() => kind,
                kind => return Err(mismatch("-", kind, kind)),
            },
            Node::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Node::Choose(condition, yes, no) => {
                self.bool_of("?:", condition)?;
                let (yes, no) = (self.kind(yes)?, self.kind(no)?);
                if yes == no { yes } else { Kind::Any }
            }
            Node::Coalesce(left, right) => {
                let (left, right) = (self.kind(left)?, self.kind(right)?);
                if left == right { left } else { Kind::Any }
            }
            Node::Member { of, key, optional } => self.member(of, key, *optional)?,
            Node::Slice { of, from, to } => {
                for end in [from, to].into_iter().flatten() {
                    self.kind(end)?;
                }
                self.kind(of)?
            }
            Node::Call(name, arguments) => self.call(name, arguments)?,
            Node::Each(each, list, body) => self.each(*each, list, body)?,
            Node::Let(name, value, rest) => {
                let kind = self.kind(value)?;
                self.names.push((name.clone(), kind));
                let rest = self.kind(rest)?;
                self.names.pop();
                rest
            }
        })
    }

    fn name(&self, name: &str) -> Result<Kind, ConditionError> {
        let known = self.names.iter().rev().find(|(known, _)| known == name);
        known.map(|(_, kind)| *kind).ok_or_else(|| ConditionError::UnknownName(name.to_owned()))
    }

    fn bool_of(&mut self, operator: &'static str, node: &Node) -> Result<Kind, ConditionError> {
        let kind = self.kind(node)?;
        if kind.may_be(Kind::Bool) { Ok(Kind::Bool) } else { Err(mismatch(operator, kind, Kind::Bool)) }
    }

    fn binary(&mut self, operator: Operator, left: &Node, right: &Node) -> Result<Kind, ConditionError> {
        let (left, right) = (self.kind(left)?, self.kind(right)?);
        let numbers = left.is_number() && right.is_number();
        let both = |kind| left.may_be(kind) && right.may_be(kind);
        let (fits, gives) = match operator {
            Operator::Or | Operator::And => (both(Kind::Bool), Kind::Bool),
            Operator::Equal | Operator::NotEqual => {
                let open = |kind| matches!(kind, Kind::Any | Kind::Nil);
                (numbers || left == right || open(left) || open(right), Kind::Bool)
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                (numbers || both(Kind::Text), Kind::Bool)
            }
            Operator::In => {
                (matches!(right, Kind::Any | Kind::List | Kind::Nil) || both_map(left, right), Kind::Bool)
            }
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Matches => {
                (both(Kind::Text), Kind::Bool)
            }
            Operator::Range => (both(Kind::Int), Kind::List),
            Operator::Add if both(Kind::Text) && !numbers => (true, Kind::Text),
            Operator::Add | Operator::Subtract | Operator::Multiply => (numbers, sum_of(left, right)),
            Operator::Divide | Operator::Power => (numbers, Kind::Float),
            Operator::Remainder => (both(Kind::Int), Kind::Int),
        };
        if fits { Ok(gives) } else { Err(mismatch(operator.name(), left, right)) }
    }

    fn member(&mut self, of: &Node, key: &Node, optional: bool) -> Result<Kind, ConditionError> {
        let (kind, by) = (self.kind(of)?, self.kind(key)?);
        let fits = match kind {
            Kind::Any => true,
            Kind::Map => by.may_be(Kind::Text),
            Kind::List => by.may_be(Kind::Int) || by == Kind::Float,
            Kind::Nil => optional,
            _ => false,
        };
        if fits {
            return Ok(Kind::Any);
        }
        let field = if let Node::Literal(Value::Text(name)) = key {
            name.clone()
        } else {
            format!("[{}]", by.name())
        };
        Err(ConditionError::NoField { kind: kind.name(), field })
    }

    fn call(&mut self, name: &str, arguments: &[Node]) -> Result<Kind, ConditionError> {
        functions::check(name, arguments.len())?;
        for argument in arguments {
            self.kind(argument)?;
        }
        Ok(match name {
            "asInt" | "int" | "len" | "indexOf" => Kind::Int,
            "asFloat" | "float" | "ceil" | "floor" | "round" | "mean" | "median" => Kind::Float,
            "isNaN" | "isInf" | "isNil" | "hasPrefix" | "hasSuffix" => Kind::Bool,
            "string" | "type" | "lower" | "upper" | "trim" | "join" => Kind::Text,
            "keys" | "values" | "split" | "reverse" | "flatten" | "uniq" | "sort" => Kind::List,
            _ => Kind::Any,
        })
    }

    fn each(&mut self, each: Each, list: &Node, body: &Node) -> Result<Kind, ConditionError> {
        let kind = self.kind(list)?;
        if !kind.may_be(Kind::List) {
            return Err(ConditionError::Argument {
                function: format!("{each:?}").to_lowercase(),
                kind: kind.name(),
            });
        }
        let body = self.kind(body)?;
        if each != Each::Map && !body.may_be(Kind::Bool) {
            return Err(ConditionError::NotBool(body.name()));
        }
        Ok(match each {
            Each::All | Each::Any | Each::None | Each::One => Kind::Bool,
            Each::Filter | Each::Map => Kind::List,
            Each::Find => Kind::Any,
            Each::FindIndex | Each::Count => Kind::Int,
        })
    }
}

fn both_map(left: Kind, right: Kind) -> bool {
    left.may_be(Kind::Text) && right == Kind::Map
}

fn sum_of(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        (Kind::Int, Kind::Int) => Kind::Int,
        (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
        _ => Kind::Float,
    }
}

fn mismatch(operator: &'static str, left: Kind, right: Kind) -> ConditionError {
    ConditionError::Mismatch { operator, left: left.name(), right: right.name() }
}
