//! Transactions over a table of jobs, by this VFS or by SQLite's own, for the simulated loss of power in `tests/power`:
//! `transact DB SYNCHRONOUS TRANSACTIONS ROWS CACHE JOURNAL EXCLUSIVE(0|1) ours|theirs`. Each is told when it is committed.

use std::io::Write;

use rusqlite::{Connection, OpenFlags};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [
        path,
        synchronous,
        transactions,
        rows,
        cache,
        journal,
        exclusive,
        vfs,
    ] = &words[..]
    else {
        return Err("eight words".into());
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs.as_str() {
        "ours" => {
            let vfs = buffered_vfs::name().ok_or("SQLite refuses the VFS")?;
            Connection::open_with_flags_and_vfs(path, flags, vfs)?
        }
        _ => Connection::open_with_flags(path, flags)?,
    };
    pragma(&connection, &format!("synchronous = {synchronous}"))?;
    pragma(&connection, &format!("cache_size = {cache}"))?;
    if exclusive == "1" {
        pragma(&connection, "locking_mode = EXCLUSIVE")?;
    }
    pragma(&connection, &format!("journal_mode = {journal}"))?;
    let old: Vec<String> = connection
        .prepare("SELECT id FROM video_generation_jobs ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let rows: usize = rows.parse()?;
    for number in 0..transactions.parse()? {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for row in 0..rows {
            change(&connection, &old, number * rows + row)?;
        }
        connection.execute_batch("COMMIT")?;
        let mut out = std::io::stdout();
        writeln!(out, "{number}")?;
        out.flush()?;
    }
    Ok(())
}

fn pragma(connection: &Connection, what: &str) -> Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA {what}"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Inserts a row, deletes an old one and lengthens another; now and then a savepoint is rolled back.
fn change(connection: &Connection, old: &[String], at: usize) -> Result<()> {
    let id = format!("{:08x}-new-{at}", (at as u32).wrapping_mul(2_654_435_761));
    connection.execute(
        "INSERT INTO video_generation_jobs (id, job_type, status, content, created_at) VALUES (?, 'x', 'queued', ?, ?)",
        (&id, "y".repeat(200 + at * 7919 % 900), format!("2021-{at}")),
    )?;
    if at * 2 < old.len() {
        let sql = "DELETE FROM video_generation_jobs WHERE id = ?";
        connection.execute(sql, [&old[at]])?;
        let sql = "UPDATE video_generation_jobs SET project_title = 'x', content = content || 'more' WHERE id = ?";
        connection.execute(sql, [&old[old.len() - 1 - at]])?;
    }
    if at % 16 == 7 {
        connection.execute_batch(
            "SAVEPOINT s; UPDATE video_generation_jobs SET progress = progress + 1 WHERE rowid % 13 = 5; ROLLBACK TO s; RELEASE s",
        )?;
    }
    Ok(())
}
