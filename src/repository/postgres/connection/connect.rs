//! Connecting as libpq does it: each host, each of its addresses, with and without encryption, until one takes us.

use std::future::poll_fn;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::{ChannelBinding as Binding, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Config};

use super::attention::Attention;
use super::encryption::Encrypter;
use super::errors::Label;
use super::session::Session;
use crate::error::{Failure, Kind};
use crate::repository::postgres::address::{
    ChannelBinding, ConnectionParameters, Host, Place, SslMode as Demand, TargetSessionAttrs,
};
use crate::repository::{Error, Result};

const CONNECTING: &str = "connecting";

/// One way to reach a server.
struct Way<'a> {
    host: &'a Host,
    address: Option<IpAddr>,
    mode: SslMode,
}

/// The reason for which one way led nowhere.
enum Dead {
    /// There may be another way.
    End(Error),
    /// The server has answered, and would not answer otherwise elsewhere.
    Final(Error),
    /// It is no encrypted connection, or it is one, that the server takes.
    OtherMode(Error),
}

/// Connects to the first host that takes us and is of the kind wanted.
pub(in crate::repository::postgres) fn connect(
    parameters: &ConnectionParameters,
    label: &Label,
) -> Result<Session> {
    let wanted = parameters.target_session_attrs;
    if wanted != TargetSessionAttrs::PreferStandby {
        return to_kind(parameters, label, wanted);
    }
    match to_kind(parameters, label, TargetSessionAttrs::Standby) {
        Err(Error::Own(failure)) if failure.kind == Kind::Unreachable => {
            to_kind(parameters, label, TargetSessionAttrs::Any)
        }
        found => found,
    }
}

fn to_kind(
    parameters: &ConnectionParameters,
    label: &Label,
    wanted: TargetSessionAttrs,
) -> Result<Session> {
    let encrypter = Encrypter::of(&parameters.tls).map_err(Error::Own)?;
    let mut last = None;
    for host in &parameters.hosts {
        let addresses = match addresses(host) {
            Ok(addresses) => addresses,
            Err(why) => {
                last = Some(label.unreachable(&why));
                continue;
            }
        };
        for address in addresses {
            for mode in modes(parameters.tls.mode, host) {
                let way = Way {
                    host,
                    address,
                    mode,
                };
                match attempt(parameters, &way, &encrypter, label) {
                    Ok(session) => match is_not(&session, wanted)? {
                        None => return Ok(session),
                        Some(what) => last = Some(label.unreachable(&format!("{host} {what}"))),
                    },
                    Err(Dead::Final(error)) => return Err(error),
                    Err(Dead::OtherMode(error)) => {
                        last = Some(error);
                        continue;
                    }
                    Err(Dead::End(error)) => last = Some(error),
                }
                break;
            }
        }
    }
    Err(last.unwrap_or_else(|| label.unreachable("no host is named")))
}

/// The addresses of a host; one without an address is a socket.
fn addresses(host: &Host) -> std::result::Result<Vec<Option<IpAddr>>, String> {
    match &host.place {
        Place::Socket(_) => Ok(vec![None]),
        Place::Address { address, .. } => Ok(vec![Some(*address)]),
        Place::Name(name) => {
            let found = (name.as_str(), host.port).to_socket_addrs();
            let found = found.map_err(|error| {
                let text = error.to_string();
                let why = text.rsplit(": ").next().unwrap_or(&text);
                format!("there is no host \"{name}\": {why}")
            })?;
            Ok(found.map(|address| Some(address.ip())).collect())
        }
    }
}

/// With and without encryption, in the order in which they are tried.
fn modes(demand: Demand, host: &Host) -> Vec<SslMode> {
    if host.socket().is_some() {
        return vec![SslMode::Disable];
    }
    match demand {
        Demand::Disable => vec![SslMode::Disable],
        Demand::Allow => vec![SslMode::Disable, SslMode::Require],
        Demand::Prefer => vec![SslMode::Prefer, SslMode::Disable],
        Demand::Require | Demand::VerifyCa | Demand::VerifyFull => vec![SslMode::Require],
    }
}

fn runtime() -> Result<Runtime> {
    let built = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    built.map_err(|error| Error::Other {
        doing: CONNECTING,
        detail: error.to_string(),
    })
}

fn config(parameters: &ConnectionParameters, way: &Way<'_>) -> Config {
    let mut config = Config::new();
    config
        .user(&parameters.user)
        .dbname(&parameters.database)
        .application_name(&parameters.application_name)
        .port(way.host.port)
        .ssl_mode(way.mode)
        .channel_binding(match parameters.channel_binding {
            ChannelBinding::Disable => Binding::Disable,
            ChannelBinding::Prefer => Binding::Prefer,
            ChannelBinding::Require => Binding::Require,
        })
        .keepalives(parameters.keepalives.on);
    if let Some(password) = &way.host.password {
        config.password(password.bytes());
    }
    if let Some(options) = &parameters.options {
        config.options(options);
    }
    let keepalives = &parameters.keepalives;
    if let Some(idle) = keepalives.idle {
        config.keepalives_idle(idle);
    }
    if let Some(interval) = keepalives.interval {
        config.keepalives_interval(interval);
    }
    if let Some(count) = keepalives.count {
        config.keepalives_retries(count);
    }
    if let Some(timeout) = keepalives.user_timeout {
        config.tcp_user_timeout(timeout);
    }
    match (&way.host.place, way.address) {
        (Place::Socket(folder), _) => {
            config.host_path(folder);
        }
        (Place::Name(name), address)
        | (
            Place::Address {
                name: Some(name), ..
            },
            address,
        ) => {
            config.host(name);
            if let Some(address) = address {
                config.hostaddr(address);
            }
        }
        (Place::Address { address, .. }, _) => {
            config.host(address.to_string()).hostaddr(*address);
        }
    }
    config
}

fn attempt(
    parameters: &ConnectionParameters,
    way: &Way<'_>,
    encrypter: &Encrypter,
    label: &Label,
) -> std::result::Result<Session, Dead> {
    let runtime = runtime().map_err(Dead::Final)?;
    let config = config(parameters, way);
    let connecting = config.connect(encrypter.clone());
    let connecting = async {
        let Some(limit) = parameters.connect_timeout else {
            return connecting.await.map_err(|error| dead(&error, way, label));
        };
        match tokio::time::timeout(limit, connecting).await {
            Ok(connected) => connected.map_err(|error| dead(&error, way, label)),
            Err(_) => Err(Dead::End(too_late(way.host, limit, label))),
        }
    };
    let connected = runtime.block_on(async {
        let attention = Attention::new(&label.signals).map_err(|error| {
            Dead::Final(Error::Other {
                doing: CONNECTING,
                detail: error.to_string(),
            })
        })?;
        let connected = attention.unless_signalled(pin!(connecting)).await;
        let connected =
            connected.unwrap_or_else(|| Err(Dead::Final(label.interrupted(CONNECTING))));
        Ok((connected?, attention))
    });
    let ((client, mut connection), attention) = connected?;
    let passed_over = Arc::new(AtomicBool::default());
    let told = Arc::clone(&passed_over);
    // What breaks it is told to whoever waits for an answer.
    let traffic = runtime.spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notice(notice) = message
                && *notice.code() == SqlState::LOCK_NOT_AVAILABLE
            {
                told.store(true, Ordering::Relaxed);
            }
        }
    });
    Ok(Session::new(
        runtime,
        client,
        (traffic, passed_over),
        attention,
        encrypter.clone(),
        label.clone(),
    ))
}

fn too_late(host: &Host, limit: Duration, label: &Label) -> Error {
    let limit = crate::time::spell_duration(limit);
    label.unreachable(&format!("{host} did not answer within {limit}"))
}

fn dead(error: &tokio_postgres::Error, way: &Way<'_>, label: &Label) -> Dead {
    let explained = label.connecting(&way.host.to_string(), error);
    match error.code() {
        Some(code) if *code == SqlState::CANNOT_CONNECT_NOW => Dead::End(explained),
        // The rules of the server may let one in with encryption, or without.
        Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Dead::OtherMode(explained)
        }
        Some(_) => Dead::Final(explained),
        None => match &explained {
            Error::Own(Failure {
                kind: Kind::Denied, ..
            }) => Dead::Final(explained),
            _ if way.mode == SslMode::Prefer => Dead::OtherMode(explained),
            _ => Dead::End(explained),
        },
    }
}

/// The difference from the kind of session that is wanted.
fn is_not(session: &Session, wanted: TargetSessionAttrs) -> Result<Option<&'static str>> {
    const SQL: &str = "SELECT pg_is_in_recovery()::text, current_setting('transaction_read_only')";
    if wanted == TargetSessionAttrs::Any {
        return Ok(None);
    }
    let rows = session.rows(CONNECTING, SQL, &[])?;
    let says = |index, word| {
        let text = rows.first().and_then(|row| super::values::text(row, index));
        text.as_deref() == Some(word)
    };
    let is_standby = says(0, "true");
    let only_reads = is_standby || says(1, "on");
    Ok(match wanted {
        TargetSessionAttrs::ReadWrite if only_reads => Some("only lets read"),
        TargetSessionAttrs::ReadOnly if !only_reads => Some("lets write, not only read"),
        TargetSessionAttrs::Primary if is_standby => Some("is a standby"),
        TargetSessionAttrs::Standby if !is_standby => Some("is no standby"),
        _ => None,
    })
}
