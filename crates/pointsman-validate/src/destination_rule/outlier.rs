//! Outlier detection.

use pointsman_api::istio::networking::OutlierDetection;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{self, optional_duration};

pub(crate) fn check(outlier: &OutlierDetection, at: &Place<'_>, out: &mut Report) {
    optional_duration(outlier.base_ejection_time, "baseEjectionTime", at, out);
    optional_duration(outlier.interval, "interval", at, out);
    if outlier.consecutive_errors != 0 {
        out.warn(&at.field("consecutiveErrors"), codes::DEPRECATED, "`consecutiveErrors` is deprecated");
    }
    let local = outlier.consecutive_local_origin_failures.unwrap_or_default();
    if local > 0 && !outlier.split_external_local_origin_errors {
        let message = "`consecutiveLocalOriginFailures` is set without `splitExternalLocalOriginErrors`";
        out.error(&at.field("consecutiveLocalOriginFailures"), codes::OUTLIER_SPLIT, message);
    }
    let percents = [
        ("maxEjectionPercent", outlier.max_ejection_percent),
        ("minHealthPercent", outlier.min_health_percent),
    ];
    for (name, percent) in percents {
        words::percent(f64::from(percent), &at.field(name), out);
    }
}
