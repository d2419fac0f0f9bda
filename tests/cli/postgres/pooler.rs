//! A pooler in transaction mode between: each transaction may go to another connection of the server, and each command works.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

use super::cluster::{Cluster, as_ordinary, cluster, free_port, give_away};
use crate::locks::until;
use crate::machine::skipped;
use crate::support::{Output, Sandbox};

/// A pgbouncer; it ends with the test, also when that is killed.
struct Pooler {
    port: u16,
    life: Option<ChildStdin>,
    watch: Child,
    _folder: tempfile::TempDir,
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.exists());
    if found.is_none() {
        let is_required = std::env::var_os("JOBCTL_REQUIRE_POSTGRES").is_some();
        assert!(
            !is_required,
            "JOBCTL_REQUIRE_POSTGRES is set, and pgbouncer is not installed"
        );
        skipped("pgbouncer is not installed");
    }
    found
}

impl Pooler {
    /// In front of the cluster, with at most so many connections to a database.
    fn start(cluster: &Cluster, connections: usize) -> Option<Pooler> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let users = folder.path().join("users.txt");
        std::fs::write(&users, "\"jobctl\" \"\"\n").unwrap();
        let settings = folder.path().join("pgbouncer.ini");
        let mut file = std::fs::File::create(&settings).unwrap();
        write!(
            file,
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = {connections}\nquery_wait_timeout = 20\n",
            cluster.folder.display(),
            cluster.port,
            users.display()
        )
        .unwrap();
        for path in [folder.path(), &users, &settings] {
            give_away(path);
        }
        let script =
            "\"$1\" -q \"$2\" </dev/null & server=$!; cat >/dev/null; kill -TERM $server; wait";
        let mut watch = as_ordinary(Path::new("/bin/sh"))
            .args(["-c", script, "sh"])
            .args([&program, &settings])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the pooler listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Some(Pooler {
            port,
            life: watch.stdin.take(),
            watch,
            _folder: folder,
        })
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.life.take();
        let _ = self.watch.wait();
    }
}

/// A dump of so many jobs that are done.
fn dump(jobs: usize) -> String {
    (0..jobs).map(crate::locks::line).collect()
}

#[track_caller]
fn work(run: &dyn Fn(&str) -> Output, sandbox: &Sandbox) {
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    sandbox.write("dump.jsonl", dump(3_000));
    run("migrate dump.jsonl").ok().stderr_has("inserted 3,000,");
    let again = run("migrate dump.jsonl --on-conflict replace --atomic");
    again.ok().stderr_has("skipped 3,000,");
    run("migrate dump.jsonl --dry-run").ok();
    run("show a111").ok().stdout_has("A fox learns");
    run("list").ok().stderr_has("1–50");
    run("list --search FOX -o ids").ok().stdout_has("a1111111");
    run("list --sort title --all -o jsonl").ok();
    run("update $A --status processing").ok();
    run("update $A --complete --if-status processing").ok();
    run("wait $A").ok();
    run("stats -o json").ok().stdout_has("3001");
    let exported = run("export").ok().stdout;
    assert_eq!(exported.lines().count(), 3_001);
    run("history").ok().stdout_has("migrate");
    run("history $A").ok().stdout_has("completed");
    run("undo").ok().stderr_has("restored 1 job");
    run("redo").ok();
    run("undo --dry-run").ok();
    run("redact $A --fields title --yes").ok();
    run("doctor").ok();
    run("cleanup --older-than 10d --dry-run").ok();
    let cleaned = run("cleanup --older-than 10d --archive gone.jsonl --yes");
    cleaned.ok().stderr_has("removed 3,000 jobs");
    run("migrate gone.jsonl").ok().stderr_has("inserted 3,000,");
    run("delete --status failed --yes").ok().stderr_has("3,000");
    run("undo").ok().stderr_has("restored 3,000 jobs");
    run("redo").ok().stderr_has("3,000 jobs");
    run("delete $A").ok();
    run("list -o ids").ok().no_stdout();
}

#[test]
fn every_command_works_through_a_pooler_in_transaction_mode() {
    let Some(cluster) = cluster() else { return };
    // With one connection nobody can hold a lock beside the work.
    for connections in [1, 2] {
        let Some(pooler) = Pooler::start(cluster, connections) else {
            return;
        };
        let database = cluster.database("", false);
        let url = format!("postgresql://jobctl@127.0.0.1:{}/{database}", pooler.port);
        let sandbox = Sandbox::new();
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
        work(&run, &sandbox);
        // Nothing of it is left in the connections that the pooler keeps for others.
        let url = format!(
            "host=127.0.0.1 port={} user=jobctl dbname={database}",
            pooler.port
        );
        let mut other = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        for (left, none) in [
            ("SHOW lock_timeout", "0"),
            ("SELECT count(*) FROM pg_prepared_statements", "0"),
            (
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
                "0",
            ),
        ] {
            let answers = other.simple_query(left).unwrap();
            let told = answers.iter().find_map(|answer| match answer {
                postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            assert_eq!(told, Some(none), "{left}");
        }
        drop(other);
        drop(pooler);
        cluster.drop_database(&database);
    }
}

#[test]
fn a_database_that_the_pooler_does_not_find_is_66() {
    let Some(cluster) = cluster() else { return };
    let Some(pooler) = Pooler::start(cluster, 1) else {
        return;
    };
    let url = format!("postgresql://jobctl@127.0.0.1:{}/nowhere", pooler.port);
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("list").env("JOBCTL_DB", &url).run();
    run.fails(66).stderr_has("hint: createdb makes one");
}
