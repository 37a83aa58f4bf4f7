//! The answers of Prometheus' API.

use serde::Deserialize;

use super::Sample;
use super::sample::number;
use crate::Value;

/// What Prometheus answered: a result, and what it has to say about it.
///
/// Shape: a result with warnings may be partial, such as when a remote store did not answer; whether to judge by it is the
/// caller's choice. Infos say that the question is probably not what was meant.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PrometheusAnswer {
    /// What the query came to.
    pub result: PrometheusResult,
    /// What may make the result wrong or partial; usually empty.
    pub warnings: Vec<String>,
    /// What may make the query wrong; usually empty.
    pub infos: Vec<String>,
}

/// What a query came to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PrometheusResult {
    /// One number.
    Scalar(f64),
    /// One number for each series.
    Vector(Vec<Sample>),
    /// Several numbers for each series.
    Matrix(Vec<Series>),
    /// A text.
    Text(String),
}

/// Several numbers of one series.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// Which series, with its last number.
    pub last: Sample,
    /// Seconds since the epoch and numbers, in their order.
    pub points: Vec<(f64, f64)>,
}

/// An answer that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAnswer {
    /// It is no answer of Prometheus.
    #[error("not an answer of Prometheus: {0}")]
    Shape(String),
    /// Prometheus says that the query failed.
    #[error("the query failed: {said}{}", remarks(warnings, infos))]
    Failed {
        /// Why.
        said: String,
        /// What it has to say besides, such as which store did not answer; usually empty.
        warnings: Vec<String>,
        /// What may be wrong with the query; usually empty.
        infos: Vec<String>,
    },
}

fn remarks(warnings: &[String], infos: &[String]) -> String {
    let warnings = warnings.iter().map(|warning| format!("; warning: {warning}"));
    warnings.chain(infos.iter().map(|info| format!("; info: {info}"))).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<Data>,
    warnings: Option<Vec<String>>,
    infos: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Scalar(Point),
    String((f64, String)),
    Vector(Vec<WireSample>),
    Matrix(Vec<WireSeries>),
}

#[derive(Deserialize)]
struct Point(f64, String);

#[derive(Deserialize)]
struct WireSample {
    metric: std::collections::BTreeMap<String, String>,
    value: Point,
}

#[derive(Deserialize)]
struct WireSeries {
    metric: std::collections::BTreeMap<String, String>,
    values: Vec<Point>,
}

/// Reads an answer of `/api/v1/query` or `/api/v1/query_range`.
///
/// # Errors
/// Not such an answer, or one that says the query failed. Native histograms are not read.
pub fn read_answer(json: &str) -> Result<PrometheusAnswer, InvalidAnswer> {
    let wire: Wire = serde_json::from_str(json).map_err(|error| InvalidAnswer::Shape(error.to_string()))?;
    let (warnings, infos) = (wire.warnings.unwrap_or_default(), wire.infos.unwrap_or_default());
    if wire.status != "success" {
        return Err(InvalidAnswer::Failed { said: wire.error, warnings, infos });
    }
    let data = wire.data.ok_or_else(|| InvalidAnswer::Shape("`data` is missing".into()))?;
    Ok(PrometheusAnswer { result: data.read()?, warnings, infos })
}

impl Data {
    fn read(self) -> Result<PrometheusResult, InvalidAnswer> {
        Ok(match self {
            Self::Scalar(point) => PrometheusResult::Scalar(point.number()?),
            Self::String((_, text)) => PrometheusResult::Text(text),
            Self::Vector(samples) => PrometheusResult::Vector(
                samples
                    .into_iter()
                    .map(|sample| Ok(named(sample.metric, sample.value.number()?)))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Matrix(series) => {
                PrometheusResult::Matrix(series.into_iter().map(WireSeries::read).collect::<Result<_, _>>()?)
            }
        })
    }
}

impl Point {
    fn number(&self) -> Result<f64, InvalidAnswer> {
        number(&self.1).ok_or_else(|| InvalidAnswer::Shape(format!("`{}` is not a number", self.1)))
    }
}

impl WireSeries {
    fn read(self) -> Result<Series, InvalidAnswer> {
        let points =
            self.values.iter().map(|point| Ok((point.0, point.number()?))).collect::<Result<Vec<_>, _>>()?;
        let last = points.last().map_or(f64::NAN, |(_, value)| *value);
        Ok(Series { last: named(self.metric, last), points })
    }
}

fn named(mut labels: std::collections::BTreeMap<String, String>, value: f64) -> Sample {
    let name = labels.remove("__name__").unwrap_or_default();
    Sample { name, labels, value }
}

impl PrometheusResult {
    /// The value that conditions speak of, as Argo Rollouts has it: a number of a scalar, a list of numbers of a vector. A
    /// matrix becomes a list of lists.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Scalar(number) => Value::Float(*number),
            Self::Vector(samples) => {
                Value::List(samples.iter().map(|sample| Value::Float(sample.value)).collect())
            }
            Self::Matrix(series) => {
                let list = |series: &Series| {
                    Value::List(series.points.iter().map(|(_, v)| Value::Float(*v)).collect())
                };
                Value::List(series.iter().map(list).collect())
            }
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    /// The one number that is meant, as Flagger has it: the last of a vector; `None` without one, for NaN, and for what is
    /// no instant answer.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Scalar(number) => *number,
            Self::Vector(samples) => samples.last()?.value,
            _ => return None,
        };
        (!number.is_nan()).then_some(number)
    }

    /// The numbers series by series, the last of each.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        match self {
            Self::Scalar(number) => vec![Sample { value: *number, ..Sample::default() }],
            Self::Vector(samples) => samples.clone(),
            Self::Matrix(series) => series.iter().map(|series| series.last.clone()).collect(),
            Self::Text(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, result: &str) -> Result<PrometheusResult, InvalidAnswer> {
        let json = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
        read_answer(&json).map(|answer| answer.result)
    }

    #[test]
    fn warnings_and_infos_come_with_the_result() {
        let with = |more: &str| {
            let json =
                format!(r#"{{"status":"success","data":{{"resultType":"scalar","result":[1,"2"]}}{more}}}"#);
            read_answer(&json).map(|answer| (answer.result, answer.warnings, answer.infos))
        };
        let two = PrometheusResult::Scalar(2.0);
        let said = with(r#","warnings":["a store is away"],"infos":["not a counter","nor a gauge"]"#);
        let infos = vec!["not a counter".into(), "nor a gauge".into()];
        assert_eq!(said, Ok((two.clone(), vec!["a store is away".into()], infos)));
        assert_eq!(with(r#","warnings":null"#), Ok((two, vec![], vec![])));
    }

    #[test]
    fn each_kind_of_answer_is_read() {
        let scalar = answer("scalar", r#"[1700000000.5, "0.25"]"#).unwrap();
        assert_eq!((scalar.value(), scalar.number()), (Value::Float(0.25), Some(0.25)));
        let vector = answer(
            "vector",
            r#"[{"metric":{"__name__":"up","x":"1"},"value":[1,"2"]},{"metric":{},"value":[1,"NaN"]}]"#,
        )
        .unwrap();
        assert_eq!(vector.samples()[0], Sample::new("up", [("x", "1")], 2.0));
        assert_eq!(vector.number(), None);
        assert!(matches!(vector.value(), Value::List(items) if items.len() == 2));
        let empty = answer("vector", "[]").unwrap();
        assert_eq!((empty.value(), empty.number()), (Value::List(vec![]), None));
        let matrix = answer("matrix", r#"[{"metric":{"x":"1"},"values":[[1,"2"],[2,"+Inf"]]}]"#).unwrap();
        assert_eq!(matrix.samples()[0].value, f64::INFINITY);
        assert_eq!(matrix.number(), None);
    }

    #[test]
    fn failures_and_other_texts_are_refused() {
        let failed = read_answer(r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#);
        let said = "parse error".to_owned();
        assert_eq!(failed, Err(InvalidAnswer::Failed { said, warnings: vec![], infos: vec![] }));
        let warned = read_answer(
            r#"{"status":"error","error":"timeout","warnings":["store a is away"],"infos":["no gauge"]}"#,
        );
        let said = warned.unwrap_err().to_string();
        assert_eq!(said, "the query failed: timeout; warning: store a is away; info: no gauge");
        for text in ["", "{}", r#"{"status":"success"}"#, "[1]"] {
            assert!(matches!(read_answer(text), Err(InvalidAnswer::Shape(_))), "{text}");
        }
        assert!(answer("scalar", r#"[1, "x"]"#).is_err());
        assert!(answer("vector", r#"[{"metric":{},"value":[1]}]"#).is_err());
    }
}
