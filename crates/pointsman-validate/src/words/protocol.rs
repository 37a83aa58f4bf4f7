//! Protocols of ports.

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
    Grpc,
    GrpcWeb,
    Http,
    HttpProxy,
    Http2,
    Https,
    Tls,
    Mongo,
    Redis,
    Mysql,
}

impl Protocol {
    pub(crate) const NAMES: &'static str = "`TCP`, `UDP`, `GRPC`, `GRPC-WEB`, `HTTP`, `HTTP_PROXY`, `HTTP2`, `HTTPS`, `TLS`, `MONGO`, `REDIS`, `MYSQL`";

    /// Case does not matter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        const ALL: [(&str, Protocol); 12] = [
            ("TCP", Protocol::Tcp),
            ("UDP", Protocol::Udp),
            ("GRPC", Protocol::Grpc),
            ("GRPC-WEB", Protocol::GrpcWeb),
            ("HTTP", Protocol::Http),
            ("HTTP_PROXY", Protocol::HttpProxy),
            ("HTTP2", Protocol::Http2),
            ("HTTPS", Protocol::Https),
            ("TLS", Protocol::Tls),
            ("MONGO", Protocol::Mongo),
            ("REDIS", Protocol::Redis),
            ("MYSQL", Protocol::Mysql),
        ];
        ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, protocol)| *protocol)
    }

    pub(crate) const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Http2 | Self::HttpProxy | Self::Grpc | Self::GrpcWeb)
    }

    pub(crate) const fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Tls)
    }

    pub(crate) const fn is_tcp(self) -> bool {
        matches!(self, Self::Tcp | Self::Https | Self::Tls | Self::Mongo | Self::Redis | Self::Mysql)
    }
}
