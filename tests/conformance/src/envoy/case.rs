//! One configuration with the requests asked of it.

use pointsman_route::ir::RouteConfig;
use pointsman_route::{Headers, Request};

use super::{Answer, Dice};

/// A configuration and requests.
pub struct Case {
    /// The configuration in a form for readers: YAML of the mesh, JSON of the IR.
    pub text: String,
    /// What our side and Envoy are given.
    pub config: RouteConfig,
    /// What is asked.
    pub requests: Vec<AskedRequest>,
    /// What this case exercises: counted in the report.
    pub features: Vec<&'static str>,
    /// Somebody else's answers.
    pub third: Option<Box<dyn ThirdParty>>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Somebody who answers requests without any of our code, such as an interpreter of the raw manifests.
pub trait ThirdParty {
    /// The answer; fields left empty are not compared.
    fn answer(&self, request: &AskedRequest) -> Answer;
}

/// Makes cases.
pub trait CaseSource {
    /// The next case, with about so many requests. Destinations must be clusters of [`CLUSTERS`](Self::clusters).
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case;

    /// Names of clusters that the cases send to, beside the fixed hash clusters.
    fn clusters(&self) -> Vec<String>;
}

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedRequest {
    /// Method.
    pub method: String,
    /// Authority.
    pub authority: String,
    /// Path with query.
    pub path: Vec<u8>,
    /// Headers in order, names in any case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The random number of the weighted choice.
    pub random: u64,
}

impl AskedRequest {
    /// As our side takes it; `headers` is a buffer for the borrowed headers.
    pub(super) fn view<'a>(&'a self, headers: &'a mut Vec<(&'a str, &'a [u8])>) -> Request<'a> {
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        Request::new(&self.method, &self.authority, &self.path).with_headers(Headers::Bytes(headers))
    }

    /// A command that asks the same of some proxy.
    #[must_use]
    pub fn curl(&self) -> String {
        let mut line = format!("curl -v --path-as-is -X {} -H 'host: {}'", self.method, self.authority);
        for (name, value) in &self.headers {
            line.push_str(&format!(" -H '{name}: {}'", value.escape_ascii()));
        }
        line.push_str(&format!(
            " 'http://127.0.0.1:PORT{}'  # random {}",
            self.path.escape_ascii(),
            self.random
        ));
        line
    }
}
