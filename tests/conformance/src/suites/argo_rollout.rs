//! `argo-rollout/<file stem>`: what the functions of the Argo Rollouts controller answer for its own objects.

use pointsman_rollout::compat::{self, Amount, ReplicaSet, Rollout, RolloutStatus, TrafficWeights};
use pointsman_rollout::replicas::{self, Counts};
use pointsman_types::{Time, duration::TimeDelta};
use serde_json::{Value, json};

use super::argo_istio_edits;
use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    corpora.suites_of("argo-rollout", "argo-rollouts/rollout", |name, stem, file| {
        let run = if stem == "istio_edits" { argo_istio_edits::run_case } else { run_case };
        Some(SuiteResult::of_cases(name, file, run))
    })
}

/// What `now` is in every case; a clock that reads itself twice reads a later time, as the cases about pauses need.
fn now() -> Time {
    start().plus(TimeDelta::from_nanos(1))
}

fn start() -> Time {
    Time::from_secs(1_767_225_600)
}

fn run_case(case: &Value) -> Outcome {
    let mut args = case["args"].clone();
    plain_times(&mut args);
    match answer(case["fn"].as_str().unwrap_or_default(), &args) {
        Ok(answer) => judged(&case["expect"], &answer),
        Err(why) => Outcome::unsupported(why),
    }
}

/// Writes `{"$nowPlusSeconds": n}` and `{"time": …}` as the time they stand for.
fn plain_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(seconds) = fields.get("$nowPlusSeconds").and_then(Value::as_f64) {
                let nanos = TimeDelta::from_nanos((seconds * 1e9) as i64);
                *value = json!(start().plus(nanos));
                return;
            }
            fields.values_mut().for_each(plain_times);
            if let (1, Some(time)) = (fields.len(), fields.get("time")) {
                *value = time.clone();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_times),
        _ => {}
    }
}

/// Every part that is expected is in the answer.
fn judged(expect: &Value, answer: &Value) -> Outcome {
    let passed = expect.as_object().is_some_and(|fields| {
        fields.iter().all(|(name, expected)| {
            let actual = answer.get(name).unwrap_or(&Value::Null);
            if expected.get("$isError").is_some() || expected.get("$notNil").is_some() {
                !actual.is_null()
            } else {
                actual == expected
            }
        })
    });
    Outcome::judged(passed, expect, answer)
}

fn read<T: serde::de::DeserializeOwned>(args: &Value, name: &str) -> Result<T, String> {
    serde_json::from_value(args[name].clone()).map_err(|error| format!("`{name}`: {error}"))
}

/// A list with its `null`s left out; `null` for an empty one.
fn read_list(args: &Value, name: &str) -> Result<Vec<ReplicaSet>, String> {
    let list: Option<Vec<Option<ReplicaSet>>> = read(args, name)?;
    Ok(list.unwrap_or_default().into_iter().flatten().collect())
}

fn counts(counts: Counts) -> Value {
    json!({"canary": counts.canary, "stable": counts.stable})
}

fn result(result: impl Into<Value>) -> Value {
    json!({"result": result.into()})
}

fn answer(function: &str, args: &Value) -> Result<Value, String> {
    let rollout = || {
        let context = args.get("pauseContext").unwrap_or(args);
        read::<Option<Rollout>>(context, "rollout").map(Option::unwrap_or_default)
    };
    let set = |name| read::<Option<ReplicaSet>>(args, name);
    let number = |name| read::<u32>(args, name);
    let recorded = || read::<Option<TrafficWeights>>(args, "weights");
    Ok(match function {
        "approximateWeightedCanaryStableReplicaCounts" => counts(compat::approximate_counts(
            number("specReplicas")?,
            number("desiredWeight")?,
            number("maxWeight")?,
            number("maxSurge")?,
        )),
        "trafficWeightToReplicas" => {
            let replicas = number("replicas")?;
            json!({"replicas": replicas::for_weight(replicas, number("weight")?, number("maxWeight")?, 0)})
        }
        "resolveFenceposts" => fenceposts(args)?,
        "CalculateReplicaCountsForBasicCanary" => counts(compat::basic_counts(
            &rollout()?,
            set("newRS")?.as_ref(),
            set("stableRS")?.as_ref(),
            &read_list(args, "olderRSs")?,
        )),
        "CalculateReplicaCountsForTrafficRoutedCanary" => counts(compat::routed_counts(
            &rollout()?,
            set("newRS")?.as_ref(),
            set("stableRS")?.as_ref(),
            recorded()?.as_ref(),
        )),
        "AtDesiredReplicaCountsForCanary" => result(compat::at_desired_counts(
            &rollout()?,
            set("newRS")?.as_ref(),
            set("stableRS")?.as_ref(),
            &read_list(args, "olderRSs")?,
            recorded()?.as_ref(),
        )),
        "NewRSNewReplicas" => {
            let (rollout, all, new) = (rollout()?, read_list(args, "allRSs")?, set("newRS")?);
            match compat::new_replicas(&rollout, &all, new.as_ref(), recorded()?.as_ref()) {
                Some(replicas) => json!({"replicas": replicas, "err": null}),
                None => json!({"replicas": 0, "err": "no strategy"}),
            }
        }
        "ReadyForPause" => {
            result(compat::ready_for_pause(&rollout()?, set("newRS")?.as_ref(), &read_list(args, "allRSs")?))
        }
        "GetReplicasForScaleDown" => {
            let ignored = args["ignoreAvailability"] == json!(true);
            let readiness = if ignored { compat::Readiness::Ignored } else { compat::Readiness::Counts };
            json!({"replicas": compat::counted_for_scale_down(set("rs")?.as_ref(), readiness)})
        }
        "allDesiredAreAvailable" => {
            result(compat::all_desired_are_available(set("rs")?.as_ref(), number("desired")?))
        }
        "ReplicaProgressThresholdMet" => {
            let threshold: Option<compat::ThresholdSpec> = read(args, "threshold")?;
            result(compat::threshold_is_met(threshold.as_ref(), set("rs")?.as_ref(), number("desired")?))
        }
        "IsReplicaSetAvailable" => result(compat::is_available(set("rs")?.as_ref())),
        "IsReplicaSetPartiallyAvailable" => result(compat::is_partially_available(set("rs")?.as_ref())),
        "HasScaleDownDeadline" => result(compat::has_scale_down_deadline(set("rs")?.as_ref())),
        "GetCanaryReplicasOrWeight" => {
            match compat::target(&rollout()?, set("newRS")?.as_ref(), set("stableRS")?.as_ref()) {
                compat::Target::Replicas(replicas) => json!({"replicas": replicas, "weight": 0}),
                compat::Target::Weight(weight) => json!({"replicas": null, "weight": weight}),
            }
        }
        "GetDesiredCanaryWeight" => {
            let (new, stable) = (set("newRS")?, set("stableRS")?);
            json!({"weight": compat::desired_canary_weight(&rollout()?, new.as_ref(), stable.as_ref())})
        }
        _ => return of_rollout(function, args, &rollout()?),
    })
}

fn of_rollout(function: &str, args: &Value, rollout: &Rollout) -> Result<Value, String> {
    let status = || read::<RolloutStatus>(args, "newStatus");
    let value = |value: Value| json!({"value": value});
    Ok(match function {
        "BeforeStartingStep" => result(compat::before_starting_step(rollout)),
        "GetCurrentCanaryStep" => {
            let step = compat::current_step(rollout).map(|_| "a step");
            json!({"step": step, "index": compat::current_step_index(rollout)})
        }
        "GetCurrentSetWeight" => json!({"weight": compat::set_weight(rollout)}),
        "GetCurrentExperimentStep" => match compat::current_experiment(rollout) {
            Some(experiment) => json!({"experiment": "there", "experiment.duration": experiment.duration}),
            None => json!({"experiment": null}),
        },
        "RolloutProgressing" => result(compat::is_progressing(rollout, &status()?)),
        "RolloutHealthy" => result(compat::is_healthy(rollout, &status()?)),
        "RolloutCompleted" => result(compat::is_completed(&status()?)),
        "RolloutTimedOut" => result(compat::is_timed_out(rollout, &status()?, now())),
        "ComputeStepHash" => json!({"hash": compat::step_hash(rollout)}),
        "GetMaxSurgeOrDefault" => value(json!(compat::max_surge_or_default(rollout))),
        "GetMaxUnavailableOrDefault" => value(json!(compat::max_unavailable_or_default(rollout))),
        "GetProgressDeadlineSecondsOrDefault" => value(compat::progress_deadline_seconds(rollout).into()),
        "GetScaleDownDelaySecondsOrDefault" => value(compat::scale_down_delay_seconds(rollout).into()),
        "GetAbortScaleDownDelaySecondsOrDefault" => delay(compat::abort_scale_down_delay(rollout)),
        "GetAutoPromotionEnabledOrDefault" => value(compat::auto_promotion_enabled(rollout).into()),
        "GetRevisionHistoryLimitOrDefault" => value(compat::revision_history_limit(rollout).into()),
        "GetAnalysisRunSuccessfulHistoryLimitOrDefault" => {
            value(compat::successful_run_history_limit(rollout).into())
        }
        "GetAnalysisRunUnsuccessfulHistoryLimitOrDefault" => {
            value(compat::unsuccessful_run_history_limit(rollout).into())
        }
        "GetCanaryIngressAnnotationPrefixOrDefault" => {
            value(compat::ingress_annotation_prefix(rollout).into())
        }
        "GetReplicasOrDefault" => {
            let mut rollout = rollout.clone();
            rollout.spec.replicas = read::<Option<u32>>(args, "replicas")?.or(rollout.spec.replicas);
            value(rollout.replicas().into())
        }
        "MaxSurge" => value(compat::max_surge(rollout).into()),
        "MaxUnavailable" => value(compat::max_unavailable(rollout).into()),
        "NeedsRestart" => result(compat::needs_restart(rollout, now())),
        "requiresManualAction" => {
            result(compat::needs_a_person(rollout, args["reason"].as_str().unwrap_or_default()))
        }
        "CompletedBlueGreenPause" => result(compat::blue_green_pause_is_over(rollout, now())),
        "CompletedCanaryPauseStep" => {
            result(compat::canary_pause_is_over(rollout, &read(args, "pause")?, now()))
        }
        "GetRolloutPhase" => {
            let phase = compat::phase(rollout);
            json!({"phase": phase.name(), "message": phase.message()})
        }
        "CanaryStepString" => {
            let step = read(args, "step")?;
            json!({"string": compat::step_text(&step).unwrap_or_else(|| "invalid".into())})
        }
        "ShouldVerifyWeight" => result(compat::verifies_weight(rollout, read(args, "desiredWeight")?)),
        "isWorkloadGenerationObserved" => result(compat::is_workload_generation_observed(rollout)),
        "isGenerationObserved" => result(compat::is_generation_observed(rollout)),
        _ => return Err(format!("no public answer to `{function}`")),
    })
}

fn delay(delay: compat::Delay) -> Value {
    match delay {
        compat::Delay::Set(delay) => json!({"seconds": delay.secs(), "wasSet": true}),
        compat::Delay::Default(delay) => json!({"seconds": delay.secs(), "wasSet": false}),
        compat::Delay::Never => json!({"seconds": null, "wasSet": true}),
    }
}

/// A bound that is not given is no bound: 0.
fn fenceposts(args: &Value) -> Result<Value, String> {
    let bound = |name| read::<Option<Amount>>(args, name).map(|bound| bound.unwrap_or(Amount::Count(0)));
    let (surge, unavailable) = (bound("maxSurge")?, bound("maxUnavailable")?);
    Ok(match compat::fenceposts(&surge, &unavailable, read(args, "desired")?) {
        Ok((surge, unavailable)) => json!({"surge": surge, "unavailable": unavailable, "err": null}),
        Err(error) => json!({"surge": 0, "unavailable": 0, "err": error.to_string()}),
    })
}
