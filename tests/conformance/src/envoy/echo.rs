//! The server behind Envoy: says what it received.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use super::bootstrap::Ports;

/// How many addresses answer: 127.0.0.1 and those after it.
pub(super) const ADDRESSES: u8 = 8;

/// Copies that arrived: the address they came to, by the number of the request.
type Copies = Arc<Mutex<BTreeMap<u64, Vec<u8>>>>;

/// The server behind Envoy, on several loopback addresses with one port, and on another port for copies of requests.
#[derive(Debug)]
pub(super) struct Echo {
    pub(super) ports: Ports,
    copies: Copies,
}

impl Echo {
    /// Starts it; it runs until the program ends.
    pub(super) fn start() -> std::io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mirror = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (port, mirror_port) = (first.local_addr()?.port(), mirror.local_addr()?.port());
        let (asked, copies) = (Copies::default(), Copies::default());
        serve(first, 1, &asked);
        serve(mirror, 1, &copies);
        for last in 2..=ADDRESSES {
            serve(TcpListener::bind(SocketAddr::new(address(last), port))?, last, &asked);
            serve(TcpListener::bind(SocketAddr::new(address(last), mirror_port))?, last, &copies);
        }
        Ok(Self { ports: Ports { echo: port, mirror: mirror_port }, copies })
    }

    /// How many copies arrived that were not taken yet.
    pub(super) fn count_copies(&self) -> usize {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
    }

    /// The copies that arrived since they were taken last.
    pub(super) fn take_copies(&self) -> BTreeMap<u64, Vec<u8>> {
        std::mem::take(&mut self.copies.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) const fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

fn serve(listener: TcpListener, last: u8, received: &Copies) {
    let received = Arc::clone(received);
    std::thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let received = Arc::clone(&received);
            std::thread::spawn(move || drop(answer_all(&stream, last, &received)));
        }
    });
}

/// Answers each request with its own head as body. Requests have no bodies.
fn answer_all(stream: &TcpStream, last: u8, received: &Copies) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(head) = read_head(&mut reader)? {
        let header = |name: &str| header_of(&head, name);
        if let Some(number) = header("x-number: ") {
            let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
            received.entry(number).or_default().push(last);
            if received.len() > 100_000 {
                received.pop_first();
            }
        }
        let length = head.len();
        let status = header("x-echo-status: ");
        let is_upgrade = head.windows(9).any(|part| part.eq_ignore_ascii_case(b"\nupgrade:"));
        let answer = match status {
            Some(0) => continue,
            Some(status) => format!("{status} Failed\r\ncontent-length: {length}"),
            None if is_upgrade => {
                "101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket".to_owned()
            }
            None => format!("200 OK\r\ncontent-length: {length}"),
        };
        let mut answer = format!("HTTP/1.1 {answer}\r\nx-echo-length: {length}\r\n\r\n").into_bytes();
        answer.extend_from_slice(&head);
        writer.write_all(&answer)?;
    }
    Ok(())
}

fn read_head(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    loop {
        let before = head.len();
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
        if head.len() - before <= 2 {
            return Ok(Some(head));
        }
    }
}

/// The number in a header, whose name is given as it stands in the head.
fn header_of(head: &[u8], name: &str) -> Option<u64> {
    let line = head.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name.as_bytes()))?;
    std::str::from_utf8(line.trim_ascii()).ok()?.parse().ok()
}
