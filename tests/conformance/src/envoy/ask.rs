//! Asking both sides.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use pointsman_route::{Decision, Draws, Outcome, RoutingTable, Scratch};

use super::answer::{is_test_header, test_headers};
use super::{Answer, AskedRequest};

/// Asks our table.
pub(super) fn ask_ours(
    table: &RoutingTable,
    name: &str,
    request: &AskedRequest,
    (source, destination): (SocketAddr, SocketAddr),
    scratch: &mut Scratch,
) -> (Answer, u64) {
    let mut headers = Vec::new();
    let view = request.view(&mut headers).with_route_config(name);
    let view = view.with_source(source).with_destination(destination);
    let draws = Draws::all(0).with_route(request.random);
    let decision = table.select(&view, &draws, scratch);
    let copies = decision.mirrors().count() as u64;
    (answer_of(&decision, request), copies)
}

/// Our reasons.
pub(super) fn explain_ours(table: &RoutingTable, name: &str, request: &AskedRequest) -> String {
    let mut headers = Vec::new();
    let view = request.view(&mut headers).with_route_config(name);
    table.explain(&view, &Draws::all(0).with_route(request.random)).to_string()
}

fn answer_of(decision: &Decision<'_>, request: &AskedRequest) -> Answer {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let mut answer = Answer { status: decision.status().or(Some(200)), ..Answer::default() };
    if decision.route().is_some() && !matches!(decision.outcome(), Outcome::Refused(_)) {
        answer.route = Some(decision.route_name().to_owned());
        answer.virtual_host = decision.virtual_host().map(|host| host.name.clone());
        let mut response = Vec::new();
        decision.edit_response_headers(&mut response);
        answer.response_headers =
            Some(test_headers(response.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
    }
    answer.location = decision.location().map(|location| text(&location));
    if answer.status == Some(200) && decision.cluster().is_some() {
        answer.cluster = decision.cluster().map(ToOwned::to_owned);
        answer.path = Some(text(&decision.path()));
        answer.authority = Some(text(&decision.authority()));
        if decision.hash().is_some() {
            answer.endpoint = decision.endpoint().map(|endpoint| endpoint.address.clone());
        }
        let mut headers = request.headers.clone();
        decision.edit_request_headers(&mut headers);
        answer.request_headers =
            Some(test_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
    }
    answer
}

/// A connection to Envoy that is kept.
#[derive(Debug)]
pub(super) struct Client {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(super) const fn new(port: u16) -> Self {
        Self { port, stream: None }
    }

    /// The addresses of the connection by which the next request goes.
    pub(super) fn addresses(&mut self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        let stream = self.connected()?.get_ref();
        Ok((stream.local_addr()?, stream.peer_addr()?))
    }

    fn connected(&mut self) -> std::io::Result<&mut BufReader<TcpStream>> {
        match &mut self.stream {
            Some(stream) => Ok(stream),
            none => {
                let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(10)))?;
                Ok(none.insert(BufReader::new(stream)))
            }
        }
    }

    /// Asks Envoy for the configuration of that number.
    pub(super) fn ask(&mut self, scope: usize, request: &AskedRequest) -> std::io::Result<Answer> {
        let mut head = format!("{} ", request.method).into_bytes();
        head.extend_from_slice(&request.path);
        head.extend_from_slice(
            format!(
                " HTTP/1.1\r\nhost: {}\r\nx-scope: {scope}\r\nx-random: {}\r\n",
                request.authority, request.random
            )
            .as_bytes(),
        );
        for (name, value) in &request.headers {
            head.extend_from_slice(format!("{name}: ").as_bytes());
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        for attempt in 0.. {
            match self.exchange(&head) {
                Ok(answer) => return Ok(answer),
                Err(error) if attempt == 2 => return Err(error),
                Err(_) => self.stream = None,
            }
        }
        Err(std::io::ErrorKind::Other.into())
    }

    fn exchange(&mut self, head: &[u8]) -> std::io::Result<Answer> {
        let stream = self.connected()?;
        stream.get_mut().write_all(head)?;
        let (status, headers, body) = read_response(stream)?;
        let close = headers.iter().any(|(name, value)| name == "connection" && value == b"close");
        if close {
            self.stream = None;
        }
        Ok(answer_from(status, &headers, &body))
    }
}

type Response = (u16, Vec<(String, Vec<u8>)>, Vec<u8>);

fn read_response(stream: &mut BufReader<TcpStream>) -> std::io::Result<Response> {
    let line = read_line(stream)?;
    let status = line.get(9..12).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok()).unwrap_or(0);
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
        headers.push((String::from_utf8_lossy(name).to_ascii_lowercase(), value));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok((status, headers, body))
}

fn read_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
        line.pop();
    }
    Ok(line)
}

fn answer_from(status: u16, headers: &[(String, Vec<u8>)], body: &[u8]) -> Answer {
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.escape_ascii().to_string())
    };
    let route = header("x-observed-route");
    let route = route.map(|name| name.trim_start_matches('[').trim_end_matches(']').to_owned());
    let mut answer = Answer {
        status: Some(status),
        route: route.map(|name| if name == "-" { String::new() } else { name }),
        virtual_host: header("x-observed-host"),
        cluster: header("x-observed-cluster").filter(|name| name != "-"),
        endpoint: header("x-observed-endpoint").filter(|name| name != "-"),
        location: header("location"),
        ..Answer::default()
    };
    if header("grpc-status").is_some() {
        // To a gRPC client every answer of the proxy's own is a 200.
        answer.status = None;
    }
    if answer.route.is_some() {
        answer.response_headers =
            Some(test_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))));
    }
    if status == 200 && answer.endpoint.is_some() {
        read_echo(&mut answer, body);
    }
    answer
}

/// The head that the echo server received.
fn read_echo(answer: &mut Answer, body: &[u8]) {
    let mut lines = body.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let request = lines.next().unwrap_or_default();
    let path =
        request.splitn(2, |byte| *byte == b' ').nth(1).and_then(|rest| rest.strip_suffix(b" HTTP/1.1"));
    answer.path = path.map(|path| path.escape_ascii().to_string());
    let mut headers = Vec::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let name = std::str::from_utf8(name).unwrap_or_default();
        if name == "host" {
            answer.authority = Some(value.escape_ascii().to_string());
        }
        if is_test_header(name) {
            headers.push((name, value));
        }
    }
    answer.request_headers = Some(test_headers(headers));
}
