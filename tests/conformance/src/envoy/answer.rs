//! What one side says about a request.

use std::collections::BTreeMap;

/// What one side says about a request. What a side cannot know is `None` and not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status where the proxy answers by itself; 200 where it was sent on.
    pub status: Option<u16>,
    /// The name of the route.
    pub route: Option<String>,
    /// The name of the virtual host.
    pub virtual_host: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
    /// The endpoint, for hash clusters.
    pub endpoint: Option<String>,
    /// Where a redirect points.
    pub location: Option<String>,
    /// The path that was sent on.
    pub path: Option<String>,
    /// The authority that was sent on.
    pub authority: Option<String>,
    /// Test headers that were sent on, by name: lines in order.
    pub request_headers: Option<BTreeMap<String, Vec<String>>>,
    /// Test headers of the answer, by name: lines in order.
    pub response_headers: Option<BTreeMap<String, Vec<String>>>,
}

/// One field in which two sides differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which field.
    pub field: &'static str,
    /// What we say.
    pub ours: String,
    /// What the other side says.
    pub theirs: String,
}

impl Answer {
    /// Every field in which both sides say something, and not the same.
    #[must_use]
    pub fn differences(&self, theirs: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut compare = |field, ours: Option<String>, theirs: Option<String>| {
            if let (Some(ours), Some(theirs)) = (ours, theirs)
                && ours != theirs
            {
                found.push(Difference { field, ours, theirs });
            }
        };
        let status = |answer: &Self| answer.status.map(|status| status.to_string());
        compare("status", status(self), status(theirs));
        compare("route", self.route.clone(), theirs.route.clone());
        compare("virtual host", self.virtual_host.clone(), theirs.virtual_host.clone());
        compare("cluster", self.cluster.clone(), theirs.cluster.clone());
        compare("endpoint", self.endpoint.clone(), theirs.endpoint.clone());
        compare("location", self.location.clone(), theirs.location.clone());
        compare("path", self.path.clone(), theirs.path.clone());
        compare("authority", self.authority.clone(), theirs.authority.clone());
        let text = |headers: &Option<BTreeMap<String, Vec<String>>>| {
            headers.as_ref().map(|headers| format!("{headers:?}"))
        };
        compare("request headers", text(&self.request_headers), text(&theirs.request_headers));
        compare("response headers", text(&self.response_headers), text(&theirs.response_headers));
        found
    }
}

/// Whether changes of this header are compared.
pub(super) fn is_test_header(name: &str) -> bool {
    name.starts_with("x-t-")
}

/// Lines of test headers by name.
pub(super) fn test_headers<'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if is_test_header(&name) {
            found.entry(name).or_default().push(value.escape_ascii().to_string());
        }
    }
    found
}
