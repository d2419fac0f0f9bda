//! The query of a URL: the parameters of libpq, and those of Python's drivers whose meaning is plain. Several `host=` are
//! several servers, as in SQLAlchemy; of another parameter that stands there twice the last counts, as in libpq.

use super::drivers::{self, Meaning};
use super::keywords;
use super::settings::{self, Settings};
use super::tls;
use super::url::Url;
use crate::error::Failure;

pub(super) fn read(url: &Url<'_>, query: &[u8], settings: &mut Settings) -> Result<(), Failure> {
    if query.is_empty() {
        return Ok(());
    }
    // Nothing stands behind the & that ends a query.
    let query = query.strip_suffix(b"&").unwrap_or(query);
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for parameter in query.split(|byte| *byte == b'&') {
        let Some((name, value)) = parts(url, parameter)? else {
            continue;
        };
        match name.as_slice() {
            b"host" => hosts.push(value),
            b"port" => ports.push(value),
            _ => store(url, &name, &value, settings)?,
        }
    }
    store_servers(url, &hosts, &ports, settings)
}

type Pair = (Vec<u8>, Vec<u8>);

/// The name and the value of a parameter; None where SQLAlchemy reads none.
fn parts(url: &Url<'_>, parameter: &[u8]) -> Result<Option<Pair>, Failure> {
    let refused = |why| {
        let hint = "parameters are NAME=VALUE with & between them; an = within a value is %3D, an & is %26";
        Err(url.refused(why).hint(hint))
    };
    if parameter.is_empty() && !url.is_of_libpq() {
        return Ok(None);
    }
    let Some(at) = parameter.iter().position(|byte| *byte == b'=') else {
        return refused("a parameter of the address has no =");
    };
    let (name, value) = (&parameter[..at], &parameter[at + 1..]);
    if url.is_of_libpq() {
        if value.contains(&b'=') {
            return refused("a parameter of the address has more than one =");
        }
        let name = url.decoded(name, "name of a parameter")?;
        return Ok(Some((name, url.decoded(value, "value of a parameter")?)));
    }
    if value.is_empty() {
        return Ok(None);
    }
    let blanks = |text: &[u8]| -> Vec<u8> {
        let blank = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
        text.iter().map(blank).collect()
    };
    let name = url.decoded(&blanks(name), "name of a parameter")?;
    let value = url.decoded(&blanks(value), "value of a parameter")?;
    Ok(Some((name, value)))
}

fn store(url: &Url<'_>, name: &[u8], value: &[u8], settings: &mut Settings) -> Result<(), Failure> {
    if let Some(keyword) = keywords::keyword(name) {
        settings.store(keyword.name, value, url.origin);
        return Ok(());
    }
    let not_so = |name: &str, takes: &str| {
        let why = format!("{name} has a value that means nothing here");
        Err(url.refused(&why).hint(format!("{name} is {takes}")))
    };
    match drivers::meaning(url.driver, name) {
        Some(Meaning::Is(keyword)) => settings.store(keyword, value, url.origin),
        Some(Meaning::Nothing) => {}
        Some(Meaning::RequireSsl) => {
            let mode: &[u8] = if value.first() == Some(&b'1') {
                b"require"
            } else {
                b"prefer"
            };
            settings.store("sslmode", mode, url.origin);
        }
        Some(Meaning::Ssl) => {
            let mode = match value {
                b"true" => b"require",
                mode => mode,
            };
            let is_mode = |(word, _): &(&str, _)| word.as_bytes() == mode;
            if !tls::MODES.iter().any(is_mode) {
                return not_so("ssl", "true, or a value of sslmode");
            }
            settings.store("sslmode", mode, url.origin);
        }
        Some(Meaning::Keepalive) => match value {
            b"true" | b"True" | b"1" => settings.store("keepalives", b"1", url.origin),
            b"false" | b"False" | b"0" => settings.store("keepalives", b"0", url.origin),
            _ => return not_so("tcp_keepalive", "true or false"),
        },
        Some(Meaning::SocketFile) => {
            let Some((folder, port)) = drivers::socket(value) else {
                return not_so("unix_sock", "a path that ends in .s.PGSQL.PORT");
            };
            settings.store("host", folder, url.origin);
            settings.store("port", port, url.origin);
        }
        Some(Meaning::Refused(name)) => {
            let why = format!("{name} is of a driver of Python, and has no meaning here");
            return Err(url
                .refused(&why)
                .hint("name the database for jobctl with JOBCTL_DB, without it"));
        }
        None => return Err(settings::unknown(name, url.origin)),
    }
    Ok(())
}

/// Stores what `host=a,b&port=1,2` or `host=a:1&host=b:2` names.
fn store_servers(
    url: &Url<'_>,
    hosts: &[Vec<u8>],
    ports: &[Vec<u8>],
    settings: &mut Settings,
) -> Result<(), Failure> {
    let is_list = hosts.len() > 1;
    let takes_ports = |host: &[u8]| is_list || (ports.is_empty() && !host.contains(&b'/'));
    let pairs: Vec<(&[u8], &[u8])> = hosts
        .iter()
        .map(|host| with_port(host).filter(|_| takes_ports(host)))
        .zip(hosts)
        .map(|(pair, host)| pair.unwrap_or((host, b"")))
        .collect();
    let have_ports = pairs.iter().any(|(_, port)| !port.is_empty());
    if have_ports && !ports.is_empty() {
        let why = "the address has ports behind its hosts and in a parameter of their own";
        return Err(url
            .refused(why)
            .hint("write host=a:1&host=b:2, or host=a,b&port=1,2"));
    }
    if !hosts.is_empty() {
        let names: Vec<&[u8]> = pairs.iter().map(|(name, _)| *name).collect();
        settings.store("host", &names.join(&b','), url.origin);
    }
    if have_ports {
        let ports: Vec<&[u8]> = pairs.iter().map(|(_, port)| *port).collect();
        settings.store("port", &ports.join(&b','), url.origin);
    } else if !ports.is_empty() {
        settings.store("port", &ports.join(&b','), url.origin);
    }
    Ok(())
}

/// The parts of `name:5432`; None for what is none, as an address of IPv6.
fn with_port(host: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = host.iter().position(|byte| *byte == b':')?;
    let port = &host[at + 1..];
    let is_port = !port.is_empty() && port.iter().all(u8::is_ascii_digit);
    is_port.then_some((&host[..at], port))
}
