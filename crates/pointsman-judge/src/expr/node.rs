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
    /// `#acc`: what a `reduce` has so far.
    Accumulated,
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// A number as it is.
    Plus(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// Comparisons in a chain, each with what stands before it.
    Compare(Box<Node>, Vec<(Operator, Node)>),
    /// All are looked at, the last one counts.
    Sequence(Vec<Node>),
    Choose(Box<Node>, Box<Node>, Box<Node>),
    Coalesce(Box<Node>, Box<Node>),
    Member {
        of: Box<Node>,
        key: Box<Node>,
        /// Nothing of nil: then the whole [`Chain`](Node::Chain) is nil.
        optional: bool,
    },
    Chain(Box<Node>),
    Slice {
        of: Box<Node>,
        from: Option<Box<Node>>,
        to: Option<Box<Node>>,
    },
    Call(String, Vec<Node>),
    /// A function that asks a predicate of each item.
    Each {
        each: Each,
        list: Box<Node>,
        body: Box<Node>,
        /// The order of `sortBy`, the first value of `reduce`.
        last: Option<Box<Node>>,
    },
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
    FindLast,
    FindLastIndex,
    Count,
    Sum,
    GroupBy,
    SortBy,
    Reduce,
}

impl Operator {
    /// How tightly it binds, and its name; tighter is more.
    pub(super) const fn binding(self) -> (u16, &'static str) {
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

    /// Whether it may stand in a chain: `1 < a < 2`.
    pub(super) const fn is_comparison(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }

    /// Whether a `not` may stand before it: `a not in b`.
    pub(super) const fn may_be_negated(self) -> bool {
        matches!(self, Self::In | Self::Contains | Self::StartsWith | Self::EndsWith | Self::Matches)
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
            "findLast" => Self::FindLast,
            "findLastIndex" => Self::FindLastIndex,
            "count" => Self::Count,
            "sum" => Self::Sum,
            "groupBy" => Self::GroupBy,
            "sortBy" => Self::SortBy,
            "reduce" => Self::Reduce,
            _ => return None,
        })
    }

    /// Whether it takes one more argument behind the predicate.
    pub(super) const fn has_last(self) -> bool {
        matches!(self, Self::SortBy | Self::Reduce)
    }

    /// Whether its predicate tells true from false.
    pub(super) const fn decides(self) -> bool {
        !matches!(self, Self::Map | Self::Sum | Self::GroupBy | Self::SortBy | Self::Reduce)
    }
}
