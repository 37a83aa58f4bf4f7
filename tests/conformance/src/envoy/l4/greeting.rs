//! The first message of a TLS client, written by hand.

/// A `ClientHello` of TLS 1.2 with a server name and application protocols; either may be empty.
pub(super) fn client_hello(server_name: &str, protocols: &[String]) -> Vec<u8> {
    let mut extensions = Vec::new();
    if !server_name.is_empty() {
        let entry = [&[0][..], &counted(server_name.as_bytes())].concat();
        extensions.extend(extension(0, &counted(&entry)));
    }
    if !protocols.is_empty() {
        let names: Vec<u8> = protocols
            .iter()
            .flat_map(|name| [&[u8::try_from(name.len()).unwrap_or(0)][..], name.as_bytes()].concat())
            .collect();
        extensions.extend(extension(16, &counted(&names)));
    }
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    // No session, one cipher suite, no compression.
    hello.extend([0, 0, 2, 0xc0, 0x2f, 1, 0]);
    hello.extend(counted(&extensions));
    let length = u32::try_from(hello.len()).unwrap_or(0).to_be_bytes();
    let handshake = [&[1][..], length.get(1..).unwrap_or_default(), &hello].concat();
    [&[22, 3, 1][..], &counted(&handshake)].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &counted(content)].concat()
}

/// With its length before it.
fn counted(content: &[u8]) -> Vec<u8> {
    [&u16::try_from(content.len()).unwrap_or(0).to_be_bytes()[..], content].concat()
}
