//! Users who stay with the version that they met.

use pointsman_manifest::Value;
use pointsman_rollout::{Carrier, Keeps, Sticky, Strategy};
use pointsman_types::duration::TimeDelta;

use super::Reading;
use crate::codes::{BAD_VALUE, DIFFERS, MISSING, NOT_CARRIED};
use crate::edit::map;
use crate::field::Field;

/// Fields that are attributes of the cookie: with a value of their own, or there or not.
const WITH_VALUE: [(&str, &str); 3] = [("domain", "Domain"), ("path", "Path"), ("sameSite", "SameSite")];
const FLAGS: [(&str, &str); 3] =
    [("httpOnly", "HttpOnly"), ("partitioned", "Partitioned"), ("secure", "Secure")];

const KNOWN: &[&str] = &[
    "cookieName",
    "domain",
    "httpOnly",
    "maxAge",
    "partitioned",
    "path",
    "primaryCookieName",
    "sameSite",
    "secure",
];

impl Reading<'_, '_> {
    /// `sessionAffinity`, where the strategy shares the traffic by weights.
    pub(super) fn sticky(&mut self, field: &Field<'_>, strategy: &Strategy) -> Option<Sticky> {
        if !field.is_there() {
            return None;
        }
        self.notes.only(field, KNOWN);
        if !matches!(strategy, Strategy::Increments(_)) {
            self.notes.warning(NOT_CARRIED, field, "users can stay only where weights share the traffic");
            return None;
        }
        let name = field.get("cookieName");
        let Some(cookie) = name.as_str().filter(|name| !name.is_empty()) else {
            self.notes.warning(MISSING, &name, "without a name of the cookie nobody stays");
            return None;
        };
        let mut sticky = Sticky::by_cookie(cookie);
        let age = field.get("maxAge");
        match self.notes.count(&age) {
            Some(0) => self.notes.warning(
                BAD_VALUE,
                &age,
                "a cookie that lasts no time marks nobody: a day is taken",
            ),
            Some(seconds) => sticky = sticky.with_max_age(TimeDelta::from_secs(seconds.into())),
            None => {}
        }
        for (of, attribute) in WITH_VALUE {
            let value = field.get(of);
            if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                sticky = sticky.with_attribute(format!("{attribute}={text}"));
            }
        }
        for (of, attribute) in FLAGS {
            if self.notes.flag(&field.get(of)) == Some(true) {
                sticky = sticky.with_attribute(attribute);
            }
        }
        let primary = field.get("primaryCookieName");
        Some(match primary.as_str().filter(|name| !name.is_empty()) {
            Some(primary_name) => {
                let message = "users of stable stay until the weight grows, and then only as many go over as it takes: \
                               Flagger deals them again after each interval, so that its canary gets more than its weight";
                self.notes.info(DIFFERS, &primary, message);
                sticky.with_stable_name(primary_name)
            }
            None => {
                let message = "only users of the canary stay, so their share drifts up with every visit of the others; \
                               `primaryCookieName` lets both stay";
                self.notes.info(DIFFERS, field, message);
                sticky.with_keeps(Keeps::Canary)
            }
        })
    }
}

/// As `sessionAffinity` says it; `None` where it cannot.
pub(super) fn written(sticky: &Sticky) -> Option<Value> {
    let Carrier::Cookie { max_age } = sticky.by else { return None };
    let mut value = map([("cookieName", sticky.name.as_str().into())]);
    match (sticky.keeps, &sticky.stable_name) {
        (Keeps::Canary, _) => {}
        // The two names must differ there.
        (Keeps::Both, Some(name)) if *name != sticky.name => {
            value.set("primaryCookieName", name.as_str());
        }
        (Keeps::Both, _) => {
            value.set("primaryCookieName", format!("{}-stable", sticky.name));
        }
    }
    if max_age != Sticky::DAY {
        value.set("maxAge", max_age.secs());
    }
    for attribute in &sticky.attributes {
        let (name, text) =
            attribute.split_once('=').map_or((attribute.as_str(), None), |(n, v)| (n, Some(v)));
        let is = |(_, known): &&(&str, &str)| known.eq_ignore_ascii_case(name);
        match (text, WITH_VALUE.iter().find(is), FLAGS.iter().find(is)) {
            (Some(text), Some((field, _)), _) => value.set(*field, text),
            (None, _, Some((field, _))) => value.set(*field, true),
            _ => return None,
        };
    }
    Some(value)
}
