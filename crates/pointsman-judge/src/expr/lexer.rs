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
const SIGNS: [&str; 33] = [
    "?.", "??", "..", "**", "::", "==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "^", "<", ">",
    "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "#", ";", "=",
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

    fn digits(&mut self, radix: u32) {
        while self.peek(0).is_some_and(|c| c.is_digit(radix) || c == '_') {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Token, ConditionError> {
        let start = self.at;
        let radix = match (self.peek(0), self.peek(1)) {
            (Some('0'), Some('x' | 'X')) => 16,
            (Some('0'), Some('o' | 'O')) => 8,
            (Some('0'), Some('b' | 'B')) => 2,
            _ => 10,
        };
        self.at += if radix == 10 { 0 } else { 2 };
        self.digits(radix);
        // `1..3` is a range, not a number with two points.
        let has_point = radix == 10 && self.peek(0) == Some('.') && self.peek(1) != Some('.');
        if has_point {
            self.at += 1;
            self.digits(10);
        }
        let has_exponent = radix == 10 && matches!(self.peek(0), Some('e' | 'E'));
        if has_exponent {
            self.at += 1 + usize::from(matches!(self.peek(1), Some('+' | '-')));
            self.digits(10);
        }
        let ends = !self.peek(0).is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
        let written: String =
            self.chars.iter().skip(start).take(self.at - start).filter(|c| **c != '_').collect();
        let value = if has_point || has_exponent {
            written.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float)
        } else {
            let digits = if radix == 10 { Some(written.as_str()) } else { written.get(2..) };
            digits.and_then(|digits| i64::from_str_radix(digits, radix).ok()).map(Value::Int)
        };
        let value = value.filter(|_| ends).map(Token::Literal);
        value.map_or_else(|| self.fail(format!("`{written}` is not a number")), Ok)
    }

    fn raw(&mut self) -> Result<Token, ConditionError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None => return self.fail("a text without an end"),
                // Two of them are one.
                Some('`') if self.peek(1) == Some('`') => {
                    text.push('`');
                    self.at += 1;
                }
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
                Some('\\') => text.push(self.escape(quote)?),
                Some(c) => text.push(c),
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Token::Literal(Value::Text(text)))
    }

    /// Stops on the last character of the escape.
    fn escape(&mut self, quote: char) -> Result<char, ConditionError> {
        self.at += 1;
        let (radix, digits) = match self.peek(0) {
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some('a') => return Ok('\u{7}'),
            Some('b') => return Ok('\u{8}'),
            Some('f') => return Ok('\u{c}'),
            Some('v') => return Ok('\u{b}'),
            Some(same) if same == '\\' || same == quote => return Ok(same),
            Some('u') if self.peek(1) == Some('{') => {
                self.at += 1;
                let digits = (1..=7).find(|ahead| self.peek(*ahead) == Some('}')).unwrap_or(0);
                let code = self.code(16, digits.max(1) - 1)?;
                self.at += 1;
                return Ok(code);
            }
            Some('x') => (16, 2),
            Some('u') => (16, 4),
            Some('U') => (16, 8),
            Some('0'..='7') => {
                self.at -= 1;
                (8, 3)
            }
            _ => return self.fail("an unknown escape"),
        };
        self.code(radix, digits)
    }

    /// A character by the digits that follow.
    fn code(&mut self, radix: u32, digits: usize) -> Result<char, ConditionError> {
        let written: String = self.chars.iter().skip(self.at + 1).take(digits).collect();
        self.at += digits;
        let is_whole = written.len() == digits && written.chars().all(|c| c.is_digit(radix));
        let code = u32::from_str_radix(&written, radix).ok().filter(|_| is_whole);
        code.and_then(char::from_u32).map_or_else(|| self.fail("an unknown escape"), Ok)
    }
}
