//! What several targets need.

use pointsman_manifest::Value;
use pointsman_types::FieldPath;

/// A path that exists, chosen by numbers.
pub fn path(root: &Value, steps: &[u8]) -> FieldPath {
    let (mut path, mut value) = (FieldPath::root(), root);
    for step in steps {
        let step = usize::from(*step);
        match value {
            Value::List(items) if !items.is_empty() => {
                path = path.index(step % items.len());
                value = &items[step % items.len()];
            }
            Value::Map(fields) if !fields.is_empty() => {
                let (name, inner) = fields.iter().nth(step % fields.len()).expect("there are so many");
                path = path.field(name);
                value = inner;
            }
            _ => break,
        }
    }
    path
}
