//! Addresses against what libpq makes of them, in tables: texts beside this file, one address a line. The tests of
//! interoperation ask libpq whether the tables are true.

mod errors;
mod secrets;
mod tables;

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::parameters::{ChannelBinding, ConnectionParameters, Place, TargetSessionAttrs};
use super::resolve::resolve;
use super::surroundings::Surroundings;
use super::tls::{RootCertificate, SslMode, TlsVersion};
use super::url::Url;
use crate::error::Failure;
use crate::settings::postgres_variables::PostgresVariables;

/// A home folder with a password file and service files, as the tables suppose.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::create_dir(home.path("etc")).unwrap();
        let passwords = include_str!("pgpass.txt");
        home.write(".pgpass", passwords, 0o600);
        home.write("open.pgpass", passwords, 0o640);
        home.write(".pg_service.conf", include_str!("pg_service.txt"), 0o644);
        let system = include_str!("pg_service_system.txt");
        home.write("etc/pg_service.conf", system, 0o644);
        home.write("ca.crt", "", 0o644);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    /// The text of a table with this home folder in it.
    fn named(&self, text: &str) -> String {
        text.replace('~', self.0.path().to_str().unwrap())
    }

    /// The environment of a table's row: `A=b; C=d`.
    fn environment(&self, text: &str) -> Vec<(String, String)> {
        let mut variables = vec![
            ("HOME".to_owned(), self.named("~")),
            ("PGSYSCONFDIR".to_owned(), self.named("~/etc")),
        ];
        for variable in text.split("; ").filter(|variable| *variable != "-") {
            let (name, value) = variable.split_once('=').unwrap();
            variables.push((name.to_owned(), self.named(value)));
        }
        variables
    }

    fn resolve(&self, url: &str, environment: &str) -> Result<ConnectionParameters, Failure> {
        let environment = self.environment(environment).into_iter();
        let pairs = environment.map(|(name, value)| (name.into(), value.into()));
        resolved(&self.named(url), pairs)
    }

    /// In the words of the tables.
    fn told(&self, url: &str, environment: &str) -> String {
        match self.resolve(url, environment) {
            Ok(parameters) => told(&parameters).replace(self.0.path().to_str().unwrap(), "~"),
            Err(_) => "refused".to_owned(),
        }
    }
}

fn resolved(
    url: &str,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<ConnectionParameters, Failure> {
    let variables = PostgresVariables::of(environment);
    let around = Surroundings {
        variables: &variables,
        user: &|| Some("os-user".to_owned()),
        home: &|| None,
        socket_folder: PathBuf::from("/var/run/postgresql"),
        system_folders: &[],
    };
    let (scheme, rest) = url.split_once("://").unwrap();
    let url = Url::of(scheme, rest.as_bytes(), "from --db").unwrap();
    resolve(&url, &around)
}

/// What differs from the defaults, as the script that asks libpq tells it.
fn told(parameters: &ConnectionParameters) -> String {
    let hosts = parameters.hosts.iter().map(|host| match &host.place {
        Place::Socket(folder) => format!("{}:{}", folder.display(), host.port),
        Place::Name(name) => format!("{name}:{}", host.port),
        Place::Address { address, name } => {
            format!(
                "{}={address}:{}",
                name.as_deref().unwrap_or_default(),
                host.port
            )
        }
    });
    let mut told = hosts.collect::<Vec<_>>().join(",");
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            told.push_str(&format!(" {name}={value}"));
        }
    };
    let tls = &parameters.tls;
    add("user", Some(parameters.user.clone()));
    add("dbname", Some(parameters.database.clone()));
    let password = parameters.hosts[0].password.as_ref();
    add("password", password.map(|password| text(password.bytes())));
    let mode = super::tls::MODES.iter().find(|(_, mode)| *mode == tls.mode);
    let mode = mode.filter(|(_, mode)| *mode != SslMode::Prefer);
    add("sslmode", mode.map(|(word, _)| (*word).to_owned()));
    let shown = |path: &Path| path.display().to_string();
    let root = tls.root.as_ref().map(|root| match root {
        RootCertificate::System => "system".to_owned(),
        RootCertificate::File(path) => shown(path),
    });
    add(
        "sslrootcert",
        root.filter(|root| !root.ends_with("/.postgresql/root.crt")),
    );
    let client = tls.client.as_ref();
    add("sslcert", client.map(|client| shown(&client.certificate)));
    let key = client.map(|client| shown(&client.key));
    add(
        "sslkey",
        key.filter(|key| !key.ends_with("/.postgresql/postgresql.key")),
    );
    add("sslsni", (!tls.sni).then(|| "0".to_owned()));
    let least = (tls.least_version == TlsVersion::V1_3).then(|| "TLSv1.3".to_owned());
    add("ssl_min_protocol_version", least);
    let most = (tls.most_version == TlsVersion::V1_2).then(|| "TLSv1.2".to_owned());
    add("ssl_max_protocol_version", most);
    let binding = match parameters.channel_binding {
        ChannelBinding::Disable => Some("disable".to_owned()),
        ChannelBinding::Prefer => None,
        ChannelBinding::Require => Some("require".to_owned()),
    };
    add("channel_binding", binding);
    let application = Some(parameters.application_name.clone());
    add(
        "application_name",
        application.filter(|name| name != "jobctl"),
    );
    add("options", parameters.options.clone());
    let attrs = match parameters.target_session_attrs {
        TargetSessionAttrs::Any => None,
        TargetSessionAttrs::ReadWrite => Some("read-write"),
        TargetSessionAttrs::ReadOnly => Some("read-only"),
        TargetSessionAttrs::Primary => Some("primary"),
        TargetSessionAttrs::Standby => Some("standby"),
        TargetSessionAttrs::PreferStandby => Some("prefer-standby"),
    };
    add("target_session_attrs", attrs.map(str::to_owned));
    let timeout = parameters.connect_timeout;
    add(
        "connect_timeout",
        timeout.map(|timeout| timeout.as_secs().to_string()),
    );
    let keepalives = &parameters.keepalives;
    add("keepalives", (!keepalives.on).then(|| "0".to_owned()));
    let seconds = |time: std::time::Duration| time.as_secs().to_string();
    add("keepalives_idle", keepalives.idle.map(seconds));
    add("keepalives_interval", keepalives.interval.map(seconds));
    add(
        "keepalives_count",
        keepalives.count.map(|count| count.to_string()),
    );
    let milliseconds = keepalives
        .user_timeout
        .map(|time| time.as_millis().to_string());
    add("tcp_user_timeout", milliseconds);
    told
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
