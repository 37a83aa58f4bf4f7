//! Small charts as SVG: stacked panels over one axis.

use std::fmt::Write as _;

/// A picture of several panels under each other that share their horizontal axis.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What the horizontal axis counts.
    pub axis: String,
    /// The steps of the horizontal axis, at equal distances.
    pub ticks: Vec<String>,
    /// How values of neighbouring steps are joined.
    pub join: Join,
    /// The panels, from above.
    pub panels: Vec<Panel>,
}

/// How values of neighbouring steps are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// A value holds for its whole step.
    Steps,
    /// A value is a point in the middle of its step, joined to the next by a straight line.
    Curves,
}

/// A vertical axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From 0 to a number above.
    UpTo(f64),
    /// Logarithmic, between two powers of ten.
    PowersOfTen(i32, i32),
}

impl Scale {
    /// How high a value stands, from 0 to 1.
    fn height(self, value: f64) -> f64 {
        let height = match self {
            Self::UpTo(top) => value / top,
            Self::PowersOfTen(low, high) => (value.log10() - f64::from(low)) / f64::from(high - low),
        };
        height.clamp(0.0, 1.0)
    }

    /// The values that are written beside the axis.
    fn marks(self) -> Vec<f64> {
        match self {
            Self::UpTo(top) => (0..=4).map(|part| top * f64::from(part) / 4.0).collect(),
            Self::PowersOfTen(low, high) => (low..=high).map(|power| 10_f64.powi(power)).collect(),
        }
    }
}

/// One panel: lines over the steps.
#[derive(Debug, Clone)]
pub struct Panel {
    /// What its vertical axis counts.
    pub label: String,
    /// Its vertical axis.
    pub scale: Scale,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// One line: a value a step.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Its values, one a step from the first; lines may end early.
    pub values: Vec<f64>,
}

const LEFT: f64 = 64.0;
const LETTER: f64 = 7.5;
const STEP: f64 = 92.0;
const HEIGHT: f64 = 170.0;
const GAP: f64 = 44.0;
const HEAD: f64 = 56.0;
const FOOT: f64 = 96.0;
/// Colours that people who see colours differently tell apart, and dashes for those who see none.
const COLOURS: [(&str, &str); 4] =
    [("#0072b2", "none"), ("#d55e00", "7 3"), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3")];

impl Chart {
    /// The picture as SVG.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let steps = self.ticks.len().max(1) as f64;
        let names = self.panels.iter().flat_map(|panel| &panel.lines).map(|line| line.name.chars().count());
        let width = LEFT + steps * STEP + 24.0 + LETTER * names.max().unwrap_or(0) as f64;
        let height = HEAD + self.panels.len() as f64 * (HEIGHT + GAP) - GAP + FOOT;
        let mut svg = String::new();
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">"
        );
        let title = escape(&self.title);
        let _ =
            writeln!(svg, "<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        let _ = writeln!(
            svg,
            "<text x=\"{LEFT}\" y=\"28\" font-size=\"16\" font-weight=\"600\" fill=\"#1a1a1a\">{title}</text>"
        );
        for (position, panel) in self.panels.iter().enumerate() {
            let top = HEAD + position as f64 * (HEIGHT + GAP);
            self.panel(&mut svg, panel, top, steps);
        }
        self.ticks(&mut svg, height - FOOT + 14.0);
        let (x, y) = (LEFT + steps * STEP, height - 10.0);
        let axis = escape(&self.axis);
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" fill=\"#555555\">{axis}</text>");
        svg.push_str("</svg>\n");
        svg
    }

    fn ticks(&self, svg: &mut String, y: f64) {
        for (position, tick) in self.ticks.iter().enumerate() {
            let x = LEFT + (position as f64 + 0.5) * STEP;
            let text = escape(tick);
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" transform=\"rotate(-30 {x} {y})\" fill=\"#333333\">{text}</text>"
            );
        }
    }

    fn panel(&self, svg: &mut String, panel: &Panel, top: f64, steps: f64) {
        let bottom = top + HEIGHT;
        let right = LEFT + steps * STEP;
        let label = escape(&panel.label);
        let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" fill=\"#555555\">{label}</text>", top - 8.0);
        for value in panel.scale.marks() {
            let y = bottom - HEIGHT * panel.scale.height(value);
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\" stroke=\"#dddddd\"/>\n\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#555555\">{}</text>",
                LEFT - 8.0,
                y + 4.0,
                trimmed(value)
            );
        }
        let mut label_places: Vec<f64> = Vec::new();
        for (line, (colour, dash)) in panel.lines.iter().zip(COLOURS.iter().cycle()) {
            let y_of = |value: f64| bottom - HEIGHT * panel.scale.height(value);
            let path = self.join.path(line.values.iter().map(|value| y_of(*value)));
            let _ = writeln!(
                svg,
                "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dash}\"/>",
                path.trim_end()
            );
            let mut y = y_of(line.values.last().copied().unwrap_or_default()) + 4.0;
            // Names at the end of lines that meet stand under each other.
            while label_places.iter().any(|other| (other - y).abs() < 14.0) {
                y -= 14.0;
            }
            label_places.push(y);
            let name = escape(&line.name);
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{y}\" fill=\"{colour}\" font-weight=\"600\">{name}</text>",
                right + 8.0
            );
        }
    }
}

impl Join {
    /// The line through the heights of the steps.
    fn path(self, heights: impl Iterator<Item = f64>) -> String {
        let mut path = String::new();
        for (step, y) in heights.enumerate() {
            let x = LEFT + step as f64 * STEP;
            let begin = if step == 0 { "M" } else { "L" };
            let _ = match self {
                Self::Steps => write!(path, "{begin}{x},{y} {},{y} ", x + STEP),
                Self::Curves => write!(path, "{begin}{},{y} ", x + STEP / 2.0),
            };
        }
        path
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text as it may stand in XML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lines_step() {
        let line = Line { name: "<v1>".into(), values: vec![0.0, 100.0] };
        let panel = Panel { label: "share".into(), scale: Scale::UpTo(100.0), lines: vec![line] };
        let chart = Chart {
            title: "a & b".into(),
            axis: String::new(),
            ticks: vec!["1".into(), "2".into()],
            join: Join::Steps,
            panels: vec![panel],
        };
        let svg = chart.to_svg();
        assert!(svg.contains("a &amp; b") && svg.contains("&lt;v1&gt;"), "{svg}");
        assert!(svg.contains("M64,226 156,226 L156,56 248,56"), "{svg}");
    }

    #[test]
    fn powers_of_ten_stand_at_equal_distances() {
        let scale = Scale::PowersOfTen(1, 3);
        assert_eq!(scale.marks(), [10.0, 100.0, 1_000.0]);
        let heights: Vec<f64> = [1.0, 10.0, 100.0, 1_000.0].map(|value| scale.height(value)).into();
        assert_eq!(heights, [0.0, 0.0, 0.5, 1.0]);
        assert_eq!(Join::Curves.path([1.0, 2.0].into_iter()), "M110,1 L202,2 ");
    }
}
