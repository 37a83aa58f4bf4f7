//! What can be wrong with a condition.

/// What is wrong with a condition, when it is read or when it meets a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// It cannot be read.
    #[error("{what} at character {at}")]
    Syntax {
        /// What is wrong.
        what: String,
        /// Where, in characters from 1.
        at: usize,
    },
    /// It is longer or deeper than is read.
    #[error("the condition is too {0}")]
    TooMuch(&'static str),
    /// A name that means nothing.
    #[error("unknown name `{0}`")]
    UnknownName(String),
    /// A `let` of a name that means something already.
    #[error("`{0}` is there already")]
    Redeclared(String),
    /// Two kinds of values that the operator does not take.
    #[error("`{operator}` does not take {left} and {right}")]
    Mismatch {
        /// The operator.
        operator: &'static str,
        /// The kind on its left.
        left: &'static str,
        /// The kind on its right.
        right: &'static str,
    },
    /// The condition gives something else than true or false.
    #[error("the condition gives {0} and not true or false")]
    NotBool(&'static str),
    /// A value of that kind has no such field, or none at all.
    #[error("{kind} has no field `{field}`")]
    NoField {
        /// The kind of value.
        kind: &'static str,
        /// What was asked for.
        field: String,
    },
    /// A list is shorter.
    #[error("there is no item {index} in a list of {length}")]
    NoItem {
        /// Which item.
        index: i64,
        /// How many there are.
        length: usize,
    },
    /// A text that is no number.
    #[error("`{text}` is not {wanted}")]
    NotANumber {
        /// The text.
        text: String,
        /// What it should be.
        wanted: Wanted,
    },
    /// A function got something it does not take.
    #[error("`{function}` does not take {kind}")]
    Argument {
        /// The function.
        function: String,
        /// The kind of value.
        kind: &'static str,
    },
    /// A function got too few or too many things.
    #[error("`{function}` takes {wanted}")]
    ArgumentCount {
        /// The function.
        function: String,
        /// How many it takes, in words.
        wanted: &'static str,
    },
    /// A regular expression that is none.
    #[error("`{0}` is not a regular expression")]
    NotARegex(String),
    /// It takes more steps than are given to it.
    #[error("evaluating takes too many steps")]
    TooManySteps,
}

/// What a text should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A whole number.
    Int,
    /// A number.
    Float,
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int => "a whole number",
            Self::Float => "a number",
        })
    }
}
