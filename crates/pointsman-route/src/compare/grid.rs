//! Representatives of every class of requests that some conditions can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{PathNormalization, RouteMatch, StringMatch, StringPattern};

use super::Witness;
use super::classes::Classes;
use super::conditions::Conditions;
use super::space::Space;

/// Representatives of every class of requests that some conditions can tell apart.
///
/// Of a condition that a text equals `t` or begins with `t` the classes are told apart by `t` itself and by `t` with a word
/// behind it that no condition has: whatever else begins with the longest known text is taken by the same conditions. Where
/// there are other conditions on the same part of a request, all of them are walked as automata.
#[derive(Debug)]
pub(super) struct Grid<'f> {
    /// A word that no condition has.
    fresh: &'f str,
    paths: BTreeSet<String>,
    headers: BTreeMap<String, BTreeSet<Option<String>>>,
    parameters: BTreeMap<String, BTreeSet<Option<String>>>,
    methods: BTreeSet<String>,
    schemes: BTreeSet<&'static str>,
    why_not: Option<String>,
}

/// Methods by which "any other method" is asked, the usual ones first.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"];

impl<'f> Grid<'f> {
    /// For conditions of two tables that clean paths so.
    pub(super) fn of(matches: &[&RouteMatch], fresh: &'f str, cleaning: [PathNormalization; 2]) -> Self {
        let mut conditions = Conditions::default();
        matches.iter().for_each(|matches| conditions.add(matches));
        let mut grid = Self {
            fresh,
            paths: BTreeSet::new(),
            headers: BTreeMap::new(),
            parameters: BTreeMap::new(),
            methods: BTreeSet::new(),
            schemes: ["http"].into(),
            why_not: conditions.why_not.take(),
        };
        if conditions.is_by_scheme {
            grid.with_https();
        }
        grid.add_paths(&conditions.path, cleaning);
        grid.add_methods(&conditions.method);
        for (name, texts) in &conditions.headers {
            let values = grid.values(texts, |examples| Space::header(name, examples));
            grid.headers.insert(name.clone(), values);
        }
        for (name, texts) in &conditions.parameters {
            let values = grid.values(texts, |examples| Space::parameter(name, examples));
            grid.parameters.insert(name.clone(), values);
        }
        grid
    }

    /// With both schemes looked at.
    pub(super) fn with_https(&mut self) {
        self.schemes.insert("https");
    }

    fn add_paths(&mut self, conditions: &BTreeSet<StringMatch>, cleaning: [PathNormalization; 2]) {
        let plain = borders(conditions, self.fresh);
        let plain = plain.into_iter().chain([String::new(), self.fresh.to_owned()]);
        let plain = plain.map(|path| if path.starts_with('/') { path } else { format!("/{path}") }).collect();
        self.paths = self.texts(conditions, plain, |examples| Space::path(cleaning, examples));
    }

    fn add_methods(&mut self, conditions: &BTreeSet<StringMatch>) {
        let mut plain = borders(conditions, self.fresh);
        if are_plain(conditions) {
            let is_known = |method: &str| plain.iter().any(|known| method.starts_with(known.as_str()));
            let other = METHODS.into_iter().find(|method| !is_known(method)).map(str::to_owned);
            plain.insert(other.unwrap_or_else(|| self.fresh.to_ascii_uppercase()));
        } else {
            plain.extend(METHODS.map(str::to_owned));
        }
        self.methods = self.texts(conditions, plain, Space::method);
    }

    /// Values of each class, another one, and none.
    fn values(
        &mut self,
        conditions: &BTreeSet<StringMatch>,
        space: impl FnOnce(BTreeSet<String>) -> Space,
    ) -> BTreeSet<Option<String>> {
        let mut plain = borders(conditions, self.fresh);
        plain.insert(self.fresh.to_owned());
        let texts = self.texts(conditions, plain, space);
        [None].into_iter().chain(texts.into_iter().map(Some)).collect()
    }

    /// The plain texts where they stand for all classes, else one of each class.
    fn texts(
        &mut self,
        conditions: &BTreeSet<StringMatch>,
        plain: BTreeSet<String>,
        space: impl FnOnce(BTreeSet<String>) -> Space,
    ) -> BTreeSet<String> {
        if are_plain(conditions) {
            return plain;
        }
        let classes = Classes::of(conditions, &space(plain));
        if let Some(why) = classes.why_not {
            self.refuse(why);
        }
        classes.texts
    }

    /// Says why not every class can be looked at.
    pub(super) fn refuse(&mut self, why: String) {
        self.why_not.get_or_insert(why);
    }

    /// Why not every class can be looked at.
    pub(super) fn undecided(&self, budget: usize) -> Option<String> {
        let classes = self.len();
        let too_many = || {
            (classes > budget).then(|| format!("there are {classes} classes of requests, more than {budget}"))
        };
        self.why_not.clone().or_else(too_many)
    }

    /// How many classes are known.
    pub(super) fn len(&self) -> usize {
        let sizes = self.headers.values().chain(self.parameters.values()).map(BTreeSet::len);
        let plain = self.paths.len() * self.methods.len() * self.schemes.len();
        sizes.fold(plain, usize::saturating_mul)
    }

    /// The schemes that matter.
    pub(super) fn schemes(&self) -> impl Iterator<Item = &str> {
        self.schemes.iter().copied()
    }

    /// One request of each class, for one scheme.
    pub(super) fn requests(&self, config: &str, host: &str) -> Vec<Witness> {
        let mut requests: Vec<Witness> =
            self.paths.iter().map(|path| Witness::new(config, host, path)).collect();
        requests = multiply(&requests, &self.methods, |witness, method| witness.method.clone_from(method));
        for (name, values) in &self.headers {
            requests = multiply(&requests, values, |witness, value| {
                witness.headers.extend(value.iter().map(|value| (name.clone(), value.clone())));
            });
        }
        for (name, values) in &self.parameters {
            requests = multiply(&requests, values, |witness, value| {
                if let Some(value) = value {
                    let mark = if witness.path.contains('?') { '&' } else { '?' };
                    witness.path.push_str(&format!("{mark}{name}={value}"));
                }
            });
        }
        requests
    }
}

fn multiply<V>(
    requests: &[Witness],
    values: impl IntoIterator<Item = V> + Clone,
    change: impl Fn(&mut Witness, V),
) -> Vec<Witness> {
    let mut all = Vec::new();
    for request in requests {
        for value in values.clone() {
            let mut request = request.clone();
            change(&mut request, value);
            all.push(request);
        }
    }
    all
}

/// Whether texts on the borders of the conditions stand for all classes.
fn are_plain(conditions: &BTreeSet<StringMatch>) -> bool {
    conditions.iter().all(|text| {
        !text.ignore_case && matches!(text.pattern, StringPattern::Exact(_) | StringPattern::Prefix(_))
    })
}

/// Texts on the borders of conditions: those that they name, and what begins so.
fn borders(conditions: &BTreeSet<StringMatch>, fresh: &str) -> BTreeSet<String> {
    let of_one = |condition: &StringMatch| match &condition.pattern {
        StringPattern::Exact(text) => vec![text.clone()],
        StringPattern::Prefix(text) => vec![text.clone(), format!("{text}{fresh}")],
        _ => Vec::new(),
    };
    conditions.iter().flat_map(of_one).collect()
}

/// A word that none of the texts contains.
pub(super) fn fresh_word<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let word = super::candidates::FRESH;
    let texts: Vec<String> = texts.map(str::to_ascii_lowercase).filter(|text| text.contains(word)).collect();
    let mut number = 0_u64;
    let mut fresh = word.to_owned();
    while texts.iter().any(|text| text.contains(&fresh)) {
        fresh = format!("{word}{number}");
        number += 1;
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::fresh_word;

    #[test]
    fn the_word_is_new_whatever_the_texts_are() {
        assert_eq!(fresh_word(["/a"].into_iter()), "w7q");
        assert_eq!(fresh_word(["/W7Q", "w7q0x"].into_iter()), "w7q1");
    }
}
