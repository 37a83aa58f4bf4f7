//! One Envoy, many cases: what every side says about each request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pointsman_envoy::{read_route_configuration, route_configuration};
use pointsman_route::ir::{Action, Cluster, DestinationChoice, Mirror, RouteConfig, TableConfig};
use pointsman_route::{RoutingTable, Scratch};

use super::ask::{ask_ours, is_silence_noticed};
use super::bootstrap::{
    Ports, Setting, bootstrap, copies_to, hash_clusters, observed, plain_cluster, rename, settled,
};
use super::client::{Client, SOURCES, addresses};
use super::echo::Echo;
use super::interpreter::Interpreter;
use super::process::Envoy;
use super::{Answer, AskedRequest, Case, Difference, Input, Manner, features, ir_source};

/// Of an Envoy that nobody asks.
const ANY_PORT: u16 = 1;
/// How many clients wait for slow answers at once.
const WAITING: usize = 32;

/// What every side says about one request.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// The request as it was asked in the end.
    pub(super) request: AskedRequest,
    pub(super) ours: Answer,
    pub(super) theirs: Answer,
    /// The interpreter's, where there is one.
    pub(super) third: Option<Answer>,
    /// What decided it.
    pub(super) features: Vec<&'static str>,
    pub(super) differences: Vec<Difference>,
}

/// What is needed to judge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) binary: &'a Path,
    pub(super) echo: &'a Echo,
    pub(super) setting: Setting,
}

/// A case ready to be asked.
struct Prepared<'a> {
    case: &'a Case,
    config: RouteConfig,
    table: RoutingTable,
    /// The table that comes of the configuration written for Envoy and read again.
    read_back: RoutingTable,
    prefix: String,
    upstream: Vec<Cluster>,
    third: Option<Interpreter>,
}

/// Numbers of requests, which no two of this process share.
static NUMBER: AtomicU64 = AtomicU64::new(1);

impl Judge<'_> {
    /// What every side says; `None` for a case that the library has findings about.
    ///
    /// # Errors
    /// When Envoy cannot be started, refuses a configuration or does not answer.
    pub(super) fn judge(&self, cases: &[Case]) -> Result<Vec<Option<Vec<Judged>>>, String> {
        let shared = self.shared();
        let prepared = self.prepared(cases, &shared);
        let kept: Vec<&Prepared<'_>> = prepared.iter().flatten().collect();
        let port = Envoy::free_port().map_err(|error| error.to_string())?;
        let configs: Vec<RouteConfig> = kept.iter().map(|one| observed(&one.config, &one.prefix)).collect();
        let mut clusters = shared.clone();
        clusters.extend(kept.iter().flat_map(|one| one.upstream.iter().cloned()));
        let text = bootstrap(&configs, &clusters, self.setting, port);
        let _envoy = Envoy::start(self.binary, &text, port)?;
        let mut answers = self.ask_all(&kept, port)?.into_iter();
        Ok(prepared.iter().map(|one| one.as_ref().and_then(|_| answers.next())).collect())
    }

    /// The same without Envoy: what the library, what it has read again, and the interpreter say.
    pub(super) fn judge_alone(&self, cases: &[Case]) -> Vec<Option<Vec<Judged>>> {
        let shared = self.shared();
        let mut scratch = Scratch::new();
        let mut judged = |one: Prepared<'_>| {
            let requests = one.case.requests.iter().map(|request| {
                let request = one.noticed(request, ANY_PORT, &mut scratch);
                let mut verdict = one.ours(request, ANY_PORT, &mut scratch);
                verdict.compare(&one.prefix);
                verdict
            });
            requests.collect()
        };
        self.prepared(cases, &shared).into_iter().map(|one| one.map(&mut judged)).collect()
    }

    fn shared(&self) -> Vec<Cluster> {
        let plain = ir_source::clusters().map(|name| plain_cluster(name, self.echo.ports));
        hash_clusters(self.echo.ports).into_iter().chain(plain).collect()
    }

    fn prepared<'a>(&self, cases: &'a [Case], shared: &[Cluster]) -> Vec<Option<Prepared<'a>>> {
        cases.iter().enumerate().map(|(number, case)| self.prepare(number, case, shared)).collect()
    }

    fn prepare<'a>(&self, number: usize, case: &'a Case, shared: &[Cluster]) -> Option<Prepared<'a>> {
        let (mut config, clusters) = case.input.compiled();
        config.name = format!("config-{number}");
        let is_mesh = matches!(case.input, Input::Mesh(_));
        let prefix = if is_mesh { format!("{number}!") } else { String::new() };
        let known: Vec<Cluster> = match is_mesh {
            true => clusters.into_iter().map(|cluster| settled(cluster, self.echo.ports)).collect(),
            false => shared.to_vec(),
        };
        let known = match is_mesh {
            true => with_passthrough(known, self.echo.ports),
            false => known,
        };
        let table = self.table_of(config.clone(), &known)?;
        let (read, findings) = read_route_configuration(&route_configuration(&config));
        if let Some(finding) = findings.first() {
            eprintln!("what was written cannot be read: {finding}\n{}", case.input.text());
            return None;
        }
        let read_back = self.table_of(read, &known)?;
        let mut upstream = Vec::new();
        if is_mesh {
            let used = destinations(&config);
            upstream = known.into_iter().filter(|one| used.contains(one.name.as_str())).collect();
            upstream.iter_mut().for_each(|one| rename(&mut one.name, &prefix));
        }
        let third = case.input.third().map(|third| third.with_setting(self.setting, self.echo.ports));
        Some(Prepared { case, config, table, read_back, prefix, upstream, third })
    }

    fn table_of(&self, config: RouteConfig, clusters: &[Cluster]) -> Option<RoutingTable> {
        let config = TableConfig {
            path_normalization: self.setting.normalization,
            header_matching: Some(self.setting.matching),
            routes: vec![Arc::new(config)],
            clusters: clusters.iter().cloned().map(Arc::new).collect(),
            ..TableConfig::default()
        };
        let (table, findings) = RoutingTable::build(config);
        findings.is_empty().then_some(table)
    }

    fn ask_all(&self, kept: &[&Prepared<'_>], port: u16) -> Result<Vec<Vec<Judged>>, String> {
        let mut clients: Vec<Client> = (0..SOURCES).map(|source| Client::new(port, source)).collect();
        let mut scratch = Scratch::new();
        let mut all = Vec::new();
        let mut numbers: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
        let mut slow = Vec::new();
        for (scope, one) in kept.iter().enumerate() {
            let mut judged = Vec::new();
            for request in &one.case.requests {
                let request = one.noticed(request, port, &mut scratch);
                let mut verdict = one.ours(request, port, &mut scratch);
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                numbers.insert(number, (scope, judged.len()));
                if verdict.request.endpoint == Manner::Answers {
                    let source = usize::from(verdict.request.source % SOURCES);
                    let client = clients.get_mut(source).ok_or("no such client")?;
                    verdict.theirs = client.ask(scope, number, &verdict.request).map_err(|error| {
                        format!("Envoy does not answer: {error}\n{}", verdict.request.curl())
                    })?;
                } else {
                    slow.push((scope, judged.len(), number, verdict.request.clone()));
                }
                judged.push(verdict);
            }
            all.push(judged);
        }
        for (scope, position, answer) in ask_slowly(slow, port) {
            if let Some(verdict) = at(&mut all, scope, position) {
                verdict.theirs = answer?;
            }
        }
        self.add_copies(&numbers, &mut all);
        for (one, judged) in kept.iter().zip(&mut all) {
            judged.iter_mut().for_each(|verdict| verdict.compare(&one.prefix));
        }
        Ok(all)
    }

    /// Copies arrive some time after the answer.
    fn add_copies(&self, numbers: &BTreeMap<u64, (usize, usize)>, all: &mut [Vec<Judged>]) {
        let copies = |verdict: &Judged| verdict.ours.copies.as_ref().map_or(0, Vec::len);
        let expected: usize = all.iter().flatten().map(copies).sum();
        for _ in 0..50 {
            if self.echo.count_copies() >= expected {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        std::thread::sleep(std::time::Duration::from_millis(30));
        for verdict in all.iter_mut().flatten() {
            verdict.theirs.copies = Some(Vec::new());
        }
        for (number, arrived) in self.echo.take_copies() {
            let Some((scope, position)) = numbers.get(&number) else { continue };
            if let Some(verdict) = at(all, *scope, *position) {
                let mut kinds: Vec<String> = arrived.iter().map(|last| format!("copy {last}")).collect();
                kinds.sort();
                verdict.theirs.copies = Some(kinds);
            }
        }
    }
}

fn at(all: &mut [Vec<Judged>], scope: usize, position: usize) -> Option<&mut Judged> {
    all.get_mut(scope)?.get_mut(position)
}

/// The clusters with the one for unknown hosts.
fn with_passthrough(mut clusters: Vec<Cluster>, ports: Ports) -> Vec<Cluster> {
    clusters.push(plain_cluster("PassthroughCluster", ports));
    clusters
}

impl Prepared<'_> {
    /// The request; an endpoint answers where nobody would notice that it is silent.
    fn noticed(&self, request: &AskedRequest, port: u16, scratch: &mut Scratch) -> AskedRequest {
        let mut request = request.clone();
        if request.endpoint == Manner::IsSilent {
            let from = addresses(request.source, port);
            let (_, is_noticed) =
                ask_ours(&self.table, &self.config.name, &request, from, scratch, |decision, _| {
                    is_silence_noticed(decision)
                });
            if !is_noticed {
                request.endpoint = Manner::Answers;
            }
        }
        request
    }

    fn ours(&self, request: AskedRequest, port: u16, scratch: &mut Scratch) -> Judged {
        use super::ThirdParty;
        let from = addresses(request.source, port);
        let name = &self.config.name;
        let (mut ours, mut features) =
            ask_ours(&self.table, name, &request, from, scratch, |decision, view| {
                features::of_decision(&self.table, decision, view, &request)
            });
        if let Some(copies) = &mut ours.copies {
            // Those whose cluster is not there are not sent.
            copies.retain(|name| self.table.cluster(name).is_some());
            let kinds = copies.iter().map(|name| format!("copy {}", copies_to(name).unwrap_or_default()));
            *copies = kinds.collect();
            copies.sort();
        }
        let (again, ()) = ask_ours(&self.read_back, name, &request, from, scratch, |_, _| ());
        let mut differences = Vec::new();
        if let Some(difference) = ours.differences(&again).into_iter().find(|one| one.field != "copies") {
            differences.push(Difference { field: "read back", ..difference });
        }
        let third = self.third.as_ref().map(|third| {
            features.extend(third.features(&request));
            third.answer(&request)
        });
        Judged { request, ours, theirs: Answer::default(), third, features, differences }
    }
}

impl Judged {
    /// Whether Envoy is one of those that differ.
    pub(super) fn differs_from_envoy(&self) -> bool {
        !self.ours.differences(&self.theirs).is_empty()
    }

    fn compare(&mut self, prefix: &str) {
        if let Some(cluster) = &mut self.theirs.cluster {
            *cluster = cluster.strip_prefix(prefix).unwrap_or(cluster).to_owned();
        }
        self.differences.extend(self.ours.differences(&self.theirs));
        if let Some(third) = &self.third {
            self.differences.extend(self.ours.differences(third));
        }
    }
}

/// Asks requests whose answers take their time, many at once.
fn ask_slowly(
    slow: Vec<(usize, usize, u64, AskedRequest)>,
    port: u16,
) -> Vec<(usize, usize, Result<Answer, String>)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|threads| {
        for _ in 0..WAITING.min(slow.len()) {
            threads.spawn(|| {
                while let Some((scope, position, number, request)) =
                    slow.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let answer = Client::new(port, request.source).ask(*scope, *number, request);
                    let answer =
                        answer.map_err(|error| format!("Envoy does not answer: {error}\n{}", request.curl()));
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((*scope, *position, answer));
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Every cluster that a configuration sends something to.
fn destinations(config: &RouteConfig) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mirrors = |found: &mut BTreeSet<String>, mirrors: &[Mirror]| {
        found.extend(mirrors.iter().map(|mirror| mirror.cluster.as_str().to_owned()));
    };
    mirrors(&mut found, &config.mirrors);
    for host in &config.virtual_hosts {
        mirrors(&mut found, &host.mirrors);
        for route in &host.routes {
            let Action::Forward(forward) = &route.action else { continue };
            mirrors(&mut found, &forward.mirrors);
            match &forward.destination {
                DestinationChoice::Cluster(name) => drop(found.insert(name.as_str().to_owned())),
                DestinationChoice::ClusterHeader(_) => {}
                DestinationChoice::Weighted { destinations, .. } => {
                    found.extend(destinations.iter().map(|one| one.cluster.as_str().to_owned()));
                }
            }
        }
    }
    found
}
