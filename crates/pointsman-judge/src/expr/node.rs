//! The tree of a condition.

use crate::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Literal(Value),
    /// `result`, or what a `let` named.
    Name(String),
    /// `#`: the item that a predicate looks at.
    Item,
    /// `#index`.
    ItemIndex,
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
    Coalesce(Box<Node>, Box<Node>),
    Member {
        of: Box<Node>,
        key: Box<Node>,
        optional: bool,
    },
    Slice {
        of: Box<Node>,
        from: Option<Box<Node>>,
        to: Option<Box<Node>>,
    },
    Call(String, Vec<Node>),
    /// A function that asks a predicate of each item.
    Each(Each, Box<Node>, Box<Node>),
    Let(String, Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Range,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    All,
    Any,
    None,
    One,
    Filter,
    Map,
    Find,
    FindIndex,
    Count,
}

impl Operator {
    /// How tightly it binds, and its name; tighter is more.
    pub(super) const fn binding(self) -> (u8, &'static str) {
        match self {
            Self::Or => (10, "or"),
            Self::And => (15, "and"),
            Self::Equal => (20, "=="),
            Self::NotEqual => (20, "!="),
            Self::Less => (20, "<"),
            Self::LessOrEqual => (20, "<="),
            Self::Greater => (20, ">"),
            Self::GreaterOrEqual => (20, ">="),
            Self::In => (20, "in"),
            Self::Contains => (20, "contains"),
            Self::StartsWith => (20, "startsWith"),
            Self::EndsWith => (20, "endsWith"),
            Self::Matches => (20, "matches"),
            Self::Range => (25, ".."),
            Self::Add => (30, "+"),
            Self::Subtract => (30, "-"),
            Self::Multiply => (60, "*"),
            Self::Divide => (60, "/"),
            Self::Remainder => (60, "%"),
            Self::Power => (100, "**"),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        self.binding().1
    }

    /// The operator that is written so.
    pub(super) fn written(text: &str) -> Option<Self> {
        Some(match text {
            "or" | "||" => Self::Or,
            "and" | "&&" => Self::And,
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "in" => Self::In,
            "contains" => Self::Contains,
            "startsWith" => Self::StartsWith,
            "endsWith" => Self::EndsWith,
            "matches" => Self::Matches,
            ".." => Self::Range,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            "**" | "^" => Self::Power,
            _ => return None,
        })
    }
}

impl Each {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "any" => Self::Any,
            "none" => Self::None,
            "one" => Self::One,
            "filter" => Self::Filter,
            "map" => Self::Map,
            "find" => Self::Find,
            "findIndex" => Self::FindIndex,
            "count" => Self::Count,
            _ => return None,
        })
    }
}
