//! Webhooks: checks, gates, and messages.

use pointsman_rollout::{Analysis, Check, OnFailure};
use pointsman_types::duration::TimeDelta;

use super::Reading;
use crate::codes::{DIFFERS, ELSEWHERE, NOT_CARRIED};
use crate::field::Field;
use crate::imported::Measured;
use crate::metric::{Metric, Template};

/// What the name of a webhook's analysis begins with.
pub(super) const WEBHOOK: &str = "webhook/";

/// The webhooks that are asked, by when; each is an analysis named `webhook/NAME`.
#[derive(Default)]
pub(super) struct Hooks {
    confirm_rollout: Vec<String>,
    pre_rollout: Vec<String>,
    pub(super) rollout: Vec<String>,
    confirm_increase: Vec<String>,
    confirm_promotion: Vec<String>,
}

impl Hooks {
    /// Checks before the first weight; a failure of a `pre-rollout` hook counts as one of the check.
    pub(super) fn first(&self, check: &Analysis) -> Vec<Check> {
        let pre = Analysis::of(self.pre_rollout.clone()).with_forgiven(check.forgiven);
        let all =
            gate(&self.confirm_rollout).into_iter().chain(Some(pre).filter(|a| !a.templates.is_empty()));
        all.map(|analysis| Check { delay: TimeDelta::ZERO, analysis }).collect()
    }

    pub(super) fn before_each(&self) -> Option<Analysis> {
        gate(&self.confirm_increase)
    }

    pub(super) fn before_promotion(&self) -> Option<Analysis> {
        gate(&self.confirm_promotion)
    }
}

/// A gate is asked until it opens: report success when it does.
fn gate(names: &[String]) -> Option<Analysis> {
    (!names.is_empty()).then(|| Analysis::of(names.to_vec()).with_on_failure(OnFailure::Hold))
}

impl Reading<'_, '_> {
    pub(super) fn hooks(&mut self, field: &Field<'_>) -> Hooks {
        let mut hooks = Hooks::default();
        for item in self.notes.items(field) {
            self.notes.only(
                &item,
                &["disableTLS", "metadata", "muteAlert", "name", "retries", "timeout", "type", "url"],
            );
            let name = self.notes.needed_text(&item.get("name"), "a webhook needs a name");
            let kind = item.get("type");
            let list = match kind.as_str().unwrap_or("rollout") {
                "confirm-rollout" => {
                    self.notes.info(
                        DIFFERS,
                        &item,
                        "it is asked when the canary's pods are ready, not before they come",
                    );
                    &mut hooks.confirm_rollout
                }
                "pre-rollout" => &mut hooks.pre_rollout,
                "rollout" | "" => &mut hooks.rollout,
                "confirm-traffic-increase" => &mut hooks.confirm_increase,
                "confirm-promotion" => &mut hooks.confirm_promotion,
                "rollback" => {
                    self.notes.warning(
                        NOT_CARRIED,
                        &item,
                        "give the command `Abort` when this hook asks for it",
                    );
                    continue;
                }
                "post-rollout" | "event" => {
                    self.notes.info(ELSEWHERE, &item, "whom to tell what is the caller's to say");
                    continue;
                }
                other => {
                    let message = format!("there is no webhook of type `{other}`");
                    self.notes.warning(NOT_CARRIED, &kind, message);
                    continue;
                }
            };
            let name = format!("{WEBHOOK}{name}");
            list.push(name.clone());
            self.webhook(&item, name);
        }
        hooks
    }

    fn webhook(&mut self, item: &Field<'_>, name: String) {
        use pointsman_judge::{Provider, Query};
        let mut query = Query::new(Provider::Web, "");
        let url = item.get("url").as_str().unwrap_or_default();
        match url::Url::parse(url) {
            Ok(address) => query.address = Some(address),
            Err(_) => query = query.with_parameter("url", url),
        }
        query.timeout =
            item.get("timeout").as_str().and_then(|text| pointsman_types::duration::go::parse(text).ok());
        for (key, value) in item.get("metadata").entries() {
            if let Some(text) = value.as_str() {
                query = query.with_parameter(format!("metadata.{key}"), text);
            }
        }
        let mut metric = Metric::named(name.clone());
        metric.query = Some(query);
        let template = Template { arguments: [].into(), metrics: vec![metric], includes: Vec::new() };
        self.templates.insert(name.clone(), template);
        self.measured.push(Measured {
            step: None,
            templates: vec![name],
            arguments: [].into(),
            dry_run: Vec::new(),
        });
    }
}
