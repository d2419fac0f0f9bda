//! The encryption of a connection: what is asked for, what is verified, and by which certificates.

use std::path::{Path, PathBuf};

use super::settings::{Setting, Settings};
use crate::error::Failure;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) struct Tls {
    pub mode: SslMode,
    /// What the server's certificate is verified by. Below `verify-ca` it is a file that was there.
    pub root: Option<RootCertificate>,
    /// What the server verifies this client by.
    pub client: Option<ClientCertificate>,
    pub least_version: TlsVersion,
    pub most_version: TlsVersion,
    /// Whether the host's name is told before the encryption begins.
    pub sni: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository) enum SslMode {
    Disable,
    /// Without encryption, and with it where the server refuses that.
    Allow,
    /// With encryption, and without it where the server has none or it fails.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

pub(super) const MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) enum RootCertificate {
    /// Those that the system trusts.
    System,
    /// A file of certificates, PEM.
    File(PathBuf),
}

/// PEM files. The key is to be a file that nobody but its owner may read (or root's, with a group).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::repository) struct ClientCertificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::repository) enum TlsVersion {
    V1_2,
    V1_3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository) enum Verification {
    Nothing,
    /// That the certificate is signed by the root.
    Chain,
    /// And that it is the host's.
    ChainAndName,
}

impl Tls {
    /// What is verified of the server's certificate: with a root always its signature, as libpq does.
    pub(in crate::repository) fn verification(&self) -> Verification {
        match (self.mode, &self.root) {
            (SslMode::VerifyFull, _) => Verification::ChainAndName,
            (SslMode::VerifyCa, _) | (_, Some(_)) => Verification::Chain,
            _ => Verification::Nothing,
        }
    }
}

/// Reads the settings. `folder` is that of the user's own certificates, `~/.postgresql`.
pub(super) fn read(settings: &Settings, folder: Option<&Path>) -> Result<Tls, Failure> {
    let is_system = |setting: &&Setting| setting.value == b"system";
    let system = settings.get("sslrootcert").filter(is_system);
    let unset = match system {
        Some(_) => SslMode::VerifyFull,
        None => SslMode::Prefer,
    };
    let mode = settings.choice("sslmode", MODES, unset)?;
    if let Some(system) = system
        && mode != SslMode::VerifyFull
    {
        return Err(system
            .refused("sslrootcert=system needs sslmode=verify-full")
            .hint(
                "anybody may get a certificate that the system trusts, for a name of their own",
            ));
    }
    let (least_version, most_version) = versions(settings)?;
    Ok(Tls {
        mode,
        root: root(settings, mode, folder),
        client: client(settings, mode, folder)?,
        least_version,
        most_version,
        sni: settings
            .given("sslsni")
            .is_none_or(|setting| setting.value.first() == Some(&b'1')),
    })
}

fn root(settings: &Settings, mode: SslMode, folder: Option<&Path>) -> Option<RootCertificate> {
    let named = settings.path("sslrootcert");
    let path = named.or_else(|| Some(folder?.join("root.crt")))?;
    if path == Path::new("system") {
        return Some(RootCertificate::System);
    }
    let must_be_there = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
    (must_be_there || path.exists()).then_some(RootCertificate::File(path))
}

fn client(
    settings: &Settings,
    mode: SslMode,
    folder: Option<&Path>,
) -> Result<Option<ClientCertificate>, Failure> {
    let file = |name: &str, usual: &str| {
        let named = settings.path(name);
        named.or_else(|| Some(folder?.join(usual)))
    };
    if let Some(key) = settings.get("sslkey")
        && key.value.contains(&b':')
    {
        return Err(key.not_supported("sslkey"));
    }
    let certificate =
        file("sslcert", "postgresql.crt").filter(|path| mode != SslMode::Disable && path.exists());
    let key = file("sslkey", "postgresql.key");
    Ok(certificate
        .zip(key)
        .map(|(certificate, key)| ClientCertificate { certificate, key }))
}

/// The versions that may be spoken. Older ones than 1.2 are not, whatever the settings allow.
fn versions(settings: &Settings) -> Result<(TlsVersion, TlsVersion), Failure> {
    const NAMES: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
    let version = |name: &str, unset: usize| {
        let Some(setting) = settings.get(name) else {
            return Ok(unset);
        };
        let shown = setting.shown();
        let found = NAMES
            .iter()
            .position(|known| known.eq_ignore_ascii_case(&shown));
        found.ok_or_else(|| {
            setting
                .refused(&format!("{name} is \"{shown}\""))
                .hint("it is TLSv1.2 or TLSv1.3")
        })
    };
    let least = version("ssl_min_protocol_version", 2)?;
    let most = version("ssl_max_protocol_version", 3)?;
    let spoken = |index: usize| match index {
        0..=2 => TlsVersion::V1_2,
        _ => TlsVersion::V1_3,
    };
    match settings.get("ssl_max_protocol_version") {
        Some(setting) if most < 2 || most < least => Err(setting
            .refused("there is no version of TLS between ssl_min_protocol_version and ssl_max_protocol_version")
            .hint("TLSv1.2 and TLSv1.3 can be spoken")),
        _ => Ok((spoken(least), spoken(most))),
    }
}
