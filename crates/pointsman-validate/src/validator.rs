//! Judging whole objects.

use std::collections::BTreeSet;

use pointsman_api::decode::{Decoded, NULL_ITEM, UNKNOWN_FIELD};
use pointsman_api::{Kind, Object, Resource, group_and_version};
use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, FieldPath, Segment, Severity};

use crate::codes;
use crate::kinds;
use crate::schema;
use crate::settle::settle;

/// Everything that is wrong with one object, as the control plane sees it: see [`Validator`].
///
/// ```
/// use pointsman_manifest::Value;
/// let object = Value::from_json(r#"{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
///     "metadata": {"name": "reviews"}, "spec": {"hosts": ["reviews"], "http": [{"route": [
///         {"destination": {"host": "reviews", "subset": "v1"}, "weight": -1}, {"destination": {"host": "reviews"}}]}]}}"#)?;
/// let findings = pointsman_validate::validate(&object);
/// assert_eq!(findings[0].to_string(),
///     "error[PV0111]: VirtualService reviews spec.http[0].route[0].weight: the weight `-1` is negative");
/// assert_eq!(findings[0].help, "write 0 or more");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn validate(object: &Value) -> Vec<Diagnostic> {
    Validator::new().validate(object)
}

/// How objects are judged.
///
/// Shape: by default what reading finds (wrong types, unknown fields, two members of a group) and the rules of the control plane's
/// webhook. Takes time linear in the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validator {
    strict: bool,
    schema: bool,
}

impl Validator {
    /// As the control plane judges.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fields that the API does not know are errors, as for `istioctl validate`.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// What the API server asks before is asked as well: see [`schema`](crate::schema).
    ///
    /// Of a place about which the control plane has an error already, its schema says nothing more.
    #[must_use]
    pub const fn with_schema(mut self) -> Self {
        self.schema = true;
        self
    }

    /// Whether there are rules for objects of this kind.
    #[must_use]
    pub fn knows(&self, object: &Value) -> bool {
        let text = |name| object.get(name).and_then(Value::as_str).unwrap_or_default();
        kinds::judge_of(group_and_version(text("apiVersion")).0, text("kind")).is_some()
    }

    /// Everything that is wrong with an object, sorted by place. Nothing is said of kinds without rules.
    #[must_use]
    pub fn validate(&self, object: &Value) -> Vec<Diagnostic> {
        let text = |name| object.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(judge) = kinds::judge_of(group_and_version(text("apiVersion")).0, text("kind")) else {
            return Vec::new();
        };
        let mut findings = judge(object);
        for finding in &mut findings {
            self.weigh(finding);
        }
        if self.schema {
            let known: BTreeSet<FieldPath> = findings
                .iter()
                .filter(|finding| finding.is_error())
                .map(|finding| finding.path.clone())
                .collect();
            let asked = schema::of_resource(object, &Resource::from_value(object).value);
            findings.extend(asked.into_iter().filter(|finding| !known.contains(&finding.path)));
        }
        settle(&mut findings, object);
        Diagnostic::sort(&mut findings);
        findings
    }

    /// What reading found, as bad as whoever reads takes it for.
    fn weigh(&self, finding: &mut Diagnostic) {
        let top_level = finding.path.segments().len() == 1;
        if finding.code == UNKNOWN_FIELD && (self.strict || top_level) {
            finding.severity = Severity::Error;
        }
    }
}

pub(crate) fn judge<T: kinds::Judged>(object: &Value) -> Vec<Diagnostic> {
    read_and_judge::<T>(object).1
}

/// Reads an object and judges it. What follows from a part that could not be read is not said.
pub(crate) fn read_and_judge<T: kinds::Judged>(object: &Value) -> (Object<T>, Vec<Diagnostic>) {
    let Decoded { value, mut findings } = Object::<T>::from_value(object);
    for finding in &mut findings {
        if matches!(finding.path.segments(), [_, Segment::Field(protocol), ..] if protocol == "http") {
            forgive_null(finding);
        }
    }
    let judged = T::findings(&value);
    if findings.iter().any(Diagnostic::is_error) {
        let unread = Unread::of(&findings);
        findings.extend(judged.into_iter().filter(|finding| !unread.touches(&finding.path)));
    } else {
        findings.extend(judged);
    }
    (value, findings)
}

/// In a route of HTTP, the control plane leaves a null out of `match`, and takes one in `withoutHeaders` for presence.
pub(crate) fn forgive_null(finding: &mut Diagnostic) {
    if finding.code != NULL_ITEM {
        return;
    }
    let [.., list, last] = finding.path.segments() else { return };
    let is_list = |name: &str| matches!(list, Segment::Field(field) if field == name);
    let harmless = (is_list("match") && matches!(last, Segment::Index(_))) || is_list("withoutHeaders");
    if harmless {
        finding.code = codes::NULL_ENTRY;
        finding.severity = Severity::Info;
        finding.help = codes::help(&codes::NULL_ENTRY).to_owned();
    }
}

/// Places that could not be read.
struct Unread(BTreeSet<FieldPath>);

impl Unread {
    fn of(findings: &[Diagnostic]) -> Self {
        Self(
            findings
                .iter()
                .filter(|finding| finding.is_error())
                .map(|finding| finding.path.clone())
                .collect(),
        )
    }

    /// Whether a place lies in such a place, or around one.
    fn touches(&self, path: &FieldPath) -> bool {
        let around = self.0.range(path.clone()..).next().is_some_and(|unread| path.is_prefix_of(unread));
        let mut start = path.clone();
        while !around && !start.is_root() {
            if self.0.contains(&start) {
                return true;
            }
            start.pop();
        }
        around
    }
}

/// Whether an object is of that kind, by its group: versions do not matter here.
pub(crate) fn is<T: Kind>(group: &str, kind: &str) -> bool {
    group == T::GROUP && kind == T::KIND
}
