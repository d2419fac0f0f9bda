//! The parameters of Python's drivers that libpq does not know. They reach a driver through the query of SQLAlchemy's URL.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Another name of a parameter of libpq.
    Is(&'static str),
    /// `ssl=`: true, or a value of sslmode.
    Ssl,
    /// `requiressl=`: of libpq before it had sslmode.
    RequireSsl,
    /// `tcp_keepalive=`: true or false.
    Keepalive,
    /// `unix_sock=`: the path of the socket itself.
    SocketFile,
    /// How the driver works inside: nothing to anybody else.
    Nothing,
    /// More than that, and not to be had here.
    Refused(&'static str),
}

const ANY: &[(&str, Meaning)] = &[("ssl", Meaning::Ssl), ("requiressl", Meaning::RequireSsl)];

const ASYNCPG: &[(&str, Meaning)] = &[
    ("database", Meaning::Is("dbname")),
    ("timeout", Meaning::Is("connect_timeout")),
    ("prepared_statement_cache_size", Meaning::Nothing),
    ("prepared_statement_name_func", Meaning::Nothing),
    ("statement_cache_size", Meaning::Nothing),
    ("max_cached_statement_lifetime", Meaning::Nothing),
    ("max_cacheable_statement_size", Meaning::Nothing),
    ("async_fallback", Meaning::Nothing),
    ("command_timeout", Meaning::Refused("command_timeout")),
    ("direct_tls", Meaning::Refused("direct_tls")),
    ("server_settings", Meaning::Refused("server_settings")),
];

const PG8000: &[(&str, Meaning)] = &[
    ("database", Meaning::Is("dbname")),
    ("unix_sock", Meaning::SocketFile),
    ("tcp_keepalive", Meaning::Keepalive),
    ("timeout", Meaning::Refused("timeout")),
    ("source_address", Meaning::Refused("source_address")),
    ("ssl_context", Meaning::Refused("ssl_context")),
];

const PSYCOPG: &[(&str, Meaning)] = &[
    ("prepare_threshold", Meaning::Nothing),
    ("autocommit", Meaning::Refused("autocommit")),
];

/// What a parameter means in a URL that names this driver; None where it is unknown there.
pub(super) fn meaning(driver: Option<&str>, name: &[u8]) -> Option<Meaning> {
    let own = match driver {
        Some("asyncpg") => ASYNCPG,
        Some("pg8000") => PG8000,
        Some("psycopg" | "psycopg_async") => PSYCOPG,
        _ => &[],
    };
    let mut known = ANY.iter().chain(own);
    known
        .find(|(word, _)| word.as_bytes() == name)
        .map(|(_, meaning)| *meaning)
}

/// The folder and the port of a socket's path.
pub(super) fn socket(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = path.iter().rposition(|byte| *byte == b'/')?;
    let port = path[at + 1..].strip_prefix(b".s.PGSQL.")?;
    let folder = if at == 0 { &path[..1] } else { &path[..at] };
    (!port.is_empty() && port.iter().all(u8::is_ascii_digit)).then_some((folder, port))
}
