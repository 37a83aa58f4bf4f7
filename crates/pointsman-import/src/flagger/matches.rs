//! The matches of an A/B test.

use pointsman_rollout::{RequestMatch, TextMatch};
use pointsman_types::Labels;

use super::Reading;
use crate::codes::{NOT_CARRIED, NOT_ONE};
use crate::field::Field;

impl Reading<'_, '_> {
    pub(super) fn matches(&mut self, field: &Field<'_>) -> Vec<RequestMatch> {
        let items = self.notes.items(field);
        items.iter().map(|item| self.request(item)).collect()
    }

    fn request(&mut self, item: &Field<'_>) -> RequestMatch {
        let mut request = RequestMatch::default();
        for (name, field) in item.entries() {
            match name {
                "headers" => {
                    for (header, value) in field.entries() {
                        if let Some(text) = self.text(&value) {
                            request = request.with_header(header, text);
                        }
                    }
                }
                "sourceLabels" => {
                    let labels = field.entries();
                    let labels = labels.iter().filter_map(|(name, value)| Some((*name, value.as_str()?)));
                    request = request.with_source_labels(
                        labels.fold(Labels::default(), |labels, (name, value)| labels.with(name, value)),
                    );
                }
                "method" => request.method = self.text(&field),
                "uri" => request.path = self.text(&field),
                other => {
                    let message = format!("a managed route cannot match by `{other}`");
                    self.notes.warning(NOT_CARRIED, &field, message);
                }
            }
        }
        request
    }

    fn text(&mut self, field: &Field<'_>) -> Option<TextMatch> {
        let entries = field.entries();
        let [(kind, value)] = entries.as_slice() else {
            self.notes.error(NOT_ONE, field, "a text is compared by one of `exact`, `prefix` and `regex`");
            return None;
        };
        let text = self.notes.text(value)?;
        match *kind {
            "exact" => Some(TextMatch::Exact(text)),
            "prefix" => Some(TextMatch::Prefix(text)),
            "regex" => Some(TextMatch::Regex(text)),
            "suffix" => Some(TextMatch::Regex(format!(".*{}", quoted(&text)))),
            other => {
                self.notes.error(NOT_ONE, field, format!("a text is not compared by `{other}`"));
                None
            }
        }
    }
}

/// The text as a regular expression that takes nothing else.
fn quoted(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() && letter != '_' {
            regex.push('\\');
        }
        regex.push(letter);
    }
    regex
}
