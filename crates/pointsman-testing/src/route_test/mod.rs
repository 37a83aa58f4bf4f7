//! Route tests: unit tests for traffic rules, as YAML.
//!
//! ```text
//!  test file ──► RouteTests ──► run(manifests) ──► FileReport ──► Report ──► text, JUnit XML
//! ```
//!
//! A test says who asks and what, and what shall come out; what comes out is computed by the same engine that answers
//! [`RoutingTable::select`](pointsman_route::RoutingTable::select), from the manifests that will be applied. No cluster is
//! needed. This module opens no files: the caller reads them, [`RouteTests::run`] asks for them by path.
//!
//! ```
//! use pointsman_testing::route_test::{Report, RouteTests, Verdict};
//!
//! let tests = RouteTests::parse("reviews.test.yaml", r#"
//! given:
//! - {apiVersion: v1, kind: Service, metadata: {name: reviews}, spec: {ports: [{name: http, port: 9080}]}}
//! - apiVersion: networking.istio.io/v1
//!   kind: DestinationRule
//!   metadata: {name: reviews}
//!   spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
//! - apiVersion: networking.istio.io/v1
//!   kind: VirtualService
//!   metadata: {name: reviews}
//!   spec:
//!     hosts: [reviews]
//!     http:
//!     - match: [{headers: {end-user: {exact: jason}}}]
//!       route: [{destination: {host: reviews, subset: v2}}]
//!     - route:
//!       - {destination: {host: reviews, subset: v1}, weight: 80}
//!       - {destination: {host: reviews, subset: v2}, weight: 20}
//! from: {labels: {app: productpage}}
//! tests:
//! - name: jason sees the canary
//!   when: {url: "http://reviews:9080/reviews/0", headers: {end-user: jason}}
//!   then: {subset: v2}
//! - name: one in five of the others sees it
//!   when: {url: "http://reviews:9080/reviews/0"}
//!   then: {shares: {v1: 80%, v2: 20%}}
//! "#).expect("a file of tests");
//! let report = Report::new(vec![tests.run(|path| Err(format!("no file {path}")))]);
//! assert_eq!(report.verdict(), Verdict::Passed, "{report}");
//! ```
//!
//! # The format
//!
//! Every field that is not known is an error. Names of hosts may be short (`reviews`, `reviews.shop`), as in manifests.
//!
//! | field | what |
//! |---|---|
//! | `given` | list: paths of manifest files or folders, relative to the test file, and objects written out |
//! | `from` | who asks in tests that do not say it: a workload with a sidecar by its name (`productpage`, `productpage.shop`), or `{sidecar: NAME}`, `{gateway: NAME}`, with `namespace` and, for workloads that are not in the manifests, `labels` |
//! | `namespace` | where objects and workloads are that do not say it; `default` |
//! | `mesh` | the mesh's configuration, as Istio's `MeshConfig`: `{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}` |
//! | `domain` | the domain of the cluster; `cluster.local` |
//! | `tests` | list of tests: `name`, `from`, `when` (one, or a list that must all come out the same), and `then`, `not` or both |
//!
//! `when` is a request or a connection:
//!
//! | field | what |
//! |---|---|
//! | `url` | such as `http://reviews:9080/x?y`; or instead `host` (as sent, with a port or without), `scheme`, `path`, which are taken as they are |
//! | `method` | `GET` |
//! | `headers` | texts, or lists of texts for headers that are repeated |
//! | `port` | the port connected to, where it is not that of the URL |
//! | `source`, `address` | where the client is, and where it connects to |
//! | `claims` | of the client's verified token (JWT) |
//! | `responseHeaders` | what the service answers with |
//! | `connection` | instead of all this: `port`, `sni` (then with TLS), `address`, `source` |
//! | `draw` | the number that comes up in every random choice |
//!
//! **Without a draw a test speaks of all requests**: of a split 80 to 20, `subset: v1` fails, since 20 % come out otherwise.
//!
//! `then` lists what shall come out, `not` what shall not:
//!
//! | field | what |
//! |---|---|
//! | `host`, `subset`, `port`, `cluster` | the destination, where somebody is behind it; the subset `''` is all of the service |
//! | `shares` | exact shares by subset, host, `host/subset` or cluster: `{v1: 80%, v2: 20%}`, `{v1: 1/3, …}`; nobody else gets any |
//! | `unreachable` | `true`: nobody gets it, and no rule answers it (no host, no route, no such subset, no endpoint); `false`: it is sent on |
//! | `status`, `location`, `body` | what the proxy itself answers: redirects, direct responses, 404, 503 |
//! | `path`, `authority`, `headers` | as sent on; `null` for a header that must not be there |
//! | `responseHeaders` | as the client gets them |
//! | `timeout` | `5s`, or `none` |
//! | `retries` | the number of attempts, or some of `attempts`, `perTryTimeout`, `retryOn` |
//! | `mirrors` | copies, as shares by destination, or `none` |
//! | `delay`, `abort` | injected faults: `{for: 5s, share: 10%}`, `{status: 503, share: 1/3}` (or `grpcStatus`), or `none` |
//! | `route` | the name of the route |
//! | `endpoint` | the address that a consistent hash (or the draw) chooses |
//!
//! Of a connection the first two rows, `unreachable` and `endpoint` can be asked.

mod asked;
mod check;
mod expect;
mod facts;
mod file;
mod junit;
mod load;
mod problem;
mod read;
mod report;
mod run;
mod share;
mod source;

pub use asked::split_url;
pub use file::RouteTests;
pub use load::MeshLoader;
pub use problem::{
    BAD_VALUE, MISSING, NO_MANIFESTS, NO_NAME, NO_WORKLOAD, NOT_READ, NOT_TOGETHER, OBJECT_TWICE, Problem,
    SAME_NAME, UNREADABLE,
};
pub use report::{Failure, FileReport, Mismatch, Report, TestReport, Verdict};
pub use share::{InvalidShare, Share};
