//! The main job, run as a person runs it: what it writes, what it counts, and what it says to bad input.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Service, ServiceAccount};
use pointsman_api::istio::networking::{DestinationRule, EnvoyFilter, Gateway, VirtualService};
use pointsman_api::{Kind, Object};
use pointsman_k8s::{from_k8s, to_k8s};
use pointsman_manifest::Value;
use pointsman_render::ManifestSet;

const HELLO: &str = "\
# Says hello.
apiVersion: v1
kind: Service
metadata: {name: hello}
spec:
  ports: [{name: http, port: 5000}]
  selector: {app: hello}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello-v1
spec:
  replicas: 2 # two of them
  selector: {matchLabels: {app: hello, version: v1}}
  template:
    metadata: {labels: {app: hello, version: v1}}
    spec: {containers: [{name: hello, image: \"hello:1\"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello-v2}
spec:
  selector: {matchLabels: {app: hello, version: v2}}
  template:
    metadata: {labels: {app: hello, version: v2}}
    spec: {containers: [{name: hello, image: \"hello:2\"}]}
";

/// A folder of this test alone, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    fn out(&self) -> PathBuf {
        self.0.join("out")
    }
}

fn run(folder: &Folder, arguments: &[&str]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["run", "--quiet", "--package", "pointsman-examples", "--example", "bookinfo_canary", "--"])
        .args(arguments)
        .arg("--out")
        .arg(folder.out())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs")
}

fn trace(folder: &Folder, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Value::from_json(&String::from_utf8_lossy(&output.stdout)).expect("JSON")
}

/// One run of the built-in story, shared by the tests that look at it.
fn bookinfo() -> &'static (Folder, Value) {
    static RUN: OnceLock<(Folder, Value)> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = Folder::new("bookinfo");
        let trace = trace(&folder, &[]);
        (folder, trace)
    })
}

/// Requests by version and lost ones of each stage, by the stage's folder.
fn counts(trace: &Value, story: &str) -> BTreeMap<String, (BTreeMap<String, u64>, u64)> {
    let stages = trace.get(story).and_then(Value::as_list).expect("stages");
    let count = |stage: &Value| {
        let counted = stage.get("counted").and_then(Value::as_map).expect("counts");
        let counted = counted.iter().map(|(name, count)| (name.to_owned(), count.as_u64().expect("a count")));
        let folder = stage.get("folder").and_then(Value::as_str).expect("a folder");
        let lost = stage.get("lost").and_then(Value::as_u64).expect("a count");
        (folder.to_owned(), (counted.collect(), lost))
    };
    stages.iter().map(count).collect()
}

fn read_back(folder: &Path) -> ManifestSet {
    let mut set = ManifestSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("text");
                set.insert(path.strip_prefix(folder).expect("inside").display().to_string(), text);
            }
        }
    }
    set
}

#[test]
fn twenty_percent_is_one_in_five_and_all_is_all() {
    let (folder, trace) = bookinfo();
    let counts = counts(trace, "stages");
    let of = |stage: &str, version: &str| counts[stage].0.get(version).copied().unwrap_or(0);
    assert_eq!((of("02-add-v2", "v1"), of("02-add-v2", "v2")), (100_000, 0));
    assert_eq!((of("03-v2-ready", "v1"), of("03-v2-ready", "v2")), (100_000, 0));
    let share = of("04-20-percent", "v2");
    assert!((19_600..=20_400).contains(&share), "{share}");
    assert_eq!((of("07-take-over", "v1"), of("07-take-over", "v2")), (0, 100_000));
    assert_eq!((of("08-remove-v1", "v1"), of("08-remove-v1", "v2")), (0, 100_000));
    assert!(counts.values().all(|(_, lost)| *lost == 0), "{counts:?}");
    assert!(folder.out().join("traffic.svg").exists());
}

#[test]
fn an_abort_moves_the_traffic_before_the_pods() {
    let (_, trace) = bookinfo();
    let stages = trace.get("abort").and_then(Value::as_list).expect("stages");
    let ready = |stage: &Value| {
        let pods = stage.get("pods").and_then(|pods| pods.get("v2")).and_then(|pods| pods.get("ready"));
        pods.and_then(Value::as_u64)
    };
    let [.., abort, scaled] = stages else { panic!("too few stages") };
    assert_eq!(abort.get("counted"), Value::from_json(r#"{"v1": 100000}"#).ok().as_ref());
    assert_eq!((ready(abort), ready(scaled)), (Some(3), Some(0)));
}

#[test]
fn every_written_object_reads_the_same_through_other_types() {
    fn same<T: Kind>(value: &Value) {
        let read = Object::<T>::from_value(value);
        assert!(read.findings.is_empty(), "{:?}", read.findings);
        assert_eq!(&read.value.to_value(), value);
    }
    let (folder, _) = bookinfo();
    let mut seen = BTreeMap::new();
    for stage in ["01-deploy-v1", "04-20-percent", "08-remove-v1"] {
        for object in read_back(&folder.out().join(stage)).objects().expect("manifests") {
            let value = &object.value;
            match object.object_ref.kind.as_str() {
                "Deployment" => {
                    assert_eq!(&from_k8s(&to_k8s::<Deployment>(value).expect("a form")).expect("JSON"), value)
                }
                "Service" => {
                    assert_eq!(&from_k8s(&to_k8s::<Service>(value).expect("a form")).expect("JSON"), value)
                }
                "ServiceAccount" => {
                    assert_eq!(
                        &from_k8s(&to_k8s::<ServiceAccount>(value).expect("a form")).expect("JSON"),
                        value
                    );
                }
                "EnvoyFilter" => same::<EnvoyFilter>(value),
                "VirtualService" => same::<VirtualService>(value),
                "DestinationRule" => same::<DestinationRule>(value),
                "Gateway" => same::<Gateway>(value),
                other => panic!("nobody reads a {other} again"),
            }
            *seen.entry(object.object_ref.kind).or_insert(0) += 1;
        }
    }
    assert!(seen["Deployment"] > 10 && seen["VirtualService"] > 10, "{seen:?}");
}

#[test]
fn somebody_s_own_manifests_are_pinned_first_and_keep_their_comments() {
    let folder = Folder::new("adopt");
    let manifests = folder.file("hello.yaml", HELLO);
    let arguments = [
        "--manifests",
        &manifests,
        "--component",
        "hello",
        "--stable",
        "v1",
        "--canary",
        "v2",
        "--weight",
        "10",
    ];
    let counts = counts(&trace(&folder, &arguments), "stages");
    assert_eq!(counts["01-pin-v1"].0, BTreeMap::from([("v1".to_owned(), 100_000)]));
    let share = counts["04-10-percent"].0["v2"];
    assert!((9_600..=10_400).contains(&share), "{share}");
    let written = read_back(&folder.out().join("04-10-percent"));
    let text = written.get("hello.yaml").expect("the file");
    assert!(text.starts_with("# Says hello.\n") && text.contains("replicas: 2 # two of them"), "{text}");
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let folder = Folder::new("bad");
    let hello = folder.file("hello.yaml", HELLO);
    let syntax = folder.file("syntax.yaml", "apiVersion: v1\nmetadata:\n  name: a\n   labels: x\n");
    let twice = folder.file(
        "twice.yaml",
        &format!("{HELLO}---\napiVersion: v1\nkind: Service\nmetadata: {{name: hello}}\n"),
    );
    let two_components = folder.file(
        "twins.yaml",
        "apiVersion: pointsman.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec:\n  components:\n\
         \x20 - {name: cart, containerPort: 80, versions: [{name: v1, container: {image: 'cart:1'}}]}\n\
         \x20 - {name: cart, containerPort: 80, versions: [{name: v1, container: {image: ''}}]}\n",
    );
    let empty = folder.0.join("empty").display().to_string();
    std::fs::create_dir_all(&empty).expect("a folder");
    let own = |canary: &'static str| {
        ["--manifests", &hello, "--component", "hello", "--stable", "v1", "--canary", canary]
    };
    let at = |path: &str| {
        let arguments = ["--component", "hello", "--stable", "v1", "--canary", "v2", "--manifests", path];
        arguments.map(str::to_owned).to_vec()
    };
    let text =
        |arguments: &[&str]| arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>();
    let cases: Vec<(Vec<String>, Vec<&str>)> = vec![
        (text(&["--weight", "120"]), vec!["`--weight 120`", "more than the total of 100"]),
        (text(&["--component", "nobody"]), vec!["`nobody`", "productpage, details, ratings, reviews"]),
        (
            text(&["--manifests", &hello, "--component", "nobody", "--stable", "v1", "--canary", "v2"]),
            vec!["no Service `nobody`", "there are: hello"],
        ),
        (text(&["--application", &two_components]), vec!["PA0002", "spec.components[1].name", "`cart`"]),
        (text(&["--application", &two_components]), vec!["PA0004", "empty image"]),
        (at(&twice), vec!["PR0107", "two of the name `hello`"]),
        (text(&own("v1")), vec!["stable and canary are both `v1`"]),
        (
            text(&[&own("v2")[..], &["--image", "hello:3"]].concat()),
            vec!["version `v2` of `hello` exists", "`hello:3`"],
        ),
        (
            text(&[&own("v3")[..], &["--image", ""]].concat()),
            vec!["the image of version `v3` of `hello` is empty"],
        ),
        (text(&own("v3")), vec!["version `v3` of `hello` does not exist"]),
        (at(&syntax), vec!["syntax.yaml:4:10", "   labels: x"]),
        (at("/nowhere/at-all.yaml"), vec!["/nowhere/at-all.yaml", "no such file"]),
        (at(&empty), vec!["the folder has no manifests"]),
        (text(&["--sideways"]), vec!["unknown option `--sideways`"]),
    ];
    for (arguments, said) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&folder, &arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        for words in said {
            assert!(error.contains(words), "{arguments:?}: `{words}` is not in: {error}");
        }
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!folder.out().exists(), "{arguments:?} wrote something");
    }
}
