//! Rollouts of Argo Rollouts, in and out.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use pointsman_import::{Argument, import, to_rollout};
use pointsman_manifest::{Manifest, Value};
use pointsman_rollout::{
    AbortScaleDown, Approval, PlanSpec, PlanStep, Retirement, Role, StableScale, Strategy, Threshold,
    Traffic, Unfinished, explain,
};
use pointsman_types::{FieldPath, IntOrString, Weight, duration::TimeDelta};

const ROLLOUT: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: reviews, namespace: shop}
spec:
  replicas: 10
  progressDeadlineSeconds: 120
  progressDeadlineAbort: true
  rollbackWindow: {revisions: 2}
  strategy:
    canary:
      canaryService: reviews-canary
      stableService: reviews-stable
      dynamicStableScale: true
      abortScaleDownDelaySeconds: 0
      minPodsPerReplicaSet: 2
      replicaProgressThreshold: {type: Percent, value: 80}
      trafficRouting:
        istio:
          virtualService: {name: reviews, routes: [primary]}
          destinationRule: {name: reviews, canarySubsetName: canary, stableSubsetName: stable}
        managedRoutes: [{name: insiders}, {name: shadow}]
      analysis:
        templates: [{templateName: errors}]
        startingStep: 2
      steps:
      - setCanaryScale: {replicas: 2}
      - setHeaderRoute:
          name: insiders
          match: [{headerName: X-Group, headerValue: {exact: insider}}]
      - setMirrorRoute: {name: shadow, percentage: 35, match: [{path: {prefix: /v2}, method: {exact: GET}}]}
      - experiment:
          duration: 10m
          templates: [{name: baseline, specRef: stable, weight: 5}, {name: candidate, specRef: canary, replicas: 2}]
          analyses: [{name: compare, templateName: compare, args: [{name: hash, valueFrom: {podTemplateHashValue: Stable}}]}]
      - setMirrorRoute: {name: shadow}
      - setWeight: 20
      - pause: {duration: 90}
      - analysis: {templates: [{templateName: errors, clusterScope: true}], args: [{name: service, value: reviews}]}
      - plugin: {name: acme/gate}
      - pause: {}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors, namespace: shop}
spec:
  args: [{name: service, value: none}]
  metrics:
  - name: error-rate
    interval: 1m
    count: 5
    failureLimit: 2
    successCondition: result[0] < 0.05
    provider:
      prometheus: {address: 'http://prometheus:9090', query: 'errors{service=\"{{args.service}}\"}'}
";

fn objects(text: &str) -> Vec<Value> {
    let manifest = Manifest::parse(text).expect("yaml");
    manifest.objects().map(|object| object.value().clone()).collect()
}

#[test]
fn everything_a_rollout_says_is_in_the_plan() {
    let objects = objects(ROLLOUT);
    let imported = import(&objects);
    let plan = imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings()));
    let spec = plan.spec();
    assert_eq!((spec.replicas, spec.min_pods, spec.rollback_window), (10, 2, 2));
    assert_eq!((spec.stable_scale, spec.threshold), (StableScale::Dynamic, Threshold::Percent(80)));
    assert_eq!(spec.abort_scale_down, AbortScaleDown::Never);
    let words = explain(plan);
    for line in [
        "1. scale the canary to 2 pods, whatever its traffic\n",
        "2. send requests with header `x-group` `insider` to the canary (route `insiders`)\n",
        "3. copy 35% of requests with method `GET` and path `/v2…` to the canary (route `shadow`)\n",
        "4. experiment `step-4`: run 1 pod `step-4-baseline` like stable with a share of 5 and 2 pods `step-4-candidate` like \
         canary for 10m0s, measure compare: a failure aborts, whatever is not answered by then\n",
        "5. take route `shadow` away\n",
        "6. give the canary 20 of 100, on 2 of 10 pods\n7. wait 1m30s\n8. measure cluster/errors: a failure aborts\n",
        "9. measure plugin/acme/gate: a failure aborts\n10. wait until a person says to go on\n",
        "- beside the steps, from step 3 on: measure errors: a failure aborts\n",
        "- no progress for 2m0s aborts\n",
    ] {
        assert!(words.contains(line), "{line}\n{words}");
    }
}

#[test]
fn what_is_measured_is_found_with_its_arguments() {
    let objects = objects(ROLLOUT);
    let imported = import(&objects);
    let measured = imported[0].measured();
    assert_eq!(measured.iter().map(|m| m.step).collect::<Vec<_>>(), [Some(3), Some(7), None]);
    assert_eq!(measured[0].arguments["hash"], Argument::VersionOf(Role::Stable));
    assert_eq!(measured[1].arguments["service"], Argument::Value("reviews".into()));
    let (name, template) = imported[0].templates().next().expect("one of them is there");
    assert_eq!(name, "errors");
    let query = template.metrics[0].query.as_ref().expect("a query");
    assert_eq!(query.text, "errors{service=\"{{args.service}}\"}");
    assert_eq!(query.address.as_ref().map(ToString::to_string).as_deref(), Some("http://prometheus:9090/"));
    assert_eq!((template.metrics[0].count, template.metrics[0].limits.failure), (Some(5), 2));
    let missing = imported[0].findings().iter().filter(|finding| finding.code.as_str() == "PI0105");
    let missing: Vec<&str> = missing.map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        missing,
        [
            "there is no AnalysisTemplate `compare` among the objects",
            "there is no ClusterAnalysisTemplate `errors` among the objects"
        ]
    );
}

fn read(strategy: &str) -> PlanSpec {
    let text = format!(
        "{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {{name: r}}, spec: {{strategy: {strategy}}}}}"
    );
    let objects = objects(&text);
    let imported = import(&objects);
    imported[0].plan().unwrap_or_else(|| panic!("{:?}", imported[0].findings())).spec().clone()
}

#[test]
fn without_a_route_pods_make_the_shares() {
    let spec = read("{canary: {maxSurge: 2, steps: [{setWeight: 40}]}}");
    let Strategy::Canary(canary) = &spec.strategy else { panic!("a canary") };
    let (surge, unavailable) = (IntOrString::Int(2), IntOrString::Percent(25));
    assert_eq!(canary.traffic, Traffic::ByReplicas { max_surge: surge, max_unavailable: unavailable });
    assert_eq!(spec.retirement, Retirement::After(TimeDelta::ZERO));
}

#[test]
fn blue_green_is_approved_by_time_or_by_a_person() {
    for (fields, approval) in [
        ("", Approval::Automatic),
        (", autoPromotionSeconds: 30", Approval::After(TimeDelta::from_secs(30))),
        (", autoPromotionEnabled: false, autoPromotionSeconds: 30", Approval::ByPerson),
    ] {
        let spec = read(&format!("{{blueGreen: {{activeService: r, previewReplicaCount: 1{fields}}}}}"));
        let Strategy::BlueGreen(blue_green) = &spec.strategy else { panic!("blue-green") };
        assert_eq!((blue_green.promotion, blue_green.preview_replicas), (approval, Some(1)));
        assert_eq!(spec.retirement, Retirement::After(TimeDelta::from_secs(30)));
    }
}

#[test]
fn a_step_that_says_several_things_does_them_in_order() {
    let spec = read(
        "{canary: {canaryService: a, stableService: b, trafficRouting: {apisix: {route: {name: r}}, managedRoutes: [{name: h}]}, \
         steps: [{setHeaderRoute: {name: h}, pause: {}, setCanaryScale: {replicas: 1}}]}}",
    );
    let Strategy::Canary(canary) = &spec.strategy else { panic!("a canary") };
    assert!(matches!(
        canary.steps.as_slice(),
        [PlanStep::SetCanaryScale(_), PlanStep::SetRoute(_), PlanStep::Pause(_)]
    ));
}

#[test]
fn what_is_wrong_is_named_with_its_path() {
    for (strategy, code, path) in [
        ("{}", "PI0001", "spec.strategy"),
        ("{canary: {}, blueGreen: {activeService: a}}", "PI0004", "spec.strategy"),
        ("{blueGreen: {}}", "PI0001", "spec.strategy.blueGreen.activeService"),
        ("{canary: {steps: [{setWeight: 20, pause: {}}]}}", "PI0004", "spec.strategy.canary.steps[0]"),
        ("{canary: {steps: [{}]}}", "PI0004", "spec.strategy.canary.steps[0]"),
        ("{canary: {steps: [{setWeight: -1}]}}", "PI0003", "spec.strategy.canary.steps[0].setWeight"),
        ("{canary: {steps: [{setWeight: many}]}}", "PI0002", "spec.strategy.canary.steps[0].setWeight"),
        ("{canary: {steps: [{setWeight: 120}]}}", "PI0006", "spec.strategy"),
        (
            "{canary: {steps: [{pause: {duration: 3d}}]}}",
            "PI0003",
            "spec.strategy.canary.steps[0].pause.duration",
        ),
        (
            "{canary: {steps: [{setCanaryScale: {replicas: 1}}]}}",
            "PI0005",
            "spec.strategy.canary.steps[0].setCanaryScale",
        ),
        ("{canary: {dynamicStableScale: true}}", "PI0005", "spec.strategy.canary.dynamicStableScale"),
        (
            "{canary: {trafficRouting: {nginx: {stableIngress: i}}}}",
            "PI0001",
            "spec.strategy.canary.canaryService",
        ),
        ("{canary: {maxSurge: 0, maxUnavailable: 0}}", "PI0006", "spec.strategy"),
    ] {
        let text = format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {{name: r}}, spec: {{strategy: {strategy}}}}}"
        );
        let objects = objects(&text);
        let imported = import(&objects);
        let found = imported[0].findings().iter().filter(|finding| finding.is_error());
        let found: Vec<(&str, String)> = found.map(|f| (f.code.as_str(), f.path.to_string())).collect();
        assert!(found.contains(&(code, path.to_owned())), "{strategy}: {found:?}");
        assert_eq!(imported[0].plan(), None);
    }
}

#[test]
fn a_number_that_is_too_large_is_told_its_bounds() {
    let text = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r}, \
                spec: {strategy: {canary: {steps: [{setWeight: 99999999999}]}}}}";
    let imported = import(&objects(text));
    let said: Vec<_> = imported[0].findings().iter().map(|finding| finding.message.as_str()).collect();
    assert!(said.contains(&"`99999999999` is not a whole number from 0 to 4294967295"), "{said:?}");
}

#[test]
fn an_unknown_field_is_named_with_the_one_that_was_meant() {
    let text = "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r}, spec: {strategy: {canary: {step: []}}}}";
    let objects = objects(text);
    let imported = import(&objects);
    let finding =
        imported[0].findings().iter().find(|finding| finding.code.as_str() == "PI0104").expect("found");
    assert_eq!(
        (finding.message.as_str(), finding.help.as_str()),
        ("there is no field `step`", "did you mean `steps`?")
    );
}

#[test]
fn writing_back_an_unchanged_plan_changes_nothing() {
    let objects = objects(ROLLOUT);
    let imported = import(&objects);
    let (written, findings) = to_rollout(imported[0].plan().expect("a plan"), Some(&objects[0]));
    assert_eq!(written, objects[0]);
    assert!(findings.iter().all(|finding| !finding.is_error()), "{findings:?}");
}

#[test]
fn writing_back_a_changed_weight_changes_that_weight() {
    let objects = objects(ROLLOUT);
    let imported = import(&objects);
    let mut spec = imported[0].spec().clone();
    let Strategy::Canary(canary) = &mut spec.strategy else { panic!("a canary") };
    canary.steps[5] = PlanStep::SetWeight(Weight::new(30));
    let (written, _) = to_rollout(&spec.build().expect("valid"), Some(&objects[0]));
    let mut expected = objects[0].clone();
    let path: FieldPath = "spec.strategy.canary.steps[5].setWeight".parse().expect("a path");
    *expected.at_mut(&path).expect("there") = 30_u32.into();
    assert_eq!(written.to_json(), expected.to_json());
}

#[test]
fn an_experiment_that_comes_to_another_place_is_told() {
    let experiment = "{experiment: {duration: 1m, templates: [{name: e, specRef: stable}]}}";
    for (before, findings) in [("{setWeight: 20}", 0), ("{setCanaryScale: {weight: 50}, setWeight: 20}", 1)] {
        let objects = objects(&format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {{name: reviews}}, spec: {{strategy: {{canary: \
             {{canaryService: a, stableService: b, trafficRouting: {{istio: {{virtualService: {{name: v}}}}}}, \
             steps: [{before}, {experiment}]}}}}}}}}"
        ));
        let (_, told) = to_rollout(import(&objects)[0].plan().expect("a plan"), None);
        let told =
            told.iter().filter(|finding| finding.message.contains("`step-2` is named after its place"));
        assert_eq!(told.count(), findings, "{before}");
    }
}

#[test]
fn a_step_that_says_several_things_moves_none_of_those_behind_it() {
    let steps = "[{setCanaryScale: {weight: 50}, setWeight: 20}, {setWeight: 40}]";
    let objects = objects(&format!(
        "{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {{name: reviews}}, spec: {{strategy: {{canary: \
         {{canaryService: a, stableService: b, trafficRouting: {{istio: {{virtualService: {{name: v}}}}}}, steps: {steps}}}}}}}}}"
    ));
    let mut spec = import(&objects)[0].spec().clone();
    let Strategy::Canary(canary) = &mut spec.strategy else { panic!("a canary") };
    canary.steps.push(PlanStep::SetWeight(Weight::new(80)));
    let plan = spec.build().expect("valid");
    let (written, _) = to_rollout(&plan, Some(&objects[0]));
    assert_eq!(import([&written])[0].plan(), Some(&plan), "{}", written.to_json());
}

#[test]
fn a_plan_written_down_anew_is_read_as_the_same() {
    let objects = objects(ROLLOUT);
    let imported = import(&objects);
    let plan = imported[0].plan().expect("a plan");
    let (written, _) = to_rollout(plan, None);
    let again = import([&written]);
    assert_eq!(again[0].plan().unwrap_or_else(|| panic!("{:?}", again[0].findings())), plan);
}

#[test]
fn what_argo_cannot_say_is_an_error() {
    use pointsman_rollout::{Analysis, Canary, OnFailure};
    for step in [
        PlanStep::Barrier("together".into()),
        PlanStep::Analysis(Analysis::of(["a"]).with_on_failure(OnFailure::Hold)),
        PlanStep::Analysis(Analysis::of(["a"]).with_forgiven(1)),
    ] {
        let plan = PlanSpec::new("r", Strategy::Canary(Canary::new([step]))).build().expect("valid");
        let (_, findings) = to_rollout(&plan, None);
        assert!(findings.iter().any(|finding| finding.code.as_str() == "PI0201"), "{findings:?}");
    }
}

#[test]
fn an_experiment_waits_for_what_it_requires() {
    let experiment = |analysis: &str| {
        let objects = objects(&format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {{name: reviews}}, spec: {{strategy: {{canary: \
             {{canaryService: a, stableService: b, trafficRouting: {{istio: {{virtualService: {{name: v}}}}}}, \
             steps: [{{experiment: {{duration: 1m, templates: [{{name: e, specRef: stable}}], analyses: \
             [{{name: c, templateName: c, {analysis}}}]}}}}]}}}}}}}}"
        ));
        let plan = import(&objects)[0].plan().expect("a plan").clone();
        // What is written anew reads the same.
        let (written, _) = to_rollout(&plan, None);
        assert_eq!(import([&written])[0].plan().expect("a plan").steps(), plan.steps());
        plan.steps()[0].clone()
    };
    for (analysis, unfinished) in [
        ("requiredForCompletion: true", Unfinished::Awaited),
        ("requiredForCompletion: false", Unfinished::Stopped),
        ("args: []", Unfinished::Stopped),
    ] {
        let step = experiment(analysis);
        assert!(
            matches!(&step, PlanStep::Experiment(e) if e.unfinished == unfinished),
            "{analysis}: {step:?}"
        );
    }
}
