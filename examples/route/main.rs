//! Which way a request takes through a mesh, and why.
//!
//! ```text
//! cargo run --example route -- --manifests examples/route_test/manifests --from productpage --to http://reviews:9080/x
//!
//! from the sidecar of productpage in default
//! GET reviews:9080/x
//! route configuration `9080`
//! host `ratings.default.svc.cluster.local:9080`: no domain matches
//! host `reviews.default.svc.cluster.local:9080`: domain `reviews` matches
//! host `allow_any`: domain `*` matches, but another is more specific or stands first
//!   route 0 `testers` (VirtualService default/reviews spec.http[0].match[0]): header `end-user` is missing
//!   route 1 `old-api` (VirtualService default/reviews spec.http[1].match[0]): path `/x` does not begin with `/api/v1/`
//!   route 2 `canary` (VirtualService default/reviews spec.http[2]): matches
//! to `outbound|9080|v1|reviews.default.svc.cluster.local`
//!
//! host reviews.default.svc.cluster.local, subset v1, 2 endpoints
//! sent on as reviews:9080 /x
//! written in VirtualService default/reviews at spec.http[2]
//! ```
//!
//! `--from istio-ingressgateway --gateway` looks from a gateway workload instead, where hosts are those of the outside.

mod options;

use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

use pointsman_examples::files::read_manifests_as;
use pointsman_route::{Connection, Draws, Mesh, MeshSettings, Proxy, Request, RoutingTable, Scratch};
use pointsman_testing::route_test::{MeshLoader, split_url};
use pointsman_types::Diagnostic;

use options::{Options, USAGE};

type Failure = String;

fn main() -> ExitCode {
    pointsman_examples::pipe::end_with_the_reader();
    match Options::read(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    if options.help {
        println!("{USAGE}");
        return Ok(());
    }
    let mut loader = MeshLoader::new(options.namespace.as_str(), MeshSettings::new());
    for path in &options.manifests {
        loader.add_files(&read_manifests_as(Path::new(path), path)?);
    }
    if !loader.errors().is_empty() {
        return Err(loader.errors().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
    let (name, namespace) = options.workload();
    let labels = match &options.labels {
        Some(labels) => labels.clone(),
        None => loader.labels_of(namespace, name).map_err(|problem| problem.to_string())?,
    };
    let (kind, proxy) = if options.gateway {
        ("gateway", Proxy::gateway(namespace, labels))
    } else {
        ("sidecar", Proxy::sidecar(namespace, labels))
    };
    let asked = Asked::of(&options.to)?;
    let compiled = loader.mesh().compile(&proxy);
    if !options.json {
        let of = if name.is_empty() { "a workload" } else { name };
        println!("from the {kind} of {of} in {namespace}");
    }
    match asked {
        Asked::Request { scheme, authority, path } => {
            let request = Request::new(&options.method, &authority, &path)
                .with_headers(&options.headers)
                .with_scheme(&scheme);
            if scheme == "https" && !options.gateway {
                show_unread(loader.mesh(), &proxy, &request, options)?;
            } else {
                show_request(loader.mesh(), &proxy, &request, options)?;
            }
        }
        Asked::Connection { is_tls, host, port } => {
            let connection = connection(loader.mesh(), &proxy, is_tls, &host, port);
            show_connection(&compiled.table, &connection, options)?;
        }
    }
    if !options.json {
        let notes: Vec<_> = loader.notes().iter().map(ToString::to_string).collect();
        show_findings(&notes, &compiled.findings);
    }
    Ok(())
}

/// What `--to` asks.
enum Asked {
    Request { scheme: String, authority: String, path: String },
    Connection { is_tls: bool, host: String, port: u16 },
}

impl Asked {
    fn of(to: &str) -> Result<Self, Failure> {
        let (is_tls, rest) = match (to.strip_prefix("tls://"), to.strip_prefix("tcp://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => {
                let (scheme, authority, path) = split_url(to).map_err(|why| format!("`--to`: {why}"))?;
                return Ok(Self::Request { scheme, authority, path });
            }
        };
        let parts = rest.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match parts.filter(|(host, port)| !host.is_empty() && *port > 0) {
            Some((host, port)) => Ok(Self::Connection { is_tls, host: host.to_owned(), port }),
            None => Err(format!("`--to {to}`: a connection needs a host and a port, such as `{to}:443`")),
        }
    }
}

/// To an address, or to the first address of the service of that name.
fn connection<'h>(mesh: &mut Mesh, proxy: &Proxy, is_tls: bool, host: &'h str, port: u16) -> Connection<'h> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let domain = mesh.settings().domain.clone();
    let full = pointsman_types::host::resolve_short_name(host, &proxy.namespace, &domain);
    let names = [full, format!("{host}.svc.{domain}"), format!("{host}.{domain}")];
    let service = mesh.known_services(proxy).into_iter().find(|service| names.contains(&service.host));
    let of_service = || service?.addresses.first()?.parse().ok();
    let connection = Connection::to_port(port);
    let connection = match (is_tls, bare.parse::<IpAddr>()) {
        (false, _) => connection,
        // Clients greet no address.
        (true, Ok(_)) => connection.with_tls(),
        (true, Err(_)) => connection.with_server_name(host),
    };
    match bare.parse().ok().or_else(of_service) {
        Some(address) => connection.with_destination(address),
        None => connection,
    }
}

/// A request that the workload encrypts itself: its sidecar sees the connection and not what is inside.
fn show_unread(
    mesh: &mut Mesh,
    proxy: &Proxy,
    request: &Request<'_>,
    options: &Options,
) -> Result<(), Failure> {
    let authority = String::from_utf8_lossy(request.authority()).into_owned();
    let port = request.port();
    let host = authority.strip_suffix(&format!(":{port}")).unwrap_or(&authority);
    let seen = format!(
        "the sidecar sees TLS to `{host}` and not the request in it, so that HTTP routes do not apply"
    );
    let connection = connection(mesh, proxy, true, host, port);
    let table = mesh.compile(proxy).table;
    let decision = table.select_connection(&connection, &Draws::all(options.draw));
    let is_passed_on = decision.listener().is_some() && decision.route_config().is_none();
    if !is_passed_on && table.select(request, &Draws::default(), &mut Scratch::new()).route_config().is_some()
    {
        return Err(format!(
            "`--to {}`: {seen}; port {port} has HTTP services, and what is TLS is not routed there: ask for `http://{authority}`",
            options.to
        ));
    }
    if !options.json {
        println!("{seen}");
    }
    if is_passed_on {
        return show_connection(&table, &connection, options);
    }
    show_request(mesh, proxy, request, options)
}

fn show_request(
    mesh: &mut Mesh,
    proxy: &Proxy,
    request: &Request<'_>,
    options: &Options,
) -> Result<(), Failure> {
    let draws = Draws::all(options.draw);
    let trace = mesh.explain(proxy, request, &draws);
    if options.json {
        return print_json(&trace);
    }
    println!("{trace}");
    let table = mesh.compile(proxy).table;
    let mut scratch = Scratch::new();
    let decision = table.select(request, &draws, &mut scratch);
    if let Some(cluster) = decision.cluster().and_then(|name| table.cluster(name)) {
        let subset = if decision.subset().is_empty() { "all" } else { decision.subset() };
        let count = cluster.endpoints.len();
        let plural = if count == 1 { "" } else { "s" };
        println!("host {}, subset {subset}, {count} endpoint{plural}", decision.host());
        println!("sent on as {} {}", decision.authority().escape_ascii(), decision.path().escape_ascii());
    }
    if let Some(origin) = decision.route().and_then(|route| route.origin.as_deref()) {
        println!("written in {} at {}", origin.object, origin.path);
    }
    Ok(())
}

fn show_connection(
    table: &RoutingTable,
    connection: &Connection<'_>,
    options: &Options,
) -> Result<(), Failure> {
    let trace = table.explain_connection(connection, &Draws::all(options.draw));
    if options.json {
        return print_json(&trace);
    }
    println!("{trace}");
    Ok(())
}

fn print_json(trace: &impl serde::Serialize) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(trace).map_err(|error| error.to_string())?);
    Ok(())
}

fn show_findings(notes: &[String], findings: &[Diagnostic]) {
    if !notes.is_empty() {
        println!("\nwhat is odd about the manifests:");
        notes.iter().for_each(|note| println!("  {note}"));
    }
    if !findings.is_empty() {
        println!("\nwhat is odd about the configuration:");
    }
    for finding in findings {
        println!("  {finding}");
        if !finding.help.is_empty() {
            println!("    {}", finding.help);
        }
    }
}
