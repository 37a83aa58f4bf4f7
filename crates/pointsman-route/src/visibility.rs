//! `exportTo`: who sees an object.

/// Who sees an object: everybody, nobody, or some namespaces.
///
/// Source: `pkg/config/visibility` and `initVirtualServices` of Istio at 86c9f01f.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Every namespace.
    Public,
    /// No namespace.
    Nobody,
    /// These namespaces; `.` stands for the object's own.
    Namespaces(Vec<String>),
}

/// By which of the three tiers a namespace sees an object; the nearer tier comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The object's own namespace, which is named.
    Private,
    /// Exported to the namespace by name.
    Exported,
    /// Public.
    Public,
}

impl Visibility {
    /// What `exportTo` says, or the mesh's default where it says nothing.
    #[must_use]
    pub fn of(export_to: &[String], default: &[String]) -> Self {
        let entries = if export_to.is_empty() { default } else { export_to };
        if entries.is_empty() || entries.iter().any(|entry| entry == "*") {
            Self::Public
        } else if entries.iter().any(|entry| entry == "~") {
            Self::Nobody
        } else {
            Self::Namespaces(entries.to_vec())
        }
    }

    /// Whether and how an object of the namespace `own` is seen from `client`.
    #[must_use]
    pub fn tier(&self, own: &str, client: &str) -> Option<Tier> {
        match self {
            Self::Public => Some(Tier::Public),
            Self::Nobody => None,
            Self::Namespaces(names) if own == client => {
                names.iter().any(|name| name == "." || name == own).then_some(Tier::Private)
            }
            Self::Namespaces(names) => names.iter().any(|name| name == client).then_some(Tier::Exported),
        }
    }

    /// Whether an object of the namespace `own` is seen from `client`.
    #[must_use]
    pub fn is_seen(&self, own: &str, client: &str) -> bool {
        self.tier(own, client).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Tier, Visibility};

    fn of(entries: &[&str]) -> Visibility {
        let entries: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
        Visibility::of(&entries, &["*".to_owned()])
    }

    #[test]
    fn the_nearer_tier_is_told() {
        let table = [
            (vec![], "a", Some(Tier::Public)),
            (vec!["."], "a", Some(Tier::Private)),
            (vec!["."], "b", None),
            (vec!["b"], "b", Some(Tier::Exported)),
            (vec!["b"], "a", None),
            (vec!["a", "b"], "a", Some(Tier::Private)),
            (vec!["~"], "a", None),
            (vec!["*", "b"], "c", Some(Tier::Public)),
        ];
        for (entries, client, expected) in table {
            assert_eq!(of(&entries).tier("a", client), expected, "{entries:?} {client}");
        }
    }
}
