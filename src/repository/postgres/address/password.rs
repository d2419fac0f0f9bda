//! A password with the place that it came from. It is shown nowhere, and wiped when it is dropped.

use std::fmt;

#[derive(Clone, PartialEq, Eq)]
pub(in crate::repository) struct Password {
    bytes: Vec<u8>,
    origin: String,
}

impl Password {
    pub(super) fn new(bytes: &[u8], origin: &str) -> Password {
        Password {
            bytes: bytes.to_vec(),
            origin: origin.to_owned(),
        }
    }

    /// The password itself: bytes, as PostgreSQL has no encoding for it.
    pub(in crate::repository) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The place it came from, as messages have it: `from PGPASSWORD`, `from /root/.pgpass`.
    #[cfg_attr(
        not(test),
        allow(
            dead_code,
            reason = "the message about a refused password is to name it"
        )
    )]
    pub(in crate::repository) fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Password({})", self.origin)
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        wipe(&mut self.bytes);
    }
}

/// Overwrites what may be a password, in a way that is not optimized away.
pub(super) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(bytes);
}
