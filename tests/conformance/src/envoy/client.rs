//! Asking Envoy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::answer::{is_test_header, test_headers};
use super::{Answer, AskedRequest, Manner};

/// How many clients ask, each from an address of its own.
pub(super) const SOURCES: u8 = 4;

/// Where a client seems to come from, and where it goes.
pub(super) fn addresses(source: u8, port: u16) -> (SocketAddr, SocketAddr) {
    let address = IpAddr::V4(Ipv4Addr::new(10, 9, 8, source + 1));
    (SocketAddr::new(address, 40_000), SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

/// A client of Envoy that keeps its connection.
#[derive(Debug)]
pub(super) struct Client {
    port: u16,
    source: u8,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(super) const fn new(port: u16, source: u8) -> Self {
        Self { port, source, stream: None }
    }

    fn connected(&mut self) -> std::io::Result<&mut BufReader<TcpStream>> {
        match &mut self.stream {
            Some(stream) => Ok(stream),
            none => {
                let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(10)))?;
                let (from, to) = addresses(self.source, self.port);
                let greeting =
                    format!("PROXY TCP4 {} {} {} {}\r\n", from.ip(), to.ip(), from.port(), to.port());
                stream.write_all(greeting.as_bytes())?;
                Ok(none.insert(BufReader::new(stream)))
            }
        }
    }

    /// Asks Envoy for the configuration of that number. The number of the request is told to the endpoints.
    pub(super) fn ask(
        &mut self,
        scope: usize,
        number: u64,
        request: &AskedRequest,
    ) -> std::io::Result<Answer> {
        let mut head = format!("{} ", request.method).into_bytes();
        head.extend_from_slice(&request.path);
        let endpoint = match request.endpoint {
            Manner::Answers => String::new(),
            Manner::Fails(status) => format!("x-echo-status: {status}\r\n"),
            Manner::IsSilent => "x-echo-status: 0\r\n".to_owned(),
        };
        head.extend_from_slice(
            format!(
                " HTTP/1.1\r\nhost: {}\r\nx-scope: {scope}\r\nx-random: {}\r\nx-number: {number}\r\n{endpoint}",
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
            match self.exchange(&head, request.is_upgrade()) {
                Ok(answer) => return Ok(answer),
                Err(error) if attempt == 2 => return Err(error),
                Err(_) => self.stream = None,
            }
        }
        Err(std::io::ErrorKind::Other.into())
    }

    fn exchange(&mut self, head: &[u8], is_last: bool) -> std::io::Result<Answer> {
        let stream = self.connected()?;
        stream.get_mut().write_all(head)?;
        let response = Response::read(stream)?;
        if is_last || response.header("connection").is_some_and(|value| value == "close") {
            self.stream = None;
        }
        Ok(answer_from(&response))
    }
}

struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Response {
    fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Self> {
        let line = read_line(stream)?;
        let status =
            line.get(9..12).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok()).unwrap_or(0);
        let mut response = Self { status, headers: Vec::new(), body: Vec::new() };
        loop {
            let line = read_line(stream)?;
            if line.is_empty() {
                break;
            }
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
            response.headers.push((String::from_utf8_lossy(name).to_ascii_lowercase(), value));
        }
        // After a change of protocol nothing else says how much comes.
        let length = response.header("content-length").or_else(|| response.header("x-echo-length"));
        response.body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
        stream.read_exact(&mut response.body)?;
        Ok(response)
    }

    fn header(&self, wanted: &str) -> Option<String> {
        let found = self.headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.escape_ascii().to_string())
    }
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

fn answer_from(response: &Response) -> Answer {
    let header = |wanted: &str| response.header(wanted);
    let route = header("x-observed-route");
    let route = route.map(|name| name.trim_start_matches('[').trim_end_matches(']').to_owned());
    let mut answer = Answer {
        // That the endpoint agrees to another protocol is as good as an answer.
        status: Some(if response.status == 101 { 200 } else { response.status }),
        route: route.map(|name| if name == "-" { String::new() } else { name }),
        virtual_host: header("x-observed-host"),
        cluster: header("x-observed-cluster").filter(|name| name != "-"),
        endpoint: header("x-observed-endpoint").filter(|name| name != "-"),
        location: header("location"),
        faults: header("x-observed-flags").map(|flags| {
            flags.split(',').filter(|flag| matches!(*flag, "DI" | "FI")).collect::<Vec<_>>().join(",")
        }),
        ..Answer::default()
    };
    if header("grpc-status").is_some() {
        // To a gRPC client every answer of the proxy's own is a 200.
        answer.status = None;
    }
    let lines = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    if answer.route.is_some() || response.headers.iter().any(|(name, _)| name.starts_with("access-control")) {
        answer.response_headers = Some(test_headers(lines));
    }
    if answer.endpoint.is_some() && header("x-echo-length").is_some() {
        read_echo(&mut answer, &response.body);
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
        match name {
            "host" => answer.authority = Some(value.escape_ascii().to_string()),
            "x-envoy-attempt-count" => {
                answer.attempts = std::str::from_utf8(value).ok().and_then(|count| count.parse().ok());
            }
            _ => {}
        }
        if is_test_header(name) {
            headers.push((name, value));
        }
    }
    answer.request_headers = Some(test_headers(headers));
}
