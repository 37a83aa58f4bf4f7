//! Canaries of Flagger, in and out.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use pointsman_import::{import, to_canary};
use pointsman_manifest::{Manifest, Value};
use pointsman_rollout::{Keeps, PlanSpec, PlanStep, Sticky, Strategy, TextMatch, explain};
use pointsman_types::{Percent, duration::TimeDelta};

fn canary(analysis: &str) -> Vec<Value> {
    let text = format!(
        "
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {{name: podinfo, namespace: test}}
spec:
  provider: istio
  targetRef: {{apiVersion: apps/v1, kind: Deployment, name: podinfo}}
  service: {{port: 9898}}
  progressDeadlineSeconds: 60
  analysis: {analysis}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: podinfo, namespace: test}}
spec: {{replicas: 3}}
---
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: {{name: latency, namespace: metrics}}
spec:
  provider: {{type: prometheus, address: 'http://prometheus:9090'}}
  query: 'latency{{target=\"{{{{ target }}}}\"}}'
"
    );
    let manifest = Manifest::parse(&text).expect("yaml");
    manifest.objects().map(|object| object.value().clone()).collect()
}

fn read(analysis: &str) -> PlanSpec {
    let objects = canary(analysis);
    let imported = import(&objects);
    imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings())).spec().clone()
}

const HOOKS: &str = "webhooks: [{name: smoke, type: pre-rollout, url: 'http://t/'}, {name: load, url: 'http://t/'}, \
    {name: hours, type: confirm-traffic-increase, url: 'http://t/'}, {name: sign, type: confirm-promotion, url: 'http://t/'}, \
    {name: tell, type: post-rollout, url: 'http://t/'}, {name: back, type: rollback, url: 'http://t/'}]";

#[test]
fn a_canary_by_increments_has_its_gates_and_checks() {
    let objects = canary(&format!(
        "{{interval: 30s, threshold: 3, stepWeight: 20, maxWeight: 50, stepWeightPromotion: 50, mirror: true, mirrorWeight: 40, \
         metrics: [{{name: request-success-rate, thresholdRange: {{min: 99}}}}, \
         {{name: latency, templateRef: {{name: latency, namespace: metrics}}, thresholdRange: {{max: 0.5}}}}], {HOOKS}}}"
    ));
    let imported = import(&objects);
    let plan = imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings()));
    let words = explain(plan);
    let check =
        "measure webhook/load, request-success-rate, latency: a failure aborts after 2 that are forgiven\n";
    let gate = "measure webhook/hours: a failure waits for a person\n";
    let expected = format!(
        "`podinfo` is released as a canary by increments, with the same check after each, 3 pods, weights out of 100:\n\
         1. scale the canary to 3 pods, whatever its traffic\n\
         2. measure webhook/smoke: a failure aborts after 2 that are forgiven\n\
         3. copy 40% of all requests to the canary (route `canary-mirror`)\n4. wait 30s\n5. {check}\
         6. take route `canary-mirror` away\n\
         7. {gate}8. give the canary 20 of 100\n9. wait 30s\n10. {check}\
         11. {gate}12. give the canary 40 of 100\n13. wait 30s\n14. {check}\
         15. {gate}16. give the canary 50 of 100\n17. wait 30s\n18. {check}\
         19. measure webhook/sign: a failure waits for a person\n\
         20. the new version takes all traffic and is the stable one\n"
    );
    assert!(words.starts_with(&expected), "{words}");
    let lost = imported[0].findings().iter().filter(|finding| finding.code.as_str() == "PI0101");
    assert_eq!(
        lost.map(|finding| finding.path.to_string()).collect::<Vec<_>>(),
        ["spec.analysis.webhooks[5]", "spec.service"]
    );
    let (_, template) = imported[0].templates().find(|(name, _)| *name == "latency").expect("latency");
    assert_eq!(
        template.metrics[0].query.as_ref().map(|query| query.text.as_str()),
        Some("latency{target=\"{{ target }}\"}")
    );
    assert_eq!(template.metrics[0].range, (None, Some(0.5)));
}

#[test]
fn iterations_are_blue_green_and_with_a_match_an_ab_test() {
    let Strategy::BlueGreen(blue_green) = read("{interval: 1m, iterations: 4, mirror: true}").strategy else {
        panic!("blue-green")
    };
    assert_eq!((blue_green.before.len(), blue_green.mirror), (4, Some(Percent::HUNDRED)));
    let Strategy::AbTest(test) =
        read("{interval: 1m, iterations: 4, match: [{headers: {X-Canary: {exact: insider}}}, {sourceLabels: {app: a}}]}").strategy
    else {
        panic!("an A/B test")
    };
    assert_eq!((test.iterations, test.matches.len()), (4, 2));
    assert_eq!(test.matches[0].headers, [("x-canary".to_owned(), TextMatch::Exact("insider".into()))]);
    assert_eq!(test.matches[1].source_labels.value("app"), Some("a"));
}

#[test]
fn weights_are_those_that_grow() {
    for (fields, weights) in [
        ("stepWeight: 30", vec![30, 60, 90, 100]),
        ("stepWeight: 10, maxWeight: 20", vec![10, 20]),
        ("stepWeights: [1, 2, 10, 80]", vec![1, 2, 10, 80]),
        ("stepWeights: [10, 5, 30, 30, 200]", vec![10, 30, 100]),
        ("maxWeight: 40", vec![40]),
    ] {
        let Strategy::Increments(increments) = read(&format!("{{{fields}}}")).strategy else {
            panic!("{fields}")
        };
        assert_eq!(increments.weights, weights, "{fields}");
        assert_eq!(increments.interval, TimeDelta::from_secs(60));
    }
}

#[test]
fn without_an_analysis_nothing_happens_by_itself() {
    let mut objects = canary("null");
    let imported = import(&objects);
    assert!(matches!(imported[0].spec().strategy, Strategy::Manual(_)));
    objects[0].get_mut("spec").expect("a spec").set("skipAnalysis", true);
    let skipped = import(&objects);
    let Strategy::Canary(canary) = &skipped[0].spec().strategy else { panic!("a canary") };
    assert_eq!(canary.steps, Vec::<PlanStep>::new());
}

#[test]
fn a_plan_written_back_is_read_as_the_same() {
    for analysis in [
        format!(
            "{{interval: 30s, threshold: 3, stepWeight: 20, maxWeight: 60, metrics: [{{name: request-duration}}], {HOOKS}}}"
        ),
        format!("{{interval: 30s, iterations: 3, mirror: true, mirrorWeight: 20, {HOOKS}}}"),
        format!(
            "{{interval: 30s, iterations: 3, match: [{{uri: {{prefix: /a}}, method: {{exact: GET}}}}], {HOOKS}}}"
        ),
        "{stepWeights: [5, 50], canaryReadyThreshold: 50}".to_owned(),
    ] {
        let objects = canary(&analysis);
        let imported = import(&objects);
        let plan = imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings()));
        let (kept, _) = to_canary(plan, Some(&objects[0]));
        assert_eq!(kept, objects[0]);
        let (written, findings) = to_canary(plan, None);
        assert!(findings.iter().all(|finding| !finding.is_error()), "{findings:?}");
        let again = import([&written, &objects[1]]);
        assert_eq!(again[0].plan(), Some(plan), "{}", written.to_json());
    }
}

#[test]
fn what_flagger_cannot_say_is_an_error() {
    let plan = PlanSpec::manual("reviews").build().expect("valid");
    let (_, findings) = to_canary(&plan, None);
    assert!(findings.iter().any(|finding| finding.code.as_str() == "PI0201"), "{findings:?}");
}

#[test]
fn session_affinity_goes_in_and_out() {
    let increments = "stepWeight: 20, metrics: [{name: request-success-rate}]";
    for (said, keeps) in [
        ("cookieName: flagger", Keeps::Canary),
        ("cookieName: flagger, primaryCookieName: primary, maxAge: 600", Keeps::Both),
        (
            "cookieName: f, maxAge: 60, domain: a.test, path: /a, sameSite: Lax, httpOnly: true, secure: true",
            Keeps::Canary,
        ),
    ] {
        let objects = canary(&format!("{{{increments}, sessionAffinity: {{{said}}}}}"));
        let imported = import(&objects);
        let plan = imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings()));
        let sticky = plan.spec().sticky.as_ref().expect("users stay");
        assert_eq!(sticky.keeps, keeps, "{said}");
        let told = |text: &str| imported[0].findings().iter().any(|finding| finding.message.contains(text));
        assert!(told(if keeps == Keeps::Both { "only as many go over" } else { "drifts up" }));
        // Without the user's own object, the same comes back.
        let (written, findings) = to_canary(plan, None);
        assert!(findings.iter().all(|finding| !finding.is_error()), "{findings:?}");
        let again = import([&written]);
        assert_eq!(again[0].spec().sticky.as_ref(), Some(sticky), "{}", written.to_yaml());
        // And with it, nothing of it changes.
        let (kept, _) = to_canary(plan, Some(&objects[0]));
        assert_eq!(kept, objects[0]);
    }
    let other = import(&canary("{iterations: 2, metrics: [], sessionAffinity: {cookieName: a}}"));
    assert_eq!(other[0].spec().sticky, None);
    assert!(other[0].findings().iter().any(|finding| finding.message.contains("only where weights")));
}

#[test]
fn a_mark_that_has_no_form_in_a_canary_is_said() {
    let increments = pointsman_rollout::Increments::new(
        [20],
        TimeDelta::from_secs(60),
        pointsman_rollout::Analysis::of(["request-success-rate"]),
    );
    let spec = PlanSpec::new("podinfo", Strategy::Increments(increments));
    let by_header = spec.with_sticky(Sticky::by_header("x-version")).build().expect("valid");
    let (_, findings) = to_canary(&by_header, None);
    assert!(findings.iter().any(|finding| finding.is_error() && finding.message.contains("by a cookie")));
}
