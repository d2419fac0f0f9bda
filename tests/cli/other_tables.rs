//! Tables of the service's name that are not the service's: said once, when the file is opened, by table, column and
//! file, in every command.

use crate::support::{REPORT_SQL, Sandbox};

/// What is the matter, the SQL that makes it of the report's table, and what is said.
const OTHERS: [(&str, &str, &str); 11] = [
    (
        "renamed",
        "ALTER TABLE video_generation_jobs RENAME COLUMN style TO look",
        "lacks the column style",
    ),
    (
        "dropped",
        "ALTER TABLE video_generation_jobs DROP COLUMN current_stage; ALTER TABLE video_generation_jobs DROP COLUMN mode;
         ALTER TABLE video_generation_jobs DROP COLUMN working_dir",
        "lacks the columns mode, current_stage and working_dir",
    ),
    (
        "view",
        "ALTER TABLE video_generation_jobs RENAME TO jobs; CREATE VIEW video_generation_jobs AS SELECT * FROM jobs",
        "is a view, not a table",
    ),
    (
        "no key",
        "ALTER TABLE video_generation_jobs RENAME TO jobs; CREATE TABLE video_generation_jobs AS SELECT * FROM jobs",
        "has no primary key on id",
    ),
    (
        "key elsewhere",
        "ALTER TABLE video_generation_jobs RENAME TO jobs;
         CREATE TABLE video_generation_jobs (number INTEGER PRIMARY KEY, id UNIQUE, COLUMNS)",
        "has no primary key on id",
    ),
    (
        "two keys",
        "ALTER TABLE video_generation_jobs RENAME TO jobs;
         CREATE TABLE video_generation_jobs (id, COLUMNS, PRIMARY KEY (id, job_type))",
        "has a primary key of more columns than id",
    ),
    (
        "key with another",
        "ALTER TABLE video_generation_jobs RENAME TO jobs;
         CREATE TABLE video_generation_jobs (id, COLUMNS, owner, PRIMARY KEY (id, owner))",
        "has a primary key of more columns than id",
    ),
    (
        "computed",
        "ALTER TABLE video_generation_jobs DROP COLUMN style;
         ALTER TABLE video_generation_jobs ADD COLUMN style GENERATED ALWAYS AS (upper(mode))",
        "computes the column style, which is to be written",
    ),
    (
        "without rowid",
        "ALTER TABLE video_generation_jobs RENAME TO jobs;
         CREATE TABLE video_generation_jobs (id TEXT PRIMARY KEY, COLUMNS) WITHOUT ROWID",
        "is a table WITHOUT ROWID",
    ),
    (
        "virtual",
        "ALTER TABLE video_generation_jobs RENAME TO jobs; CREATE VIRTUAL TABLE video_generation_jobs USING fts5 (id, NAMES)",
        "is a virtual table",
    ),
    (
        "empty table",
        "DROP TABLE video_generation_jobs; CREATE TABLE video_generation_jobs (id PRIMARY KEY)",
        "lacks the columns job_type, mode, ",
    ),
];

fn made(sql: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    let columns = REPORT_SQL.split_once("PRIMARY KEY,").unwrap().1;
    let columns = columns.split_once(",\n    FOREIGN KEY").unwrap().0;
    let names = crate::support::COLUMNS[1..].join(", ");
    sandbox.sql(&sql.replace("COLUMNS", columns).replace("NAMES", &names));
    sandbox
}

#[test]
fn every_command_says_what_is_the_matter_and_no_sql() {
    let commands: [&str; 15] = [
        "list",
        "list --all -o ids",
        "list --status failed --search x",
        "show $A",
        "stats",
        "export",
        "wait $A --timeout 1s",
        "create --type idea2video --content 'A cat crosses the road'",
        "update $A --title x",
        "delete $A",
        "delete --status failed --yes",
        "cleanup --older-than 1d --yes",
        "cleanup --older-than 1d --explain",
        "migrate dump.json",
        "migrate dump.json --dry-run",
    ];
    for (name, sql, what) in OTHERS {
        let sandbox = made(sql);
        sandbox.write("dump.json", "[]");
        let schema = sandbox.schema();
        for command in commands {
            let run = sandbox.jobctl(command).run().fails(66).no_stdout();
            run.stderr_has("video_generation_jobs in jobs.db (from JOBCTL_DB) ")
                .stderr_has(what)
                .stderr_has("hint: ")
                .stderr_lacks("SELECT")
                .stderr_lacks("no such")
                .stderr_lacks("ON CONFLICT");
        }
        let json = sandbox.jobctl("list -o json").run().fails(66);
        assert_eq!(json.json_error()["code"], "no_input", "{name}");
        assert_eq!(sandbox.schema(), schema, "{name}");
        let complete = "complete bash -- jobctl show ''";
        sandbox.jobctl(complete).run().no_stderr();
    }
}

#[test]
fn other_orders_types_and_capitals_are_fine() {
    let sandbox = Sandbox::new();
    let mut names: Vec<String> = crate::support::COLUMNS[1..]
        .iter()
        .map(|name| name.to_uppercase())
        .collect();
    names.reverse();
    sandbox.sql(&format!(
        "CREATE TABLE Video_Generation_Jobs ({}, owner TEXT, Id BLOB PRIMARY KEY)",
        names.join(", ")
    ));
    let args = "create --type idea2video --content 'A cat crosses the road'";
    let id = sandbox.jobctl(args).run().ok().stdout;
    sandbox.jobctl("list").run().ok().stdout_has(id.trim());
    sandbox.jobctl(["update", id.trim(), "--cancel"]).run().ok();
    sandbox.jobctl(["delete", id.trim()]).run().ok();
    assert_eq!(sandbox.count(), 0);
}
