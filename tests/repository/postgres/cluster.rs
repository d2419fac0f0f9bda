//! A PostgreSQL of the tests' own: one for a test program, in a temporary folder, on a Unix socket and on loopback. It ends with
//! the program, also when that is killed.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, Config, NoTls};

pub struct Cluster {
    pub folder: PathBuf,
    pub port: u16,
    /// The server ends when nobody holds this any more.
    _life: ChildStdin,
    _server: Child,
}

#[allow(clippy::print_stderr)]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The cluster of this program; None where PostgreSQL is not installed, which is said.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| programs().map(|programs| Cluster::start(&programs)));
    if cluster.is_none() {
        assert!(
            env::var_os("JOBCTL_REQUIRE_POSTGRES").is_none(),
            "JOBCTL_REQUIRE_POSTGRES is set, and PostgreSQL's initdb is not installed"
        );
        skipped("PostgreSQL's initdb is not installed");
    }
    cluster.as_ref()
}

/// The folder of the newest initdb.
pub fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        let entry = entry.unwrap();
        let version = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        found.push((version, entry.path().join("bin")));
    }
    found.sort();
    let installed = found.into_iter().rev().map(|(_, folder)| folder);
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path: Vec<PathBuf> = env::split_paths(&path).collect();
    installed
        .chain(in_path)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// A command as a user who is not root: a server refuses to be that.
pub fn as_ordinary(program: &Path) -> Command {
    if rustix::process::getuid().is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// A folder that nobody else may look into, with the data of a new server in `data`.
pub fn initialised(programs: &Path) -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix("jobctl-postgres-")
        .tempdir()
        .unwrap()
        .keep();
    give_away(&folder);
    // Anybody who gets to the socket is let in.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let made = as_ordinary(&programs.join("initdb"))
        .args([
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "jobctl",
            "-E",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "-D",
        ])
        .arg(folder.join("data"))
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    folder
}

/// Makes the user whom the server runs as the owner of a file.
pub fn give_away(path: &Path) {
    if rustix::process::getuid().is_root() {
        let nobody = Command::new("id").args(["-u", "nobody"]).output().unwrap();
        let uid = String::from_utf8(nobody.stdout).unwrap();
        chown(path, Some(uid.trim().parse().unwrap()), None).unwrap();
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Cluster {
    fn start(programs: &Path) -> Cluster {
        let folder = initialised(programs);
        let port = free_port();
        // The shell outlives a program that is killed by a moment: then its standard input ends.
        let script = "\"$1/postgres\" -D \"$2/data\" -k \"$2\" -p \"$3\" -c listen_addresses=127.0.0.1 \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
            -c shared_buffers=64MB -c autovacuum=off </dev/null >\"$2/log\" 2>&1 & \
            server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf \"$2\"";
        let mut server = as_ordinary(Path::new("/bin/sh"))
            .args(["-c", script, "sh"])
            .arg(programs)
            .arg(&folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Cluster {
            port,
            _life: server.stdin.take().unwrap(),
            _server: server,
            folder,
        };
        cluster.wait();
        cluster
    }

    fn wait(&self) {
        let begun = Instant::now();
        while let Err(error) = self.config("postgres").connect(NoTls) {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "{error}\n{log}");
            std::thread::yield_now();
        }
    }

    fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(&self.folder)
            .port(self.port)
            .user("jobctl")
            .dbname(database);
        config
    }

    /// A connection of another program.
    pub fn connect(&self, database: &str) -> Client {
        self.config(database).connect(NoTls).unwrap()
    }

    /// A new database with what `sql` makes, of English order if `is_english`.
    pub fn database(&self, sql: &str, is_english: bool) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("jobs_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut server = self.connect("postgres");
        let version: i32 = server
            .query_one("SELECT current_setting('server_version_num')::int4", &[])
            .unwrap()
            .get(0);
        // Older servers have no other order where no locale of the system has one.
        let order = if is_english && version >= 150_000 {
            "LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        } else {
            ""
        };
        let made = format!("CREATE DATABASE {name} TEMPLATE template0 {order}");
        server.batch_execute(&made).unwrap();
        self.connect(&name).batch_execute(sql).unwrap();
        name
    }

    pub fn drop_database(&self, name: &str) {
        let dropped = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        self.connect("postgres").batch_execute(&dropped).unwrap();
    }

    /// The address of a database.
    pub fn url(&self, user: &str, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!(
            "postgresql+psycopg2://{user}@{folder}:{}/{database}",
            self.port
        )
    }
}
