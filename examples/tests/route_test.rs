//! The runner of route tests: its own sample passes, and what else it answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

fn command(example: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["run", "--quiet", "--package", "pointsman-examples", "--example", example, "--"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(example: &str, arguments: &[&str]) -> Output {
    command(example, arguments).output().expect("cargo runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const SAMPLE: &str = "route_test/bookinfo.test.yaml";

#[test]
fn the_sample_passes_and_says_so_to_machines_too() {
    let junit = folder("route-junit").join("report.xml");
    let junit = junit.to_str().expect("a path");
    let output = run("route_test", &[SAMPLE, "--junit", junit]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.ends_with("12 tests: 12 passed, 0 failed\n"), "{said}");
    let xml = std::fs::read_to_string(junit).expect("a report");
    assert!(
        xml.contains("<testsuites name=\"route tests\" tests=\"12\" failures=\"0\" errors=\"0\">"),
        "{xml}"
    );
}

#[test]
fn a_changed_rule_fails_the_test_that_speaks_of_it() {
    let folder = folder("route-changed");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("route_test");
    std::fs::create_dir_all(folder.join("manifests")).expect("a folder");
    for entry in std::fs::read_dir(sample.join("manifests")).expect("the sample") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("text").replace("weight: 80", "weight: 70");
        std::fs::write(folder.join("manifests").join(path.file_name().expect("a name")), text)
            .expect("a file");
    }
    let tests = folder.join("a.test.yaml");
    std::fs::copy(sample.join("bookinfo.test.yaml"), &tests).expect("a copy");
    let output = run("route_test", &[tests.to_str().expect("a path"), "--filter", "one in five"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("then.shares: expected `v1` 80%, `v2` 20%, found `v1` 7/9, `v2` 2/9"), "{said}");
    assert!(said.ends_with("1 test: 0 passed, 1 failed\n"), "{said}");
}

#[test]
fn unusable_input_is_named() {
    let folder = folder("route-unusable");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let good = "tests: [{name: a, when: {url: 'http://a/'}, then: {port: 1}}]\nfrom: {labels: {a: b}}\n";
    let missing = file("missing.yaml", &format!("given: [nothing-here]\n{good}"));
    let misspelt = file("misspelt.yaml", &format!("give: []\n{good}"));
    let empty = file("empty.yaml", "");
    for (arguments, said) in [
        (vec!["/nowhere.yaml"], "/nowhere.yaml: there is no such file"),
        (vec![missing.as_str()], "nothing-here: there is no such file or folder"),
        (vec![misspelt.as_str()], "misspelt.yaml:1:7: give: unknown field `give`; did you mean `given`?"),
        (vec![empty.as_str()], "the file is empty"),
        (vec![SAMPLE, "--filter", "no such name"], "no test has a name with `no such name`"),
        (vec![SAMPLE, "--junit", "/nowhere/x.xml"], "/nowhere/x.xml: there is no such file or folder"),
        (vec![SAMPLE, "--sideways"], "unknown option `--sideways`"),
        (vec![SAMPLE, "--filter"], "`--filter` needs a value"),
        (vec![], "no file of tests is named"),
    ] {
        let output = run("route_test", &arguments);
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {all}");
        assert!(all.contains(said), "{arguments:?}: {all}");
    }
}

#[test]
fn a_request_is_explained_and_bad_input_is_named() {
    let ask = |to: &str, more: &[&str]| {
        let arguments = ["--manifests", "route_test/manifests", "--from", "productpage", "--to", to];
        run("route", &[&arguments[..], more].concat())
    };
    let stated = pointsman_examples::stated_output(include_str!("../route/main.rs")).expect("a header");
    let said = text(&ask("http://reviews:9080/x", &[]).stdout);
    // What the command prints stands in its header, below the command.
    assert_eq!(said, stated.split_once("\n\n").expect("a command").1);
    for (to, more, expected) in [
        ("reviews:9080/x", vec![], "`reviews:9080/x` is not a URL"),
        ("tls://a", vec![], "a connection needs a host and a port, such as `tls://a:443`"),
        ("http://a/", vec!["-H", "end-user"], "`-H end-user`: a header has the form `name: value`"),
        ("http://a/", vec!["--method", ""], "`--method `: a method is one word, such as `GET`"),
        ("http://a/", vec!["--method", "GET /"], "`--method GET /`: a method is one word, such as `GET`"),
        ("https://reviews:9080/x", vec![], "the sidecar sees TLS to `reviews` and not the request in it"),
        (
            "https://reviews:9080/x",
            vec![],
            "port 9080 has HTTP services, and what is TLS is not routed there",
        ),
        ("http://a/", vec!["--draw", "x"], "`--draw x`: `x` is not a whole number"),
        ("http://a/", vec!["--from", "nobody"], "is called `nobody` in the namespace `default`"),
        ("http://a/", vec!["--manifests", "nowhere"], "nowhere: there is no such file or folder"),
    ] {
        let output = ask(to, &more);
        assert_eq!(output.status.code(), Some(2), "{to} {more:?}");
        assert!(text(&output.stderr).contains(expected), "{to} {more:?}: {}", text(&output.stderr));
    }
    let json = text(&ask("tls://payments.example.com:443", &["--json"]).stdout);
    assert!(json.contains("\"cluster\": \"outbound|443||payments.example.com\""), "{json}");
    for name in ["orders-db", "orders-db.default", "orders-db.default.svc"] {
        let said = text(&ask(&format!("tcp://{name}:3306"), &[]).stdout);
        assert!(said.contains("to `outbound|3306||orders-db.default.svc.cluster.local`"), "{said}");
    }
}

#[test]
fn what_a_sidecar_does_not_read_is_a_connection() {
    let ask = |manifests: &str, to: &str| {
        text(&run("route", &["--manifests", manifests, "--from", "productpage", "--to", to]).stdout)
    };
    let said = ask("route_test/manifests", "https://payments.example.com/x");
    let seen = "the sidecar sees TLS to `payments.example.com` and not the request in it, so that HTTP routes do not apply\n\
                connection to port 443, TLS to `payments.example.com`\n";
    assert!(said.contains(seen), "{said}");
    assert!(said.contains("to `outbound|443||payments.example.com`"), "{said}");
    let unknown = ask("route_test/manifests", "https://nobody.example.com:8443/");
    assert!(unknown.contains("so that HTTP routes do not apply"), "{unknown}");
    assert!(unknown.contains("no service known here has HTTP on port 8443"), "{unknown}");
}

#[test]
fn a_service_that_is_kept_out_is_named() {
    let folder = folder("route-kept-out");
    let sidecar = "{apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: narrow, namespace: default}, \
                   spec: {egress: [{hosts: ['./ratings.default.svc.cluster.local']}]}}";
    std::fs::write(folder.join("sidecar.yaml"), sidecar).expect("a file");
    let more = folder.to_str().expect("a path");
    let arguments = ["--manifests", "route_test/manifests", "--manifests", more, "--from", "productpage"];
    let said = text(&run("route", &[&arguments[..], &["--to", "http://reviews:9080/x"]].concat()).stdout);
    let left_out =
        "left out (Service default/reviews metadata.name): Sidecar default/narrow does not import it";
    assert!(said.contains(left_out), "{said}");
}

#[test]
fn a_reader_that_stops_ends_the_program_without_a_word() {
    let mut command = command("route_test", &[SAMPLE]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cargo runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(pointsman_examples::pipe::CLOSED_PIPE));
    assert_eq!(text(&output.stderr), "");
}
