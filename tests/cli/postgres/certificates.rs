//! Encryption, passwords and certificates, each sslmode against servers of both kinds. The certificates in `certificates` are good for many
//! years, but for the one that has expired.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use super::cluster::cluster;
use super::own::Server;
use crate::support::{Output, Sandbox};

const ROOT: &str = include_str!("certificates/root.pem");
const SELF: &str = include_str!("certificates/self.pem");
const SELF_KEY: &str = include_str!("certificates/self.key");
const SERVER: &str = include_str!("certificates/server.pem");
const SERVER_KEY: &str = include_str!("certificates/server.key");
const EXPIRED: &str = include_str!("certificates/expired.pem");
const CLIENT: &str = include_str!("certificates/client.pem");
const CLIENT_KEY: &str = include_str!("certificates/client.key");

/// What one has to come with, in the order in which the server looks.
const RULES: &str = "
local all all trust
hostssl all certified all cert
host all guarded all scram-sha-256
hostssl all sealed all trust
hostnossl all bare all trust
host all jobctl all trust
";

/// A server with this certificate, on which all but the sockets' users have to come by TCP.
fn server(certificate: &str, key: &str) -> Option<Server> {
    let server = Server::new()?;
    server.write("server.crt", certificate);
    server.write("server.key", key);
    server.write("root.crt", ROOT);
    server.configure("postgresql.conf", "ssl = on\nssl_ca_file = 'root.crt'\n");
    server.write("pg_hba.conf", RULES);
    server.start();
    server.sql("postgres", "CREATE DATABASE jobs");
    server.sql(
        "jobs",
        "CREATE ROLE certified LOGIN; CREATE ROLE sealed LOGIN; CREATE ROLE bare LOGIN; CREATE ROLE guarded LOGIN PASSWORD 'hunter2'",
    );
    let sandbox = Sandbox::new();
    let create = sandbox.jobctl("create --type a --content 'A fox learns to sail'");
    create.env("JOBCTL_DB", server.url("jobs")).run().ok();
    server.sql("jobs", "GRANT ALL ON video_generation_jobs TO PUBLIC");
    Some(server)
}

/// `list` as this user of this host, with these parameters: `~` is a folder with the certificates.
fn list(server: &Server, sandbox: &Sandbox, who: &str, parameters: &str) -> Output {
    let folder = sandbox.path("").display().to_string();
    let url = format!("postgresql://{who}:{}/jobs?{parameters}", server.port);
    let run = sandbox.jobctl("list -o ids");
    run.env("JOBCTL_DB", url.replace('~', folder.trim_end_matches('/')))
        .run()
        .stderr_lacks("hunter2")
}

fn folder() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in [
        ("root.pem", ROOT),
        ("self.pem", SELF),
        ("server.pem", SERVER),
        ("expired.pem", EXPIRED),
        ("client.pem", CLIENT),
        ("client.key", CLIENT_KEY),
    ] {
        let path = sandbox.write(name, text);
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    sandbox
}

#[track_caller]
fn fails(run: Output, status: i32, said: &str, hint: &str) {
    let run = run.fails(status).no_stdout();
    let (message, next) = run.stderr.split_once("\nhint: ").expect("a hint");
    assert!(message.contains(said), "{said:?} expected{run}");
    assert!(next.contains(hint), "{hint:?} expected{run}");
}

const MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

#[test]
fn a_server_without_encryption_does_for_the_modes_that_do_not_ask_for_it() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database("", false);
    let sandbox = folder();
    let create = sandbox.jobctl("create --type a --content 'A fox learns to sail'");
    let made = create.env("JOBCTL_DB", cluster.url("jobctl", &database));
    let id = made.run().ok().stdout;
    for mode in MODES {
        let root = sandbox.path("root.pem");
        let url = format!(
            "postgresql://jobctl@127.0.0.1:{}/{database}?sslmode={mode}&sslrootcert={}",
            cluster.port,
            root.display()
        );
        let run = sandbox.jobctl("list -o ids").env("JOBCTL_DB", url).run();
        if ["disable", "allow", "prefer"].contains(&mode) {
            run.ok().stdout_is(&id).no_stderr();
        } else {
            let said = "the server has no encrypted connections";
            fails(
                run,
                69,
                said,
                "turn ssl on in the server, or say sslmode=prefer",
            );
        }
    }
    cluster.drop_database(&database);
}

#[test]
fn a_certificate_that_signed_itself_does_below_verification_or_where_it_is_the_root() {
    let Some(server) = server(SELF, SELF_KEY) else {
        return;
    };
    let sandbox = folder();
    let list = |who: &str, parameters: &str| list(&server, &sandbox, who, parameters);
    for mode in MODES {
        let run = list("jobctl@127.0.0.1", &format!("sslmode={mode}"));
        if mode.starts_with("verify") {
            fails(
                run,
                69,
                "there is no root certificate",
                "name the file with sslrootcert",
            );
        } else {
            run.ok().no_stderr();
        }
        // Another root vouches for nobody, whatever the mode that looks.
        let run = list(
            "jobctl@127.0.0.1",
            &format!("sslmode={mode}&sslrootcert=~/root.pem"),
        );
        if ["disable", "allow", "prefer"].contains(&mode) {
            run.ok();
        } else {
            fails(run, 69, "certificate", "see sslmode and sslrootcert");
        }
        list(
            "jobctl@localhost",
            &format!("sslmode={mode}&sslrootcert=~/self.pem"),
        )
        .ok();
    }
    // Users whom the rules of the server let in on one kind of connection alone.
    for (who, mode, is_let_in) in [
        ("sealed", "disable", false),
        ("sealed", "allow", true),
        ("sealed", "prefer", true),
        ("sealed", "require", true),
        ("bare", "disable", true),
        ("bare", "allow", true),
        ("bare", "prefer", true),
        ("bare", "require", false),
    ] {
        let run = list(&format!("{who}@127.0.0.1"), &format!("sslmode={mode}"));
        if is_let_in {
            run.ok().no_stderr();
        } else {
            fails(
                run,
                77,
                &format!("denies access to user \"{who}\""),
                "see the user",
            );
        }
    }
}

#[test]
fn passwords_are_asked_for_and_never_told() {
    let Some(server) = server(SELF, SELF_KEY) else {
        return;
    };
    let sandbox = folder();
    for mode in ["disable", "require"] {
        let mode = format!("sslmode={mode}");
        list(&server, &sandbox, "guarded:hunter2@127.0.0.1", &mode).ok();
        let run = list(&server, &sandbox, "guarded@127.0.0.1", &mode);
        let hint = "~/.pgpass or PGPASSFILE (mode 0600) has the password";
        fails(
            run,
            77,
            "asks user \"guarded\" for a password, and none is known",
            hint,
        );
        let run = list(&server, &sandbox, "guarded:hunter3@127.0.0.1", &mode);
        fails(
            run.stderr_lacks("hunter3"),
            77,
            "password authentication failed",
            hint,
        );
    }
    let bound = "sslmode=require&channel_binding=require";
    list(&server, &sandbox, "guarded:hunter2@127.0.0.1", bound).ok();
    let file = sandbox.write("home/.pgpass", "*:*:jobs:guarded:hunter2\n");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    list(&server, &sandbox, "guarded@127.0.0.1", "").ok();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    list(&server, &sandbox, "guarded@127.0.0.1", "").fails(77);
}

#[test]
fn a_signed_certificate_is_verified_by_its_root_name_and_time() {
    let Some(server) = server(SERVER, SERVER_KEY) else {
        return;
    };
    let sandbox = folder();
    let list = |who: &str, parameters: &str| list(&server, &sandbox, who, parameters);
    for mode in MODES {
        let mode = format!("sslmode={mode}&sslrootcert=~/root.pem");
        for host in ["localhost", "127.0.0.1"] {
            list(&format!("jobctl@{host}"), &mode).ok().no_stderr();
        }
    }
    let other = "sslrootcert=~/root.pem&hostaddr=127.0.0.1&sslmode";
    list("jobctl@db.example.com", &format!("{other}=verify-ca")).ok();
    let run = list("jobctl@db.example.com", &format!("{other}=verify-full"));
    fails(run, 69, "is for another host name", "see sslmode");

    // The client's own certificate.
    let own = "sslmode=require&sslcert=~/client.pem&sslkey=~/client.key";
    list("certified@127.0.0.1", own).ok();
    let run = list("certified@127.0.0.1", "sslmode=require");
    fails(run, 77, "certified", "");
    let another = "sslmode=require&sslcert=~/server.pem&sslkey=~/client.key";
    let run = list("certified@127.0.0.1", another);
    fails(
        run,
        69,
        "client.key is no key of the client's certificate",
        "",
    );

    server.write("server.crt", EXPIRED);
    server.reload();
    for mode in ["verify-ca", "verify-full"] {
        let mode = format!("sslmode={mode}&sslrootcert=~/root.pem");
        let mut run = list("jobctl@localhost", &mode);
        // The server hears of its new certificate a moment later.
        while run.status == 0 {
            run = list("jobctl@localhost", &mode);
        }
        fails(
            run,
            69,
            "the server's certificate has expired",
            "see sslmode",
        );
    }
    list("jobctl@localhost", "sslmode=require").ok();
    // One that is trusted itself is so for its time alone.
    let run = list(
        "jobctl@localhost",
        "sslmode=verify-ca&sslrootcert=~/expired.pem",
    );
    fails(
        run,
        69,
        "the server's certificate has expired",
        "see sslmode",
    );
}
