//! Connecting to Envoy.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::AskedConnection;
use super::greeting::client_hello;

/// Connects as if to another address, greets, and reads who answers; `closed` where nobody does.
pub(super) fn ask(port: u16, connection: &AskedConnection) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let AskedConnection { destination, port, server_name, protocols } = connection;
    let mut sent = format!("PROXY TCP4 10.9.8.7 {destination} 40000 {port}\r\n").into_bytes();
    match server_name {
        Some(name) => sent.extend(client_hello(name, protocols)),
        None => sent.extend_from_slice(b"a line of another protocol\r\n"),
    }
    stream.write_all(&sent)?;
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Err(error) if said.is_empty() && error.kind() == std::io::ErrorKind::WouldBlock => Err(error),
        // A connection that is cut off after the answer has answered.
        _ if said.is_empty() => Ok("closed".to_owned()),
        _ => Ok(String::from_utf8_lossy(&said).into_owned()),
    }
}
