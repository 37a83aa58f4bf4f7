//! Which way a request takes through a mesh, and why.
//!
//! ```text
//! cargo run --example route -- --manifests PATH --from productpage --to http://reviews:9080/x -H 'end-user: jason'
//!
//! from the sidecar of productpage in default
//! GET reviews:9080/x
//! route configuration `9080`
//! host `details.default.svc.cluster.local:9080`: no domain matches
//! …
//! host `reviews.default.svc.cluster.local:9080`: domain `reviews` matches
//!   route 0 (VirtualService default/reviews spec.http[0].match[0]): matches
//! to `outbound|9080|v2|reviews.default.svc.cluster.local`
//!
//! host reviews.default.svc.cluster.local, subset v2, 1 endpoints
//! sent on as reviews:9080 /x
//! written in VirtualService default/reviews at spec.http[0].match[0]
//! ```
//!
//! `--from istio-ingressgateway --gateway` looks from a gateway workload instead, where hosts are those of the outside.

use std::path::Path;
use std::process::ExitCode;

use pointsman_manifest::{Manifest, Value};
use pointsman_route::{Draws, Headers, Mesh, Proxy, Request, RoutingTable, Scratch};
use pointsman_types::{Diagnostic, Labels, Profile};

const USAGE: &str = "\
usage: route --manifests PATH... --from NAME[.NAMESPACE] --to URL [-H 'name: value']...
             [--gateway] [--method METHOD] [--draw NUMBER] [--namespace NAMESPACE]

  --manifests PATH  a file, or a folder with *.yaml, *.yml and *.json, also below it
  --from NAME       the workload that asks: a Service, a Deployment, or an `app` label
  --gateway         it is a gateway rather than a workload with a sidecar
  --to URL          such as http://reviews:9080/reviews/0
  -H HEADER         a request header
  --draw NUMBER     the random number of weighted choices (default 0)
  --namespace NAME  where objects without a namespace are (default `default`)";

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let mut objects = Vec::new();
    for path in &options.manifests {
        read(Path::new(path), &options.namespace, &mut objects)?;
    }
    let mut mesh = Mesh::new(Profile::MEASURED);
    for object in &objects {
        mesh.apply(object)?;
    }
    let (name, namespace) = match options.from.split_once('.') {
        Some((name, namespace)) => (name, namespace),
        None => (options.from.as_str(), options.namespace.as_str()),
    };
    let labels = labels_of(&objects, name, namespace).ok_or_else(|| {
        format!("no Service, Deployment or `app` label `{name}` in the namespace `{namespace}`")
    })?;
    let (kind, proxy) = if options.gateway {
        ("gateway", Proxy::gateway(namespace, labels))
    } else {
        ("sidecar", Proxy::sidecar(namespace, labels))
    };
    let compiled = mesh.compile(&proxy);
    println!("from the {kind} of {name} in {namespace}");
    show(&compiled.table, options)?;
    show_findings(&compiled.findings);
    Ok(())
}

fn show(table: &RoutingTable, options: &Options) -> Result<(), Failure> {
    let (scheme, rest) =
        options.to.split_once("://").ok_or("--to needs a URL such as http://reviews:9080/x")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let headers: Vec<(&str, &[u8])> =
        options.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let mut request = Request::new(&options.method, authority, path).with_headers(Headers::Bytes(&headers));
    if scheme == "https" {
        request = request.with_scheme("https");
    }
    let draws = Draws::default().with_route(options.draw);
    println!("{}", table.explain(&request, &draws));
    let mut scratch = Scratch::new();
    let decision = table.select(&request, &draws, &mut scratch);
    if let Some(cluster) = decision.cluster().and_then(|name| table.cluster(name)) {
        let subset = if decision.subset().is_empty() { "all" } else { decision.subset() };
        println!("host {}, subset {subset}, {} endpoints", decision.host(), cluster.endpoints.len());
        println!("sent on as {} {}", decision.authority().escape_ascii(), decision.path().escape_ascii());
    }
    if let Some(origin) = decision.route().and_then(|route| route.origin.as_deref()) {
        println!("written in {} at {}", origin.object, origin.path);
    }
    Ok(())
}

fn show_findings(findings: &[Diagnostic]) {
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

/// Labels of the workload of that name: of the pods of a Deployment, of a Service's selector, or the `app` label itself.
fn labels_of(objects: &[Value], name: &str, namespace: &str) -> Option<Labels> {
    let map = |value: Option<&Value>| -> Option<Labels> {
        let fields = value?.as_map()?.iter();
        Some(fields.filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned()))).collect())
    };
    let text = |value: &Value, path: &[&str]| at(value, path).and_then(Value::as_str).map(str::to_owned);
    let here = |object: &&Value| text(object, &["metadata", "namespace"]).as_deref() == Some(namespace);
    let pod_labels = |object: &Value| map(at(object, &["spec", "template", "metadata", "labels"]));
    let is_called = |object: &&Value| text(object, &["metadata", "name"]).as_deref() == Some(name);
    let of_kind = |kind: &'static str| {
        objects
            .iter()
            .filter(here)
            .filter(move |object| object.get("kind").and_then(Value::as_str) == Some(kind))
    };
    let has_app = |labels: &Labels| labels.value("app") == Some(name);
    of_kind("Deployment")
        .find(is_called)
        .and_then(pod_labels)
        .or_else(|| of_kind("Deployment").filter_map(pod_labels).find(has_app))
        .or_else(|| {
            map(of_kind("Service").find(is_called).and_then(|object| at(object, &["spec", "selector"])))
        })
        .or_else(|| {
            of_kind("Pod").filter_map(|object| map(at(object, &["metadata", "labels"]))).find(has_app)
        })
}

fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// Reads a file, or all manifests of a folder in order of their names.
fn read(path: &Path, namespace: &str, objects: &mut Vec<Value>) -> Result<(), Failure> {
    if path.is_dir() {
        let mut inside: Vec<_> =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
        inside.sort();
        for path in inside {
            let is_manifest = path
                .extension()
                .and_then(|extension| extension.to_str())
                .is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"));
            if path.is_dir() || is_manifest {
                read(&path, namespace, objects)?;
            }
        }
        return Ok(());
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifest = Manifest::parse_named(&path.display().to_string(), &text)?;
    for object in manifest.objects() {
        let mut value = object.value().clone();
        if let Some(metadata) = value.get_mut("metadata")
            && metadata.get("namespace").is_none()
        {
            metadata.set("namespace", namespace);
        }
        objects.push(value);
    }
    Ok(())
}

#[derive(Debug)]
struct Options {
    manifests: Vec<String>,
    from: String,
    to: String,
    method: String,
    namespace: String,
    headers: Vec<(String, String)>,
    gateway: bool,
    draw: u64,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self {
            manifests: Vec::new(),
            from: String::new(),
            to: String::new(),
            method: "GET".to_owned(),
            namespace: "default".to_owned(),
            headers: Vec::new(),
            gateway: false,
            draw: 0,
        };
        while let Some(name) = arguments.next() {
            if name == "--gateway" {
                options.gateway = true;
                continue;
            }
            let value = arguments.next().ok_or(USAGE)?;
            match name.as_str() {
                "--manifests" => options.manifests.push(value),
                "--from" => options.from = value,
                "--to" => options.to = value,
                "--method" => options.method = value,
                "--namespace" => options.namespace = value,
                "--draw" => options.draw = value.parse()?,
                "-H" | "--header" => {
                    let (name, value) = value.split_once(':').ok_or("a header has the form `name: value`")?;
                    options.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => return Err(USAGE.into()),
            }
        }
        if options.manifests.is_empty() || options.from.is_empty() || options.to.is_empty() {
            return Err(USAGE.into());
        }
        Ok(options)
    }
}
