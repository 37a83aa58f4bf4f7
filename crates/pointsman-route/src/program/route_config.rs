//! Route configurations and virtual hosts, prepared.

use std::sync::Arc;

use pointsman_types::HeaderMatching;

use crate::index::Index;
use crate::ir::{HashPolicy, RouteConfig, TlsRequirement, VirtualHost};

use super::cluster_names::{ClusterNames, Gathering};
use super::domains::Domains;
use super::{ActionProgram, Build, HashProgram, RouteProgram, SAME_DOMAIN, View};

#[derive(Debug, Clone)]
pub(crate) struct RouteConfigProgram {
    pub(crate) source: Arc<RouteConfig>,
    pub(crate) domains: Arc<Domains>,
    pub(crate) virtual_hosts: Vec<Arc<VirtualHostProgram>>,
    pub(crate) vhost_header: Option<Box<str>>,
}

#[derive(Debug, Clone)]
pub(crate) struct VirtualHostProgram {
    pub(crate) source: Arc<VirtualHost>,
    pub(crate) routes: Box<[RouteProgram]>,
    /// Of the same routes.
    pub(crate) actions: Box<[ActionProgram]>,
    /// That the actions name.
    pub(crate) clusters: ClusterNames,
    pub(crate) hash: Box<[HashProgram]>,
    /// As in the source, which need not be read for it.
    pub(crate) require_tls: TlsRequirement,
    index: Option<Box<Index>>,
}

impl RouteConfigProgram {
    /// Virtual hosts that stood in `before` as the same allocation are taken over.
    pub(crate) fn new(
        source: &Arc<RouteConfig>,
        before: Option<&Self>,
        matching: HeaderMatching,
        build: &mut Build,
    ) -> Self {
        let vhost_header = source.virtual_host_header.as_deref().filter(|name| !name.is_empty());
        let (domains, virtual_hosts) = match before.filter(|before| before.has_domains_of(source)) {
            Some(before) => {
                let hosts = source.virtual_hosts.iter().zip(&before.virtual_hosts);
                let hosts = hosts.map(|(host, old)| match Arc::ptr_eq(host, &old.source) {
                    true => Arc::clone(old),
                    false => Arc::new(VirtualHostProgram::new(host, matching, build)),
                });
                (Arc::clone(&before.domains), hosts.collect())
            }
            None => Self::hosts(source, before, matching, build),
        };
        Self {
            source: Arc::clone(source),
            domains,
            virtual_hosts,
            vhost_header: vhost_header.map(|name| name.to_ascii_lowercase().into()),
        }
    }

    /// Whether the same domains lead to the same positions.
    fn has_domains_of(&self, source: &RouteConfig) -> bool {
        let hosts = &source.virtual_hosts;
        self.virtual_hosts.len() == hosts.len()
            && self
                .virtual_hosts
                .iter()
                .zip(hosts)
                .all(|(old, host)| Arc::ptr_eq(&old.source, host) || old.source.domains == host.domains)
    }

    fn hosts(
        source: &RouteConfig,
        before: Option<&Self>,
        matching: HeaderMatching,
        build: &mut Build,
    ) -> (Arc<Domains>, Vec<Arc<VirtualHostProgram>>) {
        let known: std::collections::HashMap<_, _> = before
            .map(|before| before.virtual_hosts.iter().map(|host| (Arc::as_ptr(&host.source), host)).collect())
            .unwrap_or_default();
        let mut domains = Domains::default();
        let mut virtual_hosts = Vec::with_capacity(source.virtual_hosts.len());
        for (number, host) in (0_u32..).zip(&source.virtual_hosts) {
            for domain in &host.domains {
                if !domains.add(domain, number) {
                    let message = format!(
                        "domain `{domain}` of virtual host `{}` stands in `{}` before",
                        host.name, source.name
                    );
                    build.error(SAME_DOMAIN, message);
                }
            }
            virtual_hosts.push(match known.get(&Arc::as_ptr(host)) {
                Some(program) => Arc::clone(program),
                None => Arc::new(VirtualHostProgram::new(host, matching, build)),
            });
        }
        domains.finish();
        (Arc::new(domains), virtual_hosts)
    }
}

impl VirtualHostProgram {
    fn new(source: &Arc<VirtualHost>, matching: HeaderMatching, build: &mut Build) -> Self {
        build.tails.begin_host();
        let known = build.findings.len();
        let mut names = Gathering::default();
        let routes = source.routes.iter().map(|route| {
            let before = build.findings.len();
            let program = (
                RouteProgram::new(&route.matches, matching, build),
                ActionProgram::new(&route.action, &mut names, build),
            );
            for finding in build.findings.iter_mut().skip(before) {
                if let Some(origin) = route.origin.as_deref() {
                    finding.object = origin.object.clone();
                    finding.path = origin.path.clone();
                }
            }
            program
        });
        let (routes, actions): (Vec<_>, Vec<_>) = routes.unzip();
        let hash = HashProgram::all(&source.hash, build);
        for finding in build.findings.iter_mut().skip(known) {
            finding.message = format!("virtual host `{}`: {}", source.name, finding.message);
        }
        let index = Index::new(&routes).map(Box::new);
        Self {
            source: Arc::clone(source),
            routes: routes.into(),
            actions: actions.into(),
            clusters: names.finish(),
            hash,
            require_tls: source.require_tls,
            index,
        }
    }

    /// The position of the first route that takes the request.
    pub(crate) fn first_match(&self, view: &View<'_>) -> Option<usize> {
        match &self.index {
            Some(index) => index.first_match(view, &self.routes),
            None => self.first_match_in_order(view),
        }
    }

    /// As [`Self::first_match`], by trying one route after the other.
    pub(crate) fn first_match_in_order(&self, view: &View<'_>) -> Option<usize> {
        self.routes.iter().position(|route| route.matches(view))
    }

    /// What consistent hashing looks at for a route with these policies.
    pub(crate) fn hash_of<'p>(&'p self, own: &[HashPolicy], program: &'p [HashProgram]) -> &'p [HashProgram] {
        if own.is_empty() { &self.hash } else { program }
    }
}
