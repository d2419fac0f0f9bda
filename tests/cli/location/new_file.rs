//! A file that jobctl makes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::create;
use crate::support::{A, COLUMNS, Sandbox};

#[test]
fn create_makes_the_file_with_all_folders_above_it() {
    let sandbox = Sandbox::new();
    create(&sandbox)
        .arg("--db")
        .arg("one/two/jobs.db")
        .run()
        .ok();
    assert!(sandbox.path("one/two/jobs.db").is_file());
}

#[test]
fn create_makes_the_default_file_in_the_data_folder() {
    let sandbox = Sandbox::new();
    create(&sandbox).without_env("JOBCTL_DB").run().ok();
    assert!(sandbox.path("home/.local/share/jobctl/jobs.db").is_file());
}

#[test]
fn a_new_file_is_for_its_owner_alone() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    assert_eq!(
        fs::metadata(sandbox.db()).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn migrate_makes_the_file_too_for_its_owner_alone() {
    let sandbox = Sandbox::new();
    let dump = serde_json::json!([{
        "job_id": A, "job_type": "idea2video", "status": "queued", "content": "A cat crosses the road",
        "created_at": "2026-01-01T00:00:00",
    }]);
    let run = sandbox.jobctl("migrate - --db new/jobs.db");
    run.stdin(dump.to_string()).run().ok();
    let mode = fs::metadata(sandbox.path("new/jobs.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn create_leaves_the_mode_of_an_existing_file() {
    let sandbox = Sandbox::report();
    fs::set_permissions(sandbox.db(), fs::Permissions::from_mode(0o664)).unwrap();
    create(&sandbox).run().ok();
    assert_eq!(
        fs::metadata(sandbox.db()).unwrap().permissions().mode() & 0o777,
        0o664
    );
}

#[test]
fn create_puts_the_table_in_an_empty_file() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "");
    create(&sandbox).run().ok();
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn a_refused_create_leaves_no_file_behind() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("create --type idea2video --content 'too short'")
        .run()
        .fails(2);
    assert!(!sandbox.db().exists());
}

#[test]
fn a_new_file_has_the_job_table_alone() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    let tables = sandbox.ask(
        "SELECT group_concat(name) FROM sqlite_schema WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'jobctl\\_%' ESCAPE '\\'",
    );
    assert_eq!(tables, "video_generation_jobs");
}

#[test]
fn a_new_table_has_the_columns_of_the_report() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    let of = |sandbox: &Sandbox| {
        sandbox.ask(
            "SELECT group_concat(name || ' ' || upper(type) || ' ' || \"notnull\" || ' ' || pk || ' ' || upper(coalesce(dflt_value, '-')), ', ')
             FROM pragma_table_info('video_generation_jobs')",
        )
    };
    assert_eq!(of(&sandbox), of(&Sandbox::report()));
    let names =
        sandbox.ask("SELECT group_concat(name) FROM pragma_table_info('video_generation_jobs')");
    assert_eq!(names, COLUMNS.join(","));
}

#[test]
fn a_new_table_has_the_three_named_indexes() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    let indexed = sandbox.ask(
        "SELECT group_concat(l.name || ' ' || (SELECT group_concat(name) FROM pragma_index_info(l.name)), ', ')
         FROM (SELECT name FROM pragma_index_list('video_generation_jobs')
               WHERE name IN ('idx_job_status', 'idx_job_type', 'idx_job_created') ORDER BY name) l",
    );
    assert_eq!(
        indexed,
        "idx_job_created created_at, idx_job_status status, idx_job_type job_type"
    );
}

#[test]
fn a_new_table_has_the_two_foreign_keys() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    let keys = sandbox.ask(
        "SELECT group_concat(k, ', ') FROM (SELECT \"from\" || ' ' || \"table\" || ' ' || \"to\" || ' ' || on_delete AS k
         FROM pragma_foreign_key_list('video_generation_jobs') ORDER BY k)",
    );
    assert_eq!(
        keys,
        "episode_id episodes id SET NULL, series_id series id SET NULL"
    );
}

#[test]
fn a_new_file_is_in_wal_with_incremental_vacuum() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "wal");
    assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "2");
}

#[test]
fn a_second_create_adds_to_the_file_of_the_first() {
    let sandbox = Sandbox::new();
    create(&sandbox).run().ok();
    create(&sandbox).env("JOBCTL_TEST_SEED", "2").run().ok();
    assert_eq!(sandbox.count(), 2);
}
