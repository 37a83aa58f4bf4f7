//! A failing case made small.

use std::time::{Duration, Instant};

use pointsman_validate::validate;

use super::ask::explain_ours;
use super::case::manifest;
use super::judge::{Judge, Judged};
use super::specimen::{Place, Specimen, places, without};
use super::{Case, Difference, Input};

/// Rounds at most; each asks once, and once for each step.
const ROUNDS: usize = 10;
/// Steps of a round at most.
const STEPS: usize = 4;
/// How many beginnings of a list are tried at once.
const BEGINNINGS: usize = 40;
/// Candidates of one question at most.
const CANDIDATES: usize = 300;
/// Starts of Envoy at most.
const RUNS: usize = 300;
/// After so long a specimen is left as it is: each question may have to wait for endpoints that do not answer.
const TIME: Duration = Duration::from_secs(45);

#[expect(clippy::disallowed_methods, reason = "a tool that waits for processes may look at the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Says of many candidates at once which of them still show the difference.
pub(super) trait Oracle {
    /// One answer a candidate.
    fn still_differ(&mut self, candidates: &[Specimen]) -> Vec<bool>;
}

/// Takes away what is not needed for the difference: in each round every single part is tried, then as many of those that
/// may go as can go together.
pub(super) fn shrink(mut specimen: Specimen, oracle: &mut dyn Oracle) -> Specimen {
    for _ in 0..ROUNDS {
        let tree = specimen.tree();
        let mut single: Vec<Vec<Place>> = places(&tree).into_iter().map(|place| vec![place]).collect();
        single.truncate(CANDIDATES);
        let may_go: Vec<Place> = differing(&specimen, &single, oracle).into_iter().flatten().collect();
        if may_go.is_empty() {
            break;
        }
        let taken = together(&specimen, &may_go, oracle);
        let Some(smaller) = specimen.with_tree(&without(&tree, &taken)) else { break };
        specimen = smaller;
    }
    specimen
}

/// Of places that may go each alone, many that can go at once: the longest beginning of them, then, without the one that ends
/// it, the longest of the rest, and so on.
fn together(specimen: &Specimen, may_go: &[Place], oracle: &mut dyn Oracle) -> Vec<Place> {
    let (mut taken, mut rest) = (Vec::new(), may_go);
    for _ in 0..STEPS {
        let with = |count: usize| -> Vec<Place> {
            taken.iter().chain(rest.get(..count).unwrap_or_default()).cloned().collect()
        };
        let counts =
            (1..=BEGINNINGS).rev().map(|part| rest.len() * part / BEGINNINGS).filter(|count| *count > 0);
        let beginnings: Vec<Vec<Place>> = counts.map(with).collect();
        let longest = differing(specimen, &beginnings, oracle).into_iter().next();
        let count = longest.as_ref().map_or(0, |longest| longest.len() - taken.len());
        taken = longest.unwrap_or(taken);
        rest = rest.get(count + 1..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
    }
    // The first is known to be able to go.
    if taken.is_empty() { may_go.first().cloned().into_iter().collect() } else { taken }
}

/// Those sets of places that can be taken out together.
fn differing(specimen: &Specimen, sets: &[Vec<Place>], oracle: &mut dyn Oracle) -> Vec<Vec<Place>> {
    let tree = specimen.tree();
    let (mut asked, mut candidates) = (Vec::new(), Vec::new());
    for set in sets {
        if let Some(candidate) = specimen.with_tree(&without(&tree, set)) {
            asked.push(set);
            candidates.push(candidate);
        }
    }
    let answers = oracle.still_differ(&candidates);
    let kept = asked.into_iter().zip(answers).filter(|(_, differs)| *differs);
    kept.map(|(set, _)| set.clone()).collect()
}

/// Asks a real Envoy, where it is one of those that differ.
pub(super) struct EnvoyOracle<'a> {
    judge: &'a Judge<'a>,
    /// In what the sides differed at first.
    kinds: Vec<Kind>,
    needs_envoy: bool,
    runs: usize,
    begin: Instant,
}

impl<'a> EnvoyOracle<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, verdict: &Judged) -> Self {
        let kinds = verdict.differences.iter().map(Kind::of).collect();
        let needs_envoy = verdict.differs_from_envoy();
        Self { judge, kinds, needs_envoy, runs: 0, begin: now() }
    }

    /// How often an Envoy was started.
    pub(super) const fn runs(&self) -> usize {
        self.runs
    }

    /// What every side says about a specimen, and our reasons.
    pub(super) fn last_words(&self, specimen: &Specimen) -> Option<(Judged, String)> {
        let case = case_of(specimen);
        let judged = self.judge.judge(std::slice::from_ref(&case)).ok()?;
        let verdict = judged.into_iter().next()??.into_iter().next()?;
        let (config, _) = specimen.input.compiled();
        let config = pointsman_route::ir::TableConfig {
            path_normalization: self.judge.setting.normalization,
            header_matching: Some(self.judge.setting.matching),
            routes: vec![std::sync::Arc::new(config.clone())],
            ..Default::default()
        };
        let name = config.routes.first().map(|config| config.name.clone()).unwrap_or_default();
        let table = pointsman_route::RoutingTable::build(config).0;
        Some((verdict, explain_ours(&table, &name, &specimen.request)))
    }

    /// Where Envoy refuses one of several, each half is asked on its own.
    fn ask(&mut self, cases: &[Case]) -> Vec<bool> {
        if cases.is_empty() || self.runs >= RUNS || now().duration_since(self.begin) > TIME {
            return vec![false; cases.len()];
        }
        if !self.needs_envoy {
            return self
                .judge
                .judge_alone(cases)
                .into_iter()
                .map(|verdicts| self.differs(verdicts))
                .collect();
        }
        self.runs += 1;
        match self.judge.judge(cases) {
            Ok(judged) => judged.into_iter().map(|verdicts| self.differs(verdicts)).collect(),
            Err(_) if cases.len() == 1 => vec![false],
            Err(_) => {
                let (left, right) = cases.split_at(cases.len() / 2);
                let mut answers = self.ask(left);
                answers.extend(self.ask(right));
                answers
            }
        }
    }

    fn differs(&self, verdicts: Option<Vec<Judged>>) -> bool {
        let mut differences = verdicts.into_iter().flatten().flat_map(|verdict| verdict.differences);
        differences.any(|difference| self.kinds.contains(&Kind::of(&difference)))
    }
}

/// What kind of difference it is, so that a specimen does not turn into one that shows something else: the field, and of the
/// status, which everything changes, both sides.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    field: &'static str,
    statuses: Option<(String, String)>,
}

impl Kind {
    fn of(difference: &Difference) -> Self {
        let Difference { field, ours, theirs } = difference;
        let statuses = (*field == "status").then(|| (ours.clone(), theirs.clone()));
        Self { field, statuses }
    }
}

fn case_of(specimen: &Specimen) -> Case {
    Case { input: specimen.input.clone(), requests: vec![specimen.request.clone()] }
}

impl Oracle for EnvoyOracle<'_> {
    fn still_differ(&mut self, candidates: &[Specimen]) -> Vec<bool> {
        // What the control plane would refuse is not asked at all.
        let valid: Vec<bool> = candidates.iter().map(is_valid).collect();
        let cases: Vec<Case> =
            candidates.iter().zip(&valid).filter(|(_, valid)| **valid).map(|(one, _)| case_of(one)).collect();
        let mut answers = self.ask(&cases).into_iter();
        valid.into_iter().map(|valid| valid && answers.next() == Some(true)).collect()
    }
}

fn is_valid(specimen: &Specimen) -> bool {
    let is_silent =
        |document| !validate(&manifest(document)).iter().any(pointsman_types::Diagnostic::is_error);
    match &specimen.input {
        Input::Mesh(mesh) => mesh.documents.iter().all(is_silent),
        Input::Table(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::interpreter::Client;
    use super::super::{AskedRequest, MeshInput};
    use super::*;

    /// Says that there is a difference as long as one rule and one header are there together.
    struct Fake {
        questions: usize,
    }

    impl Oracle for Fake {
        fn still_differ(&mut self, candidates: &[Specimen]) -> Vec<bool> {
            self.questions += 1;
            candidates.iter().map(|one| shows(&one.tree())).collect()
        }
    }

    fn shows(tree: &Value) -> bool {
        let text = tree.to_string();
        text.contains(r#""prefix":"/bad""#) && text.contains(r#"["x-bad","1"]"#) && text.contains(r#"q=1"#)
    }

    fn specimen() -> Specimen {
        let rule = |prefix: &str| json!({"name": "r", "match": [{"uri": {"prefix": prefix}, "method": {"exact": "GET"}}, {"uri": {"exact": "/x"}}], "timeout": "1s"});
        let document = |rules: &[&str]| {
            json!({"kind": "VirtualService", "apiVersion": "v1", "metadata": {"name": "vs"},
            "spec": {"hosts": ["a", "b"], "http": rules.iter().map(|prefix| rule(prefix)).collect::<Vec<_>>()}})
        };
        let documents = vec![document(&["/a", "/b"]), document(&["/c", "/bad", "/d"]), document(&["/e"])];
        let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let client =
            Client { is_gateway: false, namespace: "default".into(), labels: Default::default(), port: 80 };
        Specimen {
            input: Input::Mesh(MeshInput { documents, client }),
            request: AskedRequest {
                method: "GET".into(),
                authority: "a".into(),
                path: b"/x\xe9?p=2&q=1&r=3".to_vec(),
                headers: vec![header("x-good", "2"), header("x-bad", "1"), header("cookie", "a=b")],
                ..AskedRequest::default()
            },
        }
    }

    #[test]
    fn only_what_shows_the_difference_is_left() {
        let mut oracle = Fake { questions: 0 };
        let small = shrink(specimen(), &mut oracle);
        let Input::Mesh(mesh) = &small.input else { panic!("a mesh stays one") };
        assert_eq!(
            json!(mesh.documents),
            json!([{"kind": "VirtualService", "apiVersion": "v1", "metadata": {"name": "vs"},
                "spec": {"http": [{"name": "r", "match": [{"uri": {"prefix": "/bad"}}]}]}}])
        );
        assert_eq!(small.request.path, b"/x\xe9?q=1");
        assert_eq!(small.request.headers, [("x-bad".to_owned(), b"1".to_vec())]);
        assert!(oracle.questions <= ROUNDS * (1 + STEPS), "{}", oracle.questions);
    }

    #[test]
    fn what_cannot_be_made_smaller_stays() {
        struct Never;
        impl Oracle for Never {
            fn still_differ(&mut self, candidates: &[Specimen]) -> Vec<bool> {
                vec![false; candidates.len()]
            }
        }
        assert_eq!(shrink(specimen(), &mut Never).tree(), specimen().tree());
    }
}
