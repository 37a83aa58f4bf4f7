//! The endpoint of all clusters: Envoy tells it which one was meant, and it says so.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};

/// The type of the value in which Envoy tells the cluster.
pub(super) const CLUSTER_VALUE: u8 = 224;

/// Starts it on a port that the system gives; it runs until the program ends.
pub(super) fn start() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
    Ok(port)
}

/// Reads a header of the PROXY protocol, version 2, says the cluster, and hears the client out.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = [0; 16];
    stream.read_exact(&mut head)?;
    let [.., high, low] = head;
    let mut rest = vec![0; usize::from(u16::from_be_bytes([high, low]))];
    stream.read_exact(&mut rest)?;
    stream.write_all(cluster(rest.get(12..).unwrap_or_default()).unwrap_or(b"nameless"))?;
    stream.shutdown(Shutdown::Write)?;
    std::io::copy(&mut stream, &mut std::io::sink())?;
    Ok(())
}

/// The value that names the cluster, among those that follow the addresses.
fn cluster(mut values: &[u8]) -> Option<&[u8]> {
    while let [kind, high, low, rest @ ..] = values {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *kind == CLUSTER_VALUE {
            return rest.get(..length);
        }
        values = rest.get(length..)?;
    }
    None
}
