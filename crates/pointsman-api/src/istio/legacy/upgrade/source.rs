//! The callers that a rule is for.

use std::collections::BTreeMap;

use pointsman_types::ObjectRef;

use super::Run;
use crate::istio::legacy::IstioService;

/// Labels and namespace that the callers have.
#[derive(Debug, Default, Clone)]
pub(super) struct Callers {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) namespace: String,
}

/// By what the callers of a rule are known now.
///
/// The old model knew them by a service that they are part of; now only labels and namespace count. The selector of the service
/// gives these labels where the service is among the documents; where it is not, the rule may fit more callers, which is said.
pub(super) fn callers(
    source: Option<&IstioService>,
    object: &ObjectRef,
    namespace: &str,
    run: &mut Run<'_>,
) -> Callers {
    let Some(source) = source else { return Callers::default() };
    let own = if source.namespace.is_empty() { namespace } else { &source.namespace };
    let mut labels = source.labels.clone();
    let key = (own.to_owned(), source.name.clone());
    match run.services.get(&key).filter(|selector| !source.name.is_empty() && !selector.is_empty()) {
        Some(selector) => labels.extend(selector.clone()),
        None => run.report(
            object,
            "match.source",
            pointsman_types::Diagnostic::warning(
                super::MEANING_CHANGED,
                format!(
                    "callers cannot be told by the service `{}`: the rule now fits all of their namespace with these labels",
                    if source.name.is_empty() { &source.service } else { &source.name }
                ),
            )
            .with_help("give the Service too, or add labels that only these callers have to `sourceLabels`"),
        ),
    }
    let namespace = if source.name.is_empty() { String::new() } else { own.to_owned() };
    Callers { labels, namespace }
}
