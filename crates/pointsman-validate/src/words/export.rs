//! `exportTo`: the namespaces that see an object.

use std::collections::BTreeSet;

use pointsman_types::host;

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

/// Of what kind the exported object is, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exported {
    /// One for which nothing special holds.
    Any,
    /// A ServiceEntry: `~` (nobody) is a word for it.
    ServiceEntry,
    /// A DestinationRule with a `workloadSelector`: for its own namespace only.
    DestinationRuleWithSelector,
}

pub(crate) fn export_to(
    entries: &[String],
    exported: Exported,
    namespace: &str,
    at: &Place<'_>,
    out: &mut Report,
) {
    let mut seen = BTreeSet::new();
    for (position, entry) in entries.iter().enumerate() {
        let here = at.index(position);
        if let Some(why) = wrong(entry, exported) {
            out.error(&here, codes::EXPORT_TO, format!("{} {why}", quote(entry)));
        }
        let resolved = if entry == "." { namespace } else { entry };
        if !seen.insert(resolved) {
            out.error(
                &here,
                codes::EXPORT_TO_TWICE,
                format!("the namespace {} is listed twice", quote(resolved)),
            );
        }
    }
    if entries.len() > 1 && seen.contains("*") {
        out.error(at, codes::EXPORT_TO_ALL, "`*` stands beside other namespaces");
    }
    if entries.len() > 1 && seen.contains("~") && exported == Exported::ServiceEntry {
        out.error(at, codes::EXPORT_TO_ALL, "`~` stands beside other namespaces");
    }
    let own_only = seen.len() == 1 && seen.contains(namespace);
    if exported == Exported::DestinationRuleWithSelector && !entries.is_empty() && !own_only {
        out.error(
            at,
            codes::EXPORT_TO_SELECTOR,
            "a rule with a workload selector is exported to other namespaces",
        );
    }
}

fn wrong(entry: &str, exported: Exported) -> Option<&'static str> {
    match entry {
        "." | "*" => None,
        "~" if exported == Exported::ServiceEntry => None,
        "~" => Some("is only for a ServiceEntry"),
        name if host::is_dns_label(name) => None,
        _ => Some("is not `.`, `*` or a namespace"),
    }
}
