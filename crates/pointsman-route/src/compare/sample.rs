//! Texts that a regular expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

/// So many texts of one expression at most.
const MOST: usize = 6;
/// Longer samples are cut, which mostly makes them useless but never wrong: samples are checked before use.
const LONGEST: usize = 512;
/// How deep expressions are followed.
const DEEPEST: usize = 64;

/// A few texts that the expression probably matches, the shortest first. The caller checks them.
pub(super) fn samples(pattern: &str) -> Vec<String> {
    let parser = regex_syntax::ParserBuilder::new().nest_limit(100).unicode(true).build().parse(pattern);
    let Ok(hir) = parser else { return Vec::new() };
    let mut texts = walk(&hir, DEEPEST);
    texts.dedup();
    texts
}

fn walk(hir: &Hir, depth: usize) -> Vec<String> {
    let Some(deeper) = depth.checked_sub(1) else { return vec![String::new()] };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![String::new()],
        HirKind::Literal(literal) => vec![String::from_utf8_lossy(&literal.0).into_owned()],
        HirKind::Class(class) => letter(class).into_iter().map(String::from).collect(),
        HirKind::Capture(capture) => walk(&capture.sub, deeper),
        HirKind::Repetition(repetition) => {
            let once = walk(&repetition.sub, deeper);
            let least = repetition.min.min(64) as usize;
            let more = if repetition.max == Some(repetition.min) { least } else { least + 1 };
            let times = |count: usize| once.iter().map(move |text| cut(text.repeat(count)));
            let mut texts: Vec<String> =
                if least == 0 { vec![String::new()] } else { times(least).collect() };
            texts.extend(times(more));
            texts.truncate(MOST);
            texts
        }
        HirKind::Alternation(branches) => {
            let mut texts: Vec<String> = branches.iter().flat_map(|branch| walk(branch, deeper)).collect();
            texts.truncate(MOST);
            texts
        }
        HirKind::Concat(parts) => parts.iter().fold(vec![String::new()], |before, part| {
            let after = walk(part, deeper);
            let joined =
                before.iter().flat_map(|head| after.iter().map(move |tail| cut(format!("{head}{tail}"))));
            joined.take(MOST).collect()
        }),
    }
}

fn cut(mut text: String) -> String {
    while text.len() > LONGEST {
        text.pop();
    }
    text
}

/// A letter or digit of a class if it has one, else its first visible character.
fn letter(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let holds = |letter: &char| ranges.iter().any(|(start, end)| start <= letter && letter <= end);
    ('a'..='z').chain('0'..='9').chain('A'..='Z').find(holds).or_else(|| ('!'..='~').find(holds))
}

#[cfg(test)]
mod tests {
    use super::samples;

    #[test]
    fn samples_match() {
        for pattern in ["/a.*", "/(a|b)/[0-9]{2}", "^/x?y+$", "(?i)abc", "/[^/]+/v[12]", "\\d+"] {
            let regex = regex::Regex::new(&format!("^(?:{pattern})$")).expect("valid");
            let samples = samples(pattern);
            assert!(
                !samples.is_empty() && samples.iter().all(|text| regex.is_match(text)),
                "{pattern} {samples:?}"
            );
        }
    }

    #[test]
    fn hostile_expressions_are_bounded() {
        assert!(samples("(((a{60}){60}){60}){60}").iter().all(|text| text.len() <= 512));
        assert_eq!(samples("("), Vec::<String>::new());
    }
}
