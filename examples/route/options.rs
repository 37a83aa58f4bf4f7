//! The command line.

use pointsman_examples::arguments::read_arguments;
use pointsman_types::Labels;

use crate::Failure;

pub(crate) const USAGE: &str = "\
Which way a request takes through a mesh, and why.

route --manifests PATH... --from NAME[.NAMESPACE] --to URL [-H 'name: value']...

    --manifests PATH  a file, or a folder with *.yaml, *.yml and *.json, also below it
    --from NAME       the workload that asks: a Deployment, a Service, or an `app` label
    --labels A=B,...  its labels, where it is in no manifest
    --gateway         it is a gateway rather than a workload with a sidecar
    --to URL          such as http://reviews:9080/reviews/0; of https:// a sidecar sees only the connection
    --to tls://NAME:PORT, tcp://ADDRESS:PORT
                      a connection that is not read: with that server name, or to that address or service
    --method METHOD   (default GET)
    -H HEADER         a request header, such as 'end-user: jason'
    --draw NUMBER     the random number of all choices (default 0)
    --namespace NAME  where objects without a namespace are (default `default`)
    --json            the explanation as JSON";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) manifests: Vec<String>,
    pub(crate) from: String,
    pub(crate) labels: Option<Labels>,
    pub(crate) to: String,
    pub(crate) method: String,
    pub(crate) namespace: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) gateway: bool,
    pub(crate) draw: u64,
    pub(crate) json: bool,
    pub(crate) help: bool,
}

impl Options {
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            manifests: Vec::new(),
            from: String::new(),
            labels: None,
            to: String::new(),
            method: "GET".to_owned(),
            namespace: "default".to_owned(),
            headers: Vec::new(),
            gateway: false,
            draw: 0,
            json: false,
            help: false,
        };
        read_arguments(arguments, USAGE, |name, value| {
            match name {
                "--manifests" => options.manifests.push(value()?),
                "--from" => options.from = value()?,
                "--labels" => options.labels = Some(labels(&value()?)?),
                "--to" => options.to = value()?,
                "--method" => options.method = method(value()?)?,
                "--namespace" => options.namespace = value()?,
                "--draw" => options.draw = draw(&value()?)?,
                "-H" | "--header" => options.headers.push(header(&value()?)?),
                "--gateway" => options.gateway = true,
                "--json" => options.json = true,
                "--help" | "-h" => options.help = true,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        for (name, is_missing) in [
            ("--manifests", options.manifests.is_empty()),
            ("--from", options.from.is_empty() && options.labels.is_none()),
            ("--to", options.to.is_empty()),
        ] {
            if is_missing && !options.help {
                return Err(format!("`{name}` is missing\n\n{USAGE}"));
            }
        }
        Ok(options)
    }

    /// Name and namespace of the workload that asks.
    pub(crate) fn workload(&self) -> (&str, &str) {
        match self.from.split_once('.') {
            Some((name, rest)) => (name, rest.split('.').next().unwrap_or(rest)),
            None => (&self.from, &self.namespace),
        }
    }
}

fn method(text: String) -> Result<String, Failure> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_letter) {
        return Err(format!("`--method {text}`: a method is one word, such as `GET`"));
    }
    Ok(text)
}

fn draw(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| format!("`--draw {text}`: `{text}` is not a whole number of 0 or more"))
}

fn header(text: &str) -> Result<(String, String), Failure> {
    let pair = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    match pair.filter(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("`-H {text}`: a header has the form `name: value`")),
    }
}

fn labels(text: &str) -> Result<Labels, Failure> {
    let label = |text: &str| {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) =
            pair.ok_or_else(|| format!("`--labels {text}`: a label has the form `name=value`"))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    Ok(Labels::from_iter(text.split(',').map(label).collect::<Result<Vec<_>, Failure>>()?))
}
