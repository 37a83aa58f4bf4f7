//! Tutorial 2: a test of traffic rules, and what it says when a rule is wrong.
//!
//! `cargo run --example tutorial_2_route_test` prints
//!
//! ```text
//! reviews.test.yaml
//!   FAILED  testers see the canary (line 5)
//!     GET http://reviews:9080/reviews/0, end-user: jason
//!       reviews.test.yaml:7: then.subset: expected `v2`, found `v1` for 80% of the requests, `v2` for 20% of the requests
//!       why:
//!         GET reviews:9080/reviews/0
//!         route configuration `9080`
//!         host `reviews.default.svc.cluster.local:9080`: domain `reviews` matches
//!         host `allow_any`: domain `*` matches, but another is more specific or stands first
//!           route 0 (VirtualService default/reviews spec.http[0]): matches
//!           left out (VirtualService default/reviews spec.http[1].match[0]): an earlier rule takes every request
//!         to `outbound|9080|v1|reviews.default.svc.cluster.local`
//!   passed  one in five of the others sees it
//!   what is odd about the configuration:
//!     warning[PC0301]: VirtualService default/reviews spec.http[1]: no request gets here: an earlier route takes every request; put the route without conditions last
//! 2 tests: 1 passed, 1 failed
//! reviews.test.yaml
//!   passed  testers see the canary
//!   passed  one in five of the others sees it
//! 2 tests: 2 passed, 0 failed
//! ```

use pointsman_render::ManifestSet;
use pointsman_testing::route_test::{Report, RouteTests};

/// Who asks, what, and what shall come out. Without a draw a test speaks of all requests.
const TESTS: &str = "\
# The format is told in pointsman_testing::route_test.
given: [manifests.yaml]
from: productpage
tests:
- name: testers see the canary
  when: {url: 'http://reviews:9080/reviews/0', headers: {end-user: jason}}
  then: {subset: v2}
- name: one in five of the others sees it
  when: {url: 'http://reviews:9080/reviews/0'}
  then: {shares: {v1: 80%, v2: 20%}}
";

const WORKLOADS: &str = "\
{apiVersion: v1, kind: Service, metadata: {name: productpage}, spec: {ports: [{name: http, port: 9080}], selector: {app: productpage}}}
---
{apiVersion: v1, kind: Service, metadata: {name: reviews}, spec: {ports: [{name: http, port: 9080}], selector: {app: reviews}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
";

const SPLIT: &str = "\
\x20 - route:
    - {destination: {host: reviews, subset: v1}, weight: 80}
    - {destination: {host: reviews, subset: v2}, weight: 20}
";

const TESTERS: &str = "\
\x20 - match: [{headers: {end-user: {exact: jason}}}]
    route: [{destination: {host: reviews, subset: v2}}]
";

fn main() -> Result<(), String> {
    let tests = RouteTests::parse("reviews.test.yaml", TESTS)
        .map_err(|problems| problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())?;

    // The rule for testers stands behind the one for everybody: the test says so, and why.
    for rules in [[SPLIT, TESTERS], [TESTERS, SPLIT]] {
        let manifests = format!("{WORKLOADS}{}", rules.concat());
        // The library opens no files: whoever runs the tests gives the texts.
        let report = tests.run(|path| {
            let mut files = ManifestSet::new();
            files.insert(path, manifests.as_str());
            Ok(files)
        });
        print!("{}", Report::new(vec![report]));
    }
    Ok(())
}
