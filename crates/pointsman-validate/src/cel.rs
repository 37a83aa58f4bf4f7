//! The syntax of CEL, the language of access-log filters.
//!
//! Only whether a text is an expression is asked, as the control plane does: names and types are not known here.
//!
//! Source: the grammar of the CEL specification (`doc/langdef.md`, "Syntax").

/// How deep parentheses and brackets may stand in each other.
const DEEPEST: usize = 100;

/// Words that name nothing.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Says what keeps a text from being an expression. O(length).
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    parser.expression()?;
    match parser.peek() {
        Token::End => Ok(()),
        token => Err(format!("{token} does not belong there")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Value,
    Number(&'a str),
    Sign(&'a str),
    End,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(text) | Self::Number(text) | Self::Sign(text) => write!(f, "`{text}`"),
            Self::Value => f.write_str("a text"),
            Self::End => f.write_str("the end"),
        }
    }
}

const SIGNS: [&str; 24] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", ".", ",", "(", ")",
    "[", "]", "{", "}",
];

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']);
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or_default();
            continue;
        }
        let Some(first) = rest.chars().next() else { break };
        let (token, after) = if let Some(after) = after_text(rest)? {
            (Token::Value, after)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            (Token::Name(word), after)
        } else if first.is_ascii_digit() || starts_with_fraction(rest) {
            let (number, after) = rest.split_at(number_length(rest));
            (Token::Number(number), after)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), rest.strip_prefix(sign).unwrap_or_default())
        } else {
            return Err(format!("`{first}` does not belong there"));
        };
        tokens.push(token);
        rest = after;
    }
    Ok(tokens)
}

fn starts_with_fraction(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// What stands behind a text in quotes, if one stands here: `"a"`, `'a'`, `"""a"""`, each with `r` or `b` before it.
fn after_text(text: &str) -> Result<Option<&str>, String> {
    let letters = text.bytes().take_while(|byte| matches!(byte, b'r' | b'R' | b'b' | b'B')).take(2).count();
    let (prefix, quoted) = text.split_at(letters);
    let Some(quote) = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
        return Ok(None);
    };
    let raw = prefix.contains(['r', 'R']);
    let triple = quote.to_string().repeat(3);
    let (mark, mut rest) = match quoted.strip_prefix(triple.as_str()) {
        Some(rest) => (triple.as_str(), rest),
        None => (triple.get(..1).unwrap_or_default(), quoted.get(1..).unwrap_or_default()),
    };
    loop {
        if let Some(after) = rest.strip_prefix(mark) {
            return Ok(Some(after));
        }
        let mut letters = rest.chars();
        match letters.next() {
            None => return Err("a text has no end".to_owned()),
            Some('\n' | '\r') if mark.len() == 1 => return Err("a text has no end on its line".to_owned()),
            Some('\\') if !raw => {
                letters.next();
            }
            Some(_) => {}
        }
        rest = letters.as_str();
    }
}

fn number_length(text: &str) -> usize {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let digits = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
        let unsigned = text.as_bytes().get(2 + digits).is_some_and(|byte| matches!(byte, b'u' | b'U'));
        return 2 + digits + usize::from(unsigned);
    }
    let digits = |from: usize| text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    let mut whole = true;
    if text.as_bytes().get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
        whole = false;
    }
    if text.as_bytes().get(length).is_some_and(|byte| matches!(byte, b'e' | b'E')) {
        let sign = text.as_bytes().get(length + 1).is_some_and(|byte| matches!(byte, b'+' | b'-'));
        let start = length + 1 + usize::from(sign);
        if digits(start) > 0 {
            length = start + digits(start);
            whole = false;
        }
    }
    let unsigned = text.as_bytes().get(length).is_some_and(|byte| matches!(byte, b'u' | b'U'));
    length + usize::from(whole && unsigned)
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Token<'_> {
        self.tokens.get(self.next).copied().unwrap_or(Token::End)
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = self.peek() == Token::Sign(sign);
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(format!("{} stands where `{sign}` is expected", self.peek()))
        }
    }

    fn expression(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        // The right side of `?:` may hold another one: a loop instead of a call.
        loop {
            self.operators()?;
            if !self.take("?") {
                break;
            }
            self.operators()?;
            self.expect(":")?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Operands with binary operators between them: which binds tighter does not matter for the syntax.
    fn operators(&mut self) -> Result<(), String> {
        loop {
            self.operand()?;
            let binary = match self.peek() {
                Token::Name(word) => word == "in",
                Token::Sign(sign) => {
                    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"].contains(&sign)
                }
                _ => false,
            };
            if !binary {
                return Ok(());
            }
            self.next += 1;
        }
    }

    fn operand(&mut self) -> Result<(), String> {
        if self.take("!") {
            while self.take("!") {}
        } else if self.take("-") {
            while self.take("-") {}
        }
        self.primary()?;
        loop {
            if self.take(".") {
                let _optional = self.take("?");
                self.name()?;
                let _message = self.call()? || self.fields()?;
            } else if self.take("[") {
                let _optional = self.take("?");
                self.expression()?;
                self.expect("]")?;
            } else {
                return Ok(());
            }
        }
    }

    fn primary(&mut self) -> Result<(), String> {
        match self.peek() {
            Token::Value | Token::Number(_) => self.next += 1,
            Token::Name(_) | Token::Sign(".") => {
                let _leading = self.take(".");
                self.name()?;
                let _message = self.call()? || self.fields()?;
            }
            Token::Sign("(") => {
                self.next += 1;
                self.expression()?;
                self.expect(")")?;
            }
            Token::Sign("[") => {
                self.next += 1;
                self.list("]")?;
            }
            Token::Sign("{") => {
                self.fields()?;
            }
            token => return Err(format!("{token} stands where a value is expected")),
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), String> {
        match self.peek() {
            Token::Name(word) if word != "in" && !RESERVED.contains(&word) => {
                self.next += 1;
                Ok(())
            }
            token => Err(format!("{token} stands where a name is expected")),
        }
    }

    fn call(&mut self) -> Result<bool, String> {
        let there = self.take("(");
        if there {
            self.list(")")?;
        }
        Ok(there)
    }

    /// Expressions up to a closing sign; lists may end with a comma.
    fn list(&mut self, end: &str) -> Result<(), String> {
        while !self.take(end) {
            let _optional = end == "]" && self.take("?");
            self.expression()?;
            if !self.take(",") {
                return self.expect(end);
            }
            if end == ")" && self.peek() == Token::Sign(")") {
                return Err("`)` stands where a value is expected".to_owned());
            }
        }
        Ok(())
    }

    /// `{name: value}`: a map or the fields of a message.
    fn fields(&mut self) -> Result<bool, String> {
        if !self.take("{") {
            return Ok(false);
        }
        while !self.take("}") {
            let _optional = self.take("?");
            self.expression()?;
            self.expect(":")?;
            self.expression()?;
            if !self.take(",") {
                return self.expect("}").map(|()| true);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn expressions_are_known() {
        for good in [
            "response.code >= 400",
            "a",
            "!a && !!b || -1 < 2.5e3",
            "request.headers['x'].startsWith(\"a\\\"b\") ? 1 : 0x1Fu",
            "[1, 2,][0] in {'a': 1, 'b': [],}",
            "has(a.b) && size(a) == 0 // why",
            "a.all(x, x > .5)",
            "pkg.Type{name: 'x'}",
            "r'\\' + b\"\"\"a\n\"b\"\"\"",
            "a ? b : c ? d : e",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for bad in [
            "", ")++++", "a b", "a ==", "a.", "f(a,)", "'a", "a &", "a = b", "if", "a ? b", "a[", "{1}",
            "'a\nb'", "a.in", "!-a", "{,}", "1..2", "a; b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{1:", "}"), ("a[", "]"), ("f(", ")")] {
            assert!(check(&format!("{}1{}", open.repeat(50), close.repeat(50))).is_ok(), "{open}");
            assert!(check(&open.repeat(100_000)).is_err(), "{open}");
        }
        assert!(check(&format!("{}a", "!".repeat(100_000))).is_ok());
    }
}
