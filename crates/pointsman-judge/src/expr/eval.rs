//! A tree to a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;

use super::ConditionError;
use super::functions::{self, whole};
use super::node::{Node, Operator};
use super::operators::{arithmetic, compare, equal, is_in, of_texts, read_regex};
use crate::Value;

const STEPS: usize = 1_000_000;

/// What it costs to read a regular expression.
const PATTERN: usize = 10_000;

/// What the condition gives for this result.
pub(super) fn evaluate(node: &Node, result: &Value) -> Result<Value, ConditionError> {
    let mut evaluator = Evaluator {
        result,
        names: Vec::new(),
        items: Vec::new(),
        accumulated: Vec::new(),
        patterns: BTreeMap::new(),
        steps: STEPS,
    };
    evaluator.owned(node)
}

pub(super) struct Evaluator<'a> {
    result: &'a Value,
    names: Vec<(String, Value)>,
    /// The items that predicates look at, the innermost last.
    pub(super) items: Vec<(Value, usize)>,
    /// What the reductions around have so far, the innermost last.
    pub(super) accumulated: Vec<Value>,
    /// The regular expressions that were read.
    patterns: BTreeMap<String, Regex>,
    steps: usize,
}

type Found<'a> = Result<Cow<'a, Value>, ConditionError>;

impl<'a> Evaluator<'a> {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), ConditionError> {
        self.steps = self.steps.checked_sub(steps).ok_or(ConditionError::TooManySteps)?;
        Ok(())
    }

    /// A copy costs as many steps as it holds parts.
    pub(super) fn copied(&mut self, value: &Value) -> Result<Value, ConditionError> {
        self.spend(size(value))?;
        Ok(value.clone())
    }

    /// What a node gives, as a value of its own.
    pub(super) fn owned<'n: 'a>(&mut self, node: &'n Node) -> Result<Value, ConditionError> {
        match self.value(node)? {
            Cow::Borrowed(value) => self.copied(value),
            Cow::Owned(value) => Ok(value),
        }
    }

    pub(super) fn value<'n: 'a>(&mut self, node: &'n Node) -> Found<'a> {
        self.spend(1)?;
        Ok(match node {
            Node::Literal(value) => Cow::Borrowed(value),
            Node::Name(name) => return self.name(name),
            Node::Item => {
                let item = self.items.last().map_or(Value::Nil, |(item, _)| item.clone());
                self.spend(size(&item))?;
                Cow::Owned(item)
            }
            Node::ItemIndex => {
                let index = self.items.last().map_or(0, |(_, index)| *index);
                Cow::Owned(Value::Int(i64::try_from(index).unwrap_or(i64::MAX)))
            }
            Node::Accumulated => {
                let value = self.accumulated.last().cloned().unwrap_or_default();
                self.spend(size(&value))?;
                Cow::Owned(value)
            }
            Node::List(items) => {
                let items = items.iter().map(|item| self.owned(item));
                Cow::Owned(Value::List(items.collect::<Result<_, _>>()?))
            }
            Node::Map(fields) => Cow::Owned(self.map(fields)?),
            Node::Not(of) => Cow::Owned(Value::Bool(!self.truth("not", of)?)),
            Node::Negate(of) => Cow::Owned(negated(&*self.value(of)?)?),
            Node::Plus(of) => return self.value(of),
            Node::Binary(operator, left, right) => Cow::Owned(self.binary(*operator, left, right)?),
            Node::Compare(first, rest) => Cow::Owned(Value::Bool(self.comparisons(first, rest)?)),
            Node::Sequence(nodes) => {
                let mut last = Cow::Owned(Value::Nil);
                for node in nodes {
                    last = self.value(node)?;
                }
                last
            }
            Node::Choose(condition, yes, no) => {
                let branch = if self.truth("?:", condition)? { yes } else { no };
                return self.value(branch);
            }
            Node::Coalesce(left, right) => match self.value(left)? {
                value if *value == Value::Nil => return self.value(right),
                value => value,
            },
            Node::Member { .. } | Node::Chain(_) => {
                return Ok(self.chained(node)?.unwrap_or(Cow::Owned(Value::Nil)));
            }
            Node::Slice { of, from, to } => Cow::Owned(self.slice(of, from.as_deref(), to.as_deref())?),
            Node::Call(name, arguments) => Cow::Owned(self.call(name, arguments)?),
            Node::Each { each, list, body, last } => {
                Cow::Owned(self.each(*each, list, body, last.as_deref())?)
            }
            Node::Let(name, value, rest) => {
                let value = self.owned(value)?;
                self.names.push((name.clone(), value));
                let rest = self.value(rest);
                self.names.pop();
                return rest;
            }
        })
    }

    fn name(&mut self, name: &str) -> Found<'a> {
        if let Some((_, value)) = self.names.iter().rev().find(|(known, _)| known == name) {
            let value = value.clone();
            self.spend(size(&value))?;
            return Ok(Cow::Owned(value));
        }
        if name == "result" {
            return Ok(Cow::Borrowed(self.result));
        }
        Err(ConditionError::UnknownName(name.to_owned()))
    }

    fn map<'n: 'a>(&mut self, fields: &'n [(Node, Node)]) -> Result<Value, ConditionError> {
        let mut map = std::collections::BTreeMap::new();
        for (key, value) in fields {
            let key = match self.owned(key)? {
                Value::Text(name) => name,
                other => other.to_string(),
            };
            map.insert(key, self.owned(value)?);
        }
        Ok(Value::Map(map))
    }

    fn truth<'n: 'a>(&mut self, operator: &'static str, node: &'n Node) -> Result<bool, ConditionError> {
        match &*self.value(node)? {
            Value::Bool(truth) => Ok(*truth),
            other => Err(ConditionError::Mismatch { operator, left: other.kind(), right: "bool" }),
        }
    }

    fn binary<'n: 'a>(
        &mut self,
        operator: Operator,
        left: &'n Node,
        right: &'n Node,
    ) -> Result<Value, ConditionError> {
        if matches!(operator, Operator::And | Operator::Or) {
            return self.both(operator, left, right);
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        let (left, right) = (&*left, &*right);
        Ok(match operator {
            Operator::Equal | Operator::NotEqual => {
                self.spend(size(left).min(size(right)))?;
                Value::Bool(equal(left, right) == (operator == Operator::Equal))
            }
            Operator::In => {
                self.spend(size(right))?;
                Value::Bool(is_in(left, right)?)
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.spend(size(left).min(size(right)))?;
                Value::Bool(compare(operator, left, right)?)
            }
            Operator::Matches => {
                self.spend(size(left) + size(right))?;
                Value::Bool(self.matches(left, right)?)
            }
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
                self.spend(size(left) + size(right))?;
                Value::Bool(of_texts(operator, left, right)?)
            }
            Operator::Range => self.range(left, right)?,
            _ => {
                self.spend(size(left) + size(right))?;
                arithmetic(operator, left, right)?
            }
        })
    }

    /// Each pattern is read once, however often it is looked for.
    fn matches(&mut self, left: &Value, right: &Value) -> Result<bool, ConditionError> {
        let (Value::Text(text), Value::Text(pattern)) = (left, right) else {
            return of_texts(Operator::Matches, left, right);
        };
        if let Some(regex) = self.patterns.get(pattern) {
            return Ok(regex.is_match(text));
        }
        self.spend(PATTERN)?;
        let regex = read_regex(pattern)?;
        let is_match = regex.is_match(text);
        self.patterns.insert(pattern.clone(), regex);
        Ok(is_match)
    }

    /// The right one counts only if the left one does not decide. A right one that is written out decides first.
    fn both<'n: 'a>(
        &mut self,
        operator: Operator,
        left: &'n Node,
        right: &'n Node,
    ) -> Result<Value, ConditionError> {
        let decides = operator == Operator::Or;
        match (left, right) {
            (_, Node::Literal(Value::Bool(truth))) if *truth == decides => Ok(Value::Bool(decides)),
            (other, Node::Literal(Value::Bool(_))) => self.owned(other),
            _ if self.truth(operator.name(), left)? == decides => Ok(Value::Bool(decides)),
            _ => self.owned(right),
        }
    }

    fn range(&mut self, left: &Value, right: &Value) -> Result<Value, ConditionError> {
        let end = |value: &Value| match value {
            Value::Int(end) => Some(*end),
            Value::Float(end) => Some(whole(*end)),
            _ => None,
        };
        let (Some(from), Some(to)) = (end(left), end(right)) else {
            return Err(ConditionError::Mismatch { operator: "..", left: left.kind(), right: right.kind() });
        };
        let length = to.saturating_sub(from).saturating_add(1).max(0);
        self.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
        Ok(Value::List((from..=to).map(Value::Int).collect()))
    }

    /// `None` where a `?.` found nothing: then the whole chain gives nil.
    fn chained<'n: 'a>(&mut self, node: &'n Node) -> Result<Option<Cow<'a, Value>>, ConditionError> {
        match node {
            Node::Chain(inner) => Ok(Some(self.chained(inner)?.unwrap_or(Cow::Owned(Value::Nil)))),
            Node::Member { of, key, optional } => {
                self.spend(1)?;
                let Some(of) = self.chained(of)? else { return Ok(None) };
                if *optional && *of == Value::Nil {
                    return Ok(None);
                }
                let key = self.value(key)?;
                self.member(of, &key).map(Some)
            }
            other => self.value(other).map(Some),
        }
    }

    fn member(&mut self, of: Cow<'a, Value>, key: &Value) -> Found<'a> {
        if let (Value::Text(text), Value::Int(index)) = (&*of, key) {
            return byte_of(text, *index).map(Cow::Owned);
        }
        match of {
            Cow::Borrowed(value) => Ok(member_of(value, key)?.map_or(Cow::Owned(Value::Nil), Cow::Borrowed)),
            Cow::Owned(value) => match member_of(&value, key)? {
                Some(found) => self.copied(found).map(Cow::Owned),
                None => Ok(Cow::Owned(Value::Nil)),
            },
        }
    }

    /// Up to the first that does not hold.
    fn comparisons<'n: 'a>(
        &mut self,
        first: &'n Node,
        rest: &'n [(Operator, Node)],
    ) -> Result<bool, ConditionError> {
        let mut before = self.value(first)?;
        for (operator, next) in rest {
            let next = self.value(next)?;
            self.spend(size(&before).min(size(&next)))?;
            if !compare(*operator, &before, &next)? {
                return Ok(false);
            }
            before = next;
        }
        Ok(true)
    }

    fn slice<'n: 'a>(
        &mut self,
        of: &'n Node,
        from: Option<&'n Node>,
        to: Option<&'n Node>,
    ) -> Result<Value, ConditionError> {
        let of = self.value(of)?;
        let length = match &*of {
            Value::List(items) => items.len(),
            Value::Text(text) => text.chars().count(),
            other => return Err(ConditionError::NoField { kind: other.kind(), field: "[:]".into() }),
        };
        let from = self.place(from, length, 0)?;
        let to = self.place(to, length, length)?.max(from);
        self.spend(size(&of))?;
        Ok(match &*of {
            Value::List(items) => Value::List(items.iter().take(to).skip(from).cloned().collect()),
            Value::Text(text) => Value::Text(text.chars().take(to).skip(from).collect()),
            _ => Value::Nil,
        })
    }

    /// An end of a slice; from the end of the list when negative.
    fn place<'n: 'a>(
        &mut self,
        node: Option<&'n Node>,
        length: usize,
        otherwise: usize,
    ) -> Result<usize, ConditionError> {
        let Some(node) = node else { return Ok(otherwise) };
        match &*self.value(node)? {
            Value::Int(at) if *at < 0 => {
                Ok(length.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)))
            }
            Value::Int(at) => Ok(usize::try_from(*at).unwrap_or(usize::MAX).min(length)),
            Value::Float(at) => Ok(usize::try_from(whole(*at)).unwrap_or(0).min(length)),
            other => Err(ConditionError::NoField { kind: "array", field: format!("[{}]", other.kind()) }),
        }
    }

    fn call<'n: 'a>(&mut self, name: &str, arguments: &'n [Node]) -> Result<Value, ConditionError> {
        let mut values = Vec::new();
        for argument in arguments {
            let value = self.owned(argument)?;
            self.spend(size(&value))?;
            values.push(value);
        }
        // Every item is compared with all others, every letter with all of a set.
        match (name, values.as_slice()) {
            ("uniq", [list @ Value::List(items)]) => self.spend(items.len().saturating_mul(size(list)))?,
            ("trim", [text, set]) => self.spend(size(text).saturating_mul(size(set)))?,
            _ => {}
        }
        let value = functions::call(name, &values)?;
        self.spend(size(&value))?;
        Ok(value)
    }
}

fn negated(value: &Value) -> Result<Value, ConditionError> {
    match value {
        Value::Int(number) => Ok(Value::Int(number.wrapping_neg())),
        Value::Float(number) => Ok(Value::Float(-number)),
        other => Err(ConditionError::Mismatch { operator: "-", left: other.kind(), right: other.kind() }),
    }
}

/// A field or an item; none where a map lacks the field.
fn member_of<'v>(value: &'v Value, key: &Value) -> Result<Option<&'v Value>, ConditionError> {
    match (value, key) {
        (Value::Map(fields), Value::Text(name)) => Ok(fields.get(name)),
        (Value::List(_), Value::Float(index)) => member_of(value, &Value::Int(whole(*index))),
        (Value::Map(fields), Value::Nil) => Ok(fields.get("")),
        (Value::List(items), Value::Int(index)) => {
            let missing = ConditionError::NoItem { index: *index, length: items.len() };
            let place = if *index < 0 { index.saturating_add_unsigned(items.len() as u64) } else { *index };
            let item = usize::try_from(place).ok().and_then(|place| items.get(place));
            item.map(Some).ok_or(missing)
        }
        _ => {
            let field = if let Value::Text(name) = key { name.clone() } else { format!("[{key}]") };
            Err(ConditionError::NoField { kind: value.kind(), field })
        }
    }
}

/// The number of a byte of a text.
fn byte_of(text: &str, index: i64) -> Result<Value, ConditionError> {
    let place = if index < 0 { index.saturating_add_unsigned(text.len() as u64) } else { index };
    let byte = usize::try_from(place).ok().and_then(|place| text.as_bytes().get(place));
    let missing = ConditionError::NoItem { index, length: text.len() };
    byte.map(|byte| Value::Int(i64::from(*byte))).ok_or(missing)
}

/// How many parts a value has; a text counts by its length.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => 1 + text.len() / 16,
        Value::List(items) => items.iter().fold(1, |sum, item| sum + size(item)),
        Value::Map(fields) => fields.values().fold(1, |sum, item| sum + size(item)),
        _ => 1,
    }
}
