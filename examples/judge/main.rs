//! Judges measurements from files: `cargo run --example judge -- [--risk P] [--margin M] [--svg FOLDER] FILE…`
//!
//! A file is CSV with a header or JSON, and holds one of two things:
//!
//! | what | CSV columns | JSON |
//! |---|---|---|
//! | counts, tick by tick | `canary_requests,canary_errors,baseline_requests,baseline_errors` | a list of `{"canary": {"requests", "errors"}, "baseline": {…}}` |
//! | values of a metric | `control,experiment`, an empty cell for a missing value | `{"control": […], "experiment": […]}`, `null` for a missing value |
//!
//! Counts are judged by the always-valid comparison, values as Kayenta does. Each file gets a verdict with its numbers and
//! a picture of the evidence over time; several files of counts are also judged together. The exit code is 0 unless
//! a verdict is `fail` (1) or a file cannot be read (2).
//!
//! Try it with `examples/judge/data/counts.csv` and `examples/judge/data/latency.json`.

#![forbid(unsafe_code)]

mod input;
mod picture;

use std::path::Path;
use std::process::ExitCode;

use input::Input;
use picture::{Line, Panel, Picture, Scale};
use pointsman_examples::arguments::read_arguments;
use pointsman_judge::kayenta::{Class, Level, MetricConfig, classify, shift};
use pointsman_judge::sequential::{
    Comparison, ComparisonReport, Counts, Difference, Interval, Risk, belief, judge_together,
};
use pointsman_judge::{Evidence, Judge, Verdict};

struct Options {
    risk: Risk,
    margin: f64,
    svg: String,
    files: Vec<String>,
}

fn main() -> ExitCode {
    pointsman_examples::pipe::end_with_the_reader();
    let outcome = options(std::env::args().skip(1)).and_then(|options| run(&options));
    match outcome {
        Ok(true) => ExitCode::from(1),
        Ok(false) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

const USAGE: &str = "usage: judge [--risk P] [--margin M] [--svg FOLDER] FILE…";

fn options(arguments: impl IntoIterator<Item = String>) -> Result<Options, String> {
    let mut options =
        Options { risk: Risk::FIVE_PERCENT, margin: 1.0, svg: ".".to_owned(), files: Vec::new() };
    let number = |text: String| text.parse::<f64>().map_err(|_| format!("`{text}` is not a number"));
    read_arguments(arguments, USAGE, |name, value| {
        match name {
            "--risk" => options.risk = Risk::new(number(value()?)?).map_err(|error| error.to_string())?,
            "--margin" => options.margin = number(value()?)?,
            "--svg" => options.svg = value()?,
            file if !file.starts_with("--") => options.files.push(file.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if options.files.is_empty() {
        return Err(USAGE.to_owned());
    }
    Ok(options)
}

/// Whether any verdict is `fail`.
fn run(options: &Options) -> Result<bool, String> {
    let mut failed = false;
    let mut reports = Vec::new();
    for file in &options.files {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        println!("{file}");
        let (verdict, decided, panels) =
            match input::read(file, &text).map_err(|error| format!("{file}: {error}"))? {
                Input::Counts(ticks) => {
                    let judged = judge_counts(&ticks, options)?;
                    reports.push(judged.report);
                    (judged.verdict, judged.decided, judged.panels)
                }
                Input::Series { control, experiment } => {
                    let (verdict, panels) = judge_series(&experiment, &control);
                    (verdict, None, panels)
                }
            };
        failed |= verdict == Verdict::Fail;
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("judge");
        let path = Path::new(&options.svg).join(format!("{stem}.svg"));
        let picture = Picture { name: stem.to_owned(), verdict, decided, panels };
        std::fs::create_dir_all(&options.svg)
            .and_then(|()| std::fs::write(&path, picture.svg()))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        println!("  picture     {}", path.display());
    }
    if reports.len() > 1 {
        let together = judge_together(&reports, options.risk);
        println!("together: {together}");
        failed |= together == Verdict::Fail;
    }
    Ok(failed)
}

struct Judged {
    verdict: Verdict,
    report: ComparisonReport,
    /// Since which tick, from 1.
    decided: Option<usize>,
    panels: Vec<Panel>,
}

fn judge_counts(ticks: &[Evidence], options: &Options) -> Result<Judged, String> {
    let judge = Comparison::new(options.risk).with_margin(options.margin);
    let difference = Difference::below(0.5, options.risk).map_err(|error| error.to_string())?;
    let (mut state, mut apart) = (Default::default(), Default::default());
    let (mut verdict, mut decided) = (Verdict::NoData, None);
    let mut curves = Curves::default();
    for (at, tick) in ticks.iter().enumerate() {
        let before = verdict;
        (state, verdict) = judge.update(&state, tick);
        (apart, _) = difference.update(&apart, tick);
        if verdict.is_decided() && verdict != before {
            decided = Some(at + 1);
        }
        curves.push(&judge.report(&state), difference.interval(&apart));
    }
    let report = judge.report(&state);
    print_counts(&report, verdict, decided);
    let ends = difference.interval(&apart);
    println!("  difference  {:.3} to {:.3} percentage points", 100.0 * ends.low, 100.0 * ends.high);
    Ok(Judged { verdict, report, decided, panels: curves.panels(options) })
}

fn print_counts(report: &ComparisonReport, verdict: Verdict, decided: Option<usize>) {
    let when = decided.map(|tick| format!(" (since tick {tick})")).unwrap_or_default();
    println!("  verdict     {verdict}{when}");
    for (name, counts) in [("canary", report.canary), ("baseline", report.baseline)] {
        let share = counts.share().map(|share| format!(" ({:.3} %)", 100.0 * share)).unwrap_or_default();
        println!("  {name:<10}  {} of {} requests failed{share}", counts.hits, counts.requests);
    }
    println!("  worse       e-value {:.3e} now, p at most {:.2e}", report.ln_e_worse.exp(), report.p_worse);
    println!("  in margin   e-value {:.3e} now, p at most {:.2e}", report.ln_e_within.exp(), report.p_within);
    let belief = belief(report.canary, report.baseline);
    println!(
        "  belief      worse with probability {:.4}, expected loss {:.4} percentage points",
        belief.worse,
        100.0 * belief.expected_loss
    );
}

/// What is drawn, tick by tick.
#[derive(Default)]
struct Curves {
    shares: [Vec<f64>; 2],
    evidence: [Vec<f64>; 2],
    interval: [Vec<f64>; 2],
}

impl Curves {
    fn push(&mut self, report: &ComparisonReport, interval: Interval) {
        let share = |counts: Counts| counts.share().map_or(f64::NAN, |share| 100.0 * share);
        let now = [
            (&mut self.shares, [share(report.canary), share(report.baseline)]),
            (
                &mut self.evidence,
                [report.ln_e_worse, report.ln_e_within].map(|e| e / std::f64::consts::LN_10),
            ),
            (&mut self.interval, [interval.low, interval.high].map(|end| 100.0 * end)),
        ];
        for (curves, values) in now {
            curves.iter_mut().zip(values).for_each(|(curve, value)| curve.push(value));
        }
    }

    fn panels(self, options: &Options) -> Vec<Panel> {
        let ([canary, baseline], [worse, within], [low, high]) = (self.shares, self.evidence, self.interval);
        let bar = 1.0 / options.risk.get();
        vec![
            Panel {
                label: "share of failed requests so far, percent".to_owned(),
                lines: vec![Line::new("canary", canary), Line::new("baseline", baseline)],
                bars: vec![(0.0, String::new())],
                ..Panel::default()
            },
            Panel {
                label: format!(
                    "evidence: what a bet of 1 has grown to; one that reaches {bar:.0} decides, and what was reached counts"
                ),
                lines: vec![
                    Line::new("worse", worse),
                    Line::new(&format!("less than {} times", 1.0 + options.margin), within),
                ],
                bars: vec![(bar.log10(), format!("{bar:.0}: decides"))],
                scale: Scale::PowersOfTen,
                ..Panel::default()
            },
            Panel {
                label: "canary less baseline, percentage points: this interval holds at all ticks at once"
                    .to_owned(),
                band: Some((low, high)),
                bars: vec![(0.0, "equal".to_owned())],
                ..Panel::default()
            },
        ]
    }
}

fn judge_series(experiment: &[f64], control: &[f64]) -> (Verdict, Vec<Panel>) {
    let found = classify(experiment, control, &MetricConfig::new());
    let verdict = match found.class {
        Class::Pass => Verdict::Pass,
        Class::High | Class::Low | Class::NodataFailMetric => Verdict::Fail,
        Class::Nodata | Class::Error => Verdict::NoData,
    };
    println!("  verdict     {verdict}: {:?}, {}", found.class, found.reason);
    if let Some(shift) = found.shift {
        println!(
            "  shift       {} ({} to {}, at 98 %)",
            shortened(shift.estimate),
            shortened(shift.low),
            shortened(shift.high)
        );
    }
    if let Some(effect) = found.effect {
        println!("  effect      ratio of means {effect:.4}");
    }
    let (mut low, mut middle, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for upto in 1..=experiment.len().max(control.len()) {
        let start = |series: &[f64]| series.iter().copied().take(upto).collect::<Vec<f64>>();
        let shift = shift(&start(experiment), &start(control), Level::KAYENTA);
        low.push(shift.map_or(f64::NAN, |shift| shift.low));
        middle.push(shift.map_or(f64::NAN, |shift| shift.estimate));
        high.push(shift.map_or(f64::NAN, |shift| shift.high));
    }
    let panel = Panel {
        label: "canary less baseline: shift with its interval, by the values up to then".to_owned(),
        lines: vec![Line::new("estimate", middle)],
        band: Some((low, high)),
        bars: vec![(0.0, "equal".to_owned())],
        ..Panel::default()
    };
    (verdict, vec![panel])
}

/// Without what binary fractions leave behind.
fn shortened(value: f64) -> String {
    format!("{:.6}", value).trim_end_matches('0').trim_end_matches('.').to_owned()
}
