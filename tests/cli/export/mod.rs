//! `export`: rows as they are stored, into a pipe or a file.

use rusqlite::Connection;

use crate::support::{A, B, C, COLUMNS, Sandbox};

mod files;
mod rows;
mod stopped;

/// Jobs A, B and C: failed, queued, and of another type.
pub fn three() -> Sandbox {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("status", &"failed")]);
    sandbox.job(B, &[("project_title", &"=1+1")]);
    sandbox.job(C, &[("job_type", &"script2video")]);
    sandbox
}

/// So many more jobs, of about 2 KB that cannot be packed small.
pub fn fill(sandbox: &Sandbox, jobs: usize, bytes: usize) {
    let sql = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {jobs})
         INSERT INTO video_generation_jobs (id, job_type, status, content, created_at)
         SELECT printf('%08x-0000-4000-8000-000000000000', n), 'idea2video', 'completed', hex(randomblob({})),
         '2026-01-10 00:00:00.000000' FROM numbers",
        bytes / 2
    );
    sandbox.sql(&sql);
}

/// Every cell with its storage class, exactly, whatever it holds; the rows sorted.
pub fn cells(connection: &Connection) -> Vec<Vec<String>> {
    let sql = format!("SELECT {} FROM video_generation_jobs", COLUMNS.join(", "));
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| {
        (0..COLUMNS.len())
            .map(|column| Ok(format!("{:?}", row.get_ref(column)?)))
            .collect()
    });
    let mut rows: Vec<Vec<String>> = rows.unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

/// The names in the folder of the test, but for the database and what a test made beforehand.
pub fn files(sandbox: &Sandbox) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = names
        .filter(|name| !name.starts_with("jobs.db") && name != "home")
        .collect();
    files.sort();
    files
}
