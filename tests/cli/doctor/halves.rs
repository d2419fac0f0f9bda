//! A table that two threads read, each its half: what is told of it is what one thread tells.

use super::clean;
use crate::support::Sandbox;

/// Columns with what cannot be, one a job, in both halves; the last one in the second half alone.
const FAULTS: [(&str, &str); 10] = [
    ("status", "'odd'"),
    ("progress", "700"),
    ("completed_shots", "-3"),
    ("request_data", "'{'"),
    ("content", "CAST(x'ff' AS TEXT)"),
    ("created_at", "'yesterday'"),
    ("updated_at", "'2026-01-15T11:00:00'"),
    ("started_at", "'1970-01-01 00:00:00.000000'"),
    ("updated_at", "'2026-01-15 13:00:00.000000'"),
    ("error_message", "CAST(x'fe' AS TEXT)"),
];

fn sandbox() -> Sandbox {
    let sandbox = clean();
    sandbox.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80)
         INSERT INTO video_generation_jobs (id, job_type, status, created_at, updated_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', 'queued',
         '2026-01-15 11:00:00.000000', '2026-01-15 11:00:00.000000' FROM n",
    );
    for (index, (column, value)) in FAULTS.iter().enumerate() {
        // Some kinds four times, some once.
        for row in [index, index + 10, index + 50, index + 60] {
            if index % 3 != 0 || row == index + 50 {
                sandbox.sql(&format!(
                    "UPDATE video_generation_jobs SET {column} = {value} WHERE id LIKE '{:08x}%'",
                    row + 1
                ));
            }
        }
    }
    // The newest time of all is in the first half, or in the second.
    let sql = "UPDATE video_generation_jobs SET updated_at = '2026-01-15 14:00:00.000000' WHERE id LIKE '00000009%'";
    sandbox.sql(sql);
    sandbox
}

#[test]
fn what_is_told_of_two_halves_is_what_is_told_of_the_whole() {
    for mode in ["DELETE", "WAL"] {
        for line in [
            "doctor -o json",
            "doctor --for postgres -o json",
            "doctor bad-json clock -q",
        ] {
            let told = |sql: &str| {
                let sandbox = sandbox();
                sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
                sandbox.sql(sql);
                let run = sandbox.jobctl(line).run().fails(1);
                run.stdout_has("0000003").stdout
            };
            let whole = told("");
            // A table of so wide a range has two halves.
            let wide = "UPDATE video_generation_jobs SET rowid = -rowid;
                UPDATE video_generation_jobs SET rowid = -1000 * rowid";
            assert_eq!(told(wide), whole, "{mode} {line}");
            let newest = "UPDATE video_generation_jobs SET updated_at = '2026-01-15 15:00:00.000000' WHERE id LIKE '0000004%'";
            assert_eq!(
                told(&format!("{newest}; {wide}")),
                told(newest),
                "{mode} {line}"
            );
        }
    }
}
