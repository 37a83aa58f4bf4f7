//! The blue-green strategy.

use pointsman_rollout::{Approval, BlueGreen, Strategy};
use pointsman_types::duration::TimeDelta;

use super::Reading;
use crate::codes::{BAD_VALUE, DIFFERS, ELSEWHERE};
use crate::field::Field;

impl Reading<'_, '_> {
    pub(super) fn blue_green(&mut self, field: &Field<'_>) -> Strategy {
        self.notes.only(field, BLUE_GREEN);
        let active = field.get("activeService");
        let active_name = self.notes.needed_text(&active, "blue-green needs an active service");
        let preview = self.notes.text(&field.get("previewService"));
        if preview.as_deref() == Some(active_name.as_str()) {
            let message = format!("active and preview share the service `{active_name}`");
            self.notes.error(BAD_VALUE, &field.get("previewService"), message);
        }
        self.routing.stable_service = Some(active_name);
        self.routing.canary_service = preview;
        let mut strategy = BlueGreen::new().with_promotion(self.approval(field));
        strategy.preview_replicas = self.notes.count(&field.get("previewReplicaCount"));
        let (before, after) = (field.get("prePromotionAnalysis"), field.get("postPromotionAnalysis"));
        if before.is_there() {
            strategy = strategy.with_check_before(TimeDelta::ZERO, self.analysis(&before, None));
        }
        if after.is_there() {
            strategy = strategy.with_check_after(TimeDelta::ZERO, self.analysis(&after, None));
        }
        for name in ["activeMetadata", "previewMetadata", "antiAffinity"] {
            let field = field.get(name);
            if field.is_there() {
                self.notes.info(ELSEWHERE, &field, "labels and affinities belong into manifests");
            }
        }
        let unavailable = field.get("maxUnavailable");
        if unavailable.is_there() {
            self.notes.info(DIFFERS, &unavailable, "a restart makes a quarter of the pods anew at a time");
        }
        Strategy::BlueGreen(strategy)
    }

    fn approval(&mut self, field: &Field<'_>) -> Approval {
        let seconds = self.notes.count(&field.get("autoPromotionSeconds")).unwrap_or(0);
        let by_itself = self.notes.flag(&field.get("autoPromotionEnabled")).unwrap_or(true);
        match (by_itself, seconds) {
            (false, _) => Approval::ByPerson,
            (true, 0) => Approval::Automatic,
            (true, seconds) => Approval::After(TimeDelta::from_secs(seconds.into())),
        }
    }
}

const BLUE_GREEN: &[&str] = &[
    "abortScaleDownDelaySeconds",
    "activeMetadata",
    "activeService",
    "antiAffinity",
    "autoPromotionEnabled",
    "autoPromotionSeconds",
    "maxUnavailable",
    "postPromotionAnalysis",
    "prePromotionAnalysis",
    "previewMetadata",
    "previewReplicaCount",
    "previewService",
    "scaleDownDelayRevisionLimit",
    "scaleDownDelaySeconds",
];
