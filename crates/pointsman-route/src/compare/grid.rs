//! Representatives of every class of requests that some conditions can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{HeaderCondition, PathMatch, QueryCondition, RouteMatch, StringPattern};

use super::Witness;

/// Representatives of every class of requests that some conditions can tell apart.
///
/// Of a condition that a text equals `t` or begins with `t` the classes are told apart by `t` itself and by `t` with a word
/// behind it that no condition has: whatever else begins with the longest known text is taken by the same conditions.
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
    pub(super) fn of(matches: &[&RouteMatch], fresh: &'f str) -> Self {
        let mut grid = Self {
            fresh,
            paths: ["/".to_owned(), format!("/{fresh}")].into(),
            headers: BTreeMap::new(),
            parameters: BTreeMap::new(),
            methods: BTreeSet::new(),
            schemes: ["http"].into(),
            why_not: None,
        };
        for matches in matches {
            grid.add(matches);
        }
        let is_known = |method: &str| grid.methods.iter().any(|known| method.starts_with(known.as_str()));
        let other = METHODS.into_iter().find(|method| !is_known(method)).map(str::to_owned);
        grid.methods.insert(other.unwrap_or_else(|| fresh.to_ascii_uppercase()));
        grid
    }

    /// With both schemes looked at.
    pub(super) fn with_https(&mut self) {
        self.schemes.insert("https");
    }

    fn add(&mut self, matches: &RouteMatch) {
        self.add_path(&matches.path);
        if !matches.case_sensitive {
            self.refuse("a path whatever the case".to_owned());
        }
        if matches.fraction.is_some()
            || matches.grpc_only
            || matches.tls.is_some()
            || !matches.metadata.is_empty()
        {
            self.refuse("a share of requests, a certificate, metadata or gRPC".to_owned());
        }
        for header in &matches.headers {
            self.add_header(&header.name.to_ascii_lowercase(), &header.condition);
        }
        for query in &matches.query {
            let values = match &query.condition {
                QueryCondition::Present(_) => Some(Vec::new()),
                QueryCondition::Text(text) if !text.ignore_case => self.representatives(&text.pattern),
                QueryCondition::Text(_) => None,
            };
            match values {
                Some(values) => {
                    add_values(self.parameters.entry(query.name.clone()).or_default(), values, self.fresh);
                }
                None => self.refuse(format!("the condition on query parameter `{}`", query.name)),
            }
        }
    }

    fn add_path(&mut self, path: &PathMatch) {
        match path {
            PathMatch::Regex(regex) if regex == ".*" || regex == "/.*" => {}
            PathMatch::Regex(regex) => self.refuse(format!("the regular expression `{regex}`")),
            PathMatch::Exact(text) => self.add_paths([absolute(text)]),
            PathMatch::Prefix(text) => {
                self.add_paths([absolute(text), absolute(&format!("{text}{}", self.fresh))]);
            }
            PathMatch::PathSeparatedPrefix(text) => {
                self.add_paths([absolute(text), absolute(&format!("{text}/{}", self.fresh))]);
            }
            PathMatch::Connect => {
                self.methods.insert("CONNECT".to_owned());
            }
            PathMatch::Missing => {}
        }
    }

    fn add_paths(&mut self, paths: impl IntoIterator<Item = String>) {
        self.paths.extend(paths);
    }

    fn add_header(&mut self, name: &str, condition: &HeaderCondition) {
        if name == ":scheme" {
            return self.with_https();
        }
        let values = match condition {
            HeaderCondition::Present(_) => Some(Vec::new()),
            HeaderCondition::Text(text) if !text.ignore_case => self.representatives(&text.pattern),
            _ => None,
        };
        // Of these the proxy itself draws conclusions.
        let is_plain =
            !name.starts_with(':') && !matches!(name, "host" | "x-forwarded-proto" | "x-envoy-internal");
        match values {
            Some(values) if name == ":method" => self.methods.extend(values),
            Some(values) if is_plain => {
                add_values(self.headers.entry(name.to_owned()).or_default(), values, self.fresh);
            }
            _ => self.refuse(format!("the condition on header `{name}`")),
        }
    }

    pub(super) fn refuse(&mut self, why: String) {
        self.why_not.get_or_insert(format!("{why} cannot be enumerated"));
    }

    /// Values that tell apart whether an exact or prefix condition holds.
    fn representatives(&self, pattern: &StringPattern) -> Option<Vec<String>> {
        match pattern {
            StringPattern::Exact(text) => Some(vec![text.clone()]),
            StringPattern::Prefix(text) => Some(vec![text.clone(), format!("{text}{}", self.fresh)]),
            _ => None,
        }
    }

    /// Why not every class can be looked at.
    pub(super) fn undecided(&self, budget: usize) -> Option<String> {
        let sizes = self.headers.values().chain(self.parameters.values()).map(BTreeSet::len);
        let plain = self.paths.len() * self.methods.len() * self.schemes.len();
        let classes = sizes.fold(plain, usize::saturating_mul);
        let too_many = || {
            (classes > budget).then(|| format!("there are {classes} classes of requests, more than {budget}"))
        };
        self.why_not.clone().or_else(too_many)
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

fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
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

/// The given values, another one, and none.
fn add_values(known: &mut BTreeSet<Option<String>>, values: Vec<String>, fresh: &str) {
    known.insert(None);
    known.insert(Some(fresh.to_owned()));
    known.extend(values.into_iter().map(Some));
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
