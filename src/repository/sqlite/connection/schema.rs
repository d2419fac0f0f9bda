//! The schema of the files that jobctl makes itself, as numbered steps counted in `user_version`. A step
//! that has shipped is never edited; the next number is added. Files of the service are left as they are.

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(in crate::repository::sqlite) const TABLE: &str = "video_generation_jobs";

/// The beginning of the names of all tables that jobctl makes for itself.
pub(in crate::repository::sqlite) const OWN_PREFIX: &str = "jobctl_";

pub(in crate::repository::sqlite) const STEPS: &[&str] = &[include_str!("0001_jobs.sql")];

/// The mark of a file made by jobctl ("jobc"), so that `user_version` of other files is never taken for ours.
const APPLICATION_ID: i64 = 0x6a6f_6263;

/// The age of a file's schema beside this program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repository::sqlite) enum Age {
    /// The schema that this program makes; also any of a file that jobctl did not make, whose version means something else.
    Current,
    /// The schema of an earlier jobctl: steps are missing.
    Older,
    /// The schema of a later jobctl, with this number of steps.
    Newer(i64),
}

impl Age {
    pub(in crate::repository::sqlite) fn of(
        connection: &Connection,
        steps: usize,
    ) -> rusqlite::Result<Age> {
        let steps = steps as i64;
        let version = user_version(connection)?;
        // None of ours has version 0.
        if version == 0 || version == steps || application_id(connection)? != APPLICATION_ID {
            return Ok(Age::Current);
        }
        Ok(if version > steps {
            Age::Newer(version)
        } else {
            Age::Older
        })
    }
}

fn user_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn application_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Takes the steps that a file of an earlier jobctl lacks, in the transaction that is open. Another process may have done
/// so meanwhile.
pub(in crate::repository::sqlite) fn bring_up(
    connection: &Connection,
    steps: &[&str],
) -> rusqlite::Result<()> {
    if Age::of(connection, steps.len())? != Age::Older {
        return Ok(());
    }
    let taken = usize::try_from(user_version(connection)?).unwrap_or(0);
    for step in steps.iter().skip(taken) {
        connection.execute_batch(step)?;
    }
    connection.pragma_update(None, "user_version", steps.len() as i64)
}

/// Makes the settings that can be made only in a file without any page.
pub(in crate::repository::sqlite) fn prepare_new(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

pub(in crate::repository::sqlite) fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
}

/// Makes the table in a database without any, in one transaction; `user_version` counts the steps, unless somebody else
/// has written something there, or a mark. False when another process was faster.
pub(in crate::repository::sqlite) fn create(connection: &Connection) -> rusqlite::Result<bool> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if table_exists(&transaction, TABLE)? {
        return Ok(false);
    }
    for step in STEPS {
        transaction.execute_batch(step)?;
    }
    let mark = application_id(&transaction)?;
    if [0, APPLICATION_ID].contains(&mark) && user_version(&transaction)? == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", STEPS.len() as i64)?;
    }
    transaction.commit()?;
    Ok(true)
}

pub(in crate::repository::sqlite) fn table_exists(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?")?
        .exists([name])
}

/// Whether the job table is there, asked of the schema without a statement: this is on the way of every command.
pub(in crate::repository::sqlite) fn has_jobs(connection: &Connection) -> rusqlite::Result<bool> {
    connection.table_exists(Some("main"), TABLE)
}

/// Whether both tables that a job may point to are there, asked as above.
pub(in crate::repository::sqlite) fn has_parents(
    connection: &Connection,
) -> rusqlite::Result<bool> {
    let is_there = |name| connection.table_exists(Some("main"), name);
    Ok(is_there("series")? && is_there("episodes")?)
}

/// Whether there is a table that is not jobctl's own.
pub(in crate::repository::sqlite) fn has_any_table(
    connection: &Connection,
) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, length(?1)) <> ?1 LIMIT 1")?
        .exists([OWN_PREFIX])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use crate::job::{Changes, Column, ColumnSet, Job, JobId};
    use crate::repository::sqlite::connection::database::Sqlite;
    use crate::repository::sqlite::connection::open::open;
    use crate::repository::sqlite::connection::schema::*;
    use crate::repository::{
        Access, ImportTerms, OnConflict, Patience, Repository as _, SweepTerms,
    };

    /// Steps of a jobctl to come: the third cannot be taken where a column has its name already.
    const LATER: [&str; 3] = [
        STEPS[0],
        "CREATE INDEX jobctl_second ON video_generation_jobs(status, created_at)",
        "ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT",
    ];

    fn made() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        assert!(create(&connection).unwrap());
        connection
    }

    fn has(connection: &Connection, name: &str) -> bool {
        let sql = "SELECT 1 FROM sqlite_schema WHERE name = ?1
            UNION SELECT 1 FROM pragma_table_info('video_generation_jobs') WHERE name = ?1";
        connection.prepare(sql).unwrap().exists([name]).unwrap()
    }

    #[test]
    fn a_file_of_ours_takes_the_steps_that_it_lacks_and_keeps_its_rows() {
        let connection = made();
        let insert = "INSERT INTO video_generation_jobs (id, job_type) VALUES ('a', 'idea2video')";
        connection.execute_batch(insert).unwrap();
        assert_eq!(Age::of(&connection, 1).unwrap(), Age::Current);
        assert_eq!(Age::of(&connection, 2).unwrap(), Age::Older);
        bring_up(&connection, &LATER[..2]).unwrap();
        assert!(has(&connection, "jobctl_second") && !has(&connection, "owner"));
        assert_eq!(Age::of(&connection, 3).unwrap(), Age::Older);
        bring_up(&connection, &LATER).unwrap();
        assert!(has(&connection, "owner"));
        assert_eq!(user_version(&connection).unwrap(), 3);
        // Once is enough.
        bring_up(&connection, &LATER).unwrap();
        assert_eq!(Age::of(&connection, 1).unwrap(), Age::Newer(3));
        let rows = "SELECT count(*) FROM video_generation_jobs";
        let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn steps_that_are_not_all_taken_leave_the_file_as_it_was() {
        let connection = made();
        let add = "ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT";
        connection.execute_batch(add).unwrap();
        for cut_short in [false, true] {
            let transaction = connection.unchecked_transaction().unwrap();
            let steps = if cut_short { &LATER[..2] } else { &LATER };
            assert_eq!(bring_up(&transaction, steps).is_ok(), cut_short);
            assert!(has(&transaction, "jobctl_second"));
            drop(transaction);
            assert!(!has(&connection, "jobctl_second"));
            assert_eq!(user_version(&connection).unwrap(), 1);
        }
    }

    #[test]
    fn a_process_that_is_killed_between_two_steps_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("jobs.db"), folder.path().join("copy.db"));
        let connection = Connection::open(&file).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        create(&connection).unwrap();
        let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            INSERT INTO video_generation_jobs (id, job_type, status) SELECT i, 'idea2video', hex(zeroblob(50)) FROM n";
        connection.execute_batch(fill).unwrap();
        // Its pages reach the file before it is done.
        connection.pragma_update(None, "cache_size", 5).unwrap();
        let transaction = connection.unchecked_transaction().unwrap();
        let size = || std::fs::metadata(&file).unwrap().len();
        let before = size();
        bring_up(&transaction, &LATER).unwrap();
        assert!(size() > before);
        for suffix in ["", "-journal"] {
            let named = |name: &str| folder.path().join(format!("{name}{suffix}"));
            let copied = Command::new("cp")
                .args([named("jobs.db"), named("copy.db")])
                .status();
            assert!(copied.unwrap().success());
        }
        let left = Connection::open(&copy).unwrap();
        assert_eq!(user_version(&left).unwrap(), 1);
        assert!(!has(&left, "jobctl_second") && !has(&left, "owner"));
        let check = left.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_eq!(check.unwrap(), "ok");
    }

    #[test]
    fn a_version_that_somebody_else_has_written_is_theirs() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
        create(&connection).unwrap();
        assert_eq!(user_version(&connection).unwrap(), 7);
        assert_eq!(application_id(&connection).unwrap(), 0);
        assert_eq!(Age::of(&connection, 1).unwrap(), Age::Current);
        assert_eq!(Age::of(&connection, 9).unwrap(), Age::Current);
        bring_up(&connection, &LATER).unwrap();
        assert!(!has(&connection, "owner"));
    }

    #[test]
    fn whatever_writes_first_brings_the_file_up_and_what_is_refused_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.db");
        let patience = Patience::from(Duration::from_secs(60));
        let id = JobId::new("a1111111-1111-4111-8111-111111111111");
        let job = Job::default()
            .with(Column::Id, id.to_value())
            .with(Column::JobType, "idea2video");
        let writes: [fn(&mut Sqlite, &Job) -> bool; 6] = [
            |sqlite, job| {
                let refuse = &mut |_: &Job| Err("not this one".to_owned());
                sqlite.update(&[job.id()], refuse).is_ok()
            },
            |sqlite, job| sqlite.insert(std::slice::from_ref(job)).is_ok(),
            |sqlite, job| {
                let change = &mut |_: &Job| {
                    let mut changes = Changes::default();
                    changes.set(Column::Style, "new");
                    Ok(changes)
                };
                sqlite.update(&[job.id()], change).is_ok()
            },
            |sqlite, job| {
                let ids = [job.id()];
                sqlite
                    .delete(&ids, false, ColumnSet::ALL, &mut |_| Ok(()))
                    .is_ok()
            },
            |sqlite, job| {
                let terms = ImportTerms {
                    on_conflict: OnConflict::Replace,
                    atomic: false,
                };
                let mut import = sqlite.begin_import(terms).unwrap();
                import.write(std::slice::from_ref(job)).unwrap();
                import.end().is_ok()
            },
            |sqlite, _| {
                let terms = SweepTerms {
                    columns: ColumnSet::ALL,
                    judged: ColumnSet::ALL,
                };
                let mut sweep = sqlite.begin_sweep(terms).unwrap();
                let mut swept = sweep.next_batch(1 << 20, &mut |_| true).unwrap().unwrap();
                sweep.remove(&mut swept).unwrap();
                sweep.end().1.is_ok()
            },
        ];
        for (index, write) in writes.iter().enumerate() {
            let _ = std::fs::remove_file(&path);
            let mut sqlite = open(&path, "by a test", Access::Create, &patience).unwrap();
            if index != 1 {
                sqlite.insert(std::slice::from_ref(&job)).unwrap();
            }
            sqlite.steps = &LATER;
            let written = write(&mut sqlite, &job);
            assert_eq!(written, index > 0, "write {index}");
            assert_eq!(has(&sqlite.connection, "owner"), written, "write {index}");
            let version = user_version(&sqlite.connection).unwrap();
            assert_eq!(version, if written { 3 } else { 1 }, "write {index}");
        }
    }
}
