//! Text to words.

use super::ConditionError;
use crate::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(Value),
    Name(String),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 32] = [
    "?.", "??", "..", "**", "==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "^", "<", ">", "!",
    "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "#", ";", "=",
];

/// The words of a condition, each with its place in characters from 1, and an end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ConditionError> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let place = lexer.at + 1;
        let token = lexer.next_token()?;
        let is_end = token == Token::End;
        tokens.push((token, place));
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn fail<T>(&self, what: impl Into<String>) -> Result<T, ConditionError> {
        Err(ConditionError::Syntax { what: what.into(), at: self.at + 1 })
    }

    fn skip_blanks(&mut self) -> Result<(), ConditionError> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(c), _) if c.is_whitespace() => self.at += 1,
                (Some('/'), Some('/')) => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                (Some('/'), Some('*')) => {
                    while !matches!((self.peek(0), self.peek(1)), (Some('*'), Some('/'))) {
                        if self.peek(0).is_none() {
                            return self.fail("a comment without an end");
                        }
                        self.at += 1;
                    }
                    self.at += 2;
                }
                _ => return Ok(()),
            }
        }
    }

    fn next_token(&mut self) -> Result<Token, ConditionError> {
        let Some(first) = self.peek(0) else { return Ok(Token::End) };
        if first.is_ascii_digit() || (first == '.' && self.peek(1).is_some_and(|c| c.is_ascii_digit())) {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' || first == '$' {
            return Ok(self.word());
        }
        match first {
            '\'' | '"' => return self.quoted(first),
            '`' => return self.raw(),
            _ => {}
        }
        for sign in SIGNS {
            if sign.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c)) {
                self.at += sign.len();
                return Ok(Token::Sign(sign));
            }
        }
        // A single bar is the pipe.
        if first == '|' {
            self.at += 1;
            return Ok(Token::Sign("|"));
        }
        self.fail(format!("unexpected `{first}`"))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            self.at += 1;
        }
        let word: String = self.chars.iter().skip(start).take(self.at - start).collect();
        match word.as_str() {
            "true" => Token::Literal(Value::Bool(true)),
            "false" => Token::Literal(Value::Bool(false)),
            "nil" => Token::Literal(Value::Nil),
            _ => Token::Name(word),
        }
    }

    fn number(&mut self) -> Result<Token, ConditionError> {
        let radix = match (self.peek(0), self.peek(1)) {
            (Some('0'), Some('x' | 'X')) => 16,
            (Some('0'), Some('o' | 'O')) => 8,
            (Some('0'), Some('b' | 'B')) => 2,
            _ => 10,
        };
        let start = self.at;
        if radix != 10 {
            self.at += 2;
        }
        while let Some(c) = self.peek(0) {
            let in_exponent = radix == 10 && matches!(c, '+' | '-') && self.after_exponent(start);
            // `1..3` is a range, not a number with two points.
            let is_point = c == '.' && radix == 10 && self.peek(1) != Some('.');
            if !(c.is_ascii_alphanumeric() || c == '_' || is_point || in_exponent) {
                break;
            }
            self.at += 1;
        }
        let written: String =
            self.chars.iter().skip(start).take(self.at - start).filter(|c| **c != '_').collect();
        let value = if radix == 10 {
            written.parse().map(Value::Int).or_else(|_| match written.parse::<f64>() {
                Ok(number) if !written.contains(['i', 'n', 'I', 'N']) => Ok(Value::Float(number)),
                _ => Err(()),
            })
        } else {
            i64::from_str_radix(written.get(2..).unwrap_or_default(), radix).map(Value::Int).map_err(|_| ())
        };
        value.map(Token::Literal).or_else(|()| self.fail(format!("`{written}` is not a number")))
    }

    fn after_exponent(&self, start: usize) -> bool {
        let before = self.at.checked_sub(1).filter(|at| *at > start).and_then(|at| self.chars.get(at));
        matches!(before, Some('e' | 'E'))
    }

    fn raw(&mut self) -> Result<Token, ConditionError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None => return self.fail("a text without an end"),
                Some('`') => break,
                Some(c) => text.push(c),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Token::Literal(Value::Text(text)))
    }

    fn quoted(&mut self, quote: char) -> Result<Token, ConditionError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None | Some('\n') => return self.fail("a text without an end"),
                Some(c) if c == quote => break,
                Some('\\') => text.push(self.escape()?),
                Some(c) => text.push(c),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Token::Literal(Value::Text(text)))
    }

    /// Stops on the last character of the escape.
    fn escape(&mut self) -> Result<char, ConditionError> {
        self.at += 1;
        let digits = match self.peek(0) {
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some('a') => return Ok('\u{7}'),
            Some('b') => return Ok('\u{8}'),
            Some('f') => return Ok('\u{c}'),
            Some('v') => return Ok('\u{b}'),
            Some(same @ ('\\' | '\'' | '"' | '`')) => return Ok(same),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => return self.fail("an unknown escape"),
        };
        let written: String = self.chars.iter().skip(self.at + 1).take(digits).collect();
        self.at += digits;
        let code = u32::from_str_radix(&written, 16).ok().filter(|_| written.len() == digits);
        code.and_then(char::from_u32).map_or_else(|| self.fail("an unknown escape"), Ok)
    }
}
