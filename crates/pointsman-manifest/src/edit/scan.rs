//! What stands between the nodes of a text.

/// What is white space in YAML; other spaces belong to texts.
pub(super) const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// Over white space, line breaks and comments.
pub(super) fn skip_trivia(text: &str, mut position: usize) -> usize {
    loop {
        let rest = text.get(position..).unwrap_or_default();
        let trimmed = rest.trim_start_matches(|letter| BLANK.contains(&letter) || letter == '\u{feff}');
        position += rest.len() - trimmed.len();
        // A `#` begins a comment only behind white space.
        let begins = text.get(..position).is_none_or(|before| {
            before.is_empty() || before.ends_with([' ', '\t', '\n', '\r', ',', '[', '{'])
        });
        if !trimmed.starts_with('#') || !begins {
            return position;
        }
        position = line_end(text, position);
    }
}

/// Over white space, comments, anchors and tags.
pub(super) fn skip_properties(text: &str, from: usize) -> usize {
    let mut position = skip_trivia(text, from);
    while text.get(position..).is_some_and(|rest| rest.starts_with(['&', '!'])) {
        let rest = text.get(position..).unwrap_or_default();
        let length = rest.find([' ', '\t', '\r', '\n', ',', ']', '}']).unwrap_or(rest.len());
        position = skip_trivia(text, position + length);
    }
    position
}

/// The end of the line, before its line break.
pub(super) fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    from + line.strip_suffix('\r').unwrap_or(line).len()
}

/// The beginning of the line.
pub(super) fn line_start(text: &str, from: usize) -> usize {
    text.get(..from).and_then(|before| before.rfind('\n')).map_or(0, |position| position + 1)
}

/// The beginning of the next line; the end of the text where there is none.
pub(super) fn next_line(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |position| from + position + 1)
}

/// How many characters stand before it in its line.
pub(super) fn column(text: &str, position: usize) -> usize {
    text.get(line_start(text, position)..position)
        .unwrap_or_default()
        .chars()
        .filter(|letter| *letter != '\u{feff}')
        .count()
}

/// Whether only white space stands before it in its line.
pub(super) fn begins_line(text: &str, position: usize) -> bool {
    text.get(line_start(text, position)..position).is_some_and(|before| before.trim_matches(BLANK).is_empty())
}

/// The line break that a text uses.
pub(super) fn line_break(text: &str) -> &'static str {
    let at = text.find('\n').unwrap_or(0);
    if text.get(..at).is_some_and(|before| before.ends_with('\r')) { "\r\n" } else { "\n" }
}
