//! One change, as it is done to values.

use pointsman_types::{FieldPath, Segment};

use super::EditError;
use crate::{Map, Value};

/// One change of one document.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Replace { path: FieldPath, value: Value },
    Add { map: FieldPath, name: String, value: Value },
    Insert { list: FieldPath, position: usize, value: Value },
    Remove { path: FieldPath },
}

impl Change {
    /// What the change is about, for errors.
    pub(super) const fn path(&self) -> &FieldPath {
        match self {
            Self::Replace { path, .. } | Self::Remove { path } => path,
            Self::Add { map, .. } => map,
            Self::Insert { list, .. } => list,
        }
    }

    /// Does it to a value.
    pub(super) fn apply(&self, root: &mut Value) -> Result<(), EditError> {
        match self {
            Self::Replace { path, value } => {
                *root.at_mut(path).ok_or_else(|| EditError::missing(path))? = value.clone();
            }
            Self::Add { map, name, value } => {
                let target = root.at_mut(map).ok_or_else(|| EditError::missing(map))?;
                if target.is_null() {
                    *target = Map::new().into();
                }
                let fields = target.as_map_mut().ok_or_else(|| EditError::NoMap { path: map.clone() })?;
                fields.insert(name.clone(), value.clone());
            }
            Self::Insert { list, position, value } => {
                let target = root.at_mut(list).ok_or_else(|| EditError::missing(list))?;
                if target.is_null() {
                    *target = Value::List(Vec::new());
                }
                let no_list = || EditError::NoList { path: list.clone() };
                let items = target.as_list_mut().ok_or_else(no_list)?;
                if *position > items.len() {
                    return Err(no_list());
                }
                items.insert(*position, value.clone());
            }
            Self::Remove { path } => remove(root, path)?,
        }
        Ok(())
    }
}

fn remove(root: &mut Value, path: &FieldPath) -> Result<(), EditError> {
    let missing = || EditError::missing(path);
    let (Some(parent), Some(last)) = (path.parent(), path.segments().last()) else { return Err(missing()) };
    match (root.at_mut(&parent).ok_or_else(missing)?, last) {
        (Value::Map(fields), Segment::Field(name)) => fields.remove(name).map(|_| ()).ok_or_else(missing),
        (Value::List(items), Segment::Index(position)) if *position < items.len() => {
            items.remove(*position);
            Ok(())
        }
        _ => Err(missing()),
    }
}
