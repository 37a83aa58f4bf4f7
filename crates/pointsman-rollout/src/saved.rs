//! Statuses as this release and earlier ones wrote them.
//!
//! A change of the layout gives it the next number here, a function that brings the one before up to it, and a saved status in
//! `tests/saved/` that has to load for ever.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use crate::Status;

/// The layout before numbers were written.
const FIRST: u64 = 1;

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Derived, as for a type of somebody else: it has the name of the trait's.
        Self::serialize(self, serializer)
    }
}

/// Read as a tree first, since the number says how to read the rest.
impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Value::deserialize(deserializer)?;
        let layout = match saved.get("schema").map_or(Some(FIRST), Value::as_u64) {
            Some(layout @ 1..=3) => layout,
            found => {
                let found = found.map_or_else(|| "that is no number".into(), |found| found.to_string());
                return Err(D::Error::custom(format!(
                    "a status of layout {found} was written by a newer release: this one reads layouts {FIRST} to {}",
                    Self::SCHEMA
                )));
            }
        };
        let mut status = Self::deserialize(saved).map_err(D::Error::custom)?;
        status.schema = Self::SCHEMA;
        if layout < 3 {
            from_2_to_3(&mut status);
        }
        Ok(status)
    }
}

/// Layout 3 knows of which versions the pods are still to be made anew. Before they were stable's. Layout 2 knows users who stay with
/// their version; nobody stayed before, and only the number is another.
fn from_2_to_3(status: &mut Status) {
    if status.restart.asked > status.restart.done {
        status.restart.left.extend(status.state.stable().cloned());
    }
}
