//! Labels.

use std::collections::BTreeMap;

use pointsman_types::{InvalidLabel, Labels};

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

/// Names and values of labels.
pub(crate) fn labels(labels: &BTreeMap<String, String>, at: &Place<'_>, out: &mut Report) {
    if labels.is_empty() {
        return;
    }
    for invalid in labels.iter().collect::<Labels>().check() {
        match invalid {
            InvalidLabel::Name { name } => {
                out.error(
                    &at.field(&name),
                    codes::INVALID_LABEL,
                    format!("{} is not the name of a label", quote(&name)),
                );
            }
            InvalidLabel::Value { name, value } => {
                let message = format!("{} is not the value of a label", quote(&value));
                out.error(&at.field(&name), codes::INVALID_LABEL, message);
            }
        }
    }
}
