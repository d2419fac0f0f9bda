//! The parameters that libpq 15 and later know, the variable of each, and what becomes of it here. One that would protect the
//! connection and cannot be honoured is refused, never passed over.

use crate::job::status::nearest;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handling {
    /// It has its meaning here.
    Taken,
    /// It has no meaning here, whatever it says: nothing depends on it.
    PassedOver,
    /// These values ask for nothing that is not done anyway; any other is refused.
    OnlyAs(&'static [&'static str]),
}

pub(super) struct Keyword {
    pub name: &'static str,
    pub variable: Option<&'static str>,
    pub handling: Handling,
}

const fn taken(name: &'static str, variable: Option<&'static str>) -> Keyword {
    Keyword {
        name,
        variable,
        handling: Handling::Taken,
    }
}

const fn passed_over(name: &'static str, variable: Option<&'static str>) -> Keyword {
    Keyword {
        name,
        variable,
        handling: Handling::PassedOver,
    }
}

const fn only_as(
    name: &'static str,
    variable: Option<&'static str>,
    values: &'static [&'static str],
) -> Keyword {
    Keyword {
        name,
        variable,
        handling: Handling::OnlyAs(values),
    }
}

pub(super) const KEYWORDS: &[Keyword] = &[
    taken("service", Some("PGSERVICE")),
    taken("host", Some("PGHOST")),
    taken("hostaddr", Some("PGHOSTADDR")),
    taken("port", Some("PGPORT")),
    taken("dbname", Some("PGDATABASE")),
    taken("user", Some("PGUSER")),
    taken("password", Some("PGPASSWORD")),
    taken("passfile", Some("PGPASSFILE")),
    taken("channel_binding", Some("PGCHANNELBINDING")),
    taken("connect_timeout", Some("PGCONNECT_TIMEOUT")),
    taken("options", Some("PGOPTIONS")),
    taken("application_name", Some("PGAPPNAME")),
    taken("fallback_application_name", None),
    taken("keepalives", None),
    taken("keepalives_idle", None),
    taken("keepalives_interval", None),
    taken("keepalives_count", None),
    taken("tcp_user_timeout", None),
    taken("sslmode", Some("PGSSLMODE")),
    taken("sslcert", Some("PGSSLCERT")),
    taken("sslkey", Some("PGSSLKEY")),
    taken("sslrootcert", Some("PGSSLROOTCERT")),
    taken("sslsni", Some("PGSSLSNI")),
    taken("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION")),
    taken("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION")),
    taken("target_session_attrs", Some("PGTARGETSESSIONATTRS")),
    // Refused on a socket alone, the only place where it has a meaning.
    taken("requirepeer", Some("PGREQUIREPEER")),
    // Text is UTF-8 here, whatever a person's terminal has.
    passed_over("client_encoding", Some("PGCLIENTENCODING")),
    passed_over("sslcompression", Some("PGSSLCOMPRESSION")),
    // They say how to use GSSAPI where a server asks for it, which is not done here.
    passed_over("krbsrvname", Some("PGKRBSRVNAME")),
    passed_over("gsslib", Some("PGGSSLIB")),
    passed_over("gssdelegation", Some("PGGSSDELEGATION")),
    // Which of several equal servers is tried first.
    passed_over("load_balance_hosts", Some("PGLOADBALANCEHOSTS")),
    only_as("gssencmode", Some("PGGSSENCMODE"), &["disable", "prefer"]),
    only_as("sslpassword", None, &[]),
    only_as("sslcrl", Some("PGSSLCRL"), &[]),
    only_as("sslcrldir", Some("PGSSLCRLDIR"), &[]),
    only_as("sslcertmode", Some("PGSSLCERTMODE"), &["allow"]),
    only_as("sslnegotiation", Some("PGSSLNEGOTIATION"), &["postgres"]),
    only_as("require_auth", Some("PGREQUIREAUTH"), &[]),
    only_as(
        "min_protocol_version",
        Some("PGMINPROTOCOLVERSION"),
        &["3.0"],
    ),
    only_as(
        "max_protocol_version",
        Some("PGMAXPROTOCOLVERSION"),
        &["3.0", "latest"],
    ),
    only_as("replication", None, &["false", "off", "no", "0"]),
];

pub(super) fn keyword(name: &[u8]) -> Option<&'static Keyword> {
    KEYWORDS
        .iter()
        .find(|keyword| keyword.name.as_bytes() == name)
}

/// The next step for a parameter that is none: the one that was most likely meant.
pub(super) fn hint(name: &str) -> String {
    let known = KEYWORDS
        .iter()
        .filter(|keyword| keyword.handling == Handling::Taken)
        .map(|keyword| keyword.name);
    match name.to_ascii_lowercase().as_str() {
        "database" | "db" => "did you mean dbname?".to_owned(),
        "username" => "did you mean user?".to_owned(),
        "schema" | "currentschema" | "search_path" => {
            "a schema is named by options=-csearch_path%3DSCHEMA".to_owned()
        }
        _ => match nearest(name, known) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "the parameters are those of libpq, as sslmode and connect_timeout".to_owned(),
        },
    }
}
