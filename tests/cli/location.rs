//! Which file, what may be made, and what stays as it was: DESIGN.md section 1.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use rusqlite::Connection;

use crate::support::{A, B, COLUMNS, NOW_STORED, REPORT_SQL, SERVICE_SQL, Sandbox, hash};

/// A file of the report's SQL at a path of its own, with one job whose title says which file it is.
fn file(sandbox: &Sandbox, name: &str, title: &str) {
    let path = sandbox.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    connection.execute_batch(REPORT_SQL).unwrap();
    let sql = "INSERT INTO video_generation_jobs (id, job_type, project_title) VALUES (?1, 'idea2video', ?2)";
    connection.execute(sql, [A, title]).unwrap();
}

/// A run with these variables lists the job of that file, though there are others that it might take.
#[track_caller]
fn is_found(sandbox: &Sandbox, line: &str, variables: &[(&str, &str)], found: &str) {
    for name in [
        "flag.db",
        "own.db",
        "url.db",
        "seko.db",
        "below/url.db",
        "data/jobctl/jobs.db",
        "home/.local/share/jobctl/jobs.db",
    ] {
        if !sandbox.path(name).exists() {
            file(sandbox, name, &format!("in {name}"));
        }
    }
    let run = sandbox.jobctl(line).without_env("JOBCTL_DB");
    let run = variables
        .iter()
        .fold(run, |run, (name, value)| run.env(name, value));
    let run = run.run().ok();
    let titles = run.stdout.matches("in ").count();
    assert_eq!(titles, 1, "{line} {variables:?}{run}");
    assert!(
        run.stdout.contains(&format!("in {found}")),
        "{line} {variables:?}{run}"
    );
}

fn create(sandbox: &Sandbox) -> crate::support::Run {
    sandbox.jobctl("create --type idea2video --content 'A cat crosses the road'")
}

#[test]
fn the_file_is_that_of_the_flag_then_of_a_variable_then_of_the_data_folder() {
    let sandbox = Sandbox::new();
    let (own, url) = (
        ("JOBCTL_DB", "own.db"),
        ("DATABASE_URL", "sqlite:///url.db"),
    );
    let data = sandbox.path("data");
    let data = ("XDG_DATA_HOME", data.to_str().unwrap());
    for (line, variables, found) in [
        ("list --db flag.db", &[own, url, data][..], "flag.db"),
        ("list", &[own, url, data], "own.db"),
        ("list", &[url, data], "url.db"),
        ("list", &[url], "url.db"),
        ("list", &[data], "data/jobctl/jobs.db"),
        ("list", &[], "home/.local/share/jobctl/jobs.db"),
    ] {
        is_found(&sandbox, line, variables, found);
    }
}

#[test]
fn a_url_of_sqlite_names_a_path() {
    let sandbox = Sandbox::new();
    let absolute = format!("sqlite:///{}", sandbox.path("url.db").display());
    assert!(absolute.starts_with("sqlite:////"));
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    for (line, variables, found) in [
        ("list --db sqlite:///below/url.db", &[][..], "below/url.db"),
        // The service's own.
        (
            "list",
            &[("DATABASE_URL", "sqlite:///./seko.db")],
            "seko.db",
        ),
        ("list", &[("DATABASE_URL", &absolute)], "url.db"),
        ("list", &[("JOBCTL_DB", "sqlite:///url.db")], "url.db"),
        ("list --db sqlite+pysqlite:///url.db", &[], "url.db"),
        ("list --db sqlite:///url.db?timeout=10", &[], "url.db"),
    ] {
        is_found(&sandbox, line, variables, found);
    }
    sandbox
        .jobctl(["list", "--db", &absolute])
        .dir(sandbox.path("elsewhere"))
        .run()
        .ok()
        .stdout_has("in url.db");
}

#[test]
fn another_scheme_is_an_error_that_names_what_is_supported() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("list --db postgresql://someone@host/jobs")
        .run();
    output
        .fails(2)
        .no_stdout()
        .stderr_is("jobctl: error: postgresql:// databases are not supported (from --db)\nhint: name a SQLite file: a path, sqlite:///relative or sqlite:////absolute\n");
}

#[test]
fn a_file_that_may_not_be_read_is_an_error_that_says_what_to_do() {
    let sandbox = Sandbox::report();
    std::os::unix::fs::symlink("loop.db", sandbox.path("loop.db")).unwrap();
    let output = sandbox.jobctl("list --db loop.db").run();
    output
        .fails(74)
        .stderr_has("loop.db: ")
        .stderr_has("hint: see that this user may use the file");
}

#[test]
fn another_scheme_in_database_url_is_an_error_that_names_the_variable() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("list").without_env("JOBCTL_DB");
    let output = run.env("DATABASE_URL", "mysql://host/jobs").run();
    assert_ne!(output.status, 0);
    output
        .no_stdout()
        .stderr_has("mysql")
        .stderr_has("sqlite:///")
        .stderr_has("DATABASE_URL");
}

#[test]
fn the_error_about_another_scheme_does_not_give_the_password_away() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("list --db postgresql://someone:hunter2@host/jobs")
        .run();
    output.fails(2).stderr_lacks("hunter2");
}

#[test]
fn a_file_with_a_url_as_its_name_is_never_made() {
    let sandbox = Sandbox::new();
    create(&sandbox)
        .arg("--db")
        .arg("postgresql://host/jobs")
        .run()
        .fails(2);
    assert_eq!(
        fs::read_dir(sandbox.path("")).unwrap().count(),
        1,
        "home alone"
    );
}

// A missing file.

#[test]
fn a_missing_file_is_66_and_said_with_what_named_it() {
    for line in [
        "list",
        "show $A",
        "update $A --title x",
        "delete $A",
        "delete --status failed --yes",
        "cleanup --older-than 30d --yes",
        // That is about jobs and not about the file.
        "delete $A --ignore-missing",
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(line).run();
        run.fails(66)
            .no_stdout()
            .stderr_has("jobctl: error: ")
            .stderr_has("jobs.db")
            .stderr_has("JOBCTL_DB");
        assert!(!sandbox.db().exists(), "{line} made a file");
    }
}

#[test]
fn a_missing_file_of_the_flag_is_said_to_come_from_the_flag() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("list --db no/such.db")
        .run()
        .fails(66)
        .stderr_has("no/such.db")
        .stderr_has("--db");
    assert!(!sandbox.path("no").exists());
}

#[test]
fn a_missing_file_of_database_url_is_said_to_come_from_it() {
    let sandbox = Sandbox::new();
    let run = sandbox
        .jobctl("list")
        .without_env("JOBCTL_DB")
        .env("DATABASE_URL", "sqlite:///such.db");
    run.run()
        .fails(66)
        .stderr_has("such.db")
        .stderr_has("DATABASE_URL");
}

#[test]
fn a_missing_default_file_is_said_with_its_whole_path() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("list")
        .without_env("JOBCTL_DB")
        .run()
        .fails(66);
    output.stderr_has("home/.local/share/jobctl/jobs.db");
    assert!(!sandbox.path("home/.local").exists());
}

#[test]
fn a_missing_file_as_json_has_its_error_on_stderr() {
    let error = Sandbox::new()
        .jobctl("list -o json")
        .run()
        .fails(66)
        .no_stdout()
        .json_error();
    assert!(error["message"].as_str().unwrap().contains("jobs.db"));
    assert!(error["code"].is_string() && error["hint"].is_string());
}

#[test]
fn list_on_an_empty_file_is_66_and_leaves_it_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "");
    sandbox.jobctl("list").run().fails(66).stderr_has("jobs.db");
    assert_eq!(fs::metadata(sandbox.db()).unwrap().len(), 0);
}

#[test]
fn a_file_without_the_job_table_is_66_and_stays_as_it_is() {
    for line in [
        "list",
        "show $A",
        "update $A --title x",
        "delete --status failed --yes",
        // The table is not put beside those of another program.
        "create --type idea2video --content 'A cat crosses the road'",
    ] {
        let sandbox = Sandbox::new();
        sandbox.sql("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')");
        let before = hash(sandbox.db());
        let run = sandbox.jobctl(line).run();
        run.fails(66).no_stdout().stderr_has("jobs.db");
        assert_eq!(hash(sandbox.db()), before, "{line}");
    }
}

#[test]
fn a_file_that_is_no_database_is_an_error_and_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.db", "dear diary, ".repeat(500));
    let before = hash(sandbox.db());
    let output = create(&sandbox).run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
    let output = sandbox.jobctl("list").run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_folder_in_place_of_the_file_is_an_error_that_names_it() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.db()).unwrap();
    let output = sandbox.jobctl("list").run();
    assert_ne!(output.status, 0);
    output.no_stdout().stderr_has("jobs.db");
}

// A file that jobctl makes.

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
        "SELECT group_concat(name) FROM sqlite_schema WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite_%'",
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

// Reading leaves a file as it was, byte for byte.

fn reads_without_a_trace(sandbox: &Sandbox) {
    sandbox.job(
        A,
        &[("status", &"failed"), ("error_message", &"out of memory")],
    );
    let before = hash(sandbox.db());
    for args in [
        "list",
        "list --status failed --search memory -o json",
        "list --all -o csv",
        "show $A",
        "show a111 -o json",
        "delete --status failed --dry-run",
        "update $A --requeue --dry-run",
        "cleanup --older-than 1d --dry-run",
    ] {
        sandbox.jobctl(args).run().ok();
        assert_eq!(hash(sandbox.db()), before, "{args:?}");
    }
    for name in ["jobs.db-journal", "jobs.db-wal", "jobs.db-shm"] {
        assert!(!sandbox.path(name).exists(), "{name} was left");
    }
}

#[test]
fn reading_leaves_a_file_of_the_report_byte_identical() {
    reads_without_a_trace(&Sandbox::report());
}

#[test]
fn reading_leaves_a_file_of_the_service_byte_identical() {
    reads_without_a_trace(&Sandbox::service());
}

#[test]
fn reading_leaves_a_file_in_wal_byte_identical() {
    let sandbox = Sandbox::report();
    sandbox.sql("PRAGMA journal_mode = wal");
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    sandbox.jobctl("list").run().ok().stdout_has(A);
    sandbox.jobctl("show $A").run().ok();
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_refused_update_leaves_the_file_byte_identical() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = hash(sandbox.db());
    sandbox.jobctl("update $A --complete").run().fails(4);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_file_without_write_permission_can_be_read() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    fs::set_permissions(sandbox.db(), fs::Permissions::from_mode(0o400)).unwrap();
    sandbox.jobctl("list").run().ok().stdout_has(A);
}

#[test]
fn rows_that_are_still_in_the_wal_of_a_killed_writer_are_read() {
    let sandbox = Sandbox::report();
    sandbox.sql("PRAGMA journal_mode = wal");
    let writer = sandbox.connection();
    writer
        .execute(
            "INSERT INTO video_generation_jobs (id, job_type) VALUES (?1, 'idea2video')",
            [A],
        )
        .unwrap();
    fs::copy(sandbox.db(), sandbox.path("killed.db")).unwrap();
    fs::copy(sandbox.path("jobs.db-wal"), sandbox.path("killed.db-wal")).unwrap();
    sandbox
        .jobctl("list --db killed.db")
        .run()
        .ok()
        .stdout_has(A);
}

#[test]
fn a_hot_journal_of_a_killed_service_is_rolled_back() {
    let sandbox = Sandbox::report();
    let filler = "x".repeat(2000);
    for number in 0..40 {
        sandbox.job(
            &format!("{number:08}-0000-4000-8000-000000000000"),
            &[("content", &filler)],
        );
    }
    let writer = sandbox.connection();
    writer.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE video_generation_jobs SET status = 'failed'").unwrap();
    fs::copy(sandbox.db(), sandbox.path("killed.db")).unwrap();
    fs::copy(
        sandbox.path("jobs.db-journal"),
        sandbox.path("killed.db-journal"),
    )
    .unwrap();
    drop(writer);
    let output = sandbox
        .jobctl("list --all -o jsonl --db killed.db")
        .run()
        .ok();
    let jobs = output.jsonl();
    assert_eq!(jobs.len(), 40);
    assert!(
        jobs.iter().all(|job| job["status"] == "queued"),
        "the unfinished change was read"
    );
}

// Writing changes rows and nothing else.

fn writes_without_a_trace(sandbox: &Sandbox) {
    sandbox.sql("PRAGMA user_version = 7");
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    let schema = sandbox.schema();
    create(sandbox).run().ok();
    sandbox.jobctl("update $A --status processing").run().ok();
    sandbox.jobctl("delete $B").run().ok();
    sandbox.jobctl("delete --status failed --yes").run().ok();
    assert_eq!(sandbox.schema(), schema);
    assert_eq!(sandbox.ask("PRAGMA journal_mode"), "delete");
    assert_eq!(sandbox.ask("PRAGMA user_version"), "7");
    assert_eq!(sandbox.ask("PRAGMA auto_vacuum"), "0");
}

#[test]
fn writing_keeps_schema_journal_mode_and_version_of_a_file_of_the_report() {
    writes_without_a_trace(&Sandbox::report());
}

#[test]
fn writing_keeps_schema_journal_mode_and_version_of_a_file_of_the_service() {
    let sandbox = Sandbox::service();
    writes_without_a_trace(&sandbox);
    assert_eq!(sandbox.ask("SELECT count(*) FROM series"), "1");
    assert_eq!(sandbox.ask("SELECT count(*) FROM episodes"), "1");
    assert_eq!(
        sandbox.ask("SELECT email FROM users"),
        "someone@example.org"
    );
}

#[test]
fn every_column_is_set_in_a_file_without_defaults() {
    let sandbox = Sandbox::service();
    let id = create(&sandbox).run().ok().stdout.trim().to_owned();
    for (column, expected) in [
        ("status", "text|queued"),
        ("mode", "text|idea"),
        ("progress", "real|0.0"),
        ("total_shots", "integer|0"),
        ("completed_shots", "integer|0"),
        ("started_at", "null|"),
        ("completed_at", "null|"),
    ] {
        assert_eq!(sandbox.cell(&id, column), expected, "{column}");
    }
    assert_eq!(
        sandbox.cell(&id, "created_at"),
        format!("text|{NOW_STORED}")
    );
    assert_eq!(
        sandbox.cell(&id, "updated_at"),
        format!("text|{NOW_STORED}")
    );
}

// Foreign keys.

#[test]
fn create_takes_a_series_and_an_episode_that_are_there() {
    let sandbox = Sandbox::service();
    let id = create(&sandbox)
        .arg("--series")
        .arg("series-1")
        .arg("--episode")
        .arg("episode-1")
        .run()
        .ok();
    assert_eq!(sandbox.cell(id.stdout.trim(), "series_id"), "text|series-1");
    assert_eq!(
        sandbox.cell(id.stdout.trim(), "episode_id"),
        "text|episode-1"
    );
}

fn names_no_parent(output: crate::support::Output, id: &str) {
    assert!(![0, 1, 74, 75].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has(id)
        .stderr_lacks("FOREIGN KEY")
        .stderr_lacks("constraint");
}

#[test]
fn create_with_a_series_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    names_no_parent(
        create(&sandbox).arg("--series").arg("series-9").run(),
        "series-9",
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn create_with_an_episode_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    names_no_parent(
        create(&sandbox).arg("--episode").arg("episode-9").run(),
        "episode-9",
    );
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn update_to_a_series_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    let before = sandbox.row(A);
    names_no_parent(
        sandbox.jobctl("update $A --series series-9").run(),
        "series-9",
    );
    assert_eq!(sandbox.row(A), before);
}

#[test]
fn update_to_an_episode_that_is_not_there_is_a_clear_error() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    names_no_parent(
        sandbox.jobctl("update $A --episode episode-9").run(),
        "episode-9",
    );
}

#[test]
fn any_series_is_taken_where_the_parent_tables_are_missing() {
    let sandbox = Sandbox::report();
    let id = create(&sandbox).arg("--series").arg("series-9").run().ok();
    sandbox
        .jobctl(["update", id.stdout.trim(), "--episode", "episode-9"])
        .run()
        .ok();
    assert_eq!(sandbox.cell(id.stdout.trim(), "series_id"), "text|series-9");
    assert_eq!(
        sandbox.cell(id.stdout.trim(), "episode_id"),
        "text|episode-9"
    );
}

#[test]
fn any_series_is_taken_in_a_file_of_our_own() {
    let sandbox = Sandbox::new();
    create(&sandbox).arg("--series").arg("series-9").run().ok();
    assert_eq!(
        sandbox.ask("SELECT series_id FROM video_generation_jobs"),
        "series-9"
    );
}

#[test]
fn foreign_keys_are_off_where_one_of_the_parent_tables_is_missing() {
    let sandbox = Sandbox::report();
    sandbox.sql("CREATE TABLE series (id VARCHAR(36) PRIMARY KEY, title TEXT)");
    create(&sandbox).run().ok();
    create(&sandbox)
        .env("JOBCTL_TEST_SEED", "2")
        .arg("--episode")
        .arg("episode-9")
        .run()
        .ok();
    assert_eq!(sandbox.count(), 2);
}

#[test]
fn a_job_with_a_dangling_series_can_be_changed_otherwise() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[("series_id", &"series-9"), ("episode_id", &"episode-9")],
    );
    let before = sandbox.row(A);
    sandbox
        .jobctl("update $A --status processing --title 'A title'")
        .run()
        .ok();
    assert_eq!(
        sandbox.changed(A, &before),
        ["status", "project_title", "updated_at", "started_at"]
    );
}

#[test]
fn a_job_with_a_dangling_series_can_be_shown_and_deleted() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("series_id", &"series-9")]);
    sandbox.jobctl("show $A").run().ok().stdout_has("series-9");
    sandbox.jobctl("delete $A").run().ok();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn deleting_a_job_leaves_its_series_and_episode() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[("series_id", &"series-1"), ("episode_id", &"episode-1")],
    );
    sandbox.jobctl("delete $A").run().ok();
    assert_eq!(sandbox.ask("SELECT count(*) FROM series"), "1");
    assert_eq!(sandbox.ask("SELECT count(*) FROM episodes"), "1");
}

// Times and JSON columns.

#[test]
fn written_times_have_exactly_26_characters() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    sandbox
        .jobctl("update $A --status processing")
        .env("JOBCTL_TEST_NOW", "2026-02-01T00:00:00Z")
        .run()
        .ok();
    sandbox
        .jobctl("update $A --complete")
        .env("JOBCTL_TEST_NOW", "2026-02-01T00:00:01.5Z")
        .run()
        .ok();
    assert_eq!(
        sandbox.cell(A, "started_at"),
        "text|2026-02-01 00:00:00.000000"
    );
    assert_eq!(
        sandbox.cell(A, "completed_at"),
        "text|2026-02-01 00:00:01.500000"
    );
    assert_eq!(
        sandbox.cell(A, "updated_at"),
        "text|2026-02-01 00:00:01.500000"
    );
}

fn reads_time(stored: &str, shown: &str) {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("created_at", &stored)]);
    let jobs = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(jobs["created_at"], shown);
}

#[test]
fn a_stored_time_without_a_fraction_is_read() {
    reads_time("2025-12-29 14:14:00", "2025-12-29T14:14:00.000000Z");
}

#[test]
fn a_stored_time_with_a_t_is_read() {
    reads_time("2025-12-29T14:14:00.250000", "2025-12-29T14:14:00.250000Z");
}

#[test]
fn a_stored_time_with_a_z_is_read() {
    reads_time("2025-12-29T14:14:00Z", "2025-12-29T14:14:00.000000Z");
}

#[test]
fn a_stored_time_with_an_offset_is_read_as_utc() {
    reads_time("2025-12-29T14:14:00+08:00", "2025-12-29T06:14:00.000000Z");
}

#[test]
fn a_stored_time_with_a_space_and_an_offset_is_read_as_utc() {
    reads_time(
        "2025-12-29 14:14:00.000000-05:00",
        "2025-12-29T19:14:00.000000Z",
    );
}

#[test]
fn a_stored_time_that_cannot_be_read_is_shown_as_it_is() {
    reads_time("the day before", "the day before");
}

#[test]
fn the_stored_time_of_a_changed_row_keeps_its_spelling() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("created_at", &"2025-12-29T14:14:00Z"),
            ("started_at", &"no time"),
        ],
    );
    let before = sandbox.row(A);
    sandbox.jobctl("update $A --title x").run().ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn sql_null_and_the_text_null_are_read_alike() {
    let sandbox = Sandbox::service();
    sandbox.job(
        A,
        &[
            ("request_data", &"null"),
            ("context", &"null"),
            ("result_data", &"null"),
        ],
    );
    sandbox.job(B, &[]);
    for id in [A, B] {
        let job = sandbox.jobctl(["show", id, "-o", "json"]).run().ok().json();
        assert_eq!(job["request_data"], serde_json::json!({}));
        assert_eq!(job["context"], serde_json::json!({}));
        assert!(job["result"].is_null());
    }
}

#[test]
fn sql_null_and_the_text_null_are_kept_as_found() {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[("request_data", &"null"), ("result_data", &"null")]);
    let before = sandbox.row(A);
    sandbox.jobctl("update $A --title x").run().ok();
    assert_eq!(sandbox.changed(A, &before), ["project_title", "updated_at"]);
}

#[test]
fn both_kinds_of_file_are_what_the_tests_say_they_are() {
    assert!(REPORT_SQL.contains("DEFAULT") && !SERVICE_SQL.contains("DEFAULT"));
    assert_eq!(Sandbox::service().ask("PRAGMA journal_mode"), "delete");
    assert_eq!(Sandbox::report().ask("PRAGMA journal_mode"), "delete");
}

#[test]
fn what_is_no_file_is_said_at_once() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("folder")).unwrap();
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    symlink("pipe", sandbox.path("link")).unwrap();
    sandbox.write("dump.json", "[]");
    let names = [
        ("folder", "a folder"),
        ("pipe", "a pipe"),
        ("link", "a pipe"),
        ("sqlite:///pipe", "a pipe"),
        ("/dev/null", "a device"),
    ];
    let commands: [&str; 6] = [
        "list",
        "stats",
        "delete $A",
        "migrate dump.json",
        "migrate dump.json --dry-run",
        "cleanup --older-than 1d --yes",
    ];
    for (name, what) in names {
        let said = format!(" is {what} and no database (from --db)\nhint: ");
        let runs = commands.map(|args| sandbox.jobctl(args).arg("--db").arg(name).run());
        for run in runs {
            run.fails(66).no_stdout().stderr_has(&said);
        }
        let run = create(&sandbox).arg("--db").arg(name).run().fails(66);
        run.no_stdout().stderr_has(&said);
    }
}

#[test]
fn what_a_shell_would_take_away_makes_no_other_file() {
    let sandbox = Sandbox::new();
    file(&sandbox, "jobs.db", "the one");
    for name in [
        "jobs.db\r",
        "jobs.db\n",
        " jobs.db",
        "sqlite:///jobs.db\r",
        "\t",
    ] {
        let run = create(&sandbox).env("JOBCTL_DB", name).run().fails(2);
        run.stderr_has("a blank or a line end around")
            .stderr_has("(from JOBCTL_DB)");
    }
    let run = create(&sandbox)
        .env("JOBCTL_DB", "~/jobs.db")
        .run()
        .fails(2);
    run.stderr_has("the ~ of ~/jobs.db (from JOBCTL_DB)");
    // A file of that very name is taken.
    file(&sandbox, "old.db ", "the blank one");
    let run = sandbox.jobctl("list").env("JOBCTL_DB", "old.db ");
    run.run().ok().stdout_has("the blank one");
    let mut files: Vec<_> = fs::read_dir(sandbox.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    assert_eq!(files, ["home", "jobs.db", "old.db "]);
}
