//! A server as a URL names it. The URL may hold a password: it is shown without.

use std::fmt;

use crate::text::visible::one_line;

#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    scheme: String,
    rest: Vec<u8>,
}

impl Server {
    pub(in crate::repository) fn new(scheme: &[u8], rest: &[u8]) -> Server {
        Server {
            scheme: one_line(&String::from_utf8_lossy(scheme)).into_owned(),
            rest: rest.to_vec(),
        }
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
        let name = behind.split(|byte| matches!(byte, b'?' | b'#')).next();
        for part in [host, name].into_iter().flatten() {
            f.write_str(&String::from_utf8_lossy(part))?;
        }
        Ok(())
    }
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
            ("", "pg://"),
        ] {
            let server = Server::new(b"pg", rest.as_bytes());
            assert_eq!(server.to_string(), shown);
            assert!(!format!("{server:?}").contains("cret"), "{rest}");
        }
    }
}
