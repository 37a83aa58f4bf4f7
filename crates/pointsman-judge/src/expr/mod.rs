//! The language in which templates write success and failure conditions.
//!
//! ```
//! use pointsman_judge::{Value, expr::Condition};
//! let condition: Condition = "len(result) > 0 and all(result, {# >= 0.95})".parse()?;
//! let result = Value::List(vec![Value::Float(0.99), Value::Float(0.97)]);
//! assert!(condition.holds(&result)?);
//! assert!("invalid == true".parse::<Condition>().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | values | `42` `0x2A` `0.5` `1e3` `'text'` `"text"` `` `raw` `` `true` `nil` `[1, 2]` `{a: 1}` |
//! | operators | `+ - * / % **` (`^`), `== != < <= > >=` (also `0 < a < 1`), `and or not` (`&& || !`), `in`, `not in`, `contains`, `startsWith`, `endsWith`, `matches`, `..`, `? :`, `?:`, `??`, `|` |
//! | access | `a.b` `a?.b` `a?.[0]` `a["b"]` `a[0]` `a[-1]` `a[1:3]`; nothing of nil gives nil for all that follows a `?.` |
//! | lists | `all any none one filter map find findIndex findLast findLastIndex count sum groupBy sortBy reduce`, with `{# > 1}`, `.field`; `#index` in `map` and `reduce`, `#acc` in `reduce` |
//! | | `mean median min max first last len get take concat reverse flatten uniq sort keys values toPairs fromPairs` |
//! | numbers | `abs ceil floor round int float`, `bitand bitor bitxor bitnand bitshl bitshr bitushr bitnot` |
//! | texts | `string type lower upper trim trimPrefix trimSuffix hasPrefix hasSuffix split splitAfter join replace repeat indexOf lastIndexOf toJSON fromJSON` |
//! | of Argo Rollouts | `asInt asFloat isNaN isInf isNil default`, over `result` |
//! | | `let x = 1; x * 2`, `if x { 1 } else { 2 }`, `a; b` |
//!
//! Division gives a fraction, also of whole numbers. What is known before a value is there (a name that does not exist,
//! a number compared with a text) is an error when the condition is read; what is known with the result (nil is compared
//! with a number, also behind an `or` that is not reached) before it is evaluated, the rest then.
//!
//! There is no clock, so no `now()`, dates and durations; there are no methods, no bytes and no Base64. Differs: `isNil` and
//! `default` look at what they are given; in Argo Rollouts they look at `result`, whatever they are given.
//!
//! Hostile conditions end: texts are cut off at 10,000 bytes, nesting at 100, evaluation at a million steps.
//!
//! Source: the language of expr-lang as Argo Rollouts sets it up.

mod check;
mod condition;
mod each;
mod error;
mod eval;
mod functions;
mod go_text;
mod lexer;
mod node;
mod operators;
mod parser;
mod primary;
mod signatures;
mod texts;

pub use condition::Condition;
pub use error::{ConditionError, Wanted};
