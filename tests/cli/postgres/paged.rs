//! Ctrl-C while a pager shows what a server gave: the connection, which heeds it at other times, leaves it to the pager.

use super::cluster::cluster;
use crate::live::Live;
use crate::locks::until;
use crate::pty;
use crate::support::Sandbox;

const PAGER: &str = "trap 'echo interrupted >> interrupted' INT
echo the pager is there
until read -r key; do :; done < /dev/tty
cat > read
echo the pager is left
";

#[test]
fn ctrl_c_is_for_the_pager_each_time() {
    let Some(cluster) = cluster() else { return };
    if !pty::is_here() {
        return;
    }
    let database = cluster.database("", false);
    let url = cluster.url("jobctl", &database);
    let sandbox = Sandbox::new();
    let migrate = sandbox.jobctl("migrate -").env("JOBCTL_DB", &url);
    migrate.stdin(crate::locks::dump(60)).run().ok();
    let script = sandbox.write("patient", PAGER);
    let pager = format!("sh {}", script.display());
    let list = sandbox.jobctl("list").env("JOBCTL_DB", &url);
    let mut live = Live::start(list.env("JOBCTL_PAGER", pager), 80, 24);
    live.until("the pager", |screen| screen.has("the pager is there"));
    for times in 1..=3 {
        live.type_keys("\u{3}");
        until("the interrupt", || {
            let path = sandbox.path("interrupted");
            let told = std::fs::read_to_string(path).unwrap_or_default();
            told.lines().count() == times
        });
    }
    live.type_keys("\n");
    let ended = live.end();
    assert!(ended.raw.contains("the pager is left"), "{}", ended.raw);
    assert_eq!(ended.status, "0");
    assert!(sandbox.read("read").lines().count() > 50);
    cluster.drop_database(&database);
}
