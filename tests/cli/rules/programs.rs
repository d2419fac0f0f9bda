//! Rules, indexes and columns that need a function or an order of texts which only the service's program gives to SQLite: said
//! without SQL, before anything is archived, and by a dry run too.

use rusqlite::functions::FunctionFlags;

use super::{id, record};
use crate::support::Sandbox;

const NEEDS: [(&str, &str); 5] = [
    (
        "CREATE INDEX its ON video_generation_jobs (its_own(project_title))",
        "its_own",
    ),
    (
        "CREATE TRIGGER its BEFORE DELETE ON video_generation_jobs WHEN its_own(old.id) BEGIN SELECT 1; END;
         CREATE TRIGGER its_too BEFORE INSERT ON video_generation_jobs WHEN its_own(new.id) BEGIN SELECT 1; END",
        "its_own",
    ),
    (
        "CREATE INDEX its ON video_generation_jobs (project_title COLLATE its_order)",
        "its_order",
    ),
    (
        "ALTER TABLE video_generation_jobs ADD COLUMN loud AS (its_own(project_title));
         CREATE INDEX its ON video_generation_jobs (loud)",
        "its_own",
    ),
    (
        "CREATE INDEX its ON video_generation_jobs (style) WHERE its_own(style)",
        "its_own",
    ),
];

fn needy(sql: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    for number in 0..3 {
        let cells: [(&str, &dyn rusqlite::ToSql); 2] = [
            ("status", &"failed"),
            ("completed_at", &"2025-01-01 00:00:00.000000"),
        ];
        sandbox.job(&id(number), &cells);
    }
    let program = sandbox.connection();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    program
        .create_scalar_function("its_own", 1, flags, |_| Ok(1))
        .unwrap();
    // The schema alone names the order; what would be sorted by it is not there yet.
    let sql = if sql.contains("COLLATE") {
        format!(
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema SELECT 'index', 'its', tbl_name, rootpage, '{sql}' FROM sqlite_schema WHERE name = 'idx_job_type';
         DELETE FROM sqlite_schema WHERE name = 'idx_job_type'; PRAGMA writable_schema = RESET"
    )
    } else {
        sql.to_owned()
    };
    program.execute_batch(&sql).unwrap();
    sandbox
}

#[test]
fn what_only_the_service_can_do_is_said_before_anything_is_done() {
    for (sql, name) in NEEDS {
        let sandbox = needy(sql);
        sandbox.write("dump.jsonl", record(7, "x"));
        for args in [
            "cleanup --older-than 30d --archive old.jsonl --yes",
            "cleanup --older-than 30d --archive old.jsonl --dry-run",
            "cleanup --older-than 30d --archive old.jsonl --yes --exclusive",
            "delete --status failed --yes",
            "delete --status failed --dry-run",
            "migrate dump.jsonl",
            "migrate dump.jsonl --dry-run",
        ] {
            let run = sandbox.jobctl(args).run().fails(1);
            run.stderr_has("needs what only the service's own program has")
                .stderr_has(name)
                .stderr_lacks("DELETE")
                .stderr_lacks("INSERT");
        }
        assert_eq!(
            sandbox.ask("SELECT count(*) FROM video_generation_jobs"),
            "3"
        );
        let archive = std::fs::read(sandbox.path("old.jsonl")).unwrap_or_default();
        assert_eq!(archive.len(), 0, "{sql}");
        let list = sandbox.jobctl("list -o ids").run().ok();
        assert_eq!(list.lines().len(), 3);
    }
}
