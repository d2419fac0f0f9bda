//! An archive is only worth the rows that it gives back: each of them with every column as it was stored, whatever that was.

use rusqlite::Connection;

use super::{DAYS_100, cleanup};
use crate::export::cells;
use crate::support::{COLUMNS, Sandbox};

pub(super) const NAMES: [&str; 3] = ["old.jsonl", "old.jsonl.gz", "old.jsonl.zst"];

/// What the columns of ended jobs are set to, one job each.
const NASTY: [&str; 27] = [
    "request_data = 'null', context = NULL, result_data = '{\"a\": 1}'",
    "request_data = '{\"a\":  1,\"a\":2}', context = ' [1, 2]', result_data = '\"text\"'",
    "request_data = 'not json', context = '', result_data = 'true'",
    "request_data = 5, context = 2.5, result_data = 1e400",
    "request_data = -9223372036854775808, context = 1e22, result_data = -1e400",
    "request_data = x'00ff', context = CAST(x'ff' AS TEXT), result_data = '{\"$blob\": \"AA==\"}'",
    "progress = 1e400, total_shots = -1e400, completed_shots = 9223372036854775807",
    "progress = 5e-324, total_shots = -9223372036854775808, completed_shots = 2.5",
    "progress = -0.0, total_shots = 'many', completed_shots = x''",
    "progress = 0.1 + 0.2, total_shots = 1e308, completed_shots = NULL",
    "progress = 'half', mode = NULL, content = NULL, created_at = NULL, updated_at = NULL",
    "progress = NULL, style = 7, project_title = 2.5, error_message = -1, working_dir = 1e400",
    "progress = 9007199254740993, style = '1e400', project_title = '007', error_message = ''",
    "created_at = '2025-12-29T14:14:00.206Z', updated_at = 1767017640, started_at = 1.5",
    "created_at = '', updated_at = 'last week', started_at = x'ff', completed_at = '2025-10-07T12:00:00Z'",
    "created_at = x'', updated_at = CAST(x'80' AS TEXT), completed_at = '2025-10-07 12:00:00'",
    "completed_at = '2025-10-07 12:00:00.206', started_at = '2025-10-07T12:00:00.1234567+05:30'",
    "completed_at = '2025-10-07T12:00:00+02:00', created_at = '2999-01-01 00:00:00.000000'",
    "completed_at = NULL, updated_at = '2025-10-07 12:00', started_at = 'null'",
    "completed_at = NULL, updated_at = NULL, created_at = '2025-10-07'",
    "status = 'completed', job_type = '', mode = 'opera', style = CAST(x'61c3' AS TEXT)",
    "status = 'cancelled', job_type = x'01', content = CAST(x'ff' AS TEXT), error_message = x''",
    "content = 'a' || char(0) || 'b', error_message = char(27) || '[31m' || char(8238, 8232, 65279)",
    "user_requirement = char(13, 10, 9, 34, 92), project_title = '第三层 ' || char(128512)",
    "episode_id = 'gone', series_id = x'00', working_dir = '', current_stage = 'null'",
    "episode_id = '', series_id = 'gone too', content = '{\"$blob\": \"AA==\"}', mode = '$blob'",
    "content = hex(randomblob(1500000)), error_message = randomblob(100000)",
];

/// Ids that no service gives, as SQL.
const IDS: [&str; 9] = [
    "'test-job-1'",
    "''",
    "'7'",
    "'NULL'",
    "'a' || char(10) || 'b'",
    "x'00ff'",
    "x''",
    "CAST(x'61ff' AS TEXT)",
    "'00000000-1111-4111-8111-11111111111A'",
];

/// Jobs that all go, and hold what the service would never write.
pub(super) fn nasty(sandbox: &Sandbox) {
    for (n, assignment) in NASTY.iter().enumerate() {
        let id = format!("{n:08x}-1111-4111-8111-111111111111");
        super::job(sandbox, &id, "failed", DAYS_100);
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET {assignment} WHERE id = '{id}'"
        ));
    }
    for id in IDS {
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (id, job_type, status, completed_at) VALUES ({id}, 'idea2video', 'failed', '{DAYS_100}')"
        ));
    }
}

/// The cells of another database beside the first.
pub(super) fn cells_of(sandbox: &Sandbox, name: &str) -> Vec<Vec<String>> {
    cells(&Connection::open(sandbox.path(name)).unwrap())
}

#[track_caller]
pub(super) fn are_equal(now: &[Vec<String>], before: &[Vec<String>], what: &str) {
    for (now, before) in now.iter().zip(before) {
        for (n, column) in COLUMNS.iter().enumerate() {
            let id = &before[0];
            assert!(now[n] == before[n], "{what}: {column} of {id}");
        }
    }
    assert_eq!(now.len(), before.len(), "{what}");
}

/// What an archive gives back into a new file.
#[track_caller]
pub(super) fn restored(sandbox: &Sandbox, archive: &str) -> Vec<Vec<String>> {
    let _ = std::fs::remove_file(sandbox.path("new.db"));
    let run = sandbox.jobctl(["--db", "new.db", "migrate", archive, "-q"]);
    run.run().ok().no_stderr();
    cells_of(sandbox, "new.db")
}

#[track_caller]
fn every_row_comes_back(make: fn() -> Sandbox, wal: bool) {
    for name in NAMES {
        let sandbox = make();
        if wal {
            assert_eq!(sandbox.ask("PRAGMA journal_mode = WAL"), "wal");
        }
        nasty(&sandbox);
        let before = cells(&sandbox.connection());
        assert_eq!(before.len(), NASTY.len() + IDS.len());
        let args = ["--older-than", "30d", "--archive", name, "--yes"];
        let run = cleanup(&sandbox, args).ok();
        assert_eq!(sandbox.count(), 0, "{run}");

        are_equal(&restored(&sandbox, name), &before, "into a new file");
        let run = sandbox.jobctl(["migrate", name, "-o", "json"]).run().ok();
        assert_eq!(run.json()["inserted"], before.len(), "{run}");
        are_equal(&cells(&sandbox.connection()), &before, "into the same file");
        let again = sandbox.jobctl(["migrate", name, "-o", "json"]).run().ok();
        assert_eq!(again.json()["skipped"], before.len(), "{again}");
    }
}

#[test]
fn every_row_comes_back_as_it_was() {
    every_row_comes_back(Sandbox::report, false);
}

#[test]
fn every_row_comes_back_as_it_was_in_wal() {
    every_row_comes_back(Sandbox::report, true);
}

#[test]
fn every_row_comes_back_as_it_was_where_episodes_and_series_are_known() {
    every_row_comes_back(Sandbox::service, false);
}

#[test]
fn a_row_that_names_an_episode_that_is_there_comes_back_with_it() {
    let sandbox = Sandbox::service();
    super::job(&sandbox, "one", "failed", DAYS_100);
    sandbox
        .sql("UPDATE video_generation_jobs SET episode_id = 'episode-1', series_id = 'series-1'");
    let before = cells(&sandbox.connection());
    cleanup(&sandbox, "--older-than 30d --archive old.jsonl --yes").ok();
    sandbox.jobctl("migrate old.jsonl").run().ok();
    assert_eq!(cells(&sandbox.connection()), before);
}

#[test]
fn a_line_has_the_columns_by_name_as_stored() {
    let sandbox = Sandbox::report();
    super::job(&sandbox, "one", "failed", DAYS_100);
    sandbox.sql("UPDATE video_generation_jobs SET request_data = '{\"a\":  1}', context = 'null', content = x'00ff', progress = 50");
    cleanup(&sandbox, "--older-than 30d --archive old.jsonl --yes").ok();
    let text = sandbox.read("old.jsonl");
    assert!(text.ends_with("}\n") && text.lines().count() == 1, "{text}");
    let row: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(keys[0], "$row");
    assert_eq!(row["$row"], 1);
    assert_eq!(keys[1..], COLUMNS);
    assert_eq!(row["request_data"], "{\"a\":  1}");
    assert_eq!(row["context"], "null");
    assert_eq!(row["result_data"], serde_json::Value::Null);
    assert_eq!(row["content"], serde_json::json!({"$blob": "AP8="}));
    assert_eq!(row["completed_at"], DAYS_100);
}

#[test]
fn only_what_goes_is_in_the_archive() {
    let sandbox = super::states(&["completed", "failed", "queued", "archived"]);
    super::job(&sandbox, "young", "failed", super::YESTERDAY);
    cleanup(&sandbox, "--older-than 30d --archive old.jsonl --yes").ok();
    let ids: Vec<String> = restored(&sandbox, "old.jsonl")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert_eq!(sandbox.ids(), ["archived", "queued", "young"]);
}
