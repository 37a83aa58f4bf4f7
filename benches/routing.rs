//! Selection through a table against the plain loop over the same compiled conditions, and path look-ups against `matchit`.
//!
//! Growth curves: routes from 10 to 100,000, hosts from 10 to 10,000; hostile tables; misses; paths never seen before.
//!
//! Options: parts of names choose benchmarks; `--gate` measures only the ratios that must hold and fails where one does
//! not; `--svg PATH` says where the picture of the growth curves goes, by default `target/growth.svg`.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod growth;

use std::time::Instant;

use growth::Growth;
use pointsman_benches::gate::Gate;
use pointsman_benches::options::Options;
use pointsman_benches::ratio::{self, Ratio};
use pointsman_benches::tables::{self, Kind};
use pointsman_benches::traffic::{Ending, Requests, Traffic, draws};
use pointsman_route::{RoutingTable, Scratch};

/// What the gate lets through: an index where it does not help, over the loop.
const OVERHEAD: f64 = 1.10;
/// What the gate lets through: 10,000 routes over 10.
const GROWTH: f64 = 2.0;

fn main() -> std::io::Result<()> {
    let options = Options::from_arguments(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/growth.svg"));
    if options.gate {
        gate();
    }
    let full = ratio::is_full_run();
    let sizes: &[usize] = if full { &[10, 16, 17, 100, 1_000, 10_000, 100_000] } else { &[10, 100] };
    let mut growth = Growth::default();
    for kind in Kind::FRIENDLY.into_iter().chain(Kind::HOSTILE) {
        let most = if Kind::HOSTILE.contains(&kind) { 10_000 } else { usize::MAX };
        for size in sizes.iter().filter(|size| **size <= most) {
            for ending in [Ending::Hit, Ending::Miss] {
                against_the_loop(&options, (kind, *size, ending), &mut growth);
            }
        }
    }
    for size in sizes {
        against_matchit(&options, *size, &mut growth);
    }
    for hosts in if full { &[10, 100, 1_000, 10_000][..] } else { &[10] } {
        many_hosts(&options, *hosts, &mut growth);
    }
    whole_decision(&options, if full { 10_000 } else { 100 });
    for kind in [Kind::Mixed, Kind::RegexOwn, Kind::RegexAny, Kind::RegexClass] {
        first_visit(&options, kind, if full { 10_000 } else { 100 });
    }
    if full && options.wants_all() {
        std::fs::write(&options.svg, growth.to_svg())?;
        println!("growth curves: {}", options.svg.display());
    }
    Ok(())
}

fn gate() -> ! {
    let mut gate = Gate::default();
    for ending in [Ending::Hit, Ending::Miss] {
        gate.check(GROWTH, || large_over_small(ending));
    }
    for size in [10, 16] {
        for kind in Kind::FRIENDLY {
            gate.check(OVERHEAD, || index_over_loop(kind, size, Ending::Hit));
        }
    }
    for kind in Kind::HOSTILE {
        gate.check(OVERHEAD, || index_over_loop(kind, 1_000, Ending::Miss));
    }
    gate.finish()
}

fn large_over_small(ending: Ending) -> Ratio {
    const SIZES: (usize, usize) = (10_000, 10);
    let (large, small) = (tables::table(Kind::Mixed, SIZES.0), tables::table(Kind::Mixed, SIZES.1));
    let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
    Traffic::to_routes(SIZES.0, ending).with_requests(|many| {
        Traffic::to_routes(SIZES.1, ending).with_requests(|few| {
            ratio::measure(
                format!("routing/{ending:?} of {}, of {} routes", SIZES.0, SIZES.1),
                |i| large.select(many.at(i), &draws(i), &mut ours).route_index(),
                |i| small.select(few.at(i), &draws(i), &mut theirs).route_index(),
            )
        })
    })
}

fn index_over_loop(kind: Kind, size: usize, ending: Ending) -> Ratio {
    let table = tables::table(kind, size);
    let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
    Traffic::to_routes(size, ending).with_requests(|requests| {
        check(&table, requests, ending);
        ratio::measure(
            format!("routing/{kind:?} {ending:?} of {size}, loop"),
            |i| table.select(requests.at(i), &draws(i), &mut ours).route_index(),
            |i| table.select_in_order(requests.at(i), &draws(i), &mut theirs).route_index(),
        )
    })
}

fn against_the_loop(options: &Options, (kind, size, ending): (Kind, usize, Ending), growth: &mut Growth) {
    if options.wants(&format!("routing/{kind:?} {ending:?} of {size}, loop")) {
        let measured = index_over_loop(kind, size, ending);
        println!("{measured}");
        growth.of_routes(kind, size, ending, &measured);
    }
}

/// A benchmark that measures the wrong thing is worse than none.
fn check(table: &RoutingTable, requests: &Requests<'_>, ending: Ending) {
    let mut scratch = Scratch::new();
    for (request, route) in requests.iter() {
        let found = table.select(request, &draws(0), &mut scratch).route_index();
        assert_eq!(found, (ending == Ending::Hit).then_some(route), "{request:?}");
    }
}

fn against_matchit(options: &Options, size: usize, growth: &mut Growth) {
    let name = format!("routing/whole decision of {size} prefixes, matchit path");
    if !options.wants(&name) {
        return;
    }
    let table = tables::table(Kind::Prefix, size);
    let mut router = matchit::Router::new();
    for number in 0..size {
        let path = format!("/api/v1/svc-{number:05}/{{*rest}}");
        if let Err(error) = router.insert(path, number) {
            println!("matchit: {error}");
        }
    }
    Traffic::to_routes(size, Ending::Hit).with_requests(|requests| {
        let mut scratch = Scratch::new();
        let measured = ratio::measure(
            name,
            |i| table.select(requests.at(i), &draws(i), &mut scratch).route_index(),
            |i| router.at(requests.path(i)).map(|found| *found.value).ok(),
        );
        println!("{measured}");
        growth.of_matchit(size, &measured);
    });
}

fn many_hosts(options: &Options, hosts: usize, growth: &mut Growth) {
    let label = format!("routing/{hosts} hosts, one host");
    if !options.wants(&label) {
        return;
    }
    let name = |number: usize| format!("svc-{number}.ns.svc.cluster.local");
    let table_of = |count: usize| {
        let hosts = (0..count).map(|number| tables::host(&name(number), Kind::Mixed, 3)).collect();
        RoutingTable::build(tables::config(hosts)).0
    };
    let (table, single) = (table_of(hosts), table_of(1));
    let (many, one) = (Traffic::to_hosts(hosts, name), Traffic::to_hosts(1, name));
    many.with_requests(|many| {
        one.with_requests(|one| {
            check(&table, many, Ending::Hit);
            let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
            let measured = ratio::measure(
                label,
                |i| table.select(many.at(i), &draws(i), &mut ours).route_index(),
                |i| single.select(one.at(i), &draws(i), &mut theirs).route_index(),
            );
            println!("{measured}");
            growth.of_hosts(hosts, &measured);
        });
    });
}

/// Host, route, weighted choice and the name of the cluster.
fn whole_decision(options: &Options, size: usize) {
    let name = format!("routing/cluster of {size}, route");
    if !options.wants(&name) {
        return;
    }
    let table = tables::table(Kind::Mixed, size);
    Traffic::to_routes(size, Ending::Hit).with_requests(|requests| {
        let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
        let measured = ratio::measure(
            name,
            |i| table.select(requests.at(i), &draws(i), &mut ours).cluster().map(str::len),
            |i| table.select(requests.at(i), &draws(i), &mut theirs).route_index(),
        );
        println!("{measured}");
    });
}

/// How long the first request of each path takes, right after the table was built.
fn first_visit(options: &Options, kind: Kind, size: usize) {
    let name = format!("routing/first visit of {kind:?} of {size}");
    if !options.wants(&name) {
        return;
    }
    let table = tables::table(kind, size);
    Traffic::to_routes(size, Ending::Hit).with_requests(|requests| {
        let mut scratch = Scratch::new();
        let visits = requests.iter().map(|(request, _)| {
            let begin = Instant::now();
            std::hint::black_box(table.select(request, &draws(0), &mut scratch).route_index());
            begin.elapsed().as_nanos()
        });
        let mut visits: Vec<u128> = visits.collect();
        let first = visits.first().copied().unwrap_or_default();
        visits.sort_unstable();
        let at = |share: usize| visits.get(visits.len() * share / 100).copied().unwrap_or_default();
        println!("{name:<52} first {first} ns, median {} ns, of 100 the slowest {} ns", at(50), at(99));
    });
}
