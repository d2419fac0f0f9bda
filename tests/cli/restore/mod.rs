//! `restore`: a backup becomes a database again.

mod beside;
mod killed;
mod readme;
mod refused;
mod unreadable;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rusqlite::Connection;

use crate::backup::{all, names, used};
use crate::locks::is_sound;
use crate::support::{Sandbox, hash};

/// A database with a backup of what it was before its last changes.
pub fn backed_up(mode: &str, name: &str) -> (Sandbox, Vec<String>) {
    let sandbox = used(mode);
    let before = all(&sandbox.db());
    sandbox.jobctl(["backup", name]).run().ok();
    sandbox.sql("DELETE FROM video_generation_jobs WHERE rowid % 2 = 0; CREATE TABLE later (x); INSERT INTO later VALUES (1)");
    (sandbox, before)
}

#[test]
fn a_backup_becomes_a_new_file_with_every_row_under_its_number() {
    for mode in ["delete", "wal"] {
        for name in ["copy.db", "copy.db.zst", "copy.db.gz", "copy.gz"] {
            let (sandbox, before) = backed_up(mode, name);
            let stays = all(&sandbox.db());
            let backup = hash(sandbox.path(name));
            // The content tells how it is packed.
            let named = if name == "copy.gz" { "copy" } else { name };
            fs::rename(sandbox.path(name), sandbox.path(named)).unwrap();
            let run = sandbox
                .jobctl(["restore", named, "--to", "new.db", "-o", "json"])
                .run()
                .ok();
            let rows = before.iter().filter(|row| row.starts_with("video")).count();
            assert_eq!(
                run.json(),
                serde_json::json!({"file": named, "to": "new.db", "rows": rows, "kept": null})
            );
            run.stderr_is(&format!("restored {rows} jobs from {named} to new.db\n"));
            assert_eq!(all(&sandbox.path("new.db")), before);
            let mode = fs::metadata(sandbox.path("new.db")).unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
            assert_eq!(all(&sandbox.db()), stays);
            assert_eq!(hash(sandbox.path(named)), backup, "the backup is as it was");
        }
    }
}

#[test]
fn a_backup_takes_the_place_of_the_database_whose_content_is_kept() {
    for mode in ["delete", "wal", "truncate", "persist"] {
        for name in ["copy.db", "copy.db.zst"] {
            let (sandbox, before) = backed_up(mode, name);
            let lost = all(&sandbox.db());
            fs::set_permissions(sandbox.db(), fs::Permissions::from_mode(0o640)).unwrap();
            // Another program has it open, and a part of it lies in the log.
            let open = sandbox.connection();
            open.execute_batch("UPDATE later SET x = 2").unwrap();
            let lost = lost
                .iter()
                .map(|row| {
                    row.replace(
                        "later [Integer(1), Integer(1)]",
                        "later [Integer(1), Integer(2)]",
                    )
                })
                .collect::<Vec<_>>();
            let run = sandbox
                .jobctl(["restore", name, "--replace", "--yes", "-o", "json"])
                .run()
                .ok();
            let kept = "jobs-replaced-20260115T120000Z.db";
            assert!(
                run.json()["kept"].as_str().unwrap().ends_with(kept),
                "{run}"
            );
            run.stderr_has("; what was there is kept in ")
                .stderr_has("restart the service now");
            assert_eq!(all(&sandbox.db()), before, "{mode} {name}");
            assert_eq!(all(&sandbox.path(kept)), lost, "{mode} {name}");
            for file in [sandbox.db(), sandbox.path(kept)] {
                let mode = fs::metadata(&file).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o640, "{}", file.display());
            }
            // It goes on with what is there now.
            open.execute_batch("UPDATE series SET title = 'later'")
                .unwrap();
            assert!(open.execute_batch("UPDATE later SET x = 3").is_err());
            drop(open);
            is_sound(&sandbox);
            let left: Vec<String> = names(&sandbox, "");
            assert_eq!(left, [name, kept, "jobs.db"], "{mode}");
        }
    }
}

#[test]
fn the_backup_s_pages_and_journal_may_differ_from_the_database_s() {
    for (theirs, ours) in [("wal", "delete"), ("delete", "wal")] {
        for page in [1024, 16384] {
            let (sandbox, _) = backed_up(theirs, "copy.db");
            let other = Connection::open(sandbox.path("copy.db")).unwrap();
            other
                .execute_batch(&format!("PRAGMA journal_mode = DELETE; PRAGMA page_size = {page}; VACUUM; PRAGMA journal_mode = {theirs};"))
                .unwrap();
            drop(other);
            let before = all(&sandbox.path("copy.db"));
            sandbox.sql(&format!("PRAGMA journal_mode = {ours};"));
            let lost = all(&sandbox.db());
            sandbox.jobctl("restore copy.db --replace --yes").run().ok();
            assert_eq!(all(&sandbox.db()), before);
            assert_eq!(
                all(&sandbox.path("jobs-replaced-20260115T120000Z.db")),
                lost
            );
            is_sound(&sandbox);
        }
    }
}

#[test]
fn where_no_database_is_it_becomes_one() {
    let (sandbox, before) = backed_up("delete", "copy.db.gz");
    fs::remove_file(sandbox.db()).unwrap();
    for more in ["", "--replace --yes"] {
        let run = sandbox.jobctl(("restore copy.db.gz", more)).run().ok();
        run.stderr_lacks("kept").stderr_lacks("restart");
        assert_eq!(all(&sandbox.db()), before);
        fs::remove_file(sandbox.db()).unwrap();
    }
}

#[test]
fn what_was_replaced_can_be_restored_in_turn() {
    let (sandbox, before) = backed_up("delete", "copy.db");
    let lost = all(&sandbox.db());
    sandbox.jobctl("restore copy.db --replace -y").run().ok();
    sandbox
        .jobctl("restore jobs-replaced-20260115T120000Z.db --replace -y")
        .run()
        .ok();
    assert_eq!(all(&sandbox.db()), lost);
    assert_eq!(
        all(&sandbox.path("jobs-replaced-20260115T120000Z-2.db")),
        before
    );
    sandbox.jobctl("show 00000001").run().ok();
}

#[test]
fn a_link_to_the_database_stays_one() {
    let (sandbox, before) = backed_up("delete", "copy.db");
    fs::create_dir(sandbox.path("real")).unwrap();
    fs::rename(sandbox.db(), sandbox.path("real/service.db")).unwrap();
    std::os::unix::fs::symlink("real/service.db", sandbox.db()).unwrap();
    sandbox.jobctl("restore copy.db --replace -y").run().ok();
    assert!(fs::symlink_metadata(sandbox.db()).unwrap().is_symlink());
    assert_eq!(all(&sandbox.path("real/service.db")), before);
    assert_eq!(
        names(&sandbox, "real"),
        ["service-replaced-20260115T120000Z.db", "service.db"]
    );
}

#[test]
fn replacing_needs_consent() {
    let (sandbox, _) = backed_up("delete", "copy.db");
    let before = hash(sandbox.db());
    sandbox
        .jobctl("restore copy.db --replace")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has("not confirmed")
        .stderr_has("replace jobs.db by copy.db (267 jobs)")
        .stderr_has("--yes confirms");
    assert_eq!(hash(sandbox.db()), before);
    assert_eq!(names(&sandbox, ""), ["copy.db", "jobs.db"]);
}

#[test]
fn that_the_service_waits_long_is_said_before() {
    let said =
        "nobody else can write for about 4s meanwhile, and the service waits 5s: stop it first";
    for (size, is_said) in [(3_u64 << 30, true), (1 << 30, false)] {
        let (sandbox, _) = backed_up("delete", "copy.db");
        // Pages that SQLite knows nothing of, and nobody has to write.
        let file = fs::OpenOptions::new().write(true).open(sandbox.db());
        file.unwrap().set_len(size).unwrap();
        let asked = sandbox.jobctl("restore copy.db --replace").run().fails(4);
        let done = sandbox.jobctl("restore copy.db --replace --yes").run().ok();
        for told in [asked, done] {
            if is_said {
                told.stderr_has(said);
            } else {
                told.stderr_lacks("meanwhile");
            }
        }
    }
}
