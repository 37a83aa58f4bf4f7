//! `istio-legacy/memquota-*`: what Mixer's `memquota` granted, a sequence a case.

use pointsman_policy::quota::{MemQuota, QuotaLimit, QuotaRequest, RollingWindow};
use pointsman_types::Time;
use pointsman_types::duration::TimeDelta;
use serde_json::{Value, json};

use crate::Outcome;

/// Runs each step, which answers what it is compared with; the first difference is the outcome.
fn steps(case: &Value, mut answer: impl FnMut(&Value) -> (Value, Value)) -> Outcome {
    let steps = case["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (position, step) in steps.iter().enumerate() {
        let (expected, actual) = answer(step);
        if expected != actual {
            return Outcome::equal(
                format!("step {position}: {expected}"),
                format!("step {position}: {actual}"),
            );
        }
    }
    Outcome::judged(!steps.is_empty(), "every step", "every step")
}

fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_default()
}

fn window(case: &Value) -> RollingWindow {
    RollingWindow::new(number(case, "limit"), number(case, "ticks"))
}

pub(super) fn take(case: &Value) -> Outcome {
    let mut window = window(case);
    steps(case, |step| {
        let result = window.take(number(step, "amount"), number(step, "tick"));
        (json!([step["result"], step["avail"]]), json!([result, window.available()]))
    })
}

pub(super) fn release(case: &Value) -> Outcome {
    let mut window = window(case);
    steps(case, |step| {
        let taken = window.take(number(step, "allocAmount"), number(step, "allocTick"));
        let released = window.release(number(step, "releaseAmount"), number(step, "releaseTick"));
        (json!([true, step["releaseResult"], step["avail"]]), json!([taken, released, window.available()]))
    })
}

pub(super) fn take_and_release(case: &Value) -> Outcome {
    let duration = |value: &Value| TimeDelta::from_nanos((value.as_f64().unwrap_or_default() * 1e9) as i64);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let limit = |quota: &Value| QuotaLimit {
        name: text(&quota["name"]),
        max_amount: number(quota, "maxAmount"),
        valid_duration: duration(&quota["validDurationSeconds"]),
        overrides: Vec::new(),
    };
    let limits = case["quotas"].as_array().into_iter().flatten().map(limit).collect();
    let mut quota = MemQuota::new(limits, TimeDelta::from_secs(3600));
    steps(case, |step| {
        let now = Time::EPOCH.plus(duration(&step["atSeconds"]));
        let mut ask = |part: &Value, sign: i64| {
            let request = QuotaRequest {
                name: text(&step["quota"]),
                deduplication_id: text(&part["dedupId"]),
                amount: sign * number(part, "amount"),
                best_effort: part["bestEffort"] == json!(true),
                ..QuotaRequest::default()
            };
            quota.handle(&request, now)
        };
        let taken = ask(&step["alloc"], 1);
        let released = ask(&step["release"], -1);
        let valid = duration(&step["alloc"]["validSeconds"]).nanos();
        let expected = json!([step["alloc"]["granted"], valid, step["release"]["released"]]);
        (expected, json!([taken.amount, taken.valid_duration.nanos(), released.amount]))
    })
}
