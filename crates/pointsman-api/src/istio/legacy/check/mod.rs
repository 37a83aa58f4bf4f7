//! What the control plane of the time said of the old kinds.
//!
//! Source: istio/istio 0.8.0 at 6f9f420f (routes, policies, quota specs), 1.0.0 at 3a136c90 (what Galley let through).

mod api_spec;
mod document;
mod egress;
mod http_route;
mod names;
mod policy;
mod quota;
mod route;
mod route_action;
mod security;
mod service;

use pointsman_types::{Code, Diagnostic, FieldPath};

pub use document::{check_document, is_known_kind};
pub use http_route::{OldRelease, check_http_route};
pub(super) use names::is_range;
pub use names::{
    check_duration, check_egress_domain, check_egress_service, check_labels, check_wildcard_domain,
};

use crate::field::Message;

/// Something of the old model that is not there and has to be.
pub const MISSING: Code = Code::from_static("PA0301");
/// A name, label or address of the old model that is none.
pub const INVALID_NAME: Code = Code::from_static("PA0302");
/// A number or duration of the old model out of its range.
pub const OUT_OF_RANGE: Code = Code::from_static("PA0303");
/// Two things of the old model that exclude each other.
pub const EXCLUSIVE: Code = Code::from_static("PA0304");
/// Something of the old model that never worked.
pub const NEVER_WORKED: Code = Code::from_static("PA0305");
/// Something of the old model that is there twice.
pub const TWICE: Code = Code::from_static("PA0306");
/// Something that the old model did not have.
pub const NOT_SUPPORTED: Code = Code::from_static("PA0307");

/// A message of the old model that can be judged.
pub trait Check: Message {
    /// Reports all that is wrong.
    fn check(&self, checker: &mut Checker);
}

/// All that is wrong with a message; paths begin at the message.
#[must_use]
pub fn check<T: Check>(message: &T) -> Vec<Diagnostic> {
    let mut checker = Checker::default();
    message.check(&mut checker);
    checker.findings
}

/// Where checking stands, and what was found.
#[derive(Debug, Default)]
pub struct Checker {
    path: FieldPath,
    findings: Vec<Diagnostic>,
}

impl Checker {
    /// Reports an error about where checking stands.
    pub fn error(&mut self, code: Code, message: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, message).at(self.path.clone()));
    }

    /// Reports an error, if there is one.
    pub fn because(&mut self, code: Code, message: Option<String>) {
        if let Some(message) = message {
            self.error(code, message);
        }
    }

    /// Checks a field.
    pub fn field(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        self.path.push(name.into());
        check(self);
        self.path.pop();
    }

    /// Checks each item of the list in a field.
    pub fn items<T>(&mut self, name: &str, items: &[T], mut check: impl FnMut(&mut Self, &T)) {
        self.field(name, |checker| {
            for (position, item) in items.iter().enumerate() {
                checker.path.push(position.into());
                check(checker, item);
                checker.path.pop();
            }
        });
    }

    /// Checks the message in a field, where there is one.
    pub fn message<T: Check>(&mut self, name: &str, message: Option<&T>) {
        if let Some(message) = message {
            self.field(name, |checker| message.check(checker));
        }
    }

    /// Reports a number that is negative.
    pub fn not_negative(&mut self, name: &str, number: i64) {
        if number < 0 {
            self.field(name, |checker| checker.error(OUT_OF_RANGE, format!("`{number}` is negative")));
        }
    }

    /// Reports a number that is no percentage.
    pub fn percent(&mut self, name: &str, number: f64) {
        if !(0.0..=100.0).contains(&number) {
            let message = format!("`{number}` is not a percentage from 0 to 100");
            self.field(name, |checker| checker.error(OUT_OF_RANGE, message));
        }
    }

    /// Reports an empty text.
    pub fn not_empty(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            self.error(MISSING, format!("`{name}` is empty"));
        }
    }

    /// Reports an empty list.
    pub fn not_empty_list<T>(&mut self, name: &str, items: &[T]) {
        if items.is_empty() {
            self.error(MISSING, format!("`{name}` has no entry"));
        }
    }
}
