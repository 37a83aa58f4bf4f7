//! A plan as a `Canary`.

use pointsman_manifest::{Map, Value};
use pointsman_rollout::{
    AbTest, Analysis, Approval, BlueGreen, Check, Increments, OnDeadline, OnFailure, Plan, PlanSpec,
    RequestMatch, Sticky, Strategy, TextMatch, Threshold,
};
use pointsman_types::{
    Diagnostic, ObjectRef, Percent,
    duration::{TimeDelta, go},
};

use super::hooks::WEBHOOK;
use super::sticky;
use crate::codes::{DIFFERS, NOT_EXPRESSIBLE};
use crate::edit::{map, set, unset};
use crate::field::{Field, Notes};
use crate::{Imported, import};

/// A plan as a `Canary` of Flagger, with findings for what it cannot say there: canaries by increments, A/B tests, and
/// blue-green with the same check a number of times.
///
/// With `base`, the user's own object, only what the plan says otherwise is changed. An error among the findings means that
/// the object does not do what the plan says.
///
/// ```
/// use pointsman_import::to_canary;
/// use pointsman_rollout::{Analysis, Increments, PlanSpec, Strategy};
/// use pointsman_types::duration::TimeDelta;
/// let increments = Increments::new([10, 50], TimeDelta::from_secs(60), Analysis::of(["request-success-rate"]));
/// let (canary, _) = to_canary(&PlanSpec::new("reviews", Strategy::Increments(increments)).build()?, None);
/// let weights = canary.at(&"spec.analysis.stepWeights".parse()?).expect("weights");
/// assert_eq!(weights.to_json(), "[10,50]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_canary(plan: &Plan, base: Option<&Value>) -> (Value, Vec<Diagnostic>) {
    let component = plan.spec().component.as_str();
    let before = base.and_then(|base| import([base]).into_iter().next());
    let value = base.cloned().unwrap_or_else(|| skeleton(component));
    let object = ObjectRef::new("flagger.app/v1beta1", "Canary", value.object_ref().namespace, component);
    let mut writing = Writing { value, notes: Notes::on(object) };
    let said = before.as_ref().filter(|before| before.plan().is_some()).map(Imported::spec);
    if said.is_none_or(|said| said.strategy != plan.spec().strategy) {
        writing.strategy(&plan.spec().strategy);
    }
    writing.rest(plan.spec(), said);
    (writing.value, writing.notes.finished())
}

fn skeleton(component: &str) -> Value {
    let target =
        map([("apiVersion", "apps/v1".into()), ("kind", "Deployment".into()), ("name", component.into())]);
    map([
        ("apiVersion", "flagger.app/v1beta1".into()),
        ("kind", "Canary".into()),
        ("metadata", map([("name", component.into())])),
        ("spec", map([("targetRef", target), ("service", map([("port", 80_u32.into())]))])),
    ])
}

struct Writing {
    value: Value,
    notes: Notes,
}

impl Writing {
    fn refuse(&mut self, what: &str) {
        let nowhere = Field::root(&Value::Null).at(&["spec", "analysis"]);
        self.notes.error(NOT_EXPRESSIBLE, &nowhere, what);
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        set(&mut self.value, &["spec", "analysis", name], value);
    }

    fn strategy(&mut self, strategy: &Strategy) {
        for name in [
            "iterations",
            "match",
            "maxWeight",
            "mirror",
            "mirrorWeight",
            "stepWeight",
            "stepWeightPromotion",
            "stepWeights",
        ] {
            unset(&mut self.value, &["spec", "analysis", name]);
        }
        unset(&mut self.value, &["spec", "skipAnalysis"]);
        match strategy {
            Strategy::Increments(increments) => self.increments(increments),
            Strategy::AbTest(test) => self.ab_test(test),
            Strategy::BlueGreen(blue_green) => self.blue_green(blue_green),
            Strategy::Canary(canary) if canary.steps.is_empty() && canary.background.is_none() => {
                set(&mut self.value, &["spec", "skipAnalysis"], true);
            }
            Strategy::Canary(_) => self.refuse("written-out steps have no form there: use increments"),
            _ => self.refuse("a release by hand has no form there"),
        }
    }

    fn increments(&mut self, increments: &Increments) {
        self.check(increments.interval, &increments.check);
        self.set("stepWeights", increments.weights.iter().copied().collect::<Value>());
        if let Some(step) = increments.promotion_step {
            self.set("stepWeightPromotion", step);
        }
        self.mirror(increments.mirror);
        self.approval(increments.promotion);
        self.gate("confirm-traffic-increase", increments.before_each.as_ref());
        self.gate("confirm-promotion", increments.before_promotion.as_ref());
        self.first(&increments.first);
    }

    fn ab_test(&mut self, test: &AbTest) {
        self.check(test.interval, &test.check);
        self.set("iterations", test.iterations);
        self.set("match", test.matches.iter().map(request).collect::<Value>());
        self.approval(test.promotion);
        self.gate("confirm-promotion", test.before_promotion.as_ref());
        self.first(&test.first);
    }

    fn blue_green(&mut self, blue_green: &BlueGreen) {
        let Some(check) = blue_green.before.iter().find(|check| !check.delay.is_zero()) else {
            self.refuse("blue-green needs a check with an interval");
            return;
        };
        let is_same = |other: &&Check| *other == check;
        let count = blue_green.before.iter().filter(is_same).count();
        if blue_green.before.iter().any(|other| other != check && !other.delay.is_zero()) {
            self.refuse("blue-green does the same check each time");
        }
        if !blue_green.after.is_empty() || blue_green.preview_replicas.is_some() {
            self.refuse("nothing is checked after the switch, and the new version is complete before it");
        }
        self.check(check.delay, &check.analysis);
        self.set("iterations", u32::try_from(count).unwrap_or(u32::MAX));
        self.mirror(blue_green.mirror);
        self.approval(blue_green.promotion);
        let begin = blue_green.before.iter().take_while(|other| *other != check);
        self.first(begin);
        for gate in
            blue_green.before.iter().skip_while(|other| *other != check).filter(|other| *other != check)
        {
            self.gate("confirm-promotion", Some(&gate.analysis));
        }
    }

    /// What waits for an answer is a gate, what can fail a check.
    fn first<'c>(&mut self, checks: impl IntoIterator<Item = &'c Check>) {
        for check in checks {
            let is_gate = check.analysis.on_failure == OnFailure::Hold;
            let kind = if is_gate { "confirm-rollout" } else { "pre-rollout" };
            self.gate(kind, Some(&check.analysis));
        }
    }

    fn mirror(&mut self, share: Option<Percent>) {
        let Some(share) = share else { return };
        self.set("mirror", true);
        if share != Percent::HUNDRED {
            self.set("mirrorWeight", share.millionths().div_ceil(10_000));
        }
    }

    fn approval(&mut self, approval: Approval) {
        if approval != Approval::Automatic {
            self.refuse("a person's approval is a `confirm-promotion` webhook there");
        }
    }

    fn check(&mut self, interval: TimeDelta, check: &Analysis) {
        self.set("interval", go::format(interval));
        self.set("threshold", check.forgiven.saturating_add(1));
        let known: Vec<Value> = self.list("metrics");
        let is_hook = |name: &&String| name.starts_with(WEBHOOK);
        let metrics = check.templates.iter().filter(|name| !is_hook(name)).map(|name| {
            let kept = known.iter().find(|metric| name_of(metric) == Some(name));
            kept.cloned().unwrap_or_else(|| {
                let reference = map([("name", name.as_str().into())]);
                map([("name", name.as_str().into()), ("templateRef", reference)])
            })
        });
        let metrics: Value = metrics.collect();
        self.set("metrics", metrics);
        for name in check.templates.iter().filter(is_hook) {
            self.hook("rollout", name);
        }
    }

    fn list(&self, name: &str) -> Vec<Value> {
        let analysis = self.value.get("spec").and_then(|spec| spec.get("analysis"));
        let list = analysis.and_then(|analysis| analysis.get(name)).and_then(Value::as_list);
        list.map(<[Value]>::to_vec).unwrap_or_default()
    }

    fn gate(&mut self, kind: &str, gate: Option<&Analysis>) {
        for name in gate.iter().flat_map(|gate| &gate.templates) {
            self.hook(kind, name);
        }
    }

    /// A webhook that is there stays; of a new one nobody knows the address.
    fn hook(&mut self, kind: &str, name: &str) {
        let bare = name.strip_prefix(WEBHOOK).unwrap_or(name);
        let mut hooks = self.list("webhooks");
        if hooks.iter().any(|hook| name_of(hook) == Some(bare)) {
            return;
        }
        hooks.push(map([("name", bare.into()), ("type", kind.into()), ("url", "http://localhost/".into())]));
        self.set("webhooks", hooks);
        let nowhere = Field::root(&Value::Null).at(&["spec", "analysis", "webhooks"]);
        self.notes.warning(DIFFERS, &nowhere, format!("fill in the address of webhook `{bare}`"));
    }

    fn sticky(&mut self, sticky: Option<&Sticky>) {
        let path = ["spec", "analysis", "sessionAffinity"];
        match sticky.map(sticky::written) {
            None => unset(&mut self.value, &path),
            Some(Some(written)) => set(&mut self.value, &path, written),
            Some(None) => self.refuse("users stay by a cookie there, with the attributes that it knows"),
        }
    }

    fn rest(&mut self, spec: &PlanSpec, said: Option<&PlanSpec>) {
        let deadline = ["spec", "progressDeadlineSeconds"];
        if said.is_none_or(|said| said.progress_deadline != spec.progress_deadline) {
            match spec.progress_deadline {
                Some(length) if length.secs() != 600 => set(&mut self.value, &deadline, length.secs().max(1)),
                _ => unset(&mut self.value, &deadline),
            }
        }
        if said.and_then(|said| said.sticky.as_ref()) != spec.sticky.as_ref() {
            self.sticky(spec.sticky.as_ref());
        }
        if spec.on_deadline == OnDeadline::Report {
            let nowhere = Field::root(&Value::Null).at(&deadline);
            self.notes.warning(DIFFERS, &nowhere, "there is always a deadline, and it rolls back");
        }
        if said.map_or(Threshold::All, |said| said.threshold) != spec.threshold {
            match spec.threshold {
                Threshold::Percent(percent) => self.set("canaryReadyThreshold", percent),
                Threshold::All => unset(&mut self.value, &["spec", "analysis", "canaryReadyThreshold"]),
                Threshold::Pods(_) => self.refuse("a threshold of pods is a percentage there"),
            }
        }
    }
}

fn name_of(item: &Value) -> Option<&str> {
    item.get("name").and_then(Value::as_str)
}

fn request(request: &RequestMatch) -> Value {
    let text = |text: &TextMatch| match text {
        TextMatch::Exact(text) => map([("exact", text.as_str().into())]),
        TextMatch::Prefix(text) => map([("prefix", text.as_str().into())]),
        TextMatch::Regex(text) => map([("regex", text.as_str().into())]),
    };
    let mut node = Map::new();
    if !request.headers.is_empty() {
        let headers: Map = request.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        node.insert("headers", headers);
    }
    if !request.source_labels.is_empty() {
        let labels: Map = request.source_labels.iter().collect();
        node.insert("sourceLabels", labels);
    }
    if let Some(method) = &request.method {
        node.insert("method", text(method));
    }
    if let Some(path) = &request.path {
        node.insert("uri", text(path));
    }
    Value::Map(node)
}
