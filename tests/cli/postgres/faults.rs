//! A server that cannot be had, or does not let one do what a command is to do: each ends with the status that a script decides by, says
//! what and which, and names the next step; and nothing is changed.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cluster::{Cluster, cluster};
use super::own::{Server, Stop};
use crate::support::{A, Output, Sandbox};

/// Every command that reads, and every one that writes.
const READING: [&str; 5] = [
    "list",
    "show $A",
    "export",
    "stats",
    "wait $A --timeout 1ms",
];
const WRITING: [&str; 5] = [
    "create --type idea2video --content 'A fox learns to sail the sea'",
    "update $A --title New",
    "delete $A --yes",
    "cleanup --older-than 1d --yes",
    "migrate dump.jsonl",
];

const DUMP: &str = "{\"job_id\": \"d4444444-4444-4444-8444-444444444444\", \"job_type\": \"idea2video\", \"status\": \"completed\", \
     \"content\": \"A dog waits for the cat\", \"created_at\": \"2025-01-10T00:00:00\", \"updated_at\": \"2025-01-10T00:00:00\"}\n";

/// The table, with one job that is done.
const TABLE: &str = "
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) NOT NULL PRIMARY KEY, job_type VARCHAR(50) NOT NULL, mode VARCHAR(20), status VARCHAR(50), content TEXT,
    user_requirement TEXT, style VARCHAR(255), project_title VARCHAR(255), request_data JSON, context JSON,
    progress DOUBLE PRECISION, current_stage VARCHAR(255), working_dir VARCHAR(500), result_data JSON, error_message TEXT,
    total_shots INTEGER, completed_shots INTEGER, episode_id VARCHAR(36), series_id VARCHAR(36),
    created_at TIMESTAMP, updated_at TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP);
INSERT INTO video_generation_jobs (id, job_type, status, content, created_at, updated_at, completed_at) VALUES
    ('a1111111-1111-4111-8111-111111111111', 'idea2video', 'completed', 'A cat', '2025-01-10', '2025-01-10', '2025-01-10');";

#[track_caller]
fn run(url: &str, words: &str) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", DUMP);
    sandbox.jobctl(words).env("JOBCTL_DB", url).run()
}

/// An error of this status, with both of its parts.
#[track_caller]
fn fails(url: &str, words: &str, status: i32, said: &str, hint: &str) -> Output {
    let run = run(url, words).fails(status).no_stdout();
    let is_error = |line: &str| line.starts_with("jobctl: error: ");
    assert_eq!(
        run.stderr.lines().filter(|it| is_error(it)).count(),
        1,
        "{run}"
    );
    let (message, next) = run.stderr.split_once("\nhint: ").expect("a hint");
    assert!(message.contains(said), "{said:?} expected{run}");
    assert!(next.contains(hint), "{hint:?} expected{run}");
    run
}

fn both() -> impl Iterator<Item = &'static str> {
    READING.into_iter().chain(WRITING)
}

/// A database with the table, and what else `sql` makes of it.
fn table(cluster: &Cluster, sql: &str) -> String {
    let database = cluster.database(TABLE, false);
    let sql = sql.replace("$DATABASE", &database);
    cluster.connect(&database).batch_execute(&sql).unwrap();
    database
}

/// All rows with their versions.
fn rows(cluster: &Cluster, database: &str) -> String {
    let sql = "SELECT string_agg(xmin::text || job::text, ' ') FROM video_generation_jobs job";
    let row = cluster.connect(database).query_one(sql, &[]).unwrap();
    row.get(0)
}

#[test]
fn a_server_that_is_not_there_is_69() {
    // A name that is too long for any name server to be asked for.
    let long = "x".repeat(64);
    let nowhere = format!("postgresql://me:hunter2@{long}/jobs");
    for words in both() {
        let run = fails(
            "postgresql://me:hunter2@127.0.0.1:1/jobs",
            words,
            69,
            "postgresql://127.0.0.1:1/jobs cannot be reached: 127.0.0.1:1: Connection refused",
            "see the host and the port, and that the server runs",
        );
        run.stderr_lacks("hunter2");
        let run = fails(&nowhere, words, 69, "there is no host \"x", "see the host");
        run.stderr_lacks("hunter2");
    }
}

#[test]
fn a_database_that_is_not_there_is_66() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.url("jobctl", "nowhere");
    for words in both() {
        let hint = "createdb makes one";
        fails(&url, words, 66, "nowhere (from JOBCTL_DB)", hint);
    }
}

#[test]
fn a_table_that_is_not_there_is_66_but_for_those_that_make_it() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database("", false);
    let url = cluster.url("jobctl", &database);
    let makes = |words: &str| ["create", "migrate"].iter().any(|it| words.starts_with(it));
    for words in both().filter(|words| !makes(words)) {
        let said = "no table video_generation_jobs in ";
        fails(&url, words, 66, said, "jobctl create or jobctl migrate");
    }
    for words in both().filter(|words| makes(words)) {
        run(&url, words).ok();
        let sql = "DROP TABLE video_generation_jobs";
        cluster.connect(&database).batch_execute(sql).unwrap();
    }
    cluster.drop_database(&database);
}

#[test]
fn a_user_who_may_only_read_is_denied_each_change_and_changes_nothing() {
    let Some(cluster) = cluster() else { return };
    let database = table(
        cluster,
        "CREATE ROLE reads_$DATABASE LOGIN; GRANT SELECT ON video_generation_jobs TO reads_$DATABASE",
    );
    let user = format!("reads_{database}");
    let url = cluster.url(&user, &database);
    let before = rows(cluster, &database);
    for words in READING.iter().filter(|words| !words.starts_with("wait")) {
        run(&url, words).ok();
    }
    for words in WRITING {
        let said = format!("user \"{user}\" may not do that in ");
        fails(&url, words, 77, &said, "GRANT that right");
        assert_eq!(rows(cluster, &database), before, "{words}");
    }
    cluster.drop_database(&database);
}

#[test]
fn a_user_who_may_not_read_or_connect_is_denied() {
    let Some(cluster) = cluster() else { return };
    let database = table(cluster, "CREATE ROLE nothing_$DATABASE LOGIN");
    let url = cluster.url(&format!("nothing_{database}"), &database);
    for words in both() {
        fails(&url, words, 77, "permission denied", "GRANT");
    }
    let nobody = cluster.url("nobody_at_all", &database);
    for words in both() {
        let said = "denies access to user \"nobody_at_all\"";
        fails(&nobody, words, 77, said, "see the user");
    }
    cluster.drop_database(&database);
}

#[test]
fn a_user_who_may_make_no_table_is_denied_and_one_with_a_table_needs_none() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database("REVOKE CREATE ON SCHEMA public FROM PUBLIC", false);
    let role = format!("works_{database}");
    let sql = format!("CREATE ROLE {role} LOGIN");
    cluster.connect(&database).batch_execute(&sql).unwrap();
    let url = cluster.url(&role, &database);
    for words in [
        "create --type a --content 'A fox learns to sail'",
        "migrate dump.jsonl",
    ] {
        fails(
            &url,
            words,
            77,
            "permission denied for schema public",
            "GRANT",
        );
    }
    let sql =
        format!("{TABLE} GRANT SELECT, INSERT, UPDATE, DELETE ON video_generation_jobs TO {role}");
    cluster.connect(&database).batch_execute(&sql).unwrap();
    for words in both().filter(|words| !words.starts_with("delete")) {
        run(&url, words).ok();
    }
    cluster.drop_database(&database);
}

#[test]
fn a_database_that_only_lets_read_is_74() {
    let Some(cluster) = cluster() else { return };
    let database = table(
        cluster,
        "ALTER DATABASE $DATABASE SET default_transaction_read_only = on",
    );
    let url = cluster.url("jobctl", &database);
    let before = rows(cluster, &database);
    for words in READING.iter().filter(|words| !words.starts_with("wait")) {
        run(&url, words).ok();
    }
    for words in WRITING {
        fails(&url, words, 74, "may not be written", "name the primary");
        assert_eq!(rows(cluster, &database), before, "{words}");
    }
    cluster.drop_database(&database);
}

#[test]
fn a_standby_lets_read_and_refuses_each_change() {
    let Some(server) = Server::started() else {
        return;
    };
    server.sql("jobs", TABLE);
    server.stop(Stop::Fast);
    server.write("standby.signal", "");
    server.start();
    let url = server.url("jobs");
    for words in READING.iter().filter(|words| !words.starts_with("wait")) {
        run(&url, words).ok();
    }
    for words in WRITING {
        fails(&url, words, 74, "may not be written", "name the primary");
    }
    let primary = format!("{url}?target_session_attrs=read-write");
    fails(&primary, "list", 69, "only lets read", "see the host");
}

#[test]
fn a_server_without_a_free_connection_is_75() {
    let Some(cluster) = cluster() else { return };
    let database = table(
        cluster,
        "CREATE ROLE one_$DATABASE LOGIN CONNECTION LIMIT 1; GRANT ALL ON video_generation_jobs TO one_$DATABASE",
    );
    let user = format!("one_{database}");
    let url = cluster.url(&user, &database);
    // The connection by which a run claims to be the only one is none that it needs.
    run(&url, "cleanup --older-than 900d --yes").ok();
    let mut config = postgres::Config::new();
    config.host_path(&cluster.folder).port(cluster.port);
    config.user(&user).dbname(&database);
    let holder = config.connect(postgres::NoTls).unwrap();
    for words in both() {
        fails(
            &url,
            words,
            75,
            "takes no more connections",
            "try again later",
        );
    }
    drop(holder);
    cluster.drop_database(&database);
}

#[test]
fn a_lock_that_lasts_is_75_for_readers_and_writers() {
    let Some(cluster) = cluster() else { return };
    let database = table(cluster, "");
    let url = cluster.url("jobctl", &database);
    let mut holder = cluster.connect(&database);
    let mut held = holder.transaction().unwrap();
    held.batch_execute("LOCK TABLE video_generation_jobs IN ACCESS EXCLUSIVE MODE")
        .unwrap();
    for words in both().filter(|words| !words.starts_with("wait")) {
        let words = format!("{words} --busy-timeout 20ms");
        fails(&url, &words, 75, "is locked", "");
    }
    held.rollback().unwrap();
    run(&url, "show $A").ok().stdout_has(&A[..8]);
    drop(holder);
    cluster.drop_database(&database);
}

/// One of several that has only been started is passed over for the next.
#[test]
fn of_several_hosts_one_that_is_starting_is_passed_over() {
    let Some(cluster) = cluster() else { return };
    let database = table(cluster, "");
    let starting = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = starting.local_addr().unwrap().port();
    let answers = std::thread::spawn(move || {
        let (mut client, _) = starting.accept().unwrap();
        let mut asked = [0; 1024];
        assert!(client.read(&mut asked).unwrap() > 0);
        let fields = b"SFATAL\0C57P03\0Mthe database system is starting up\0\0";
        let length = (fields.len() as u32 + 4).to_be_bytes();
        client
            .write_all(&[b"E", &length[..], fields].concat())
            .unwrap();
    });
    let url = format!(
        "postgresql://jobctl@127.0.0.1:{port},127.0.0.1:{}/{database}?sslmode=disable",
        cluster.port
    );
    run(&url, "show $A").ok();
    answers.join().unwrap();
    cluster.drop_database(&database);
}

/// Passes on what both say, until the client asks for a commit: the server does it, and its answer is lost. The port of it.
fn losing(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let (mut answers, mut to_client) =
            (server.try_clone().unwrap(), client.try_clone().unwrap());
        let is_over = Arc::new(AtomicBool::new(false));
        let lost = Arc::clone(&is_over);
        std::thread::spawn(move || {
            let mut bytes = [0; 1 << 16];
            while let Ok(length @ 1..) = answers.read(&mut bytes) {
                if lost.load(Ordering::SeqCst) {
                    break;
                }
                to_client.write_all(&bytes[..length]).unwrap();
            }
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let mut bytes = [0; 1 << 16];
        while let Ok(length @ 1..) = client.read(&mut bytes) {
            // By itself, and not behind a question.
            if bytes[..length] == *b"Q\0\0\0\x0bCOMMIT\0" {
                is_over.store(true, Ordering::SeqCst);
            }
            server.write_all(&bytes[..length]).unwrap();
        }
    });
    port
}

#[test]
fn a_commit_whose_answer_is_lost_is_said_to_be_so() {
    let Some(cluster) = cluster() else { return };
    let database = table(cluster, "");
    let port = losing(cluster.port);
    let url = format!("postgresql://jobctl@127.0.0.1:{port}/{database}?sslmode=disable");
    let said = run(&url, "update $A --title New").fails(69);
    said.stderr_has("; whether it was done is not known");
    assert!(rows(cluster, &database).contains("New"));
    cluster.drop_database(&database);
}
