//! The server behind Envoy: says what it received.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many addresses answer: 127.0.0.1 and those after it.
pub(super) const ADDRESSES: u8 = 8;

/// The server behind Envoy, on several loopback addresses with one port, and on another port for copies of requests.
#[derive(Debug)]
pub(super) struct Echo {
    pub(super) port: u16,
    pub(super) mirror_port: u16,
    mirrored: Arc<AtomicU64>,
}

impl Echo {
    /// Starts it; it runs until the program ends.
    pub(super) fn start() -> std::io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let copies = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (port, mirror_port) = (first.local_addr()?.port(), copies.local_addr()?.port());
        let (asked, mirrored) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        serve(first, &asked);
        serve(copies, &mirrored);
        for last in 2..=ADDRESSES {
            serve(TcpListener::bind(SocketAddr::new(address(last), port))?, &asked);
        }
        Ok(Self { port, mirror_port, mirrored })
    }

    /// How many copies arrived since it was asked last.
    pub(super) fn take_mirrored(&self) -> u64 {
        self.mirrored.swap(0, Ordering::Relaxed)
    }
}

pub(super) const fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

fn serve(listener: TcpListener, count: &Arc<AtomicU64>) {
    let count = Arc::clone(count);
    std::thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let count = Arc::clone(&count);
            std::thread::spawn(move || drop(answer_all(&stream, &count)));
        }
    });
}

/// Answers each request with its own head as body. Requests have no bodies.
fn answer_all(stream: &TcpStream, count: &AtomicU64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut head = Vec::new();
        loop {
            let before = head.len();
            if reader.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
            if head.len() - before <= 2 {
                break;
            }
        }
        count.fetch_add(1, Ordering::Relaxed);
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", head.len()).into_bytes();
        answer.extend_from_slice(&head);
        writer.write_all(&answer)?;
    }
}
