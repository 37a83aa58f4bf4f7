//! The growth curves as a picture.

use pointsman_benches::ratio::Ratio;
use pointsman_benches::tables::Kind;
use pointsman_benches::traffic::Ending;
use pointsman_examples::chart::{Chart, Join, Line, Panel, Scale};

/// Routes or hosts of a table, from left to right.
const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const TICKS: [&str; 5] = ["10", "100", "1,000", "10,000", "100,000"];

/// Costs that were measured: nanoseconds a decision by size, of each line.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    mixed: Vec<Line>,
    kinds: Vec<Line>,
    hostile: Vec<Line>,
    hosts: Vec<Line>,
}

impl Growth {
    pub(crate) fn of_routes(&mut self, kind: Kind, size: usize, ending: Ending, measured: &Ratio) {
        let ours = measured.ours_ns;
        match (kind, ending) {
            (Kind::Mixed, Ending::Hit) => {
                add(&mut self.mixed, "in order", size, measured.baseline_ns);
                add(&mut self.mixed, "hit", size, ours);
            }
            (Kind::Mixed, Ending::Miss) => add(&mut self.mixed, "miss", size, ours),
            (Kind::Exact, Ending::Hit) => add(&mut self.kinds, "exact", size, ours),
            (Kind::Prefix, Ending::Hit) => add(&mut self.kinds, "prefix", size, ours),
            (Kind::Header, Ending::Hit) => add(&mut self.kinds, "header", size, ours),
            (Kind::RegexHead, Ending::Hit) => add(&mut self.kinds, "regex", size, ours),
            (Kind::RegexAny, Ending::Miss) => add(&mut self.hostile, ".*a.*", size, ours),
            (Kind::RegexClass, Ending::Miss) => add(&mut self.hostile, "[a-z]+a", size, ours),
            (Kind::HeaderSuffix, Ending::Miss) => add(&mut self.hostile, "header end", size, ours),
            (Kind::HeaderPrefix, Ending::Miss) => add(&mut self.hostile, "header begin", size, ours),
            _ => {}
        }
    }

    pub(crate) fn of_matchit(&mut self, size: usize, measured: &Ratio) {
        add(&mut self.mixed, "matchit, path", size, measured.baseline_ns);
    }

    pub(crate) fn of_hosts(&mut self, hosts: usize, measured: &Ratio) {
        add(&mut self.hosts, "many hosts", hosts, measured.ours_ns);
        add(&mut self.hosts, "one host", hosts, measured.baseline_ns);
    }

    pub(crate) fn to_svg(&self) -> String {
        let panel = |label: &str, high, lines: &[Line]| Panel {
            label: label.into(),
            scale: Scale::PowersOfTen(0, high),
            lines: lines.to_vec(),
        };
        let chart = Chart {
            title: "Nanoseconds a decision, by size of the table".into(),
            axis: "routes, in the last panel hosts; both axes logarithmic".into(),
            ticks: TICKS.map(str::to_owned).into(),
            join: Join::Curves,
            panels: vec![
                panel("exact, prefix, header and regex routes mixed", 6, &self.mixed),
                panel("routes of one kind, hits", 3, &self.kinds),
                panel("hostile tables, misses", 6, &self.hostile),
                panel("hosts with three routes each", 3, &self.hosts),
            ],
        };
        chart.to_svg()
    }
}

/// Sizes between the ticks are not shown.
fn add(lines: &mut Vec<Line>, name: &str, size: usize, cost_ns: f64) {
    if !SIZES.contains(&size) {
        return;
    }
    match lines.iter_mut().find(|line| line.name == name) {
        Some(line) => line.values.push(cost_ns),
        None => lines.push(Line { name: name.into(), values: vec![cost_ns] }),
    }
}
