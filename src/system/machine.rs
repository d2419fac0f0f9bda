//! The names under which a run is kept: of the machine and of its user.

/// The name of this machine.
pub fn host() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

/// The number of the user on whose behalf this process works, as text.
pub fn user_number() -> String {
    rustix::process::geteuid().as_raw().to_string()
}
