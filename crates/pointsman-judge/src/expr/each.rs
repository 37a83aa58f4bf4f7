//! The functions that ask a predicate of each item.

use std::collections::BTreeMap;

use super::ConditionError;
use super::eval::{Evaluator, size};
use super::functions;
use super::go_text::printed;
use super::node::{Each, Node, Operator};
use super::operators::arithmetic;
use crate::Value;

impl<'a> Evaluator<'a> {
    pub(super) fn each<'n: 'a>(
        &mut self,
        each: Each,
        list: &'n Node,
        body: &'n Node,
        last: Option<&'n Node>,
    ) -> Result<Value, ConditionError> {
        let list = self.value(list)?;
        let Value::List(items) = &*list else {
            return Err(ConditionError::Argument {
                function: format!("{each:?}").to_lowercase(),
                kind: list.kind(),
            });
        };
        let last = match last {
            Some(last) => Some(self.owned(last)?),
            None => None,
        };
        match each {
            Each::Reduce => self.reduced(items, body, last),
            Each::Map | Each::Sum | Each::GroupBy | Each::SortBy => {
                let mut answers = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    answers.push(self.of_item(item, index, body)?);
                }
                self.gathered(each, items, answers, last.as_ref())
            }
            _ => self.decided(each, items, body),
        }
    }

    /// What a predicate gives for an item.
    fn of_item<'n: 'a>(
        &mut self,
        item: &Value,
        index: usize,
        body: &'n Node,
    ) -> Result<Value, ConditionError> {
        let copy = self.copied(item)?;
        self.items.push((copy, index));
        let answer = self.owned(body);
        self.items.pop();
        answer
    }

    fn reduced<'n: 'a>(
        &mut self,
        items: &[Value],
        body: &'n Node,
        start: Option<Value>,
    ) -> Result<Value, ConditionError> {
        let skipped = usize::from(start.is_none());
        let Some(mut value) = start.or_else(|| items.first().cloned()) else {
            return Err(ConditionError::NoItem { index: 0, length: 0 });
        };
        for (index, item) in items.iter().enumerate().skip(skipped) {
            self.accumulated.push(value);
            let next = self.of_item(item, index, body);
            self.accumulated.pop();
            value = next?;
        }
        Ok(value)
    }

    fn gathered(
        &mut self,
        each: Each,
        items: &[Value],
        answers: Vec<Value>,
        order: Option<&Value>,
    ) -> Result<Value, ConditionError> {
        self.spend(items.iter().fold(0, |sum, item| sum + size(item)))?;
        Ok(match each {
            Each::Sum => {
                answers.iter().try_fold(Value::Int(0), |sum, item| arithmetic(Operator::Add, item, &sum))?
            }
            Each::SortBy => {
                let keyed = answers.into_iter().zip(items.iter().cloned()).collect();
                Value::List(functions::sorted_by(keyed, order)?)
            }
            Each::GroupBy => {
                let mut groups = BTreeMap::<String, Vec<Value>>::new();
                for (key, item) in answers.iter().zip(items) {
                    groups.entry(printed(key)).or_default().push(item.clone());
                }
                Value::Map(groups.into_iter().map(|(key, items)| (key, Value::List(items))).collect())
            }
            _ => Value::List(answers),
        })
    }

    /// Looks at no more items than it has to.
    fn decided<'n: 'a>(
        &mut self,
        each: Each,
        items: &[Value],
        body: &'n Node,
    ) -> Result<Value, ConditionError> {
        let backwards = matches!(each, Each::FindLast | Each::FindLastIndex);
        let number = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let (mut hits, mut count) = (Vec::new(), 0);
        for step in 0..items.len() {
            let index = if backwards { items.len() - 1 - step } else { step };
            let Some(item) = items.get(index) else { break };
            let truth = match self.of_item(item, index, body)? {
                Value::Bool(truth) => truth,
                other => {
                    let (operator, left) = ("predicate", other.kind());
                    return Err(ConditionError::Mismatch { operator, left, right: "bool" });
                }
            };
            match (each, truth) {
                (Each::All, false) | (Each::None, true) => return Ok(Value::Bool(false)),
                (Each::Any, true) => return Ok(Value::Bool(true)),
                (Each::Find | Each::FindLast, true) => return self.copied(item),
                (Each::FindIndex | Each::FindLastIndex, true) => return Ok(number(index)),
                (Each::Filter, true) => hits.push(self.copied(item)?),
                _ => {}
            }
            count += usize::from(truth);
        }
        Ok(match each {
            Each::All | Each::None => Value::Bool(true),
            Each::Any => Value::Bool(false),
            Each::One => Value::Bool(count == 1),
            Each::Filter => Value::List(hits),
            // A place that is not found is nil, as an item is.
            Each::Count => number(count),
            _ => Value::Nil,
        })
    }
}
