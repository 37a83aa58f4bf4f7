//! The expression language of Mixer, in `match` of rules and in the fields of instances.
//!
//! Reads expressions; their types are not checked and their values not computed.

mod parser;
mod token;

use std::collections::BTreeSet;

use pointsman_types::duration::{TimeDelta, go};

/// An expression over attributes.
///
/// Shape: `|` and `+` bind more closely than comparisons, these more than `&&`, that more than `||`; operators of one level go from
/// left to right. A text that is a duration is one. At most 64 levels of brackets and operators of one level in a row.
///
/// ```
/// use pointsman_api::istio::legacy::Expression;
/// let expression: Expression = r#"source.labels["app"] | "none" == "web" && request.path.startsWith("/api")"#.parse()?;
/// let attributes: Vec<_> = expression.attributes().into_iter().collect();
/// assert_eq!(attributes, ["request.path", "source.labels"]);
/// assert_eq!(expression.to_string(),
///     r#"(((source.labels["app"] | "none") == "web") && request.path.startsWith("/api"))"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// *Source:* `mixer/pkg/lang/ast` of Istio 1.0.0 and 1.7.0. Expressions of more than 2000 words, and chains of more than
/// 64 operators of one level, are refused here.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Expression {
    /// `true` or `false`, in any case.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A number with a fraction or an exponent.
    Double(f64),
    /// A text.
    Text(String),
    /// A text that is a duration.
    Duration(TimeDelta),
    /// An attribute, its dotted name.
    Attribute(String),
    /// The value of a key of a map.
    Index {
        /// The map.
        map: Box<Expression>,
        /// The key.
        key: Box<Expression>,
    },
    /// A function, or a method of a value.
    Call {
        /// Its name.
        function: String,
        /// The value that it is a method of.
        target: Option<Box<Expression>>,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
    /// Two expressions and what stands between them.
    Operation {
        /// What stands between them.
        operator: Operator,
        /// On the left.
        left: Box<Expression>,
        /// On the right.
        right: Box<Expression>,
    },
}

/// What stands between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`, since 1.1
    Less,
    /// `<=`, since 1.1
    LessOrEqual,
    /// `>`, since 1.1
    Greater,
    /// `>=`, since 1.1
    GreaterOrEqual,
    /// `|`: the first that is there.
    Default,
    /// `+`
    Add,
}

/// A text that is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at byte {place})")]
pub struct InvalidExpression {
    place: usize,
    message: String,
}

impl InvalidExpression {
    const fn new(place: usize, message: String) -> Self {
        Self { place, message }
    }

    /// Where, in bytes from the beginning.
    #[must_use]
    pub const fn place(&self) -> usize {
        self.place
    }
}

impl Expression {
    /// The attributes that it names, sorted.
    #[must_use]
    pub fn attributes(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            match expression {
                Self::Attribute(name) => {
                    names.insert(name.as_str());
                }
                Self::Index { map, key } => open.extend([&**map, &**key]),
                Self::Call { target, arguments, .. } => {
                    open.extend(target.as_deref());
                    open.extend(arguments);
                }
                Self::Operation { left, right, .. } => open.extend([&**left, &**right]),
                _ => {}
            }
        }
        names
    }
}

impl std::str::FromStr for Expression {
    type Err = InvalidExpression;

    fn from_str(text: &str) -> Result<Self, InvalidExpression> {
        parser::parse(text)
    }
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Default => "|",
            Self::Add => "+",
        }
    }
}

fn quote(text: &str, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    f.write_str("\"")?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => write!(f, "\\{letter}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

/// With all brackets.
impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Text(text) => quote(text, f),
            Self::Duration(duration) => quote(&go::format(*duration), f),
            Self::Attribute(name) => f.write_str(name),
            Self::Index { map, key } => write!(f, "{map}[{key}]"),
            Self::Call { function, target, arguments } => {
                if let Some(target) = target {
                    write!(f, "{target}.")?;
                }
                write!(f, "{function}(")?;
                for (position, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if position > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            Self::Operation { operator, left, right } => write!(f, "({left} {} {right})", operator.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse().map_or_else(|error: InvalidExpression| error.to_string(), |e: Expression| e.to_string())
    }

    #[test]
    fn operators_bind_as_in_go() {
        assert_eq!(shown(r#"a | "x" == "y""#), r#"((a | "x") == "y")"#);
        assert_eq!(shown("a == 1 && b != 2 || c"), "(((a == 1) && (b != 2)) || c)");
        assert_eq!(shown("(a || b) && true"), "((a || b) && true)");
        assert_eq!(shown("a | b | 1.5"), "((a | b) | 1.5)");
    }

    #[test]
    fn literals_and_calls() {
        assert_eq!("\"10s\"".parse(), Ok(Expression::Duration(TimeDelta::from_secs(10))));
        assert_eq!("TRUE".parse(), Ok(Expression::Bool(true)));
        assert_eq!("0x1f".parse(), Ok(Expression::Integer(31)));
        assert_eq!("`a\\b`".parse(), Ok(Expression::Text("a\\b".into())));
        assert_eq!(shown(r#""^/a.*".matches(request.path)"#), r#""^/a.*".matches(request.path)"#);
        assert_eq!(
            shown(r#"match(a.b, "x*") && ip("1.2.3.4") == source.ip"#),
            r#"(match(a.b, "x*") && (ip("1.2.3.4") == source.ip))"#
        );
        assert_eq!(
            shown(r#"request.headers["a"].startsWith("b")"#),
            r#"request.headers["a"].startsWith("b")"#
        );
    }

    #[test]
    fn what_is_shown_reads_as_the_same() {
        for text in [r#"a["k"] | "q\"\n" == b"#, "conditional(a, 1, 2) + 3", "\"1m30s\" | x"] {
            let expression: Expression = text.parse().unwrap();
            assert_eq!(expression.to_string().parse(), Ok(expression));
        }
    }

    #[test]
    fn mistakes_tell_their_place() {
        assert_eq!(shown("a =="), "an operand is missing (at byte 4)");
        assert_eq!(shown("a b"), "the expression ends before this (at byte 2)");
        assert_eq!(shown("a ? b"), "`?` has no meaning here (at byte 2)");
        assert_eq!(shown("\"abc"), "the text has no end (at byte 0)");
        assert_eq!(shown("f(a"), "`)` is missing (at byte 3)");
        assert_eq!(shown(""), "an operand is missing (at byte 0)");
        assert!(shown(&"(".repeat(1_000)).contains("too deep"));
        assert!(
            shown(&"a|".repeat(500)).contains("too long") && shown(&"(".repeat(100_000)).contains("too long")
        );
        assert!(shown(&"a|".repeat(100_000)).contains("too long"));
        assert!(shown(&("a".to_owned() + &"[0]".repeat(300))).contains("too long"));
    }
}
