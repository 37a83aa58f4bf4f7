//! Header operations done.

use crate::ir::{AppendAction, HeaderOp};
use crate::program::View;
use crate::{Decision, Outcome};

/// What ends and begins an operator of a header value.
const MARK: u8 = b'%';

impl Decision<'_> {
    /// Does the header operations of this decision to the request's headers: destination, route, virtual host, route
    /// configuration.
    ///
    /// Shape: names and values in order. Of Envoy's operators in values `%%`, `%REQ(name?other):length%` and the
    /// addresses of the connection are filled in; others stay as they are written. Path and authority are not among the
    /// headers: see [`Decision::path`] and [`Decision::authority`].
    pub fn edit_request_headers(&self, headers: &mut Vec<(String, Vec<u8>)>) {
        for ops in self.header_ops() {
            edit(headers, &ops.request, &ops.request_remove, &self.view);
        }
        if let Outcome::Forward(forward) = self.outcome()
            && forward.append_forwarded_host
            && self.rewrites_authority()
        {
            append_forwarded_host(headers, self.view.request.authority());
        }
    }

    /// Does the header operations of this decision to the headers of the answer.
    pub fn edit_response_headers(&self, headers: &mut Vec<(String, Vec<u8>)>) {
        // A request that a fault aborts, or whose cluster is missing, is answered before anything is done to it.
        let is_forward = matches!(self.outcome(), Outcome::Forward(_));
        let answered_at_once = self.faults().abort.is_some() || is_forward && self.status().is_some();
        if answered_at_once
            || !self.header_ops().any(|ops| ops.response.iter().any(|op| op.value.contains("%REQ(")))
        {
            return self.edit_response(headers, &self.view);
        }
        // The answer is told about the request as it was sent on.
        let mut request = self.view.request.headers().to_owned_bytes();
        self.edit_request_headers(&mut request);
        let (path, authority) = (self.path_of_answer(), self.authority());
        let edited = self.view.request.edited(&authority, &request);
        self.edit_response(headers, &View::new(&edited, &path, self.view.draws));
    }

    /// The headers of the answer that the proxy gives by itself, after the header operations: `location`,
    /// `content-type`, `content-length` and what the operations add. `None` where the request is sent on.
    #[must_use]
    pub fn own_response_headers(&self) -> Option<Vec<(String, Vec<u8>)>> {
        self.status()?;
        let mut headers = Vec::new();
        if let Some(location) = self.location() {
            headers.push(("location".to_owned(), location));
        }
        self.edit_response_headers(&mut headers);
        if let Outcome::DirectResponse(response) = self.outcome() {
            let body = response.body.as_deref().unwrap_or_default();
            headers.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
            let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !body.is_empty() && !typed {
                headers.push(("content-type".to_owned(), b"text/plain".to_vec()));
            }
        }
        Some(headers)
    }

    fn edit_response(&self, headers: &mut Vec<(String, Vec<u8>)>, view: &View<'_>) {
        for ops in self.header_ops() {
            edit(headers, &ops.response, &ops.response_remove, view);
        }
    }
}

/// Tells the authority that is replaced, unless it is the last one told already.
fn append_forwarded_host(headers: &mut Vec<(String, Vec<u8>)>, authority: &[u8]) {
    const NAME: &str = "x-forwarded-host";
    if authority.is_empty() {
        return;
    }
    match headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(NAME)) {
        Some((_, value)) if !value.is_empty() => {
            if value.split(|byte| *byte == b',').next_back() != Some(authority) {
                value.push(b',');
                value.extend_from_slice(authority);
            }
        }
        Some((_, value)) => *value = authority.to_vec(),
        None => headers.push((NAME.to_owned(), authority.to_vec())),
    }
}

fn edit(headers: &mut Vec<(String, Vec<u8>)>, ops: &[HeaderOp], remove: &[String], view: &View<'_>) {
    headers.retain(|(name, _)| !remove.iter().any(|removed| removed.eq_ignore_ascii_case(name)));
    let (mut overwritten, mut appended) = (Vec::new(), Vec::new());
    for op in ops {
        let value = fill_in(op.value.as_bytes(), view);
        if value.is_empty() && !op.keep_empty {
            continue;
        }
        let there = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&op.name));
        match op.append {
            AppendAction::AppendOrAdd => appended.push((op, value)),
            AppendAction::AddIfAbsent if !there => appended.push((op, value)),
            AppendAction::OverwriteOrAdd => overwritten.push((op, value)),
            AppendAction::OverwriteIfExists if there => overwritten.push((op, value)),
            AppendAction::AddIfAbsent | AppendAction::OverwriteIfExists => {}
        }
    }
    for (op, value) in overwritten {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&op.name));
        headers.push((op.name.clone(), value));
    }
    headers.extend(appended.into_iter().map(|(op, value)| (op.name.clone(), value)));
}

/// The value with its operators filled in.
fn fill_in(value: &[u8], view: &View<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.iter().position(|byte| *byte == MARK) {
        let (plain, from_mark) = rest.split_at(start);
        out.extend_from_slice(plain);
        let after = from_mark.get(1..).unwrap_or_default();
        let end = after.iter().position(|byte| *byte == MARK);
        let operator = end.and_then(|end| after.get(..end));
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
        match operator {
            Some(b"") => out.push(MARK),
            Some(operator) => match operator_value(operator, view) {
                Some(filled) => out.extend_from_slice(&filled),
                None => {
                    out.push(MARK);
                    out.extend_from_slice(operator);
                    out.push(MARK);
                }
            },
            None => out.extend_from_slice(from_mark),
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The value of an operator; `None` where it is not known.
fn operator_value(operator: &[u8], view: &View<'_>) -> Option<Vec<u8>> {
    let operator = std::str::from_utf8(operator).ok()?;
    let address = |address: Option<std::net::SocketAddr>| address.map(|one| one.to_string().into_bytes());
    let ip = |address: Option<std::net::SocketAddr>| address.map(|one| one.ip().to_string().into_bytes());
    match operator {
        "DOWNSTREAM_REMOTE_ADDRESS" => return address(view.request.source()),
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" => return ip(view.request.source()),
        "DOWNSTREAM_LOCAL_ADDRESS" => return address(view.request.destination()),
        "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" => return ip(view.request.destination()),
        _ => {}
    }
    let rest = operator.strip_prefix("REQ(")?;
    let (names, length) = rest.split_once(')')?;
    let length = match length.strip_prefix(':') {
        Some(length) => length.parse().ok()?,
        None => usize::MAX,
    };
    let value = names.split('?').find_map(|name| match name {
        ":path" | ":PATH" => Some(view.full_path),
        name => view.request.header(&name.to_ascii_lowercase()),
    });
    Some(value.unwrap_or_default().iter().copied().take(length).collect())
}

#[cfg(test)]
mod tests {
    use pointsman_types::Draws;

    use super::*;
    use crate::Request;

    #[test]
    fn within_a_level_removals_come_first_then_what_overwrites() {
        let with = |append| HeaderOp { append, ..HeaderOp::add("X", "new") };
        let request = Request::get("h", "/");
        let view = View::new(&request, b"/", Draws::default());
        for (append, before, expected) in [
            (AppendAction::AppendOrAdd, vec!["old"], vec!["old", "new"]),
            (AppendAction::AddIfAbsent, vec!["old"], vec!["old"]),
            (AppendAction::AddIfAbsent, vec![], vec!["new"]),
            (AppendAction::OverwriteOrAdd, vec!["old", "older"], vec!["new"]),
            (AppendAction::OverwriteIfExists, vec!["old"], vec!["new"]),
            (AppendAction::OverwriteIfExists, vec![], vec![]),
        ] {
            let mut headers: Vec<_> =
                before.iter().map(|value| ("x".to_owned(), value.as_bytes().to_vec())).collect();
            edit(&mut headers, &[with(append)], &["y".to_owned()], &view);
            let values: Vec<_> = headers.iter().map(|(_, value)| String::from_utf8_lossy(value)).collect();
            assert_eq!(values, expected, "{append:?} {before:?}");
        }
    }

    #[test]
    fn operators_are_filled_in() {
        let headers = [("a", "value")];
        let request = Request::get("h", "/p?q").with_headers(&headers);
        let view = View::new(&request, b"/p?q", Draws::default());
        for (value, expected) in [
            ("100%%", "100%"),
            ("<%REQ(A)%>", "<value>"),
            ("%REQ(b?a):3%", "val"),
            ("%REQ(b)%", ""),
            ("%REQ(:path)%", "/p?q"),
            ("%OTHER%x%", "%OTHER%x%"),
        ] {
            assert_eq!(String::from_utf8_lossy(&fill_in(value.as_bytes(), &view)), expected, "{value}");
        }
    }
}
