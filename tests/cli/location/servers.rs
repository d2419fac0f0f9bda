//! Addresses of servers: what is wrong with one is said before anything else, and a password never.

use crate::support::Sandbox;

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
