//! Names of databases and files: one that cannot be used is an error and never another file, and a name is bytes.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::json;

use crate::args::Args;
use crate::support::{A, B, REPORT_SQL, Run, Sandbox};

/// A name in Latin-1, which is no UTF-8.
fn latin(text: &str) -> OsString {
    OsString::from_vec(text.chars().map(|c| c as u32 as u8).collect())
}

/// A database with one failed job, whose title says which it is.
fn database(path: &Path, title: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    connection.execute_batch(REPORT_SQL).unwrap();
    let sql = "INSERT INTO video_generation_jobs (id, job_type, status, project_title, completed_at) \
               VALUES (?1, 'idea2video', 'failed', ?2, '2025-01-01 00:00:00.000000')";
    connection.execute(sql, [A, title]).unwrap();
}

fn count(path: &Path) -> i64 {
    Connection::open(path)
        .unwrap()
        .query_row("SELECT count(*) FROM video_generation_jobs", [], |row| {
            row.get(0)
        })
        .unwrap()
}

const DELETE: &str = "delete --status failed --yes";

fn bare(sandbox: &Sandbox, arguments: impl Args) -> Run {
    sandbox.jobctl(arguments).without_env("JOBCTL_DB")
}

#[test]
fn a_database_name_that_is_no_utf_8_is_that_file_and_no_other() {
    let sandbox = Sandbox::new();
    database(&sandbox.path("other.db"), "other");
    let name = latin("jöbs.db");
    for variable in ["JOBCTL_DB", "--db"] {
        let run = bare(&sandbox, DELETE).env("DATABASE_URL", "sqlite:///other.db");
        let run = match variable {
            "--db" => run.arg("--db").arg(&name),
            variable => run.env(variable, &name),
        };
        run.run().fails(66).no_stdout().stderr_has(variable);
        assert_eq!(count(&sandbox.path("other.db")), 1);
    }
    database(&sandbox.path(&name), "found");
    let list = "list --fields title";
    bare(&sandbox, list)
        .env("JOBCTL_DB", &name)
        .run()
        .ok()
        .stdout_has("found");
    bare(&sandbox, list)
        .arg("--db")
        .arg(&name)
        .run()
        .ok()
        .stdout_has("found");
    let url = latin("sqlite:///jöbs.db");
    bare(&sandbox, list)
        .env("DATABASE_URL", &url)
        .run()
        .ok()
        .stdout_has("found");
    let url = "sqlite:///j%F6bs.db";
    bare(&sandbox, list)
        .env("DATABASE_URL", url)
        .run()
        .ok()
        .stdout_has("found");
    fs::create_dir_all(sandbox.path(latin("dätä")).join("jobctl")).unwrap();
    database(&sandbox.path(latin("dätä")).join("jobctl/jobs.db"), "data");
    let run = bare(&sandbox, list).env("XDG_DATA_HOME", sandbox.path(latin("dätä")));
    run.run().ok().stdout_has("data");
}

#[test]
fn an_empty_name_is_an_error_in_every_command_and_an_empty_variable_is_none() {
    let sandbox = Sandbox::report();
    database(&sandbox.path("other.db"), "other");
    for command in [
        "list",
        "show $A",
        "stats",
        "export",
        "wait $A",
        "update $A --requeue",
        "create --type idea2video --content 'A fox at sea'",
        "migrate -",
        "cleanup --older-than 1d --yes",
        DELETE,
        "man",
        "completions bash",
    ] {
        for more in ["--db ''", "--db="] {
            let run = bare(&sandbox, (command, more));
            let run = run.env("DATABASE_URL", "sqlite:///other.db");
            run.run().fails(2).no_stdout().stderr_has("--db");
        }
    }
    for command in [
        "export --to ''",
        "stats --to ''",
        "migrate ''",
        "migrate - ''",
        "migrate - --rejects ''",
        "cleanup --older-than 1d --yes --archive ''",
        "cleanup --older-than 1d --yes --files-under ''",
        "show $A --files-under ''",
        "create --json @",
        "create --type idea2video --content @",
        "update $A --result @",
        "update $A --complete @",
    ] {
        let run = sandbox.jobctl(command).run();
        run.fails(2).no_stdout();
    }
    assert_eq!(count(&sandbox.path("other.db")), 1);
    let run = bare(&sandbox, "list --fields title").env("JOBCTL_DB", "");
    run.env("DATABASE_URL", "sqlite:///other.db")
        .run()
        .ok()
        .stdout_has("other");
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told_and_home_is_not_taken_for_it() {
    let sandbox = Sandbox::new();
    let home = sandbox.path("home/.local/share/jobctl/jobs.db");
    database(&home, "home");
    let run = bare(&sandbox, DELETE).env("XDG_DATA_HOME", "data");
    run.run().fails(2).stderr_has("XDG_DATA_HOME is \"data\"");
    assert_eq!(count(&home), 1);
    let run = bare(&sandbox, DELETE).env("HOME", "home");
    run.run().fails(2).stderr_has("HOME is \"home\"");
    let run = bare(&sandbox, "list --fields title").env("XDG_DATA_HOME", "");
    run.run().ok().stdout_has("home");
    // Where a file is named neither matters.
    let run = sandbox.jobctl("list --db").arg(&home);
    run.env("XDG_DATA_HOME", "data")
        .env("HOME", "home")
        .run()
        .ok();
}

#[test]
fn quotes_around_a_value_are_told() {
    let sandbox = Sandbox::report();
    for (variable, value, within) in [
        ("JOBCTL_DB", "\"jobs.db\"", "jobs.db"),
        ("JOBCTL_DB", "'jobs.db'", "jobs.db"),
        ("DATABASE_URL", "\"sqlite:///jobs.db\"", "sqlite:///jobs.db"),
        ("DATABASE_URL", "sqlite:///'jobs.db'", "jobs.db"),
        // Of a document, and of a line that was cut.
        ("JOBCTL_DB", "\u{201c}jobs.db\u{201d}", "jobs.db"),
        ("JOBCTL_DB", "\u{2018}jobs.db\u{2019}", "jobs.db"),
        ("JOBCTL_DB", "`jobs.db`", "jobs.db"),
        ("JOBCTL_DB", "jobs.db\"", "jobs.db"),
        ("DATABASE_URL", "'sqlite:///jobs.db", "sqlite:///jobs.db"),
        ("DATABASE_URL", "sqlite:///jobs.db'", "jobs.db"),
        (
            "DATABASE_URL",
            "\u{201c}sqlite:///jobs.db\u{201d}",
            "sqlite:///jobs.db",
        ),
    ] {
        for command in ["list", "create --type idea2video --content 'A fox at sea'"] {
            let run = bare(&sandbox, command).env(variable, value);
            run.run()
                .fails(2)
                .stderr_has("quotes")
                .stderr_has(variable)
                .stderr_has(&format!("leave them out: {within}"));
        }
    }
    let run = sandbox.jobctl(["list", "--db", "'jobs.db'"]).run();
    run.fails(2).stderr_has("quotes").stderr_has("--db");
    assert!(!sandbox.path("\"jobs.db\"").exists());
    database(&sandbox.path("'own.db'"), "own");
    sandbox
        .jobctl(["list", "--db", "'own.db'"])
        .run()
        .ok()
        .stdout_has("own");
}

#[test]
fn a_dash_is_no_database() {
    let sandbox = Sandbox::new();
    let create = "create --type a --content 'A fox at sea'";
    for command in ["list", create] {
        let with_flag = sandbox.jobctl((command, "--db -"));
        with_flag.run().fails(2).stderr_has("--db)");
        let run = bare(&sandbox, command).env("JOBCTL_DB", "-").run();
        run.fails(2).stderr_has("\"-\" is none (from JOBCTL_DB)");
    }
    assert!(!sandbox.path("-").exists());
    sandbox.jobctl((create, "--db ./-")).run().ok();
    sandbox.jobctl("list --db -").run().ok();
}

/// SQLAlchemy 2.1 decodes the path of a URL, 2.0 does not.
#[test]
fn a_percent_sign_in_a_url_is_what_the_file_that_is_there_says() {
    let url = "sqlite:///my%20data/jobs.db?timeout=5";
    let list = "list --fields title";
    let create = "create --type idea2video --content 'A fox at sea'";
    for (here, not_here) in [("my data", "my%20data"), ("my%20data", "my data")] {
        let sandbox = Sandbox::new();
        database(&sandbox.path(here).join("jobs.db"), "found");
        bare(&sandbox, list)
            .env("DATABASE_URL", url)
            .run()
            .ok()
            .stdout_has("found");
        bare(&sandbox, create).env("DATABASE_URL", url).run().ok();
        assert!(!sandbox.path(not_here).exists());
        database(&sandbox.path(not_here).join("jobs.db"), "both");
        for command in [list, create, DELETE] {
            let run = bare(&sandbox, command).env("DATABASE_URL", url).run();
            run.fails(2)
                .stderr_has("my data/jobs.db")
                .stderr_has("my%20data/jobs.db")
                .stderr_has("both are there")
                .stderr_has("DATABASE_URL");
        }
    }
    let sandbox = Sandbox::new();
    for command in [list, create] {
        let run = bare(&sandbox, command).env("DATABASE_URL", url).run();
        run.fails(2)
            .stderr_has("my data/jobs.db")
            .stderr_has("my%20data/jobs.db")
            .stderr_has("neither is there");
    }
    assert!(!sandbox.path("my data").exists() && !sandbox.path("my%20data").exists());
    // Two names of one file are no question, nor is a sign that stands for nothing, or a plain path.
    database(&sandbox.path("my data/jobs.db"), "one");
    std::os::unix::fs::symlink("my data", sandbox.path("my%20data")).unwrap();
    sandbox
        .jobctl(list)
        .arg("--db")
        .arg(url)
        .run()
        .ok()
        .stdout_has("one");
    database(&sandbox.path("100%.db"), "percent");
    let run = sandbox.jobctl(list).arg("--db").arg("sqlite:///100%.db");
    run.run().ok().stdout_has("percent");
    database(&sandbox.path("a%20b.db"), "path");
    sandbox
        .jobctl(list)
        .arg("--db")
        .arg("a%20b.db")
        .run()
        .ok()
        .stdout_has("path");
}

#[test]
fn three_slashes_before_an_absolute_path_are_told() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("srv/jobs.db");
    database(&path, "absolute");
    let url = format!("sqlite://{}", path.display());
    assert!(url.starts_with("sqlite:///") && !url.starts_with("sqlite:////"));
    for command in ["list", "create --type idea2video --content 'A fox at sea'"] {
        let run = bare(&sandbox, command).env("DATABASE_URL", &url).run();
        run.fails(66)
            .stderr_has(&format!("{} is there", path.display()))
            .stderr_has("four slashes")
            .stderr_has(&format!("sqlite:///{}", path.display()));
    }
    let relative = path.strip_prefix("/").unwrap();
    assert!(!sandbox.path(relative.components().next().unwrap()).exists());
    database(&sandbox.path(PathBuf::from(relative)), "relative");
    let run = bare(&sandbox, "list --fields title").env("DATABASE_URL", &url);
    run.run().ok().stdout_has("relative");
}

#[test]
fn a_file_may_have_any_name() {
    let sandbox = Sandbox::new();
    let record = json!({"job_id": B, "job_type": "idea2video", "content": "A fox learns to sail the sea",
        "status": "completed", "created_at": "2025-01-01T00:00:00", "progress": 100});
    let name = |text: &str| sandbox.path(latin(text));
    fs::write(
        name("dümp.jsonl"),
        format!("{record}\n{{\"no\": \"job\"}}\n"),
    )
    .unwrap();
    fs::write(name("idéa.txt"), "A fox learns to sail the sea\n").unwrap();
    fs::write(name("rësult.json"), "{\"a\": 1}").unwrap();
    fs::create_dir(name("földer")).unwrap();
    let run = sandbox.jobctl("migrate --rejects");
    let run = run.arg(latin("räjects.jsonl")).arg(latin("dümp.jsonl"));
    run.run().fails(65);
    assert!(name("räjects.jsonl").exists());
    let mut at = latin("@idéa.txt");
    let run = sandbox.jobctl("create --type idea2video --id $A --content");
    run.arg(&at).run().ok();
    assert_eq!(
        sandbox.cell(A, "content"),
        "text|A fox learns to sail the sea"
    );
    at = latin("@rësult.json");
    for flag in ["--result", "--complete", "--context"] {
        sandbox
            .jobctl(["update", A, "--force", flag])
            .arg(&at)
            .run()
            .ok();
    }
    let run = sandbox.jobctl("create --json").arg(latin("@rësult.json"));
    run.run().fails(65);
    let run = sandbox.jobctl("export --to").arg(latin("öut.jsonl.zst"));
    run.run().ok();
    assert!(name("öut.jsonl.zst").exists());
    let run = sandbox.jobctl("stats --to").arg(latin("stäts"));
    run.run().ok();
    let run = sandbox.jobctl("cleanup --older-than 30d --yes --archive");
    let run = run.arg(latin("ärchive.jsonl")).arg("--files-under");
    run.arg(latin("földer")).run().ok();
    assert!(fs::read(name("ärchive.jsonl")).unwrap().starts_with(b"{"));
    // A text that is none is an error of its flag.
    let run = sandbox.jobctl("update $A --title").arg(latin("Tïtle"));
    run.run().fails(2).stderr_has("--title");
    let run = sandbox.jobctl("update $A --content").arg(latin("Cöntent"));
    run.run().fails(2).stderr_has("--content");
}

#[test]
fn a_change_without_a_terminal_says_in_which_file_and_where_its_name_is_from() {
    let sandbox = Sandbox::report();
    let dump = sandbox.write(
        "dump.jsonl",
        json!({"job_id": A, "job_type": "idea2video", "status": "failed",
        "content": "A fox learns to sail the sea", "created_at": "2025-01-01T00:00:00"})
        .to_string(),
    );
    let dump = dump.to_str().unwrap();
    sandbox
        .jobctl(["migrate", dump])
        .run()
        .ok()
        .stderr_lacks("database:");
    for (command, stdin) in [
        ("delete $A", ""),
        (DELETE, ""),
        ("delete --status cancelled --yes", ""),
        ("delete - --yes", A),
        ("update - --title T --yes", A),
        ("cleanup --older-than 1d --yes", ""),
        (&format!("migrate {dump} --on-conflict replace"), ""),
        (&format!("migrate {dump} --on-conflict newer"), ""),
    ] {
        for (format, places) in [("", true), ("-o json", true), ("-q", false)] {
            sandbox.jobctl(["migrate", dump]).run().ok();
            let run = sandbox.jobctl((command, format)).stdin(stdin).run().ok();
            let said = run
                .stderr
                .matches("database: jobs.db (from JOBCTL_DB)")
                .count();
            assert_eq!(said, usize::from(places), "{command:?} {format:?}{run}");
        }
    }
    sandbox.jobctl(["migrate", dump]).run().ok();
    for command in [
        "delete $A --dry-run",
        "update $A --title T",
        &format!("migrate {dump}"),
        &format!("migrate {dump} --on-conflict replace --dry-run"),
    ] {
        let run = sandbox.jobctl(command).run().ok();
        run.stderr_lacks("database:");
    }
    let run = bare(&sandbox, "delete $A").env("DATABASE_URL", "sqlite:///jobs.db");
    run.run()
        .ok()
        .stderr_has("database: jobs.db (from DATABASE_URL)");
    let run = sandbox.jobctl("delete $A -o json").run().fails(3);
    assert!(run.json_error().is_object());
    let run = sandbox.jobctl("migrate --on-conflict replace --db new.db");
    let run = run.arg(dump);
    run.run().ok().stderr_lacks("database:");
}

#[test]
fn what_holds_content_is_for_its_owner_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("dump.jsonl", "{\"no\": \"job\"}\n".to_owned() + &json!({"job_id": A, "job_type": "idea2video",
        "status": "failed", "content": "A fox learns to sail the sea", "created_at": "2025-01-01T00:00:00"}).to_string());
    sandbox
        .jobctl("migrate dump.jsonl --rejects bad.jsonl")
        .run()
        .fails(65);
    sandbox.jobctl("export --to out.jsonl").run().ok();
    let cleanup = "cleanup --older-than 1d --yes --archive old.jsonl";
    sandbox.jobctl(cleanup).run().ok();
    for name in ["jobs.db", "bad.jsonl", "out.jsonl", "old.jsonl"] {
        let mode = fs::metadata(sandbox.path(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // One that is there keeps the mode that somebody gave it.
    let path = sandbox.path("bad.jsonl");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    sandbox
        .jobctl("migrate dump.jsonl --rejects bad.jsonl")
        .run()
        .fails(65);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
}

/// Whoever gave the group a right meant it; that every user has it is most likely an accident.
#[test]
fn a_file_that_every_user_may_read_is_said() {
    let sandbox = Sandbox::report();
    let long_ago = "2020-01-01 00:00:00.000000";
    let bad = json!({"job_id": B, "mode": "idea", "status": "queued", "progress": 120});
    sandbox.write("dump.jsonl", bad.to_string());
    for (file, args) in [
        ("bad.jsonl", "migrate dump.jsonl --rejects bad.jsonl"),
        ("out.jsonl", "export --to out.jsonl"),
        (
            "old.jsonl",
            "cleanup --older-than 1d --yes --archive old.jsonl",
        ),
    ] {
        for (mode, is_said) in [
            (None, false),
            (Some(0o640), false),
            (Some(0o644), true),
            (Some(0o606), true),
        ] {
            if !sandbox.ids().contains(&A.to_owned()) {
                let cells: [(&str, &dyn rusqlite::ToSql); 4] = [
                    ("status", &"failed"),
                    ("created_at", &long_ago),
                    ("updated_at", &long_ago),
                    ("completed_at", &long_ago),
                ];
                sandbox.job(A, &cells);
            }
            let path = sandbox.path(file);
            if let Some(mode) = mode {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let run = sandbox.jobctl(args).run();
            let said = format!(
                "every user may read {file}, which was there before with mode 0{:o}",
                mode.unwrap_or(0o600)
            );
            assert_eq!(run.stderr.contains(&said), is_said, "{mode:?}: {run}");
            assert_eq!(
                run.stderr.contains(&format!("chmod o-r {file}")),
                is_said,
                "{run}"
            );
            let now = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(now, mode.unwrap_or(0o600), "{file}");
        }
    }
}
