//! The account that this process runs as. Its name comes from where the system keeps accounts, which need not be a file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::open;

/// More than any list of accounts has.
const MOST: usize = 16 << 20;

pub(crate) fn name() -> Option<String> {
    whoami::username().ok()
}

/// The home folder that the list of accounts names for this user.
pub(crate) fn home() -> Option<PathBuf> {
    let accounts = open::read(Path::new("/etc/passwd"), MOST).ok()?;
    home_in(&accounts, &name()?)
}

fn home_in(accounts: &[u8], name: &str) -> Option<PathBuf> {
    accounts.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_ours = fields.next()? == name.as_bytes();
        let home = fields.nth(4).filter(|home| is_ours && !home.is_empty())?;
        Some(PathBuf::from(OsString::from_vec(home.to_vec())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_the_sixth_field_of_the_users_line() {
        let accounts =
            b"root:x:0:0:root:/root:/bin/sh\nme:x:7:7::/home/me:/bin/sh\nnone:x:8:8:::\nshort:x\n";
        for (name, home) in [
            ("root", Some("/root")),
            ("me", Some("/home/me")),
            ("none", None),
            ("short", None),
            ("nobody", None),
        ] {
            assert_eq!(home_in(accounts, name), home.map(PathBuf::from), "{name}");
        }
    }
}
