//! Names of services, objects and subsets.

use std::collections::BTreeMap;

use super::Run;
use crate::istio::legacy::IstioService;

/// A service that old objects name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// Its full name, which is its identity.
    pub(super) full: String,
    /// The namespace where objects about it belong.
    pub(super) namespace: String,
    short: Option<String>,
}

impl Target {
    pub(super) fn new(service: &IstioService, namespace: &str, run: &Run<'_>) -> Self {
        let domain = &run.settings.domain;
        let full = service.full_name(namespace, domain);
        let own = if service.namespace.is_empty() { namespace } else { &service.namespace };
        let is_usual = service.domain.is_empty() || service.domain == format!("svc.{domain}");
        let short = (!service.name.is_empty() && is_usual).then(|| service.name.clone());
        let namespace = if service.name.is_empty() { namespace } else { own };
        Self { full, namespace: namespace.to_owned(), short }
    }

    /// How an object of that namespace names it.
    pub(super) fn host_in(&self, namespace: &str) -> String {
        match &self.short {
            Some(short) if self.namespace == namespace => short.clone(),
            _ => self.full.clone(),
        }
    }

    /// A name for objects about it.
    pub(super) fn object_name(&self) -> String {
        let text = self.short.as_ref().unwrap_or(&self.full);
        let name: String = text
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
            .collect();
        let name = name.trim_matches(['-', '.']);
        if name.is_empty() { "any".to_owned() } else { name.to_owned() }
    }
}

/// A valid name for the subset with these labels: `version: "1.0"` → `version-1-0`.
pub(super) fn subset_name(labels: &BTreeMap<String, String>) -> String {
    let words: Vec<_> = labels.iter().map(|(key, value)| format!("{key}-{value}")).collect();
    let name: String =
        words.join("-").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "subset".to_owned() } else { name.to_owned() }
}
