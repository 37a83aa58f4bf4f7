//! Route tests: what holds, what fails and with which words, and what cannot be used.

use pointsman_render::ManifestSet;
use pointsman_testing::route_test::{FileReport, Report, RouteTests, Verdict};

const MESH: &str = r"
{apiVersion: v1, kind: Service, metadata: {name: reviews}, spec: {ports: [{name: http, port: 9080}], selector: {app: reviews}}}
---
{apiVersion: v1, kind: Service, metadata: {name: ratings}, spec: {ports: [{name: http, port: 9080}], selector: {app: ratings}}}
---
{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {clusterIP: 10.2.0.1, ports: [{name: tcp, port: 3306}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {app: reviews, version: v1}}, status: {podIP: 10.1.0.1, conditions: [{type: Ready, status: 'True'}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {app: reviews, version: v2}}, status: {podIP: 10.1.0.2, conditions: [{type: Ready, status: 'True'}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {app: productpage}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
  - {name: v3, labels: {version: v3}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - name: testers
    match: [{headers: {end-user: {exact: jason}}}]
    rewrite: {uri: /new, authority: inside}
    headers: {request: {set: {x-a: one}, add: {x-b: two}, remove: [x-c]}, response: {set: {x-d: four}}}
    timeout: 2500ms
    retries: {attempts: 2, perTryTimeout: 1s, retryOn: '5xx'}
    mirrors: [{destination: {host: ratings}, percentage: {value: 12.5}}]
    fault: {delay: {fixedDelay: 5s, percentage: {value: 10}}, abort: {httpStatus: 503, percentage: {value: 0.01}}}
    route: [{destination: {host: reviews, subset: v2}}]
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new, redirectCode: 302}
  - match: [{uri: {exact: /health}}]
    directResponse: {status: 200, body: {string: fine}}
  - match: [{uri: {exact: /empty}}]
    route: [{destination: {host: reviews, subset: v3}}]
  - match: [{uri: {exact: /nosuch}}]
    route: [{destination: {host: reviews, subset: v9}}]
  - match: [{uri: {exact: /thirds}}]
    route:
    - {destination: {host: reviews, subset: v1}, weight: 1}
    - {destination: {host: reviews, subset: v2}, weight: 1}
    - {destination: {host: ratings}, weight: 1}
    - {destination: {host: db}, weight: 0}
  - match: [{uri: {prefix: /split}}]
    name: split
    route:
    - {destination: {host: reviews, subset: v1}, weight: 80}
    - {destination: {host: reviews, subset: v2}, weight: 20}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db}
spec:
  hosts: [db]
  tcp:
  - route:
    - {destination: {host: db}, weight: 3}
    - {destination: {host: ratings, port: {number: 9080}}, weight: 1}
";

fn files(path: &str) -> Result<ManifestSet, String> {
    let mut set = ManifestSet::new();
    match path {
        "mesh.yaml" => set.insert("mesh.yaml", MESH),
        "bad.yaml" => set.insert("bad.yaml", "a: [\n"),
        "wrong.yaml" => set
            .insert("wrong.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: 80}\n"),
        "again.yaml" => set.insert("again.yaml", format!("---{MESH}")),
        _ => return Err(format!("{path}: there is no such file or folder")),
    }
    Ok(set)
}

/// Runs a file whose tests are given, for a sidecar of no workload in particular.
fn run(tests: &str) -> FileReport {
    let text = format!("given: [mesh.yaml]\nfrom: {{labels: {{app: x}}}}\ntests:\n{tests}");
    RouteTests::parse("t.yaml", &text).expect("a file of tests").run(files)
}

/// The failures of one test, a line each: `field: expected …, found …`.
fn failures(when: &str, then: &str) -> Vec<String> {
    let report = run(&format!("- {{name: a, when: {when}, {then}}}\n"));
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let failures = report.tests.iter().flat_map(|test| &test.failures);
    failures.flat_map(|failure| &failure.mismatches).map(ToString::to_string).collect()
}

fn passes(when: &str, then: &str) {
    assert_eq!(failures(when, then), Vec::<String>::new(), "{when} {then}");
}

const SPLIT: &str = "{url: 'http://reviews:9080/split'}";
const JASON: &str = "{url: 'http://reviews:9080/x?y=1', headers: {end-user: jason, x-b: b, x-c: c}}";

#[test]
fn every_field_can_hold_and_can_fail() {
    let database = "{connection: {port: 3306, address: 10.2.0.1}}";
    let redirect = "{url: 'http://reviews:9080/old/1'}";
    let table = [
        (JASON, "host: reviews", "host: ratings"),
        (JASON, "host: reviews.default", "host: reviews.shop"),
        (JASON, "host: reviews.default.svc.cluster.local", "host: reviews.default.svc"),
        (JASON, "subset: v2", "subset: v1"),
        (JASON, "port: 9080", "port: 80"),
        (JASON, "cluster: outbound|9080|v2|reviews.default.svc.cluster.local", "cluster: reviews"),
        (JASON, "route: testers", "route: split"),
        (JASON, "path: /newx?y=1", "path: /new?y=1"),
        (JASON, "authority: inside", "authority: reviews:9080"),
        (JASON, "headers: {x-a: one, X-B: [b, two], x-c: null}", "headers: {x-b: two}"),
        (JASON, "headers: {end-user: jason}", "headers: {x-c: c}"),
        (JASON, "responseHeaders: {x-d: four, x-e: null}", "responseHeaders: {x-d: null}"),
        (JASON, "timeout: 2.5s", "timeout: none"),
        (JASON, "retries: 2", "retries: 0"),
        (JASON, "retries: {perTryTimeout: 1s, retryOn: 5xx}", "retries: {attempts: 2, retryOn: reset}"),
        (JASON, "mirrors: {ratings: 12.5%}", "mirrors: {ratings: 12%}"),
        (JASON, "mirrors: {ratings: 1/8}", "mirrors: none"),
        (JASON, "delay: {for: 5s, share: 10%}", "delay: {for: 4s, share: 10%}"),
        (JASON, "abort: {status: 503, share: 0.01%}", "abort: {grpcStatus: 14, share: 0.01%}"),
        (JASON, "unreachable: false", "unreachable: true"),
        (JASON, "endpoint: '10.1.0.2:9080'", "endpoint: '10.1.0.1:9080'"),
        (SPLIT, "shares: {v1: 80%, v2: 1/5}", "shares: {v1: 79%, v2: 21%}"),
        (SPLIT, "shares: {reviews: 100%}", "shares: {v1: 100%}"),
        (SPLIT, "timeout: none", "timeout: 15s"),
        (SPLIT, "retries: 2", "retries: 3"),
        (SPLIT, "delay: none", "abort: {status: 503, share: 1%}"),
        (redirect, "status: 302", "status: 301"),
        (redirect, "location: 'http://reviews:9080/new'", "location: /new"),
        (database, "shares: {db: 75%, ratings/: 25%}", "shares: {db: 100%}"),
        (database, "unreachable: false", "subset: v1"),
        ("{url: 'http://reviews:9080/health'}", "body: fine", "body: ''"),
        (
            "{url: 'http://reviews:9080/health'}",
            "responseHeaders: {content-type: text/plain}",
            "unreachable: true",
        ),
        (
            "{url: 'http://reviews:9080/thirds'}",
            "shares: {v1: 1/3, v2: 1/3, ratings: 1/3}",
            "shares: {v1: 1/2, v2: 1/2}",
        ),
        ("{url: 'http://nobody:9080/'}", "cluster: PassthroughCluster", "status: 404"),
        ("{url: 'http://nobody:1234/'}", "cluster: PassthroughCluster", "unreachable: true"),
        ("{url: 'http://reviews:9080/nowhere'}", "status: 404", "unreachable: false"),
        ("{url: 'http://reviews:9080/nosuch'}", "{unreachable: true, status: 503}", "subset: v9"),
        ("{url: 'http://reviews:9080/empty'}", "{unreachable: true, status: 503}", "unreachable: false"),
    ];
    for (when, holds, fails) in table {
        let braced = |then: &str| if then.starts_with('{') { then.to_owned() } else { format!("{{{then}}}") };
        passes(when, &format!("then: {}", braced(holds)));
        assert_eq!(failures(when, &format!("then: {}", braced(fails))).len(), 1, "{when} {fails}");
        passes(when, &format!("not: {}", braced(fails)));
        assert!(!failures(when, &format!("not: {}", braced(holds))).is_empty(), "{when} not {holds}");
    }
}

#[test]
fn without_a_draw_a_test_speaks_of_all_requests() {
    assert_eq!(
        failures(SPLIT, "then: {subset: v1}"),
        ["then.subset: expected `v1`, found `v1` for 80% of the requests, `v2` for 20% of the requests"]
    );
    passes("{url: 'http://reviews:9080/split', draw: 79}", "then: {subset: v1}");
    passes("{url: 'http://reviews:9080/split', draw: 80}", "then: {subset: v2}");
    assert_eq!(failures(SPLIT, "not: {subset: v2}").len(), 1);
    assert_eq!(
        failures(SPLIT, "then: {endpoint: '10.1.0.1:9080'}"),
        ["then.endpoint: expected `10.1.0.1:9080`, found `10.1.0.1:9080` for 80% of the requests, \
          `10.1.0.2:9080` for 20% of the requests"]
    );
}

#[test]
fn a_destination_that_nobody_is_behind_is_none() {
    assert_eq!(
        failures("{url: 'http://reviews:9080/nosuch'}", "then: {subset: v9}"),
        ["then.subset: expected `v9`, found answered with 503: nobody is behind \
          `outbound|9080|v9|reviews.default.svc.cluster.local`"]
    );
}

#[test]
fn every_request_of_a_list_is_looked_at() {
    let report =
        run("- name: a\n  when: [{url: 'http://reviews:9080/split'}, {url: 'http://reviews:9080/old'}]\n  \
                      then: {route: split}\n");
    let asked: Vec<_> = report.tests[0].failures.iter().map(|failure| failure.asked.as_str()).collect();
    assert_eq!(asked, ["GET http://reviews:9080/old"]);
}

#[test]
fn gateways_settings_and_namespaces_are_as_the_file_says() {
    let text = "
given:
- mesh.yaml
- apiVersion: networking.istio.io/v1
  kind: Gateway
  metadata: {name: gw}
  spec: {selector: {istio: in}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata: {name: out}
  spec: {hosts: ['*'], gateways: [gw], http: [{match: [{headers: {'@request.auth.claims.group': {exact: admin}}}], route: [{destination: {host: ratings}}]}]}
mesh: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
from: productpage.shop
tests:
- {name: by name, when: {host: reviews.default:9080, path: /split}, then: {shares: {reviews.default/v1: 80%, reviews.default/v2: 20%}}}
- {name: unknown hosts, when: {url: 'http://nobody:9080/'}, then: {unreachable: true, status: 502}}
- {name: unknown ports, when: {url: 'http://nobody:1/'}, then: {unreachable: true}}
- {name: from outside, from: {gateway: '', labels: {istio: in}}, when: {url: 'http://x/', claims: {group: admin}}, then: {host: ratings}}
- {name: closed ports, from: {gateway: '', labels: {istio: in}}, when: {url: 'http://x:81/'}, then: {unreachable: true}, not: {status: 404}}
- {name: strangers, from: {gateway: '', labels: {istio: in}}, when: {url: 'http://x/', claims: {group: guest}}, then: {status: 404}}
- {name: short names are of the own namespace, when: {url: 'http://reviews:9080/split'}, not: {host: reviews.default}}
";
    let report = RouteTests::parse("t.yaml", text).expect("tests").run(files);
    assert_eq!(Report::new(vec![report.clone()]).verdict(), Verdict::Passed, "{report}");
}

#[test]
fn a_failure_names_file_line_test_field_and_why() {
    let report = Report::new(vec![run(
        "- name: jason sees v1\n  when:\n    url: http://reviews:9080/x\n    headers: {end-user: [ann, jason]}\n  then:\n    \
         host: reviews\n    subset: v1\n- {name: nobody, when: {url: 'http://reviews:9080/split'}, then: {port: 9080}}\n",
    )]);
    let expected = "\
t.yaml
  FAILED  jason sees v1 (line 4)
    GET http://reviews:9080/x, end-user: ann, end-user: jason
      t.yaml:10: then.subset: expected `v1`, found `v2`
      why:
        GET reviews:9080/x
        route configuration `9080`
        host `reviews.default.svc.cluster.local:9080`: domain `reviews` matches
        host `allow_any`: domain `*` matches, but another is more specific or stands first
          route 0 `testers` (VirtualService default/reviews spec.http[0].match[0]): matches
        to `outbound|9080|v2|reviews.default.svc.cluster.local`
  passed  nobody
";
    let text = report.to_string();
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("no DestinationRule declares the subset `v9`"), "{text}");
    assert!(text.ends_with("\n2 tests: 1 passed, 1 failed\n"), "{text}");
    assert_eq!(report.verdict(), Verdict::Failed);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let head = "given: [mesh.yaml]\nfrom: {labels: {app: x}}\ntests:\n";
    let one = |rest: &str| format!("{head}- name: a\n{rest}");
    let asks = "  when: {url: 'http://a/'}\n";
    let table: Vec<(String, &str)> = vec![
        (String::new(), "t.yaml: the file is empty; it needs `given`, `from` and `tests`"),
        ("a: [\n".to_owned(), "t.yaml:1:4: "),
        ("a: 1\n---\nb: 2\n".to_owned(), "t.yaml:3:1: a file of tests is one document"),
        ("[]".to_owned(), "t.yaml:1:1: a list stands where a map is expected"),
        ("given: []\nfrom: x\ntests: []\n".to_owned(), "t.yaml:3:8: tests: there are no tests"),
        (format!("{head}- {{}}\n"), "t.yaml:4:3: tests[0]: `name` is missing"),
        (one("  then: {subset: v1}\n"), "t.yaml:4:3: test `a`: tests[0]: `when` is missing"),
        (one(asks), "t.yaml:4:3: test `a`: tests[0]: nothing is expected; write `then` or `not`"),
        (
            one(&format!("{asks}  then: {{subst: v1}}\n")),
            "t.yaml:6:17: test `a`: tests[0].then.subst: unknown field `subst`; did you mean `subset`?",
        ),
        (
            one(&format!("{asks}  then: {{}}\n")),
            "tests[0].then: nothing is expected; write what shall come out",
        ),
        (
            one(&format!("{asks}  then: {{subset: 1}}\n")),
            "the number `1` stands where a text is expected; put it in quotes",
        ),
        (
            one(&format!("{asks}  then: {{shares: {{v1: 80%, v2: 10%}}}}\n")),
            "tests[0].then.shares: `90%` is not 100%",
        ),
        (one(&format!("{asks}  then: {{shares: {{v1: 80%, v2: 30%}}}}\n")), "`more than 100%` is not 100%"),
        (
            one(&format!("{asks}  then: {{shares: {{v1: 80}}}}\n")),
            "tests[0].then.shares.v1: the number `80` stands where",
        ),
        (
            one(&format!("{asks}  then: {{shares: {{v1: most}}}}\n")),
            "`most` is not a share such as `80%` or `4/5`",
        ),
        (one(&format!("{asks}  then: {{status: 42}}\n")), "`42` is not a status from 100 to 599"),
        (
            one(&format!("{asks}  then: {{timeout: 5}}\n")),
            "tests[0].then.timeout: the number `5` stands where a text",
        ),
        (one(&format!("{asks}  then: {{delay: {{for: 5s}}}}\n")), "tests[0].then.delay: `share` is missing"),
        (one(&format!("{asks}  then: {{headers: {{':path': /}}}}\n")), "`:path` is not a header name"),
        (one("  when: {}\n  then: {port: 1}\n"), "`url` is missing; write `url`, `host` or `connection`"),
        (one("  when: {url: reviews/x}\n  then: {port: 1}\n"), "tests[0].when.url: `reviews/x` is not a URL"),
        (
            one("  when: {url: 'ftp://a/'}\n  then: {port: 1}\n"),
            "the scheme `ftp` is neither `http` nor `https`",
        ),
        (
            one("  when: {url: 'http://a/', path: /}\n  then: {port: 1}\n"),
            "`url` and `path` exclude each other",
        ),
        (
            one("  when: {url: 'http://a/', method: 'A B'}\n  then: {port: 1}\n"),
            "`A B` is not a method such as `GET`",
        ),
        (
            one("  when: {connection: {port: 1}, url: 'http://a/'}\n  then: {port: 1}\n"),
            "`connection` and `url` exclude",
        ),
        (
            one("  when: {connection: {port: 1}}\n  then: {path: /}\n"),
            "a connection has no `path`; of a connection one can ask",
        ),
        (
            one("  when: {connection: {port: 70000}}\n  then: {port: 1}\n"),
            "`70000` is not a port from 1 to 65535",
        ),
        (one("  when: []\n  then: {port: 1}\n"), "tests[0].when: nothing is asked"),
        (
            format!(
                "{head}- {{name: a, when: {{url: 'http://a/'}}, then: {{port: 1}}}}\n- {{name: a, when: {{url: 'http://a/'}}, then: {{port: 1}}}}\n"
            ),
            "t.yaml:5:10: test `a`: tests[1].name: another test is called `a`; see `tests[0]`",
        ),
        (
            "given: []\ntests: [{name: a, when: {url: 'http://a/'}, then: {port: 1}}]\n".to_owned(),
            "nothing says who asks",
        ),
        (
            "given: [3]\nfrom: x\ntests: []\n".to_owned(),
            "given[0]: the number `3` stands where a path or an object is expected",
        ),
        ("given: [{kind: Pod}]\nfrom: x\ntests: []\n".to_owned(), "given[0]: an object needs `apiVersion`"),
        (
            "given: []\nfrom: {sidecar: a, gateway: b}\ntests: []\n".to_owned(),
            "from: `sidecar` and `gateway` exclude each other",
        ),
        (
            "given: []\nmesh: {outboundTraficPolicy: {}}\ntests: []\n".to_owned(),
            "did you mean `outboundTrafficPolicy`?",
        ),
    ];
    for (text, expected) in table {
        let problems = RouteTests::parse("t.yaml", &text).expect_err(&text);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(expected)), "{text}\n{expected}\n{told:#?}");
        let placed = problems.iter().all(|one| one.finding.span.is_some() || text.is_empty());
        assert!(placed && told.iter().all(|line| line.starts_with("t.yaml:")), "{told:#?}");
    }
}

#[test]
fn manifests_that_cannot_be_had_or_read_make_a_file_unusable() {
    let run = |given: &str, from: &str| {
        let text = format!(
            "given: [{given}]\nfrom: {from}\ntests:\n- {{name: a, when: {{url: 'http://reviews:9080/split'}}, then: {{port: 9080}}}}\n"
        );
        RouteTests::parse("t.yaml", &text).expect("tests").run(files)
    };
    for (given, from, expected) in [
        (
            "nowhere.yaml",
            "{labels: {}}",
            "t.yaml:1:9: given[0]: nowhere.yaml: there is no such file or folder",
        ),
        ("bad.yaml", "{labels: {}}", "bad.yaml:1:4: "),
        (
            "wrong.yaml",
            "{labels: {}}",
            "wrong.yaml:4:15: Service default/x spec.ports: the number `80` stands where",
        ),
        (
            "mesh.yaml",
            "productpage",
            "t.yaml:2:7: from: no Deployment, Service or Pod of the manifests is called `productpage` in the namespace \
             `default`; there is one in shop",
        ),
    ] {
        let report = run(given, from);
        let told = report.problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        assert!(report.tests.is_empty());
        assert_eq!(Report::new(vec![report]).verdict(), Verdict::Unusable);
    }
    let twice = run("mesh.yaml, again.yaml", "{labels: {}}");
    assert_eq!(Report::new(vec![twice.clone()]).verdict(), Verdict::Passed);
    let notes = twice.notes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = "again.yaml:14:1: DestinationRule default/reviews is there 2 times: this one counts, not mesh.yaml:14";
    assert!(notes.iter().any(|note| note == expected), "{notes:#?}");
}

#[test]
fn nothing_to_test_is_not_a_success() {
    let tests = RouteTests::parse(
        "t.yaml",
        "given: []\nfrom: {labels: {}}\ntests: [{name: a, when: {url: 'http://a/'}, then: {port: 1}}]\n",
    );
    let tests = tests.expect("tests");
    assert_eq!(tests.names().collect::<Vec<_>>(), ["a"]);
    assert_eq!(Report::new(vec![tests.only("b").run(files)]).verdict(), Verdict::Unusable);
    assert_eq!(Report::default().verdict(), Verdict::Unusable);
}

#[test]
fn junit_is_xml_whatever_the_names_are() {
    let report = Report::new(vec![
        run(
            "- name: \"<a> & \\\"b\\\"\\t]]>\\x07\\n\\uFFFE\"\n  when: {url: 'http://reviews:9080/split', headers: {x: '<&>'}}\n  then: {subset: v1}\n\
             - {name: good, when: {url: 'http://reviews:9080/split'}, then: {port: 9080}}\n",
        ),
        FileReport::unusable("u.yaml", RouteTests::parse("u.yaml", "\u{1}").expect_err("no YAML")),
    ]);
    let xml = report.to_junit();
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let root = document.root_element();
    let numbers = |node: &roxmltree::Node<'_, '_>| {
        ["tests", "failures", "errors"].map(|name| node.attribute(name).and_then(|n| n.parse::<usize>().ok()))
    };
    assert_eq!((root.tag_name().name(), numbers(&root)), ("testsuites", [Some(3), Some(1), Some(1)]));
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    assert_eq!(
        suites.iter().map(numbers).collect::<Vec<_>>(),
        [[Some(2), Some(1), Some(0)], [Some(1), Some(0), Some(1)]]
    );
    let case = suites[0].first_element_child().expect("a case");
    assert_eq!(case.attribute("name"), Some("<a> & \"b\"\t]]>\u{fffd}\n\u{fffd}"));
    assert_eq!((case.attribute("classname"), case.attribute("line")), (Some("t.yaml"), Some("4")));
    let failure = case.first_element_child().expect("a failure");
    assert_eq!(failure.tag_name().name(), "failure");
    assert!(
        failure.attribute("message").is_some_and(|message| message.starts_with("then.subset: expected `v1`"))
    );
    assert!(failure.text().is_some_and(|text| text.contains("x: <&>") && text.contains("why:")));
    let error =
        suites[1].first_element_child().and_then(|case| case.first_element_child()).expect("an error");
    assert_eq!(error.tag_name().name(), "error");
}

#[test]
fn many_tests_are_no_trouble() {
    let tests: String = (0..5_000)
        .map(|number| format!("- {{name: t{number}, when: {{url: 'http://reviews:9080/split/{number}'}}, then: {{shares: {{v1: 80%, v2: 20%}}}}}}\n"))
        .collect();
    let report = run(&tests);
    assert_eq!((report.tests.len(), report.failed()), (5_000, 0));
}
