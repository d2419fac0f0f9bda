//! The settings of an address and its surroundings, read as what they mean.

use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use super::authority;
use super::hosts::{self, Listed};
use super::keywords::KEYWORDS;
use super::parameters::{
    ChannelBinding, ConnectionParameters, Host, Keepalives, Place, TargetSessionAttrs,
};
use super::password::Password;
use super::password_file::{PasswordFile, Wanted};
use super::service_file;
use super::settings::Settings;
use super::surroundings::Surroundings;
use super::tls;
use super::url::{FORM, Url};
use crate::error::Failure;

/// The name by which servers know this program, unless another is asked for.
const APPLICATION: &str = "jobctl";

const ATTRS: &[(&str, TargetSessionAttrs)] = &[
    ("any", TargetSessionAttrs::Any),
    ("read-write", TargetSessionAttrs::ReadWrite),
    ("read-only", TargetSessionAttrs::ReadOnly),
    ("primary", TargetSessionAttrs::Primary),
    ("standby", TargetSessionAttrs::Standby),
    ("prefer-standby", TargetSessionAttrs::PreferStandby),
];

const BINDINGS: &[(&str, ChannelBinding)] = &[
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

pub(super) fn resolve(
    url: &Url<'_>,
    around: &Surroundings<'_>,
) -> Result<ConnectionParameters, Failure> {
    parameters(url, around).map_err(|failure| url.told(failure))
}

fn parameters(url: &Url<'_>, around: &Surroundings<'_>) -> Result<ConnectionParameters, Failure> {
    let settings = settings(url, around)?;
    settings.check_handling()?;
    let listed = hosts::read(&settings, around)?;
    if let Some(setting) = settings.get("requirepeer")
        && listed.iter().any(|listed| is_socket(&listed.host))
    {
        return Err(setting.not_supported("requirepeer"));
    }
    let user = match settings.text("user")? {
        Some(user) => user,
        None => (around.user)().ok_or_else(|| {
            url.refused("the address names no user, and this process has none by name")
                .hint(FORM)
        })?,
    };
    let database = settings.text("dbname")?.unwrap_or_else(|| user.clone());
    let mut warnings = Vec::new();
    let hosts = with_passwords(listed, &settings, &user, &database, around, &mut warnings);
    let folder = around.at_home(".postgresql");
    let application = settings.text("application_name")?;
    let fallback = settings.text("fallback_application_name")?;
    Ok(ConnectionParameters {
        hosts,
        user,
        database,
        tls: tls::read(&settings, folder.as_deref())?,
        channel_binding: settings.choice("channel_binding", BINDINGS, ChannelBinding::Prefer)?,
        connect_timeout: connect_timeout(&settings)?,
        application_name: application
            .or(fallback)
            .unwrap_or_else(|| APPLICATION.to_owned()),
        options: settings.text("options")?,
        target_session_attrs: settings.choice(
            "target_session_attrs",
            ATTRS,
            TargetSessionAttrs::Any,
        )?,
        keepalives: keepalives(&settings)?,
        warnings,
    })
}

/// All settings: those of the URL, then what a service and the environment supply.
pub(super) fn settings(url: &Url<'_>, around: &Surroundings<'_>) -> Result<Settings, Failure> {
    let mut settings = authority::read(url)?;
    service_file::supply(&mut settings, around)?;
    for keyword in KEYWORDS {
        let Some(name) = keyword.variable else {
            continue;
        };
        if let Some(value) = around.variable(name) {
            settings.supply(keyword.name, value.as_bytes(), &format!("from {name}"));
        }
    }
    // Of clients before sslmode.
    if around
        .variable("PGREQUIRESSL")
        .is_some_and(|value| value.as_bytes().starts_with(b"1"))
    {
        settings.supply("sslmode", b"require", "from PGREQUIRESSL");
    }
    Ok(settings)
}

fn is_socket(host: &Host) -> bool {
    matches!(host.place, Place::Socket(_))
}

fn with_passwords(
    listed: Vec<Listed>,
    settings: &Settings,
    user: &str,
    database: &str,
    around: &Surroundings<'_>,
    warnings: &mut Vec<String>,
) -> Vec<Host> {
    let given = settings.get("password");
    let given = given.map(|setting| Password::new(&setting.value, &setting.origin));
    let file = match given {
        Some(_) => None,
        None => settings
            .path("passfile")
            .or_else(|| around.at_home(".pgpass"))
            .and_then(|path| PasswordFile::read(&path, warnings)),
    };
    let from_file = |listed: &Listed| {
        file.as_ref()?.password(&Wanted {
            host: &listed.name,
            port: &listed.port,
            database: database.as_bytes(),
            user: user.as_bytes(),
        })
    };
    let with_password = |listed: Listed| {
        let password = given.clone().or_else(|| from_file(&listed));
        Host {
            password,
            ..listed.host
        }
    };
    listed.into_iter().map(with_password).collect()
}

fn connect_timeout(settings: &Settings) -> Result<Option<Duration>, Failure> {
    /// Rounding in another place could make less of it fail at once.
    const LEAST: u64 = 2;
    let seconds = settings.number("connect_timeout")?.and_then(positive);
    Ok(seconds.map(|seconds| Duration::from_secs(u64::from(seconds).max(LEAST))))
}

fn positive(number: i32) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn keepalives(settings: &Settings) -> Result<Keepalives, Failure> {
    let number = |name: &str| Ok(settings.number(name)?.and_then(positive));
    let seconds = |name: &str| -> Result<Option<Duration>, Failure> {
        Ok(number(name)?.map(|seconds| Duration::from_secs(seconds.into())))
    };
    let is_empty = settings
        .given("keepalives")
        .is_some_and(|setting| setting.value.is_empty());
    Ok(Keepalives {
        // The C library reads an empty number as 0.
        on: !is_empty && settings.number("keepalives")? != Some(0),
        idle: seconds("keepalives_idle")?,
        interval: seconds("keepalives_interval")?,
        count: number("keepalives_count")?,
        user_timeout: number("tcp_user_timeout")?
            .map(|milliseconds| Duration::from_millis(milliseconds.into())),
    })
}
