//! The two things that a file can hold.

use pointsman_judge::{Evidence, Tally};
use serde::Deserialize;

pub(crate) enum Input {
    Counts(Vec<Evidence>),
    Series { control: Vec<f64>, experiment: Vec<f64> },
}

/// `null` is a missing value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    control: Vec<Option<f64>>,
    experiment: Vec<Option<f64>>,
}

const COUNTS: [&str; 4] = ["canary_requests", "canary_errors", "baseline_requests", "baseline_errors"];

pub(crate) fn read(name: &str, text: &str) -> Result<Input, String> {
    let begins_as_json = text.trim_start().starts_with(['{', '[']);
    let input = if begins_as_json || name.ends_with(".json") { read_json(text) } else { read_csv(text) }?;
    match &input {
        Input::Counts(ticks) if ticks.is_empty() => Err("there are no ticks".to_owned()),
        Input::Counts(ticks) => match ticks.iter().position(|tick| !tick.is_consistent()) {
            Some(at) => Err(format!("tick {}: more errors than requests", at + 1)),
            None => Ok(input),
        },
        Input::Series { control, experiment } if control.is_empty() && experiment.is_empty() => {
            Err("both series are empty".to_owned())
        }
        Input::Series { .. } => Ok(input),
    }
}

fn read_json(text: &str) -> Result<Input, String> {
    if text.trim_start().starts_with('[') {
        let counts = serde_json::from_str(text).map_err(|error| format!("not a list of counts: {error}"))?;
        return Ok(Input::Counts(counts));
    }
    let series: Series =
        serde_json::from_str(text).map_err(|error| format!("not a pair of series: {error}"))?;
    let missing = |values: Vec<Option<f64>>| values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect();
    Ok(Input::Series { control: missing(series.control), experiment: missing(series.experiment) })
}

/// A line of a table, with its number in the file.
struct Row<'a> {
    line: usize,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn read((at, line): (usize, &'a str)) -> Self {
        let cells = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        Self { line: at + 1, cells }
    }

    fn cell(&self, at: usize, name: &str) -> Result<&'a str, String> {
        let cell = self.cells.get(at).copied();
        cell.ok_or_else(|| format!("line {}: there is no cell for `{name}`", self.line))
    }

    fn count(&self, at: usize, name: &str) -> Result<u64, String> {
        let cell = self.cell(at, name)?;
        cell.parse().map_err(|_| format!("line {}: `{cell}` is not a count for `{name}`", self.line))
    }

    /// A missing value is not a number; series may be of unequal length.
    fn value(&self, at: usize, name: &str) -> Result<f64, String> {
        match self.cells.get(at).copied().unwrap_or("") {
            "" => Ok(f64::NAN),
            cell => match cell.parse::<f64>() {
                Ok(value) if !value.is_infinite() => Ok(value),
                _ => Err(format!("line {}: `{cell}` is not a number for `{name}`", self.line)),
            },
        }
    }
}

fn read_csv(text: &str) -> Result<Input, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(Row::read);
    let header = rows.next().ok_or("the file is empty")?.cells;
    let rows: Vec<Row<'_>> = rows.collect();
    let column = |name: &&str| header.iter().position(|found| found == name);
    if let [Some(a), Some(b), Some(c), Some(d)] = COUNTS.each_ref().map(column) {
        let [canary, canary_errors, baseline, baseline_errors] = COUNTS;
        let tick = |row: &Row<'_>| {
            let tally = Tally::new(row.count(a, canary)?, row.count(b, canary_errors)?);
            let other = Tally::new(row.count(c, baseline)?, row.count(d, baseline_errors)?);
            Ok(Evidence::new(tally).with_baseline(other))
        };
        return rows.iter().map(tick).collect::<Result<_, String>>().map(Input::Counts);
    }
    let (Some(control), Some(experiment)) = (column(&"control"), column(&"experiment")) else {
        return Err(format!(
            "the header `{}` names neither `{}` nor `control,experiment`",
            header.join(","),
            COUNTS.join(",")
        ));
    };
    let series = |at: usize, name: &str| rows.iter().map(|row| row.value(at, name)).collect();
    let (control, experiment): (Result<Vec<f64>, String>, Result<Vec<f64>, String>) =
        (series(control, "control"), series(experiment, "experiment"));
    Ok(Input::Series { control: control?, experiment: experiment? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, text: &str) -> String {
        read(name, text).err().unwrap_or_else(|| "it was read".to_owned())
    }

    #[test]
    fn wrong_files_are_refused_with_the_place() {
        let counts = COUNTS.join(",");
        for (name, text, why) in [
            ("a.csv", "".to_owned(), "the file is empty"),
            ("a.csv", "canary_requests,canary_errors\n1,2".to_owned(), "names neither"),
            ("a.csv", counts.clone(), "there are no ticks"),
            ("a.csv", format!("{counts}\n\n10,x,1,1"), "line 3: `x` is not a count for `canary_errors`"),
            ("a.csv", format!("{counts}\n10,-1,1,1"), "`-1` is not a count"),
            ("a.csv", format!("{counts}\n10,1,1"), "line 2: there is no cell for `baseline_errors`"),
            ("a.csv", format!("{counts}\n9,1,9,1\n1,2,9,1"), "tick 2: more errors than requests"),
            ("a.csv", "control,experiment\n1,two".to_owned(), "line 2: `two` is not a number"),
            ("a.csv", "control,experiment\n1,inf".to_owned(), "`inf` is not a number"),
            ("a.csv", "control,experiment".to_owned(), "both series are empty"),
            ("a.json", "[]".to_owned(), "there are no ticks"),
            ("a.json", "[{\"canary\": {\"requests\": -1}}]".to_owned(), "not a list of counts"),
            ("a.json", "{\"control\": [1]}".to_owned(), "missing field `experiment`"),
            ("a.json", "{\"control\": [1], \"experiment\": [\"a\"]}".to_owned(), "not a pair of series"),
            ("a.json", "".to_owned(), "not a pair of series"),
        ] {
            let found = refused(name, &text);
            assert!(found.contains(why), "{text:?}: {found}");
        }
    }

    #[test]
    fn missing_values_and_quoted_cells_are_read() {
        let Ok(Input::Series { control, experiment }) =
            read("a.csv", "\u{feff}\"experiment\",\"control\"\r\n\"1\",2\r\nNaN,3\r\n,4")
        else {
            unreachable!("series")
        };
        assert_eq!(control, [2.0, 3.0, 4.0]);
        assert!(experiment[0] == 1.0 && experiment[1].is_nan() && experiment[2].is_nan());
    }
}
