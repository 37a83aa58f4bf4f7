//! Changes of headers.

use std::collections::BTreeMap;

use pointsman_api::istio::networking::{HeaderOperations, Headers};

use crate::ir::{HeaderOp, HeaderOps};

/// Changes of headers, and the authority that they set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HeaderChanges {
    /// Changes of all other headers.
    pub ops: HeaderOps,
    /// The value of `host` or `:authority` that is set, else added.
    pub authority: Option<String>,
}

/// Changes of headers: what is set comes before what is added, each by name. The host and names that begin with `:` are
/// left out; the host becomes the authority.
#[must_use]
pub fn header_changes(headers: &Headers) -> HeaderChanges {
    let mut changes = HeaderChanges::default();
    if let Some(request) = &headers.request {
        changes.authority = authority(&request.set).or_else(|| authority(&request.add));
        (changes.ops.request, changes.ops.request_remove) = operations(request);
    }
    if let Some(response) = &headers.response {
        (changes.ops.response, changes.ops.response_remove) = operations(response);
    }
    changes
}

fn operations(wanted: &HeaderOperations) -> (Vec<HeaderOp>, Vec<String>) {
    let usable = |(name, _): &(&String, &String)| !is_internal(name);
    let set = wanted.set.iter().filter(usable).map(|(name, value)| HeaderOp::set(name, value));
    let add = wanted.add.iter().filter(usable).map(|(name, value)| HeaderOp::add(name, value));
    let remove = wanted.remove.iter().filter(|name| !is_internal(name)).cloned().collect();
    (set.chain(add).collect(), remove)
}

fn authority(values: &BTreeMap<String, String>) -> Option<String> {
    let is_authority =
        |name: &str| name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case(":authority");
    let found = values.iter().rfind(|(name, value)| is_authority(name) && !value.is_empty());
    found.map(|(_, value)| value.clone())
}

fn is_internal(name: &str) -> bool {
    name.starts_with(':') || name.eq_ignore_ascii_case("host")
}

impl HeaderOps {
    /// Puts other operations behind these.
    pub(crate) fn append(&mut self, other: Self) {
        self.request.extend(other.request);
        self.request_remove.extend(other.request_remove);
        self.response.extend(other.response);
        self.response_remove.extend(other.response_remove);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_comes_before_add_and_the_host_is_the_authority() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let request = HeaderOperations::new()
            .with_set(map(&[("x", "1"), ("Host", "set.com"), (":path", "/")]))
            .with_add(map(&[("a", "2"), (":authority", "add.com")]))
            .with_remove(vec!["r".to_owned(), "host".to_owned()]);
        let changes = header_changes(&Headers::new().with_request(Some(request)));
        assert_eq!(changes.authority.as_deref(), Some("set.com"));
        assert_eq!(changes.ops.request, [HeaderOp::set("x", "1"), HeaderOp::add("a", "2")]);
        assert_eq!(changes.ops.request_remove, ["r"]);
    }
}
