//! The names by which clients may call a host.

use std::collections::HashSet;

use crate::service::{EndpointsBy, MeshService};

/// All names of a service for a client of that namespace: the full one first, then short forms, then addresses.
pub(crate) struct Domains {
    pub(crate) all: Vec<String>,
    /// Those of `all` that are derived from the full name, which give way to full names of others.
    pub(crate) short: Vec<String>,
}

impl Domains {
    pub(crate) fn of_service(service: &MeshService, client: &str, cluster_domain: &str) -> Self {
        let (mut all, mut short) = (Vec::new(), Vec::new());
        for host in std::iter::once(&service.host).chain(&service.aliases) {
            let mut forms = Vec::new();
            if host.parse::<std::net::IpAddr>().is_err() {
                forms.push(format!("{host}."));
            }
            forms.extend(short_forms(host, client, cluster_domain));
            all.push(compliant(host));
            all.extend(forms.iter().cloned());
            short.extend(forms);
        }
        if service.endpoints_by == EndpointsBy::Client && service.is_kubernetes() {
            let wild: Vec<_> = all.iter().map(|name| format!("*.{name}")).collect();
            all.extend(wild);
        }
        all.extend(
            service.addresses.iter().filter(|address| !address.contains('/')).map(|text| compliant(text)),
        );
        Self { all, short }
    }

    /// All names of an alias.
    pub(crate) fn of_alias(alias: &str, client: &str, cluster_domain: &str) -> Vec<String> {
        let mut all = vec![alias.to_owned(), format!("{alias}.")];
        all.extend(short_forms(alias, client, cluster_domain));
        all
    }

    /// A host of a VirtualService that is no service.
    pub(crate) fn of_host(host: &str) -> Self {
        Self { all: vec![compliant(host)], short: Vec::new() }
    }

    /// The names that nobody before has taken, which are then taken.
    pub(crate) fn take(self, taken: &mut HashSet<String>, full_names: &HashSet<&str>) -> Vec<String> {
        let mut kept = self.all;
        kept.retain(|name| {
            let gives_way = self.short.contains(name) && full_names.contains(name.as_str());
            !gives_way && taken.insert(name.to_ascii_lowercase())
        });
        kept
    }
}

/// `svc`, `svc.ns.svc` and `svc.ns` of `svc.ns.svc.cluster.local`; the first one only for clients of the same namespace.
fn short_forms(host: &str, client: &str, cluster_domain: &str) -> Vec<String> {
    let Some(start) = host.strip_suffix(cluster_domain).and_then(|start| start.strip_suffix(".svc.")) else {
        return Vec::new();
    };
    let Some((name, namespace)) = start.split_once('.') else { return Vec::new() };
    if namespace == client {
        vec![name.to_owned(), format!("{start}.svc"), start.to_owned()]
    } else {
        vec![start.to_owned(), format!("{start}.svc")]
    }
}

/// Addresses of version 6 stand in brackets.
fn compliant(text: &str) -> String {
    if text.contains(':') && text.parse::<std::net::Ipv6Addr>().is_ok() {
        format!("[{text}]")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::short_forms;

    #[test]
    fn short_forms_depend_on_the_client() {
        let of = |host, client| short_forms(host, client, "cluster.local");
        assert_eq!(of("a.ns.svc.cluster.local", "ns"), ["a", "a.ns.svc", "a.ns"]);
        assert_eq!(of("a.ns.svc.cluster.local", "other"), ["a.ns", "a.ns.svc"]);
        assert!(of("example.com", "ns").is_empty());
        assert!(of("svc.cluster.local", "ns").is_empty());
    }
}
