//! The words of an expression.

use super::InvalidExpression;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Integer(i64),
    Double(f64),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [&str; 16] =
    ["==", "!=", "&&", "||", "<=", ">=", "<", ">", "|", "+", "(", ")", "[", "]", ",", "."];

/// The words with the place of each, in bytes.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, InvalidExpression> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let place = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, after) = match first {
            '"' => quoted(rest, place)?,
            '`' => raw(rest, place)?,
            '0'..='9' => number(rest, place)?,
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (Token::Name(name.to_owned()), after)
            }
            c => SIGNS
                .iter()
                .find_map(|sign| Some((Token::Sign(sign), rest.strip_prefix(sign)?)))
                .ok_or_else(|| InvalidExpression::new(place, format!("`{c}` has no meaning here")))?,
        };
        tokens.push((place, token));
        rest = after;
    }
}

fn raw(text: &str, place: usize) -> Result<(Token, &str), InvalidExpression> {
    let inner = text.strip_prefix('`').unwrap_or(text);
    let (content, after) = inner
        .split_once('`')
        .ok_or_else(|| InvalidExpression::new(place, "the text has no end".to_owned()))?;
    Ok((Token::Text(content.to_owned()), after))
}

fn quoted(text: &str, place: usize) -> Result<(Token, &str), InvalidExpression> {
    let no_end = || InvalidExpression::new(place, "the text has no end".to_owned());
    let mut content = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((position, letter)) = letters.next() {
        match letter {
            '"' => return Ok((Token::Text(content), text.get(position + 1..).unwrap_or_default())),
            '\n' => break,
            '\\' => {
                let (_, escaped) = letters.next().ok_or_else(no_end)?;
                content.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '"' | '\\' => escaped,
                    other => {
                        let message = format!("`\\{other}` is not an escape");
                        return Err(InvalidExpression::new(place + position, message));
                    }
                });
            }
            other => content.push(other),
        }
    }
    Err(no_end())
}

fn number(text: &str, place: usize) -> Result<(Token, &str), InvalidExpression> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    let (digits, after) = text.split_at_checked(end).unwrap_or((text, ""));
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let integer = match hexadecimal {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8).ok(),
        None => digits.parse().ok(),
    };
    if let Some(integer) = integer {
        return Ok((Token::Integer(integer), after));
    }
    let double = digits.parse().ok().filter(|double: &f64| double.is_finite());
    match double {
        Some(double) if hexadecimal.is_none() && digits.contains(['.', 'e', 'E']) => {
            Ok((Token::Double(double), after))
        }
        _ => Err(InvalidExpression::new(place, format!("`{digits}` is not a number"))),
    }
}
