//! Addresses of servers: what is wrong with one is said before anything else, and a password never.

use crate::machine::has_strace;
#[cfg(feature = "postgres")]
use crate::postgres::cluster;
use crate::support::{A, Sandbox};

#[test]
fn an_address_that_cannot_be_is_refused_with_its_place() {
    let sandbox = Sandbox::new();
    for (value, said) in [
        (
            "postgresql+psycopg2://me:hunter2@host/jobs?sslmod=require",
            "no parameter is called sslmod (from DATABASE_URL)\nhint: did you mean sslmode?\n",
        ),
        (
            "postgresql://me:hun/ter2@host/jobs",
            "where the password of the address ends is not certain (from DATABASE_URL)\nhint: within a user, password or database, / is written %2F, @ is %40 and : is %3A\n",
        ),
        (
            "postgres://me:hunter2/jobs",
            "a port is no number from 1 to 65535 (from DATABASE_URL)\nhint: an address is postgresql+psycopg2://USER@HOST:PORT/DATABASE\n",
        ),
    ] {
        let run = sandbox.jobctl("list").without_env("JOBCTL_DB");
        run.env("DATABASE_URL", value)
            .run()
            .fails(2)
            .no_stdout()
            .stderr_is(&format!("jobctl: error: {said}"));
    }
}

#[test]
fn what_the_environment_supplies_is_checked_too() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("list --db postgresql://host/jobs");
    run.env("PGSSLMODE", "always")
        .env("PGPASSWORD", "hunter2")
        .run()
        .fails(2)
        .stderr_is("jobctl: error: sslmode is \"always\" (from PGSSLMODE)\nhint: sslmode is one of disable, allow, prefer, require, verify-ca, verify-full\n");
    let run = sandbox.jobctl("list --db postgresql://host/jobs?service=jobs");
    let service = sandbox.path("service");
    std::fs::write(&service, "[jobs]\npassword=hunter2\ncolour=red\n").unwrap();
    run.env("PGSERVICEFILE", &service)
        .run()
        .fails(2)
        .stderr_has("line 3 of the service file names no parameter of libpq")
        .stderr_lacks("hunter2");
}

#[test]
fn an_environment_for_servers_is_nothing_to_a_file() {
    let sandbox = Sandbox::report();
    let run = sandbox.jobctl("list -v");
    run.env("PGSSLMODE", "always")
        .env("PGPASSWORD", "hunter2")
        .run()
        .ok()
        .stderr_lacks("hunter2");
}

#[test]
fn a_server_that_is_not_there_is_said_and_no_file_is_made() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("").display().to_string();
    for (address, said) in [
        (
            "postgresql://me:hunter2@127.0.0.1:1/jobs".to_owned(),
            "postgresql://127.0.0.1:1/jobs cannot be reached: 127.0.0.1:1: Connection refused",
        ),
        (
            format!("postgresql:///jobs?host={folder}&user=me&password=hunter2"),
            "postgresql:///jobs cannot be reached: ",
        ),
        (
            "postgresql://me@127.0.0.1:1,[::1]:1/jobs?sslmode=allow".to_owned(),
            "cannot be reached: ::1:1: ",
        ),
    ] {
        for command in ["list", "create --type a --content 'A fox learns to sail'"] {
            let run = sandbox.jobctl(command).arg("--db").arg(&address).run();
            run.fails(69)
                .no_stdout()
                .stderr_has(said)
                .stderr_has("hint: see the host and the port")
                .stderr_lacks("hunter2");
        }
    }
    let error = sandbox
        .jobctl("list -o json --db postgresql://me@127.0.0.1:1/jobs")
        .run();
    error.fails(69).stderr_has("\"code\": \"unreachable\"");
    assert_eq!(std::fs::read_dir(sandbox.path("")).unwrap().count(), 1);
}

#[test]
fn what_does_not_work_on_a_server_is_refused_before_it_is_asked() {
    let sandbox = Sandbox::new();
    for (command, hint) in [("backup", "pg_dump"), ("restore jobs.db", "pg_restore")] {
        let name = command.split(' ').next().unwrap();
        let run = sandbox.jobctl(command);
        run.arg("--db")
            .arg("postgresql://me@127.0.0.1:1/jobs")
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has(&format!("jobctl: error: {name} does not work"))
            .stderr_has(hint);
    }
}

#[test]
fn a_backup_before_a_change_is_refused_there_before_anything_is_asked() {
    let sandbox = Sandbox::new();
    let commands = [
        "update $A --title x",
        "delete $A",
        "delete --status failed",
        "cleanup",
        "redact $A",
        "migrate -",
    ];
    for command in commands {
        for more in [
            "--backup",
            "--backup=keep/ --yes",
            "--backup=old.db --dry-run",
        ] {
            let run = sandbox.jobctl((command, more));
            let run = run.arg("--db").arg("postgresql://me@127.0.0.1:1/jobs");
            run.run()
                .fails(2)
                .no_stdout()
                .stderr_has("jobctl: error: --backup does not work on PostgreSQL\n")
                .stderr_has("hint: make it with pg_dump");
        }
    }
    let help = sandbox.jobctl("--help").run().ok();
    let names = help.lines().into_iter().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        name.starts_with(|it: char| it.is_ascii_lowercase())
            .then_some(name)
    });
    for name in names.filter(|name| !["help", "jobctl"].contains(name)) {
        let help = sandbox.jobctl([name, "--help"]).run().ok();
        let has = help.stdout.contains("--backup[=");
        let is_named = commands.iter().any(|it| it.split(' ').next() == Some(name));
        assert_eq!(has, is_named, "{name}");
    }
}

/// Nothing of it is opened, loaded or waited for.
#[test]
fn a_run_on_a_file_has_nothing_to_do_with_servers() {
    if !has_strace() {
        return;
    }
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for command in ["list", "show $A", "update $A --title x"] {
        let calls = "trace=socket,connect,clone,clone3,vfork";
        let program = env!("CARGO_BIN_EXE_jobctl");
        let line = format!("-f -e {calls} {program} {command}");
        let run = sandbox.program("strace", line.as_str()).run().ok();
        let run = run.stderr_lacks("socket(").stderr_lacks("connect(");
        if !command.starts_with("update") {
            run.stderr_lacks("clone").stderr_lacks("vfork(");
        }
    }
}

#[cfg(feature = "postgres")]
#[test]
fn jobs_on_a_server_are_made_changed_and_cleared_away() {
    let Some(cluster) = cluster::cluster() else {
        return;
    };
    let database = cluster.database("", false);
    let url = cluster.url("jobctl", &database);
    let sandbox = Sandbox::new();
    let run = |line: &str| {
        let run = sandbox.jobctl(line).without_env("JOBCTL_DB");
        run.env("DATABASE_URL", &url).run()
    };
    run("list")
        .fails(66)
        .stderr_has("no table video_generation_jobs in ");
    run("create --type a --content 'A fox learns to sail the sea'").ok();
    run("list -o ids").ok();
    run("list --search FOX").ok().stdout_has("queued");
    sandbox.write("dump.jsonl", DUMP);
    run("migrate dump.jsonl").ok().stderr_has("inserted 1,");
    run("migrate dump.jsonl").ok().stderr_has("skipped 1,");
    run("update d444 --title New").ok();
    run("show d444 -o json")
        .ok()
        .stdout_has("\"project_title\": \"New\"");
    run("stats").ok().stdout_has("2 jobs in ");
    run("cleanup --older-than 1d --yes --archive gone.jsonl")
        .ok()
        .stderr_has("removed 1 job")
        .stderr_lacks("in the file");
    run("migrate gone.jsonl").ok().stderr_has("inserted 1,");
    run("delete d444").ok();
    cluster.drop_database(&database);
}

#[cfg(feature = "postgres")]
const DUMP: &str = "{\"job_id\": \"d4444444-4444-4444-8444-444444444444\", \"job_type\": \"idea2video\", \"status\": \"completed\", \
     \"content\": \"A dog waits for the cat\", \"created_at\": \"2025-01-10T00:00:00\", \"updated_at\": \"2025-01-10T00:00:00\"}\n";
