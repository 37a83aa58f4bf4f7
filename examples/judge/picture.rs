//! Evidence over time as a picture.

use std::fmt::Write as _;

use pointsman_examples::chart::escape;

use pointsman_judge::Verdict;

pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) verdict: Verdict,
    /// Since which tick, from 1.
    pub(crate) decided: Option<usize>,
    pub(crate) panels: Vec<Panel>,
}

/// What the numbers of a panel are.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Scale {
    #[default]
    Plain,
    PowersOfTen,
}

#[derive(Default)]
pub(crate) struct Panel {
    pub(crate) label: String,
    pub(crate) lines: Vec<Line>,
    /// The lower and upper ends of an interval, drawn as an area.
    pub(crate) band: Option<(Vec<f64>, Vec<f64>)>,
    /// Levels that mean something, with what they mean.
    pub(crate) bars: Vec<(f64, String)>,
    pub(crate) scale: Scale,
}

pub(crate) struct Line {
    name: String,
    values: Vec<f64>,
}

impl Line {
    pub(crate) fn new(name: &str, values: Vec<f64>) -> Self {
        Self { name: name.to_owned(), values }
    }
}

const WIDTH: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 150.0;
const HEAD: f64 = 70.0;
const HEIGHT: f64 = 190.0;
const GAP: f64 = 66.0;
const COLOURS: [(&str, &str); 2] = [("#d55e00", "none"), ("#0072b2", "7 3")];

impl Picture {
    pub(crate) fn svg(&self) -> String {
        let height = HEAD + self.panels.len() as f64 * (HEIGHT + GAP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        );
        let since = self.decided.map(|tick| format!(" since tick {tick}")).unwrap_or_default();
        let words = escape(&format!("{}{since}", self.verdict));
        let _ = writeln!(
            svg,
            "<text x=\"{LEFT}\" y=\"30\" font-size=\"18\" fill=\"#1a1a1a\">{}: <tspan font-weight=\"bold\" fill=\"{}\">{words}</tspan></text>",
            escape(&self.name),
            colour_of(self.verdict)
        );
        for (position, panel) in self.panels.iter().enumerate() {
            panel.draw(&mut svg, HEAD + position as f64 * (HEIGHT + GAP), self);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// When it was decided, through a panel.
    fn draw_decision(&self, svg: &mut String, place: &Place) {
        let Some(tick) = self.decided else { return };
        let (x, bottom) = (place.x(tick.saturating_sub(1)), place.top + HEIGHT);
        let colour = colour_of(self.verdict);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"{colour}\" fill-opacity=\"0.06\"/>\n\
             <line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{bottom}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" fill=\"{colour}\" font-weight=\"bold\">{}</text>",
            place.top,
            WIDTH - RIGHT - x,
            place.top,
            x + 5.0,
            place.top + 15.0,
            escape(&self.verdict.to_string())
        );
    }
}

fn colour_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "#00734d",
        Verdict::Fail => "#b3261e",
        _ => "#555555",
    }
}

/// Where a panel puts its numbers.
struct Place {
    top: f64,
    low: f64,
    high: f64,
    ticks: usize,
}

impl Place {
    fn x(&self, tick: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * (tick as f64 + 1.0) / self.ticks.max(1) as f64
    }

    fn y(&self, value: f64) -> f64 {
        self.top + HEIGHT * (1.0 - ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0))
    }

    /// Four or so round numbers of the range.
    fn round_levels(&self, scale: Scale) -> Vec<f64> {
        let finest = if scale == Scale::PowersOfTen { 1.0 } else { 0.0 };
        let rough = ((self.high - self.low) / 4.0).max(finest);
        let ten = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|part| part * ten).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * ten);
        let first = (self.low / step).ceil();
        (0..10)
            .map(|place| (first + f64::from(place)) * step)
            .take_while(|level| *level <= self.high)
            .collect()
    }

    fn path(&self, values: &[f64]) -> String {
        let mut path = String::new();
        let mut pen_is_down = false;
        for (tick, value) in values.iter().enumerate() {
            if value.is_finite() {
                let letter = if pen_is_down { 'L' } else { 'M' };
                let _ = write!(path, "{letter}{:.1},{:.1} ", self.x(tick), self.y(*value));
            }
            pen_is_down = value.is_finite();
        }
        path
    }
}

impl Panel {
    fn all_values(&self) -> impl Iterator<Item = &f64> {
        let band = self.band.iter().flat_map(|(low, high)| low.iter().chain(high));
        self.lines.iter().flat_map(|line| &line.values).chain(band)
    }

    /// The range of what is drawn, without the wild beginning of an interval.
    fn place(&self, top: f64) -> Place {
        let lines = self.lines.iter().map(|line| line.values.len());
        let ticks = lines.chain(self.band.iter().map(|(low, _)| low.len())).max().unwrap_or(0);
        let mut sizes: Vec<f64> =
            self.all_values().copied().filter(|v| v.is_finite()).map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        let usual = sizes.get(sizes.len() * 4 / 5).copied().unwrap_or(1.0).max(1e-12) * 1.3;
        let limit = if self.band.is_some() { usual } else { f64::INFINITY };
        let bars = self.bars.iter().map(|(level, _)| *level);
        let seen = self.all_values().copied().filter(|v| v.is_finite()).map(|v| v.clamp(-limit, limit));
        let (low, high) =
            seen.chain(bars).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let room = ((high - low) * 0.08).max(1e-9);
        Place { top, low: low - room, high: high + room, ticks }
    }

    fn draw(&self, svg: &mut String, top: f64, picture: &Picture) {
        let place = self.place(top);
        let (right, bottom) = (WIDTH - RIGHT, top + HEIGHT);
        let label = escape(&self.label);
        let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" fill=\"#444444\">{label}</text>", top - 10.0);
        for value in place.round_levels(self.scale) {
            let y = place.y(value);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#e4e4e4\"/>\n\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555555\">{}</text>",
                LEFT - 8.0,
                y + 4.0,
                self.scale.label(value)
            );
        }
        for part in 1..=4 {
            let tick = (place.ticks * part / 4).saturating_sub(1);
            let x = place.x(tick);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555555\">tick {}</text>",
                bottom + 18.0,
                tick + 1
            );
        }
        picture.draw_decision(svg, &place);
        self.draw_band(svg, &place);
        for (level, meaning) in &self.bars {
            let y = place.y(*level);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#333333\" stroke-dasharray=\"3 4\"/>\n\
                 <text x=\"{}\" y=\"{:.1}\" fill=\"#333333\">{}</text>",
                right + 8.0,
                y + 4.0,
                escape(meaning)
            );
        }
        let mut taken: Vec<f64> = self.bars.iter().map(|(level, _)| place.y(*level) + 4.0).collect();
        for (line, (colour, dash)) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let path = place.path(&line.values);
            let _ = writeln!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>"
            );
            let end = line.values.iter().rev().find(|value| value.is_finite()).copied().unwrap_or(0.0);
            let mut y = place.y(end) + 4.0;
            while taken.iter().any(|other| (other - y).abs() < 14.0) {
                y += 2.0;
            }
            taken.push(y);
            let name = escape(&line.name);
            let _ = writeln!(svg, "<text x=\"{}\" y=\"{y:.1}\" fill=\"{colour}\">{name}</text>", right + 8.0);
        }
    }

    fn draw_band(&self, svg: &mut String, place: &Place) {
        let Some((low, high)) = &self.band else { return };
        let known = |values: &[f64]| -> Vec<(usize, f64)> {
            values.iter().copied().enumerate().filter(|(_, value)| value.is_finite()).collect()
        };
        let mut path = String::new();
        for (at, value) in known(high).into_iter().chain(known(low).into_iter().rev()) {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.1},{:.1} ", place.x(at), place.y(value));
        }
        if !path.is_empty() {
            let _ = writeln!(
                svg,
                "<path d=\"{path}Z\" fill=\"#56b4e9\" fill-opacity=\"0.35\" stroke=\"#0072b2\"/>"
            );
        }
    }
}

impl Scale {
    fn label(self, value: f64) -> String {
        match self {
            Self::Plain => short(value),
            Self::PowersOfTen if value.abs() <= 4.0 => short(10_f64.powf(value)),
            Self::PowersOfTen => format!("1e{value:.0}"),
        }
    }
}

fn short(value: f64) -> String {
    let text = format!("{:.6}", value + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
