//! Tables with rules of their own: what they refuse, ignore or take back costs the job that it is about, and no other.

mod changes;
mod existing_jobs;
mod imports;
mod programs;
mod referring;
mod removals;

use serde_json::json;

use crate::support::{REPORT_SQL, Sandbox};

/// What somebody added to the table, and what it says of a job with the title `bad`.
const RULES: [(&str, &str, &str); 7] = [
    (
        "check",
        "CREATE TABLE video_generation_jobs (id VARCHAR(36) PRIMARY KEY, COLUMNS, CHECK (project_title <> 'bad'))",
        "it breaks a rule of the table: project_title <> 'bad' (CHECK)",
    ),
    (
        "abort",
        "CREATE TRIGGER guard BEFORE INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN SELECT RAISE(ABORT, 'no such title'); END",
        "a trigger of the table refuses it: no such title",
    ),
    (
        "fail before",
        "CREATE TRIGGER guard BEFORE INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN INSERT INTO seen VALUES (new.id); SELECT RAISE(FAIL, 'no such title'); END",
        "a trigger of the table refuses it: no such title",
    ),
    (
        "fail behind",
        "CREATE TRIGGER guard AFTER INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN INSERT INTO seen VALUES (new.id); SELECT RAISE(FAIL, 'no such title'); END",
        "a trigger of the table refuses it: no such title",
    ),
    (
        "rollback",
        "CREATE TRIGGER guard BEFORE INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN SELECT RAISE(ROLLBACK, 'no such title'); END",
        "a trigger of the table refuses it: no such title",
    ),
    (
        "ignore",
        "CREATE TRIGGER guard BEFORE INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN SELECT RAISE(IGNORE); END",
        "a rule of the table leaves it out",
    ),
    (
        "another table",
        "CREATE TRIGGER guard BEFORE INSERT ON video_generation_jobs WHEN new.project_title = 'bad'
         BEGIN INSERT INTO seen VALUES ('taken'); END; INSERT INTO seen VALUES ('taken')",
        "UNIQUE constraint failed: seen.id",
    ),
];

/// A database with the report's table and one of the rules.
fn with_rule(rule: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let columns = REPORT_SQL.split_once("PRIMARY KEY,").unwrap().1;
    let columns = columns.split_once(",\n    FOREIGN KEY").unwrap().0;
    let sql = rule.replace("COLUMNS", columns);
    sandbox.sql("CREATE TABLE seen (id UNIQUE)");
    if !sql.starts_with("CREATE TABLE") {
        sandbox.sql(REPORT_SQL);
    }
    sandbox.sql(&sql);
    sandbox
}

fn id(number: usize) -> String {
    format!("{number:08}-1111-4111-8111-111111111111")
}

/// A record of the unified API; those with a number in `bad` have that title.
fn record(number: usize, title: &str) -> String {
    json!({"job_id": id(number), "job_type": "idea2video", "mode": "idea", "status": "failed",
        "content": "A cat crosses the road at night", "project_title": title,
        "created_at": "2026-01-10 00:00:00", "updated_at": "2026-01-10 00:00:00",
        "completed_at": "2026-01-10 00:00:00"})
    .to_string()
}

fn dump(sandbox: &Sandbox, records: impl IntoIterator<Item = String>) {
    let records: Vec<String> = records.into_iter().collect();
    sandbox.write("dump.jsonl", records.join("\n"));
}
