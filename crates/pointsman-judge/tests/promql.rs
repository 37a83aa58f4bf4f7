//! The questions are what a parser of PromQL reads as one question about one series, whatever the names are.

use pointsman_judge::Query;
use pointsman_judge::flagger::Check;
use pointsman_judge::mesh_queries::{EnvoyMetrics, IstioMetrics, Reporter, quoted, regex_escaped};
use pointsman_types::duration::TimeDelta;
use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Expr, VectorSelector};
use proptest::prelude::*;

const MINUTE: TimeDelta = TimeDelta::from_secs(60);

/// All selectors of a question.
fn selectors(expr: &Expr, found: &mut Vec<VectorSelector>) {
    match expr {
        Expr::VectorSelector(selector) => found.push(selector.clone()),
        Expr::MatrixSelector(matrix) => found.push(matrix.vs.clone()),
        Expr::Aggregate(aggregate) => selectors(&aggregate.expr, found),
        Expr::Unary(unary) => selectors(&unary.expr, found),
        Expr::Binary(binary) => {
            selectors(&binary.lhs, found);
            selectors(&binary.rhs, found);
        }
        Expr::Paren(paren) => selectors(&paren.expr, found),
        Expr::Call(call) => call.args.args.iter().for_each(|argument| selectors(argument, found)),
        _ => {}
    }
}

fn questions(name: &str) -> Vec<Query> {
    let workload = IstioMetrics::of_workload(name, name, MINUTE);
    let version = IstioMetrics::of_version(name, name, name, TimeDelta::from_millis(1_500))
        .reported_by(Reporter::Source);
    let cluster = EnvoyMetrics::of_cluster(name, MINUTE);
    vec![
        workload.requests(),
        workload.errors(),
        workload.success_share(),
        workload.latency_ms(0.99),
        workload.latency_buckets(),
        version.success_share(),
        version.latency_ms(f64::NAN),
        cluster.requests(),
        cluster.errors(),
        cluster.success_share(),
        cluster.latency_ms(2.0),
        cluster.latency_buckets(),
    ]
}

/// Flagger's questions match the workload by a regular expression.
fn flagger_questions(name: &str) -> Vec<Query> {
    let checks = [Check::request_success_rate(), Check::request_duration()];
    checks.iter().filter_map(|check| check.query(name, "default", MINUTE)).collect()
}

#[test]
fn flaggers_builtins_match_exactly_their_target() {
    for name in ["reviews", "a.b", "x\"} or up{y=\"", "("] {
        for query in flagger_questions(name) {
            let expr = parser::parse(&query.text).expect(&query.text);
            let mut found = Vec::new();
            selectors(&expr, &mut found);
            for selector in found {
                let regexes = selector.matchers.matchers.iter().filter_map(|matcher| match &matcher.op {
                    MatchOp::Re(regex) => Some(regex),
                    _ => None,
                });
                let matches: Vec<bool> = regexes.map(|regex| regex.is_match(name)).collect();
                assert_eq!(matches, [true], "{}", query.text);
            }
        }
    }
}
fn check(name: &str) {
    for query in questions(name) {
        let expr = parser::parse(&query.text).expect(&query.text);
        let mut found = Vec::new();
        selectors(&expr, &mut found);
        assert!(!found.is_empty(), "{}", query.text);
        for selector in found {
            let names = selector.matchers.matchers.iter().filter(|matcher| {
                matcher.op == MatchOp::Equal
                    && (matcher.name.starts_with("destination_") || matcher.name == "envoy_cluster_name")
            });
            let values: Vec<&str> = names.map(|matcher| matcher.value.as_str()).collect();
            assert!(!values.is_empty() && values.iter().all(|value| *value == name), "{values:?} {name:?}");
        }
    }
}

#[test]
fn usual_and_hostile_names_stay_names() {
    for name in [
        "reviews-v2",
        "outbound|9080|v2|reviews.default.svc.cluster.local",
        "a\"} or vector(1) or x{y=\"",
        "back\\slash\\",
        "line\nbreak\ttab",
        "",
        "grün {{args.x}}",
    ] {
        check(name);
    }
}

#[test]
fn a_name_in_a_regular_expression_matches_itself_alone() {
    let name = "a.b|c\\(d)";
    let text = format!("up{{x=~{}}}", quoted(&regex_escaped(name)));
    let Ok(Expr::VectorSelector(selector)) = parser::parse(&text) else { panic!("{text}") };
    let MatchOp::Re(regex) = &selector.matchers.matchers[0].op else { panic!("{text}") };
    assert!(regex.is_match(name));
    assert!(!regex.is_match("axb") && !regex.is_match("c\\(d)"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_stays_a_name(name in "[ -~äß€\n\t]{0,24}") {
        check(&name);
    }
}
