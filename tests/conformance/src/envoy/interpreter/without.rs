//! What the answer would be without certain rules.

use serde_json::Value;

use super::super::{AskedRequest, ThirdParty};
use super::Interpreter;

/// Kinds of rules whose absence is tried.
const KINDS: [&str; 6] =
    ["exportTo", "Sidecars", "port rules", "source rules", "gateway rules", "DestinationRule subsets"];

impl Interpreter {
    /// The rules without which the request would be answered otherwise.
    pub(super) fn decided_by(&self, request: &AskedRequest) -> impl Iterator<Item = &'static str> {
        let without = self.without.get_or_init(|| {
            let changed = KINDS.iter().filter_map(|kind| Some((*kind, self.without(kind)?)));
            changed.collect()
        });
        let answer = self.answer(request);
        without.iter().filter(move |(_, other)| other.answer(request) != answer).map(|(kind, _)| *kind)
    }

    /// The same manifests without a kind of rules; `None` where they have none.
    fn without(&self, kind: &str) -> Option<Self> {
        let mut documents = self.documents.clone();
        match kind {
            "Sidecars" => documents.retain(|document| document["kind"] != "Sidecar"),
            "DestinationRule subsets" => {
                documents.iter_mut().for_each(|document| drop_field(&mut document["spec"], "subsets"));
            }
            "exportTo" => documents.iter_mut().for_each(|document| {
                drop_field(&mut document["spec"], "exportTo");
                drop_field(&mut document["metadata"], "annotations");
            }),
            _ => documents.iter_mut().for_each(|document| {
                let routes = document["spec"]["http"].as_array_mut().into_iter().flatten();
                for condition in routes.flat_map(|route| route["match"].as_array_mut()).flatten() {
                    match kind {
                        "port rules" => drop_field(condition, "port"),
                        "gateway rules" => drop_field(condition, "gateways"),
                        _ => {
                            drop_field(condition, "sourceLabels");
                            drop_field(condition, "sourceNamespace");
                        }
                    }
                }
            }),
        }
        let same = documents == self.documents;
        (!same).then(|| Self::new(documents, self.client.clone()).with_setting(self.setting, self.ports))
    }
}

fn drop_field(value: &mut Value, field: &str) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(field);
    }
}
