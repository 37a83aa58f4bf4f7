//! Asking our side.

use std::net::SocketAddr;
use std::time::Duration;

use pointsman_route::ir::{AbortStatus, LoadBalancing, Retry};
use pointsman_route::{CrossOrigin, Decision, Draws, Outcome, Request, RoutingTable, Scratch};

use super::answer::test_headers;
use super::{Answer, AskedRequest, Manner};

/// The longest timeout that is waited for.
pub(super) const SHORT: Duration = Duration::from_millis(300);

/// Asks our table, and hands the decision to somebody who wants to know more.
pub(super) fn ask_ours<T>(
    table: &RoutingTable,
    name: &str,
    request: &AskedRequest,
    (source, destination): (SocketAddr, SocketAddr),
    scratch: &mut Scratch,
    more: impl FnOnce(&Decision<'_>, &Request<'_>) -> T,
) -> (Answer, T) {
    let mut headers = Vec::new();
    let view = request.view(&mut headers).with_route_config(name);
    let view = view.with_source(source).with_destination(destination);
    let draws = Draws::all(0).with_route(request.random);
    let decision = table.select(&view, &draws, scratch);
    let cluster = decision.cluster().and_then(|name| table.cluster(name));
    let by_hash = cluster.is_some_and(|cluster| {
        matches!(cluster.balancing, LoadBalancing::RingHash { .. } | LoadBalancing::Maglev { .. })
    });
    (answer_of(&decision, request, by_hash), more(&decision, &view))
}

/// Our reasons.
pub(super) fn explain_ours(table: &RoutingTable, name: &str, request: &AskedRequest) -> String {
    let mut headers = Vec::new();
    let view = request.view(&mut headers).with_route_config(name);
    table.explain(&view, &Draws::all(0).with_route(request.random)).to_string()
}

/// Whether an endpoint that says nothing would be noticed.
pub(super) fn is_silence_noticed(decision: &Decision<'_>) -> bool {
    decision.timeout().is_some_and(|timeout| timeout <= SHORT) && is_sent_on(decision)
}

/// A cluster without endpoints is answered 503.
pub(super) fn is_sent_on(decision: &Decision<'_>) -> bool {
    decision.status().is_none() && decision.endpoint().is_some()
}

fn answer_of(decision: &Decision<'_>, request: &AskedRequest, by_hash: bool) -> Answer {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let faults = decision.faults();
    let mut answer = Answer { status: decision.status().or(Some(200)), ..Answer::default() };
    if let Some(abort) = faults.abort {
        answer.status = match abort {
            AbortStatus::Http(status) => Some(status),
            AbortStatus::Grpc(_) => None,
        };
    }
    if decision.route().is_some() && !matches!(decision.outcome(), Outcome::Refused(_)) {
        answer.route = Some(decision.route_name().to_owned());
        answer.virtual_host = decision.virtual_host().map(|host| host.name.clone());
        let delay = faults.delay.map(|_| "DI");
        let abort = faults.abort.map(|_| "FI");
        answer.faults = Some(delay.into_iter().chain(abort).collect::<Vec<_>>().join(","));
        let mut response = Vec::new();
        decision.edit_response_headers(&mut response);
        answer.response_headers =
            Some(test_headers(response.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
    }
    if faults.abort.is_some() {
        answer.copies = Some(Vec::new());
        return answer;
    }
    cross_origin(decision, &mut answer);
    if answer.copies.is_some() {
        return answer;
    }
    answer.location = decision.location().map(|location| text(&location));
    let sent_on = is_sent_on(decision);
    answer.copies = Some(Vec::new());
    if !sent_on && decision.cluster().is_some() {
        answer.status = decision.status().or(Some(503));
    }
    if sent_on {
        answer.cluster = decision.cluster().map(ToOwned::to_owned);
        answer.path = Some(text(&decision.path()));
        answer.authority = Some(text(&decision.authority()));
        if by_hash && decision.hash().is_some() {
            answer.endpoint = decision.endpoint().map(|endpoint| endpoint.address.clone());
        }
        let mut headers = request.headers.clone();
        decision.edit_request_headers(&mut headers);
        answer.request_headers =
            Some(test_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
        let mut copies: Vec<String> = decision.mirrors().map(ToOwned::to_owned).collect();
        copies.sort();
        answer.copies = Some(copies);
        endpoint_manner(decision, request, &mut answer);
    }
    answer
}

fn cross_origin(decision: &Decision<'_>, answer: &mut Answer) {
    let marked = match decision.cross_origin() {
        Some(CrossOrigin::Preflight(headers)) => {
            // The answer is sent at once: nothing else is done to it, and nothing observed of it.
            *answer = Answer { status: Some(200), copies: Some(Vec::new()), ..Answer::default() };
            answer.response_headers = Some(Default::default());
            headers
        }
        Some(CrossOrigin::Answer(headers)) => headers,
        _ => return,
    };
    let marked = test_headers(marked.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
    if let Some(headers) = &mut answer.response_headers {
        headers.extend(marked);
    }
}

/// What becomes of it where the endpoint does not simply answer.
fn endpoint_manner(decision: &Decision<'_>, request: &AskedRequest, answer: &mut Answer) {
    let counts = decision.virtual_host().is_some_and(|host| host.include_request_attempt_count);
    match request.endpoint {
        Manner::Answers => {}
        Manner::Fails(status) => {
            answer.status = Some(status);
            let again = decision.retry().filter(|retry| retries_on(retry, status));
            let attempts = again.map_or(1, |retry| retry.retries.unwrap_or(1) + 1);
            answer.attempts = Some(attempts).filter(|_| counts);
            if attempts > 1 {
                // Later attempts may go elsewhere.
                answer.endpoint = None;
            }
        }
        Manner::IsSilent => {
            answer.status = Some(504);
            (answer.path, answer.authority, answer.request_headers) = (None, None, None);
        }
    }
}

fn retries_on(retry: &Retry, status: u16) -> bool {
    retry.retry_on.split(',').any(|condition| match condition.trim() {
        "5xx" => status >= 500,
        "gateway-error" => (502..=504).contains(&status),
        "retriable-4xx" => status == 409,
        "retriable-status-codes" => retry.status_codes.contains(&status),
        _ => false,
    })
}
