//! "Did you mean".

/// The candidate nearest to `word`, when one is near enough to be a likely slip of the pen.
///
/// Near enough: at most a third of the word's letters differ (at least one, at most three), case aside. Ties go to the
/// first candidate. Cost: O(|word| × |candidate|) a candidate; words over 64 characters get no suggestion.
///
/// ```
/// use pointsman_types::suggest::nearest;
/// assert_eq!(nearest("wieght", ["weight", "route"]), Some("weight"));
/// assert_eq!(nearest("zebra", ["weight", "route"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    if letters.is_empty() || letters.len() > 64 {
        return None;
    }
    let limit = (letters.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).take(80).collect();
        let distance = distance(&letters, &other);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each.
#[expect(
    clippy::indexing_slicing,
    reason = "all indices are at most b.len(), the length of each row less one"
)]
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j + 1] + 1).min(row[j] + 1).min(last[j] + usize::from(x != y));
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        before = last;
        last = row;
    }
    last[b.len()]
}
