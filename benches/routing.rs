//! Selection through a table against the plain loop over the same compiled conditions, and path look-ups against `matchit`.
//!
//! Growth curves: routes from 10 to 100,000, hosts from 10 to 10,000; hostile tables; misses.
//!
//! Options: parts of names choose benchmarks; `--gate` measures only the ratios that must hold and fails where one does not;
//! `--svg PATH` says where the picture of the growth curves goes.

use pointsman_benches::ratio::{self, Ratio};
use pointsman_benches::tables::{self, Kind};
use pointsman_benches::traffic::{Ending, Requests, Traffic, draws};
use pointsman_route::{RoutingTable, Scratch};

fn main() {
    let full = ratio::is_full_run();
    let sizes: &[usize] = if full { &[10, 16, 17, 100, 1_000, 10_000, 100_000] } else { &[10, 100] };
    for kind in Kind::FRIENDLY {
        for size in sizes {
            against_the_loop(kind, *size);
        }
    }
    for kind in Kind::HOSTILE {
        for size in if full { &[10, 100, 1_000, 10_000][..] } else { &[10] } {
            against_the_loop(kind, *size);
        }
    }
    for size in sizes {
        against_matchit(*size);
    }
    for hosts in if full { &[10, 100, 1_000, 10_000][..] } else { &[10] } {
        many_hosts(*hosts);
    }
}

fn against_the_loop(kind: Kind, size: usize) {
    for ending in [Ending::Hit, Ending::Miss] {
        let name = format!("routing/{kind:?} {ending:?} of {size}, loop");
        if !wanted(&name) {
            continue;
        }
        let table = tables::table(kind, size);
        Traffic::to_routes(size, ending).with_requests(|requests| {
            check(&table, requests, ending);
            println!("{}", index_against_loop(name, &table, requests));
        });
    }
}

fn index_against_loop(name: String, table: &RoutingTable, requests: &Requests<'_>) -> Ratio {
    let (mut ours, mut theirs) = (Scratch::new(), Scratch::new());
    ratio::measure(
        name,
        |i| table.select(requests.at(i), &draws(i), &mut ours).route_index(),
        |i| table.select_in_order(requests.at(i), &draws(i), &mut theirs).route_index(),
    )
}

/// A benchmark that measures the wrong thing is worse than none.
fn check(table: &RoutingTable, requests: &Requests<'_>, ending: Ending) {
    let mut scratch = Scratch::new();
    for (request, route) in requests.iter() {
        let found = table.select(request, &draws(0), &mut scratch).route_index();
        assert_eq!(found, (ending == Ending::Hit).then_some(route), "{request:?}");
    }
}

/// Arguments that are no options choose benchmarks whose name contains one of them.
fn wanted(name: &str) -> bool {
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    filters.peek().is_none() || filters.any(|filter| name.contains(&filter))
}

fn against_matchit(size: usize) {
    if !wanted("matchit") {
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
            format!("routing/whole decision of {size} prefixes, matchit path"),
            |i| table.select(requests.at(i), &draws(i), &mut scratch).route_index(),
            |i| router.at(requests.path(i)).map(|found| *found.value).ok(),
        );
        println!("{measured}");
    });
}

fn many_hosts(hosts: usize) {
    if !wanted("hosts") {
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
                format!("routing/{hosts} hosts, one host"),
                |i| table.select(many.at(i), &draws(i), &mut ours).route_index(),
                |i| single.select(one.at(i), &draws(i), &mut theirs).route_index(),
            );
            println!("{measured}");
        });
    });
}
