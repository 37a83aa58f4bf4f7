//! What can be known of a condition before a value is there.

use super::ConditionError;
use super::node::{Each, Node, Operator};
use super::signatures;
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

    pub(super) const fn name(self) -> &'static str {
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

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Any)
    }

    pub(super) const fn may_be(self, kind: Self) -> bool {
        matches!(self, Self::Any) || self as u8 == kind as u8
    }
}

/// Checks a whole condition, with what is known of `result`.
pub(super) fn check(node: &Node, result: Kind) -> Result<(), ConditionError> {
    let names = vec![("result".to_owned(), result)];
    let kind = Checker { names, around: Vec::new() }.kind(node)?;
    if kind.may_be(Kind::Bool) { Ok(()) } else { Err(ConditionError::NotBool(kind.name())) }
}

struct Checker {
    names: Vec<(String, Kind)>,
    /// The functions whose predicates are around, the innermost last.
    around: Vec<Each>,
}

impl Checker {
    fn kind(&mut self, node: &Node) -> Result<Kind, ConditionError> {
        Ok(match node {
            Node::Literal(value) => Kind::of(value),
            Node::Name(name) => self.name(name)?,
            Node::Item => Kind::Any,
            Node::ItemIndex => self.pointer("#index", &[Each::Map, Each::Reduce], Kind::Int)?,
            Node::Accumulated => self.pointer("#acc", &[Each::Reduce], Kind::Any)?,
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
            Node::Negate(of) | Node::Plus(of) => match self.kind(of)? {
                kind if kind.is_number() => kind,
                kind => return Err(mismatch("-", kind, kind)),
            },
            Node::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Node::Compare(first, rest) => {
                let mut before = self.kind(first)?;
                for (operator, next) in rest {
                    let next = self.kind(next)?;
                    joined(*operator, before, next)?;
                    before = next;
                }
                Kind::Bool
            }
            Node::Sequence(nodes) => {
                let kinds = nodes.iter().map(|node| self.kind(node)).collect::<Result<Vec<_>, _>>()?;
                kinds.last().copied().unwrap_or(Kind::Nil)
            }
            Node::Chain(inner) => self.kind(inner)?,
            Node::Choose(condition, yes, no) => {
                self.bool_of("?:", condition)?;
                either(self.kind(yes)?, self.kind(no)?)
            }
            Node::Coalesce(left, right) => either(self.kind(left)?, self.kind(right)?),
            Node::Member { of, key, .. } => self.member(of, key)?,
            Node::Slice { of, from, to } => self.slice(of, from.as_deref(), to.as_deref())?,
            Node::Call(name, arguments) => self.call(name, arguments)?,
            Node::Each { each, list, body, last } => self.each(*each, list, body, last.as_deref())?,
            Node::Let(name, value, rest) => {
                if self.is_taken(name) {
                    return Err(ConditionError::Redeclared(name.clone()));
                }
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

    fn is_taken(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| known == name)
            || Each::named(name).is_some()
            || signatures::is_function(name)
    }

    /// `#index` and `#acc` mean something in some predicates only.
    fn pointer(&self, name: &str, of: &[Each], kind: Kind) -> Result<Kind, ConditionError> {
        let fits = self.around.last().is_some_and(|each| of.contains(each));
        if fits { Ok(kind) } else { Err(ConditionError::UnknownName(name.to_owned())) }
    }

    fn slice(&mut self, of: &Node, from: Option<&Node>, to: Option<&Node>) -> Result<Kind, ConditionError> {
        let kind = self.kind(of)?;
        if !matches!(kind, Kind::Any | Kind::List | Kind::Text) {
            return Err(ConditionError::NoField { kind: kind.name(), field: "[:]".to_owned() });
        }
        for end in [from, to].into_iter().flatten() {
            let by = self.kind(end)?;
            if !by.may_be(Kind::Int) {
                return Err(ConditionError::NoField { kind: kind.name(), field: format!("[{}]", by.name()) });
            }
        }
        Ok(kind)
    }

    fn bool_of(&mut self, operator: &'static str, node: &Node) -> Result<Kind, ConditionError> {
        let kind = self.kind(node)?;
        if kind.may_be(Kind::Bool) { Ok(Kind::Bool) } else { Err(mismatch(operator, kind, Kind::Bool)) }
    }

    fn binary(&mut self, operator: Operator, left: &Node, right: &Node) -> Result<Kind, ConditionError> {
        let kind = self.kind(left)?;
        if let (Operator::In, Node::List(items)) = (operator, right) {
            return self.is_in_some(kind, items);
        }
        joined(operator, kind, self.kind(right)?)
    }

    /// Whether a list that is written out can hold such a value.
    fn is_in_some(&mut self, kind: Kind, items: &[Node]) -> Result<Kind, ConditionError> {
        let kinds = items.iter().map(|item| self.kind(item)).collect::<Result<Vec<_>, _>>()?;
        match kinds.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => {
                joined(Operator::Equal, kind, *first)
            }
            _ => joined(Operator::In, kind, Kind::List),
        }
    }

    fn member(&mut self, of: &Node, key: &Node) -> Result<Kind, ConditionError> {
        let (kind, by) = (self.kind(of)?, self.kind(key)?);
        let fits = match kind {
            Kind::Any => true,
            Kind::Map => by.may_be(Kind::Text),
            Kind::List => by.may_be(Kind::Int),
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
        let kinds = arguments.iter().map(|argument| self.kind(argument)).collect::<Result<Vec<_>, _>>()?;
        signatures::check(name, &kinds)
    }

    fn each(
        &mut self,
        each: Each,
        list: &Node,
        body: &Node,
        last: Option<&Node>,
    ) -> Result<Kind, ConditionError> {
        let kind = self.kind(list)?;
        let wrong = |kind: Kind| ConditionError::Argument {
            function: format!("{each:?}").to_lowercase(),
            kind: kind.name(),
        };
        if !kind.may_be(Kind::List) {
            return Err(wrong(kind));
        }
        self.around.push(each);
        let body = self.kind(body);
        self.around.pop();
        let body = body?;
        if each.decides() && !body.may_be(Kind::Bool) {
            return Err(ConditionError::NotBool(body.name()));
        }
        if let Some(last) = last {
            let kind = self.kind(last)?;
            if each == Each::SortBy && !kind.may_be(Kind::Text) {
                return Err(wrong(kind));
            }
        }
        Ok(match each {
            Each::All | Each::Any | Each::None | Each::One => Kind::Bool,
            Each::Filter | Each::Map => Kind::List,
            Each::SortBy => kind,
            Each::Find | Each::FindLast => Kind::Any,
            Each::FindIndex | Each::FindLastIndex | Each::Count => Kind::Int,
            Each::Sum | Each::Reduce => body,
            Each::GroupBy => Kind::Map,
        })
    }
}

/// What is nil takes the other's kind.
fn either(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (Kind::Nil, other) | (other, Kind::Nil) => other,
        (a, b) if a == b => a,
        _ => Kind::Any,
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

/// What an operator gives for values of these kinds.
fn joined(operator: Operator, left: Kind, right: Kind) -> Result<Kind, ConditionError> {
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
            let sized = right == Kind::Text && left == Kind::Any;
            (matches!(right, Kind::Any | Kind::List) || sized || both_map(left, right), Kind::Bool)
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
