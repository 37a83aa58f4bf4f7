//! The two things that a file can hold.

use pointsman_judge::{Evidence, Tally};
use serde::Deserialize;

pub(crate) enum Input {
    Counts(Vec<Evidence>),
    Series { control: Vec<f64>, experiment: Vec<f64> },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Json {
    Counts(Vec<Evidence>),
    Series { control: Vec<Option<f64>>, experiment: Vec<Option<f64>> },
}

pub(crate) fn read(name: &str, text: &str) -> Result<Input, String> {
    let begins_as_json = text.trim_start().starts_with(['{', '[']);
    if begins_as_json || name.ends_with(".json") { read_json(text) } else { read_csv(text) }
}

fn read_json(text: &str) -> Result<Input, String> {
    let missing = |values: Vec<Option<f64>>| values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect();
    match serde_json::from_str(text) {
        Ok(Json::Counts(ticks)) => Ok(Input::Counts(ticks)),
        Ok(Json::Series { control, experiment }) => {
            Ok(Input::Series { control: missing(control), experiment: missing(experiment) })
        }
        Err(error) => Err(format!("neither counts nor series: {error}")),
    }
}

fn read_csv(text: &str) -> Result<Input, String> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or("the file is empty")?;
    let header: Vec<&str> = header.split(',').map(str::trim).collect();
    let column = |name: &str| header.iter().position(|found| *found == name);
    let rows: Vec<(usize, Vec<&str>)> =
        lines.map(|(at, line)| (at + 1, line.split(',').map(str::trim).collect())).collect();
    let counts = ["canary_requests", "canary_errors", "baseline_requests", "baseline_errors"].map(column);
    if let [Some(a), Some(b), Some(c), Some(d)] = counts {
        let tick = |(line, row): &(usize, Vec<&str>)| {
            let count = |at: usize| {
                let cell = row.get(at).copied().unwrap_or("");
                cell.parse::<u64>().map_err(|_| format!("line {line}: `{cell}` is not a count"))
            };
            Ok(Evidence::new(Tally::new(count(a)?, count(b)?))
                .with_baseline(Tally::new(count(c)?, count(d)?)))
        };
        return rows.iter().map(tick).collect::<Result<_, String>>().map(Input::Counts);
    }
    let (Some(control), Some(experiment)) = (column("control"), column("experiment")) else {
        return Err("the header names neither the four columns of counts nor `control,experiment`".to_owned());
    };
    let series = |at: usize| {
        rows.iter()
            .map(|(line, row)| match row.get(at).copied().unwrap_or("") {
                "" => Ok(f64::NAN),
                cell => cell.parse::<f64>().map_err(|_| format!("line {line}: `{cell}` is not a number")),
            })
            .collect::<Result<Vec<f64>, String>>()
    };
    Ok(Input::Series { control: series(control)?, experiment: series(experiment)? })
}
