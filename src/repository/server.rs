//! A server as a URL names it. The URL may hold a password: it is shown without.

use std::fmt;

use crate::settings::postgres_variables::PostgresVariables;
use crate::text::visible::one_line;

#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    scheme: String,
    rest: Vec<u8>,
    variables: PostgresVariables,
}

impl Server {
    /// `variables` are those that supply what the URL leaves out.
    pub(in crate::repository) fn new(
        scheme: &[u8],
        rest: &[u8],
        variables: &PostgresVariables,
    ) -> Server {
        Server {
            scheme: one_line(&String::from_utf8_lossy(scheme)).into_owned(),
            rest: rest.to_vec(),
            variables: variables.clone(),
        }
    }

    /// The URL behind its `://`, with the password.
    pub(in crate::repository) fn rest(&self) -> &[u8] {
        &self.rest
    }

    pub(in crate::repository) fn variables(&self) -> &PostgresVariables {
        &self.variables
    }

    pub fn scheme(&self) -> &str {
        &self.scheme
    }
}

impl fmt::Display for Server {
    /// Shows nothing but the scheme where the end of a password is not certain.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (authority, behind) = self.rest.split_at(end);
        if behind.contains(&b'@') {
            return f.write_str("...");
        }
        let host = authority.rsplit(|byte| *byte == b'@').next();
        // Where the host is left out, or its @, a password stands in the place of a port.
        if !host.is_none_or(has_ports_alone) {
            return f.write_str("...");
        }
        let name = behind.split(|byte| matches!(byte, b'?' | b'#')).next();
        for part in [host, name].into_iter().flatten() {
            f.write_str(&String::from_utf8_lossy(part))?;
        }
        Ok(())
    }
}

/// Whether what stands behind the hosts of a list are numbers.
fn has_ports_alone(hosts: &[u8]) -> bool {
    hosts.split(|byte| *byte == b',').all(|host| {
        let name_ends = match host.first() {
            Some(b'[') => host.iter().position(|byte| *byte == b']'),
            _ => Some(0),
        };
        let Some(end) = name_ends else { return false };
        let mut ports = host[end..].split(|byte| *byte == b':').skip(1);
        ports.all(|port| port.iter().all(u8::is_ascii_digit))
    })
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_shown_without_a_password() {
        for (rest, shown) in [
            ("host/jobs", "pg://host/jobs"),
            ("user@host:5432/jobs", "pg://host:5432/jobs"),
            ("user:secret@host/jobs?sslmode=require", "pg://host/jobs"),
            ("user:se@cret@host/jobs", "pg://host/jobs"),
            ("host/jobs?user=me&password=secret", "pg://host/jobs"),
            ("user:se/cret@host/jobs", "pg://..."),
            ("user:se?cret@host/jobs", "pg://..."),
            ("host/jobs?password=se@cret", "pg://..."),
            ("user:secret/jobs", "pg://..."),
            ("a:1,b:secret/jobs", "pg://..."),
            ("user:1]secret/jobs", "pg://..."),
            ("user@[secret/jobs", "pg://..."),
            ("a:1,[::1]:2,b/jobs", "pg://a:1,[::1]:2,b/jobs"),
            ("", "pg://"),
        ] {
            let server = Server::new(b"pg", rest.as_bytes(), &PostgresVariables::default());
            assert_eq!(server.to_string(), shown);
            assert!(!format!("{server:?}").contains("cret"), "{rest}");
        }
    }
}
