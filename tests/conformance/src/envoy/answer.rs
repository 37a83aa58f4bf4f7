//! What one side says about a request.

use std::collections::BTreeMap;
use std::fmt;

/// What one side says about a request. What a side cannot know is `None` and not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status where the proxy answers by itself; 200 or what the endpoint says where it was sent on.
    pub status: Option<u16>,
    /// The name of the route.
    pub route: Option<String>,
    /// The name of the virtual host.
    pub virtual_host: Option<String>,
    /// The cluster.
    pub cluster: Option<String>,
    /// The endpoint, where a hash chooses it.
    pub endpoint: Option<String>,
    /// Where a redirect points.
    pub location: Option<String>,
    /// The path that was sent on.
    pub path: Option<String>,
    /// The authority that was sent on.
    pub authority: Option<String>,
    /// Test headers that were sent on, by name: lines in order.
    pub request_headers: Option<BTreeMap<String, Vec<String>>>,
    /// Test headers and those of cross-origin policies of the answer, by name: lines in order.
    pub response_headers: Option<BTreeMap<String, Vec<String>>>,
    /// Faults that were injected: `DI` a delay, `FI` an abort.
    pub faults: Option<String>,
    /// Clusters that got a copy, sorted.
    pub copies: Option<Vec<String>>,
    /// How often it was tried.
    pub attempts: Option<u32>,
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
    /// All fields as text.
    fn fields(&self) -> [(&'static str, Option<String>); 13] {
        let text = |headers: &Option<BTreeMap<String, Vec<String>>>| {
            headers.as_ref().map(|headers| format!("{headers:?}"))
        };
        [
            ("status", self.status.map(|status| status.to_string())),
            ("route", self.route.clone()),
            ("virtual host", self.virtual_host.clone()),
            ("cluster", self.cluster.clone()),
            ("endpoint", self.endpoint.clone()),
            ("location", self.location.clone()),
            ("path", self.path.clone()),
            ("authority", self.authority.clone()),
            ("request headers", text(&self.request_headers)),
            ("response headers", text(&self.response_headers)),
            ("faults", self.faults.clone()),
            ("copies", self.copies.as_ref().map(|copies| format!("{copies:?}"))),
            ("attempts", self.attempts.map(|attempts| attempts.to_string())),
        ]
    }

    /// Every field in which both sides say something, and not the same.
    #[must_use]
    pub fn differences(&self, theirs: &Self) -> Vec<Difference> {
        let both = self.fields().into_iter().zip(theirs.fields());
        let differing = both.filter_map(|((field, ours), (_, theirs))| match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours != theirs => Some(Difference { field, ours, theirs }),
            _ => None,
        });
        differing.collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.fields().into_iter().filter_map(|(field, value)| Some((field, value?)));
        for (position, (field, value)) in known.enumerate() {
            write!(f, "{}{field} `{value}`", if position == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Whether changes of this header are compared.
pub(super) fn is_test_header(name: &str) -> bool {
    name.starts_with("x-t-") || name.starts_with("access-control-")
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
