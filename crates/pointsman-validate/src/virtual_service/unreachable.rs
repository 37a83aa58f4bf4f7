//! Rules of a VirtualService that no request can reach, because earlier rules take all of theirs.
//!
//! What is compared, and what is not (gateways, labels of the source, scheme, case), is what the control plane compares.

use std::collections::BTreeMap;
use std::ops::Bound;

use pointsman_api::field::Field;
use pointsman_api::istio::networking::{HTTPMatchRequest, StringMatch, StringMatchKind, VirtualService};
use pointsman_types::Code;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::quote;

/// How many pairs of prefixes are compared at most, so that a hostile object takes bounded time.
const MOST_PAIRS: usize = 100_000;

pub(super) fn check(service: &VirtualService, at: &Place<'_>, out: &mut Report) {
    let http: Vec<Rule<'_>> = service.http.iter().enumerate().map(Rule::of_http).collect();
    let walk = Walk::over("http", &http, at, out);
    prefixes(&walk, &http, at, out);
    let tls: Vec<Rule<'_>> = service
        .tls
        .iter()
        .enumerate()
        .map(|(position, route)| Rule::below_http(position, &route.r#match))
        .collect();
    Walk::over("tls", &tls, at, out);
    let tcp: Vec<Rule<'_>> = service
        .tcp
        .iter()
        .enumerate()
        .map(|(position, route)| Rule::below_http(position, &route.r#match))
        .collect();
    Walk::over("tcp", &tcp, at, out);
}

/// A rule as this check sees it.
struct Rule<'a> {
    id: Id<'a>,
    conditions: Vec<Condition<'a>>,
}

struct Condition<'a> {
    id: Id<'a>,
    http: Option<&'a HTTPMatchRequest>,
    other: Option<&'a dyn ToJson>,
}

/// What a rule or a condition is called in messages: its name, or its position.
#[derive(Debug, Clone, Copy)]
struct Id<'a> {
    name: &'a str,
    position: usize,
}

impl std::fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.is_empty() { write!(f, "#{}", self.position) } else { f.write_str(&quote(self.name)) }
    }
}

trait ToJson {
    fn to_json(&self) -> String;
}

impl<T: Field> ToJson for T {
    fn to_json(&self) -> String {
        self.to_value().to_json()
    }
}

impl Condition<'_> {
    /// Everything but the name.
    fn key(&self) -> String {
        match (self.http, self.other) {
            (Some(http), _) => http.clone().with_name("").to_json(),
            (None, Some(other)) => other.to_json(),
            (None, None) => String::new(),
        }
    }
}

impl<'a> Rule<'a> {
    fn of_http((position, route): (usize, &'a pointsman_api::istio::networking::HTTPRoute)) -> Self {
        let conditions = route.r#match.iter().enumerate().map(|(position, condition)| Condition {
            id: Id { name: &condition.name, position },
            http: Some(condition),
            other: None,
        });
        Self { id: Id { name: &route.name, position }, conditions: conditions.collect() }
    }

    fn below_http<T: Field>(position: usize, conditions: &'a [T]) -> Self {
        let conditions = conditions.iter().enumerate().map(|(position, condition)| Condition {
            id: Id { name: "", position },
            http: None,
            other: Some(condition as &dyn ToJson),
        });
        Self { id: Id { name: "", position }, conditions: conditions.collect() }
    }
}

/// What a walk over the rules of one protocol leaves: the conditions that are no repetition of an earlier one.
#[derive(Debug, Default)]
struct Walk {
    fresh: Vec<(usize, usize)>,
}

impl Walk {
    fn over(protocol: &str, rules: &[Rule<'_>], at: &Place<'_>, out: &mut Report) -> Self {
        let mut walk = Self::default();
        let mut catch_all = false;
        // A single condition repeats nothing.
        let compare = rules.iter().map(|rule| rule.conditions.len()).sum::<usize>() > 1;
        let mut seen: BTreeMap<String, Id<'_>> = BTreeMap::new();
        for (position, rule) in rules.iter().enumerate() {
            let here = at.item(protocol, position);
            if rule.conditions.is_empty() {
                if catch_all {
                    unreachable(rule, "only the last rule may have no conditions", &here, out);
                }
                catch_all = true;
                continue;
            }
            let mut repeated = 0;
            for (index, condition) in rule.conditions.iter().enumerate() {
                if catch_all {
                    unreachable(rule, "a rule without conditions stands before it", &here, out);
                    continue;
                }
                let earlier = if compare { repeats(condition, rule.id, &mut seen) } else { None };
                let Some(earlier) = earlier else {
                    walk.fresh.push((position, index));
                    continue;
                };
                let message = format!(
                    "condition {} of rule {} stands already in rule {earlier}",
                    condition.id, rule.id
                );
                warn(&here.item("match", index), codes::INEFFECTIVE_MATCH, "IST0131", message, out);
                repeated += 1;
            }
            if repeated == rule.conditions.len() {
                unreachable(rule, "earlier rules have all of its conditions", &here, out);
            }
        }
        walk
    }
}

/// The earlier rule that has the same condition.
fn repeats<'a>(
    condition: &Condition<'_>,
    rule: Id<'a>,
    seen: &mut BTreeMap<String, Id<'a>>,
) -> Option<Id<'a>> {
    let key = condition.key();
    if let Some(earlier) = seen.get(&key) {
        return Some(*earlier);
    }
    seen.insert(key, rule);
    None
}

fn unreachable(rule: &Rule<'_>, why: &str, at: &Place<'_>, out: &mut Report) {
    let message = format!("rule {} is never reached: {why}", rule.id);
    warn(at, codes::UNREACHABLE_RULE, "IST0130", message, out);
}

fn warn(at: &Place<'_>, code: Code, seen_as: &'static str, message: String, out: &mut Report) {
    out.warn_as(at, code, Code::from_static(seen_as), message);
}

/// A condition with a prefix, in the order of the rules.
struct Prefixed<'a> {
    prefix: &'a str,
    condition: &'a HTTPMatchRequest,
    id: Id<'a>,
    rule: Id<'a>,
    place: (usize, usize),
}

/// Conditions that an earlier, wider prefix takes everything of.
fn prefixes(walk: &Walk, rules: &[Rule<'_>], at: &Place<'_>, out: &mut Report) {
    let mut by_prefix: BTreeMap<&str, Vec<Prefixed<'_>>> = BTreeMap::new();
    let mut pairs = 0;
    for &place in &walk.fresh {
        let Some(later) = prefixed(rules, place) else { continue };
        let starts = starts_of(later.prefix, &by_prefix, &mut pairs);
        for earlier in starts.iter().rev().flat_map(|start| by_prefix.get(start)).flatten() {
            pairs += 1;
            if pairs > MOST_PAIRS {
                return;
            }
            if covers(earlier.condition, later.condition) {
                let message = format!(
                    "condition {} of rule {} with the prefix {} is taken by condition {} of rule {} with the prefix {}",
                    later.id,
                    later.rule,
                    quote(later.prefix),
                    earlier.id,
                    earlier.rule,
                    quote(earlier.prefix),
                );
                let (rule, condition) = later.place;
                let here = at.item("http", rule);
                warn(&here.item("match", condition), codes::INEFFECTIVE_MATCH, "IST0131", message, out);
            }
        }
        by_prefix.entry(later.prefix).or_default().push(later);
    }
}

/// The keys that a text begins with but is not, the longest first.
fn starts_of<'a, T>(text: &str, keys: &BTreeMap<&'a str, T>, steps: &mut usize) -> Vec<&'a str> {
    let mut starts = Vec::new();
    let mut rest = text;
    while let Some((key, _)) = keys.range::<str, _>((Bound::Unbounded, Bound::Excluded(rest))).next_back() {
        *steps += 1;
        if *steps > MOST_PAIRS {
            break;
        }
        if rest.starts_with(key) {
            starts.push(*key);
            rest = key;
            continue;
        }
        // Nothing between the common beginning and the text can be a beginning; the common beginning itself can.
        let common =
            rest.char_indices().zip(key.chars()).find(|((_, a), b)| a != b).map_or(0, |((at, _), _)| at);
        rest = rest.get(..common).unwrap_or_default();
        if let Some((same, _)) = keys.get_key_value(rest) {
            starts.push(*same);
        }
    }
    starts
}

fn prefixed<'a>(rules: &[Rule<'a>], place: (usize, usize)) -> Option<Prefixed<'a>> {
    let rule = rules.get(place.0)?;
    let condition = rule.conditions.get(place.1)?;
    let http = condition.http?;
    match &http.uri.as_ref()?.kind {
        Some(StringMatchKind::Prefix(prefix)) if !prefix.is_empty() => {
            Some(Prefixed { prefix, condition: http, id: condition.id, rule: rule.id, place })
        }
        _ => None,
    }
}

/// Whether everything beside the path that the later one asks for is asked for by the earlier one too.
fn covers(earlier: &HTTPMatchRequest, later: &HTTPMatchRequest) -> bool {
    earlier.port == later.port
        && text_covers(&method(earlier), &method(later))
        && text_covers(&key(earlier.authority.as_ref()), &key(later.authority.as_ref()))
        && all_cover(&earlier.headers, &later.headers)
        && all_cover(&earlier.query_params, &later.query_params)
        && all_cover(&earlier.without_headers, &later.without_headers)
}

fn all_cover(earlier: &BTreeMap<String, StringMatch>, later: &BTreeMap<String, StringMatch>) -> bool {
    earlier.len() == later.len()
        && earlier.iter().all(|(name, value)| {
            later.get(name).is_some_and(|other| text_covers(&key(Some(value)), &key(Some(other))))
        })
}

fn text_covers(earlier: &str, later: &str) -> bool {
    earlier.starts_with(later)
}

fn method(condition: &HTTPMatchRequest) -> String {
    if condition.method.is_none() { "exact:GET".to_owned() } else { key(condition.method.as_ref()) }
}

fn key(condition: Option<&StringMatch>) -> String {
    match condition.and_then(|condition| condition.kind.as_ref()) {
        Some(StringMatchKind::Exact(text)) => format!("exact:{text}"),
        Some(StringMatchKind::Prefix(text)) => format!("prefix:{text}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_found_among_others() {
        let keys: BTreeMap<&str, ()> = ["/", "/a", "/ab", "/abc/d", "/abd", "/abé", "/b", "x"]
            .into_iter()
            .map(|key| (key, ()))
            .collect();
        let mut steps = 0;
        assert_eq!(starts_of("/abc/e", &keys, &mut steps), ["/ab", "/a", "/"]);
        assert_eq!(starts_of("/abc/d", &keys, &mut steps), ["/ab", "/a", "/"]);
        assert_eq!(starts_of("/abéx", &keys, &mut steps), ["/abé", "/ab", "/a", "/"]);
        assert_eq!(starts_of("y", &keys, &mut steps), [""; 0]);
        assert!(steps < 20, "{steps}");
    }
}
