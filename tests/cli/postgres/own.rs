//! A server that a test has for itself: with settings of its own, to be stopped and started again. It ends with the test program, also when
//! that is killed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use postgres::{Client, Config, NoTls};

use super::cluster::{as_ordinary, cluster, free_port, give_away, initialised, programs};
use crate::locks::until;

pub struct Server {
    folder: PathBuf,
    pub port: u16,
    programs: PathBuf,
    /// The server is stopped when nobody holds this any more.
    life: Option<ChildStdin>,
    watch: Child,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Fast,
    Immediate,
    Kill,
}

impl Server {
    /// One that is not started yet; None, aloud, where PostgreSQL is not installed.
    pub fn new() -> Option<Server> {
        cluster()?;
        let programs = programs()?;
        let folder = initialised(&programs);
        let script =
            "cat >/dev/null; \"$1/pg_ctl\" -D \"$2/data\" -m immediate stop; rm -rf \"$2\"";
        let mut watch = as_ordinary(Path::new("/bin/sh"))
            .args(["-c", script, "sh"])
            .args([&programs, &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Server {
            port: free_port(),
            programs,
            life: watch.stdin.take(),
            watch,
            folder,
        })
    }

    /// One that runs, with an empty database `jobs`.
    pub fn started() -> Option<Server> {
        let server = Server::new()?;
        server.start();
        server.sql("postgres", "CREATE DATABASE jobs");
        Some(server)
    }

    /// Adds lines to a file of the data folder, as `postgresql.conf`.
    pub fn configure(&self, name: &str, lines: &str) {
        let path = self.folder.join("data").join(name);
        let mut file = fs::File::options().append(true).open(path).unwrap();
        file.write_all(lines.as_bytes()).unwrap();
    }

    /// Writes a file into the data folder, for the server alone.
    pub fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.join("data").join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        give_away(&path);
    }

    fn control(&self, words: &[&str]) -> bool {
        let status = as_ordinary(&self.programs.join("pg_ctl"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }

    pub fn start(&self) {
        let (folder, port) = (self.folder.display(), self.port);
        let options = format!(
            "-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c shared_buffers=16MB -c autovacuum=off -c fsync=off"
        );
        // What a killed one has left ends a moment later.
        until("the server starts", || {
            self.control(&["start", "-w", "-o", &options])
        });
    }

    pub fn reload(&self) {
        assert!(self.control(&["reload"]));
    }

    pub fn stop(&self, how: Stop) {
        match how {
            Stop::Fast => assert!(self.control(&["stop", "-w", "-m", "fast"])),
            Stop::Immediate => assert!(self.control(&["stop", "-w", "-m", "immediate"])),
            Stop::Kill => {
                let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
                let pid = pid.lines().next().unwrap();
                let killed = Command::new("kill").args(["-9", pid]).status();
                assert!(killed.unwrap().success());
            }
        }
    }

    pub fn connect(&self, database: &str) -> Client {
        let mut config = Config::new();
        config.host_path(&self.folder).port(self.port);
        config.user("jobctl").dbname(database);
        config.connect(NoTls).unwrap()
    }

    pub fn sql(&self, database: &str, sql: &str) {
        self.connect(database).batch_execute(sql).unwrap();
    }

    /// The address of a database, by its socket.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!(
            "postgresql+psycopg2://jobctl@{folder}:{}/{database}",
            self.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.life.take();
        let _ = self.watch.wait();
    }
}
