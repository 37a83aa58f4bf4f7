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
//! | operators | `+ - * / % **` (`^`), `== != < <= > >=`, `and or not` (`&& || !`), `in`, `not in`, `contains`, `startsWith`, `endsWith`, `matches`, `..`, `? :`, `??`, `|` |
//! | access | `a.b` `a?.b` `a["b"]` `a[0]` `a[-1]` `a[1:3]` |
//! | lists | `all any none one filter map find findIndex count`, with `{# > 1}`, `.field`, `#index`; `sum mean median min max first last len` |
//! | numbers, texts | `abs ceil floor round int float string type lower upper trim hasPrefix hasSuffix split join indexOf keys values` |
//! | of Argo Rollouts | `asInt asFloat isNaN isInf isNil default`, over `result` |
//! | | `let x = 1; x * 2` |
//!
//! Division gives a fraction, also of whole numbers. What is known before a value is there (a name that does not exist,
//! a number compared with a text) is an error when the condition is read; the rest is one when it is evaluated. There is
//! no clock, so no `now()`; and there are no methods.
//!
//! Hostile conditions end: texts are cut off at 10,000 bytes, nesting at 100, evaluation at a million steps.
//!
//! Source: the language of expr-lang as Argo Rollouts sets it up.

mod check;
mod condition;
mod error;
mod eval;
mod functions;
mod lexer;
mod node;
mod operators;
mod parser;

pub use condition::Condition;
pub use error::{ConditionError, Wanted};
