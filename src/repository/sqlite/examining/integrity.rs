//! The check for damage. SQLite's own check holds the file for as long as it takes, and in `delete` mode nobody can finish a
//! write meanwhile. So each table is checked by itself for as long as may be held, and of one that is too large for that the
//! rows have been read by then, and the entries of its indexes are counted; `Depth::Full` is SQLite's own check of all.

use std::time::Duration;

use crate::job::checkup::{Check, Occurrences, Severity, Wanted};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::deadline::was_stopped;
use crate::repository::sqlite::connection::refusal;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::reading::index_count::{IndexCount, count_entries};
use crate::repository::sqlite::reading::values::quoted;
use crate::repository::{Depth, Examined, Passed, Result};

/// The longest check of a table in a file with a log, where it keeps nobody waiting.
const AT_EASE: Duration = Duration::from_millis(300);

/// The time in which a job is checked at best.
const LEAST: Duration = Duration::from_nanos(500);

/// The most lines of SQLite's check.
const MOST: u32 = 100;

const CHECKING: &str = "checking the file for damage";

pub(super) fn check(
    sqlite: &Sqlite,
    wanted: Wanted,
    depth: Depth,
    passed: Option<(&Passed, u64)>,
) -> Result<Examined> {
    let mut examined = Examined::default();
    if !wanted.has(Check::Integrity) {
        return Ok(examined);
    }
    let mut damage = Occurrences::default();
    if let Some(found) = passed.and_then(|(passed, _)| passed.damage.as_ref()) {
        damage.add(|| found.clone());
    }
    match depth {
        Depth::Full => {
            let found = run(sqlite, &format!("PRAGMA integrity_check({MOST})"), None)?;
            add(&mut damage, found.unwrap_or_default());
        }
        Depth::Quick => {
            let left_out = tables(sqlite, passed.map(|(_, jobs)| jobs), &mut damage)?;
            if damage.count == 0 && left_out.iter().any(|table| table == TABLE) {
                indexes(sqlite, passed, &mut damage)?;
            }
            if !left_out.is_empty() {
                examined.left_out = Some(format!(
                    "too large for a quick look at every page: {}; --full checks them whole",
                    left_out.join(", ")
                ));
            }
        }
    }
    examined.findings.extend(damage.finding(
        Check::Integrity,
        Severity::Error,
        "The file is damaged: by a disk that fails, a machine that lost its power, or a program that wrote into it or copied it while it was in use. Some jobs may be lost or \
         wrong, and each write may make it worse.",
        "stop the service and copy the file; then jobctl restore BACKUP --replace, or save what can be read: sqlite3 FILE .recover",
    ));
    Ok(examined)
}

fn add(damage: &mut Occurrences, lines: Vec<String>) {
    // Several lines may come as one, under a headline.
    let lines = lines.iter().flat_map(|lines| lines.lines());
    for line in lines.filter(|line| *line != "ok" && !line.starts_with("***")) {
        damage.add(|| line.to_owned());
    }
}

/// Checks table by table, and gives the names of those that were too large. So are that many jobs, without a try.
fn tables(sqlite: &Sqlite, jobs: Option<u64>, damage: &mut Occurrences) -> Result<Vec<String>> {
    let explain = sqlite.explain(CHECKING);
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name";
    let names: Vec<String> = sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare_cached(sql).map_err(&explain)?;
        let names = statement
            .query_map([], |row| row.get(0))
            .map_err(&explain)?;
        names.collect::<rusqlite::Result<_>>().map_err(&explain)
    })?;
    let longest = if sqlite.is_wal()? {
        AT_EASE
    } else {
        sqlite.turns.hold
    };
    let time = LEAST.saturating_mul(jobs.unwrap_or(0).try_into().unwrap_or(u32::MAX));
    let mut too_large = Vec::new();
    for name in names {
        if name == TABLE && time > longest {
            too_large.push(name);
            continue;
        }
        let sql = format!("PRAGMA integrity_check({})", quoted(&name));
        match run(sqlite, &sql, Some(longest))? {
            Some(lines) => add(damage, lines),
            None => too_large.push(name),
        }
    }
    Ok(too_large)
}

/// The lines of a check; None when it took too long.
fn run(sqlite: &Sqlite, sql: &str, longest: Option<Duration>) -> Result<Option<Vec<String>>> {
    let explain = sqlite.explain(CHECKING);
    sqlite.settled(|| {
        let _set = longest.map(|longest| sqlite.deadline.set(longest));
        let mut lines: Vec<String> = Vec::new();
        let mut read = || {
            let mut statement = sqlite.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                lines.push(row.get(0)?);
            }
            Ok(())
        };
        match read() {
            Ok(()) => Ok(Some(lines)),
            Err(error) if was_stopped(&error) => Ok(None),
            Err(error) if is_damage(&error) => {
                lines.push(error.to_string());
                Ok(Some(lines))
            }
            Err(error) => Err(explain(error)),
        }
    })
}

fn is_damage(error: &rusqlite::Error) -> bool {
    refusal::code(error).is_some_and(|code| {
        matches!(
            code.code,
            rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase
        )
    })
}

/// Counts the entries of each index of the jobs: as many as there are jobs, if nobody has written meanwhile.
fn indexes(
    sqlite: &Sqlite,
    passed: Option<(&Passed, u64)>,
    damage: &mut Occurrences,
) -> Result<()> {
    let Some((_, jobs)) = passed.filter(|(passed, _)| passed.is_still) else {
        return Ok(());
    };
    let explain = sqlite.explain(CHECKING);
    let sql = format!("SELECT name FROM pragma_index_list('{TABLE}') WHERE partial = 0");
    let names: Vec<String> = sqlite.settled(|| {
        let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
        let names = statement
            .query_map([], |row| row.get(0))
            .map_err(&explain)?;
        names.collect::<rusqlite::Result<_>>().map_err(&explain)
    })?;
    for name in names {
        let longest = (!sqlite.is_wal()?).then_some(sqlite.turns.long_slice);
        let counted = match sqlite.settled(|| count_entries(sqlite, &name, longest))? {
            IndexCount::Entries(count) => Some(Ok(count)),
            IndexCount::TooLong => None,
            IndexCount::Unclear => counted_by_sqlite(sqlite, &name, longest)?,
        };
        match counted {
            Some(Ok(count)) if count != jobs => {
                damage.add(|| format!("index {name} has {count} entries for {jobs} jobs"));
            }
            Some(Err(why)) => damage.add(|| format!("index {name}: {why}")),
            _ => {}
        }
    }
    Ok(())
}

/// The number of entries, or the damage that was met; None when it took too long.
fn counted_by_sqlite(
    sqlite: &Sqlite,
    name: &str,
    longest: Option<Duration>,
) -> Result<Option<std::result::Result<u64, String>>> {
    let explain = sqlite.explain(CHECKING);
    // A plain count(*) would take whichever index is smallest.
    let sql = format!(
        "SELECT count({}) FROM {TABLE} INDEXED BY {}",
        sqlite.rowid,
        quoted(name)
    );
    sqlite.settled(|| {
        let _set = longest.map(|longest| sqlite.deadline.set(longest));
        let counted = sqlite
            .connection
            .query_row(&sql, [], |row| row.get::<_, i64>(0));
        match counted {
            Ok(count) => Ok(Some(Ok(count.unsigned_abs()))),
            Err(error) if was_stopped(&error) => Ok(None),
            Err(error) if is_damage(&error) => Ok(Some(Err(error.to_string()))),
            Err(error) => Err(explain(error)),
        }
    })
}
