//! What the cross-origin policies of a route do.
//!
//! Source: Envoy's `cors` filter, measured on 1.40.0.

use crate::Decision;
use crate::ir::{Action, Cors, StringMatch};
use crate::program::text_holds;
use crate::request::Headers;

/// What cross-origin policies (CORS) do to a request or to its answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrossOrigin {
    /// The proxy answers the preflight by itself: status 200 with these headers, which no header operation changes.
    Preflight(Vec<(String, Vec<u8>)>),
    /// The answer, whoever gives it, gets these headers in place of any of the same name, after header operations.
    Answer(Vec<(String, Vec<u8>)>),
}

impl Decision<'_> {
    /// What the cross-origin policies of route and virtual host do to this request; `None`: nothing.
    ///
    /// Shape: for each field the first policy counts that says something of it. Faults come first: a request that they
    /// abort never gets here. Policies in force for a share of requests draw afresh in Envoy; here
    /// [`Draws::route`](pointsman_types::Draws) is used. Compiles the policy's conditions anew.
    #[must_use]
    pub fn cross_origin(&self) -> Option<CrossOrigin> {
        let route = self.route().filter(|route| matches!(route.action, Action::Forward(_)))?;
        let of_host = self.virtual_host().and_then(|host| host.cors.as_ref());
        let policies: Vec<&Cors> = route.cors.as_deref().into_iter().chain(of_host).collect();
        let enabled = policies.first()?.enabled.as_ref();
        if enabled.is_some_and(|share| !share.default.holds(self.view.draws.route)) {
            return None;
        }
        let headers = self.view.request.headers();
        let origin = joined(headers, "origin").filter(|origin| !origin.is_empty())?;
        let policies = Policies(policies);
        let allowed = policies.allows(&origin);
        let wanted = joined(headers, "access-control-request-method").unwrap_or_default();
        let is_preflight = self.view.request.method() == b"OPTIONS" && !wanted.is_empty();
        if is_preflight && (allowed || !policies.forwards_other_preflights()) {
            let asked = joined(headers, "access-control-request-headers").unwrap_or_default();
            return Some(CrossOrigin::Preflight(policies.preflight(
                allowed.then_some(origin),
                wanted,
                asked,
            )));
        }
        allowed.then(|| CrossOrigin::Answer(policies.answer(origin)))
    }
}

/// The lines of a header that the proxy keeps as one.
fn joined(headers: Headers<'_>, name: &str) -> Option<Vec<u8>> {
    let mut found: Option<Vec<u8>> = None;
    headers.any(name, |line| {
        match &mut found {
            Some(value) if !value.is_empty() && !line.is_empty() => {
                value.push(b',');
                value.extend_from_slice(line);
            }
            Some(value) => value.extend_from_slice(line),
            None => found = Some(line.to_vec()),
        }
        false
    });
    found
}

/// The policies in force, the most specific first.
struct Policies<'a>(Vec<&'a Cors>);

impl Policies<'_> {
    fn text(&self, field: impl Fn(&Cors) -> &str) -> &str {
        self.0.iter().map(|policy| field(policy)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn allows(&self, origin: &[u8]) -> bool {
        let origins = self.0.iter().map(|policy| &policy.allow_origins).find(|list| !list.is_empty());
        // A condition that holds of the text `*` lets everybody in.
        let holds = |text: &StringMatch| text_holds(text, b"*") || text_holds(text, origin);
        origins.is_some_and(|list| list.iter().any(holds))
    }

    fn forwards_other_preflights(&self) -> bool {
        self.0.iter().find_map(|policy| policy.forward_unmatched_preflights).unwrap_or(true)
    }

    fn with_credentials(&self, headers: &mut Vec<(String, Vec<u8>)>) {
        if self.0.iter().find_map(|policy| policy.allow_credentials) == Some(true) {
            headers.push(("access-control-allow-credentials".to_owned(), b"true".to_vec()));
        }
    }

    fn preflight(&self, origin: Option<Vec<u8>>, wanted: Vec<u8>, asked: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let mut headers = Vec::new();
        match origin {
            Some(origin) => headers = self.answer(origin),
            None => self.with_credentials(&mut headers),
        }
        // `*` allows whatever is asked for.
        let mut list = |name: &str, allowed: &str, asked: Vec<u8>| match allowed {
            "" => {}
            "*" => headers.push((name.to_owned(), asked)),
            allowed => headers.push((name.to_owned(), allowed.as_bytes().to_vec())),
        };
        list("access-control-allow-methods", self.text(|policy| &policy.allow_methods), wanted);
        list("access-control-allow-headers", self.text(|policy| &policy.allow_headers), asked);
        list("access-control-max-age", self.text(|policy| &policy.max_age), b"*".to_vec());
        headers
    }

    fn answer(&self, origin: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let mut headers = vec![("access-control-allow-origin".to_owned(), origin)];
        self.with_credentials(&mut headers);
        let exposed = self.text(|policy| &policy.expose_headers);
        if !exposed.is_empty() {
            headers.push(("access-control-expose-headers".to_owned(), exposed.as_bytes().to_vec()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::CrossOrigin;
    use crate::ir::{Action, ClusterName, Cors, Route, RouteConfig, StringMatch, TableConfig, VirtualHost};
    use crate::{Draws, Request, RoutingTable, Scratch};

    fn answer(cors: Cors, method: &str, headers: &[(&str, &str)]) -> Option<CrossOrigin> {
        let route = Route {
            action: Action::to_cluster(ClusterName::new("shop")),
            cors: Some(Box::new(cors)),
            matches: crate::ir::RouteMatch::path(crate::ir::PathMatch::Prefix("/".into())),
            ..Route::default()
        };
        let host = VirtualHost { domains: vec!["*".into()], routes: vec![route], ..VirtualHost::default() };
        let config = RouteConfig { virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
        let config = TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() };
        let table = RoutingTable::build(config).0;
        let request = Request::new(method, "shop", b"/").with_headers(headers).with_route_config("");
        let mut scratch = Scratch::new();
        table.select(&request, &Draws::default(), &mut scratch).cross_origin()
    }

    fn policy() -> Cors {
        Cors {
            allow_origins: vec![StringMatch::exact("http://a.test")],
            allow_methods: "GET,PUT".into(),
            allow_headers: "*".into(),
            expose_headers: "x-a".into(),
            ..Cors::default()
        }
    }

    fn names(answer: Option<CrossOrigin>) -> (char, Vec<String>) {
        let (kind, headers) = match answer {
            Some(CrossOrigin::Preflight(headers)) => ('p', headers),
            Some(CrossOrigin::Answer(headers)) => ('a', headers),
            None => ('-', Vec::new()),
        };
        let text = |(name, value): (String, Vec<u8>)| {
            format!("{}={}", name.replace("access-control-", ""), value.escape_ascii())
        };
        (kind, headers.into_iter().map(text).collect())
    }

    #[test]
    fn preflights_are_answered_and_answers_marked() {
        let own = [("origin", "http://a.test")];
        let preflight =
            [own[0], ("access-control-request-method", "PUT"), ("access-control-request-headers", "x-b")];
        let expected = [
            "allow-origin=http://a.test",
            "expose-headers=x-a",
            "allow-methods=GET,PUT",
            "allow-headers=x-b",
        ];
        assert_eq!(
            names(answer(policy(), "OPTIONS", &preflight)),
            ('p', expected.map(String::from).to_vec())
        );
        let expected = ["allow-origin=http://a.test", "expose-headers=x-a"].map(String::from).to_vec();
        assert_eq!(names(answer(policy(), "GET", &preflight)), ('a', expected.clone()));
        assert_eq!(names(answer(policy(), "OPTIONS", &own)), ('a', expected));
    }

    #[test]
    fn preflights_of_others_are_sent_on_unless_said_otherwise() {
        let other = [("origin", "http://b.test"), ("access-control-request-method", "PUT")];
        assert_eq!(answer(policy(), "OPTIONS", &other), None);
        let strict = Cors { forward_unmatched_preflights: Some(false), ..policy() };
        let (kind, headers) = names(answer(strict, "OPTIONS", &other));
        assert_eq!((kind, headers.first().map(String::as_str)), ('p', Some("allow-methods=GET,PUT")));
    }
}
