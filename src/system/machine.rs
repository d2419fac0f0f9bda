//! The names under which a run is kept: of the machine and of its user.

use std::path::Path;

use super::open;

/// The most bytes that are read of the list of users.
const MOST_USERS: usize = 1 << 20;

/// The name of this machine.
pub fn host() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// The name of the user on whose behalf this process works; the number where the machine's own list has no name for it.
pub fn user() -> String {
    let number = rustix::process::geteuid().as_raw().to_string();
    let users = open::read(Path::new("/etc/passwd"), MOST_USERS).unwrap_or_default();
    let users = String::from_utf8_lossy(&users);
    name_of(&number, &users).map_or(number.clone(), ToOwned::to_owned)
}

/// The name of a user in lines such as `name:x:number:…`.
fn name_of<'a>(number: &str, users: &'a str) -> Option<&'a str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1) == Some(number)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use crate::system::machine::*;

    #[test]
    fn the_list_of_users_gives_a_name_for_a_number() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\n\n:x:7:\nvideo:x:1000:1000::/srv:/bin/sh\nodd\n";
        assert_eq!(name_of("0", users), Some("root"));
        assert_eq!(name_of("1000", users), Some("video"));
        for number in ["7", "100", ""] {
            assert_eq!(name_of(number, users), None, "{number}");
        }
    }
}
