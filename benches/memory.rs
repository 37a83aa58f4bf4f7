//! Bytes that a compiled table keeps for each route, beside those of the configuration it was built from, and how long a
//! build takes; also for expressions that were written to be large.
//!
//! A real Envoy keeps about 2,000 bytes for a route of these kinds, 5,700 to 10,000 for one with a regular expression.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::time::Instant;

use pointsman_benches::ratio;
use pointsman_benches::tables::{self, HOST, Kind};
use pointsman_benches::traffic::{Ending, Traffic, draws};
use pointsman_route::ir::{PathMatch, RouteMatch, TableConfig};
use pointsman_route::{RoutingTable, Scratch};

fn main() {
    let routes = if ratio::is_full_run() { 10_000 } else { 100 };
    for kind in Kind::FRIENDLY.into_iter().chain(Kind::HOSTILE) {
        report(&format!("{kind:?}"), routes, || tables::config(vec![tables::host(HOST, kind, routes)]));
    }
    for (name, pattern) in large_patterns() {
        report(name, routes / 100, || with_pattern(&pattern, routes / 100));
    }
}

/// Expressions of at most 1,024 bytes, which is what Istio lets through.
fn large_patterns() -> Vec<(&'static str, String)> {
    let repeated = |part: &str| part.repeat(1_000 / part.len());
    vec![
        ("nested repetitions", "/((([a-z]{1,9}){1,9}){1,9}x){1,1}".to_owned()),
        ("many counted repetitions", repeated("[^a]{99}")),
        ("many large repetitions", repeated("[^a]{1000}")),
        ("a table that would double with each letter", format!("/[ab]*a{}", repeated("[ab]"))),
        ("many alternatives", format!("/({}x).*", repeated("[a-m]*b|"))),
    ]
}

/// Routes whose expressions differ in a number at the end.
fn with_pattern(pattern: &str, routes: usize) -> TableConfig {
    let mut host = tables::host(HOST, Kind::Exact, routes);
    for (number, route) in host.routes.iter_mut().enumerate() {
        route.matches = RouteMatch::path(PathMatch::Regex(format!("{pattern}{number}")));
    }
    tables::config(vec![host])
}

fn report(name: &str, routes: usize, config: impl Fn() -> TableConfig) {
    let mut kept = None;
    let of_config = allocation_counter::measure(|| kept = Some(config()));
    let config = kept.expect("it was made");
    let mut table = None;
    let begin = Instant::now();
    let of_table = allocation_counter::measure(|| table = Some(RoutingTable::build(config)));
    let taken = begin.elapsed();
    let (table, findings) = table.expect("it was built");
    let asked = allocation_counter::measure(|| ask(&table, routes));
    let each = |bytes: i64| bytes / i64::try_from(routes).unwrap_or(1);
    println!(
        "memory/{name}: {} bytes a route compiled, {} more once asked, {} of configuration; at most {} KB while building \
         {routes} routes in {:.1} ms; {} findings",
        each(of_table.bytes_current),
        each(asked.bytes_current),
        each(of_config.bytes_current),
        of_table.bytes_max / 1_024,
        taken.as_secs_f64() * 1e3,
        findings.len(),
    );
}

/// What is only made when first needed is made now.
fn ask(table: &RoutingTable, routes: usize) {
    Traffic::to_routes(routes, Ending::Hit).with_requests(|requests| {
        let mut scratch = Scratch::new();
        for (turn, (request, _)) in (0..200).zip(requests.iter()) {
            let _ = table.select(request, &draws(turn), &mut scratch).route_index();
        }
    });
}
