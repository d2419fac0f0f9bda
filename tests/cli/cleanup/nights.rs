//! Night after night with a folder that cannot be removed: its job stays, whole, and the archive does not grow by it.

use std::fs;
use std::process::Command;

use super::folders::{fill, working};
use crate::args::Args;
use crate::locks::full::after;
use crate::machine::{is_root, skipped};
use crate::support::{A, B, C, Output, Run, Sandbox};

/// What keeps the folder of A from going, as a shell makes it and takes it away.
struct Obstacle {
    make: &'static str,
    remedy: &'static str,
    who: Who,
    why: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    /// An ordinary user, to whom all that the shell leaves alone belongs.
    Service,
    /// The same where root made something in the way.
    BesideRoot,
    /// Root, in a world of mounts of its own.
    Mounting,
    Root,
}

const DENIED: &str = "ermission denied";
const FORBIDDEN: &str = "not permitted";

const OBSTACLES: [Obstacle; 14] = [
    Obstacle {
        make: "chmod 555 service/w",
        remedy: "chmod 755 service/w",
        who: Who::Service,
        why: DENIED,
    },
    Obstacle {
        make: "chmod 600 service/w",
        remedy: "chmod 755 service/w",
        who: Who::Service,
        why: DENIED,
    },
    Obstacle {
        make: "chmod 555 service/w/$A",
        remedy: "chmod 755 service/w/$A",
        who: Who::Service,
        why: DENIED,
    },
    Obstacle {
        make: "chmod 555 service/w/$A/shots/1",
        remedy: "chmod 755 service/w/$A/shots/1",
        who: Who::Service,
        why: DENIED,
    },
    Obstacle {
        make: "chmod 000 service/w/$A/shots/1",
        remedy: "chmod 755 service/w/$A/shots/1",
        who: Who::Service,
        why: DENIED,
    },
    Obstacle {
        make: "chown -R 0:0 service/w/$A",
        remedy: "chown -R $SERVICE service/w/$A",
        who: Who::BesideRoot,
        why: DENIED,
    },
    Obstacle {
        make: "chown 0:0 service/w && chmod 1777 service/w && chown 0:0 service/w/$A && chmod 777 service/w/$A",
        remedy: "chmod 777 service/w",
        who: Who::BesideRoot,
        why: FORBIDDEN,
    },
    Obstacle {
        make: "chown 0:0 service/w/$A/shots/1 service/w/$A/shots/1/video.mp4 && chmod 1777 service/w/$A/shots/1",
        remedy: "chmod 777 service/w/$A/shots/1",
        who: Who::BesideRoot,
        why: FORBIDDEN,
    },
    Obstacle {
        make: "mount --bind service service && mount -o remount,ro,bind service",
        remedy: "true",
        who: Who::Mounting,
        why: "read-only here",
    },
    Obstacle {
        make: "mount --bind victim service/w/$A/shots/1",
        remedy: "true",
        who: Who::Mounting,
        why: "mounted there",
    },
    Obstacle {
        make: "mount --bind victim/kept service/w/$A/shots/1/video.mp4",
        remedy: "true",
        who: Who::Mounting,
        why: "busy",
    },
    Obstacle {
        make: "chattr +i service/w/$A/shots/1/video.mp4",
        remedy: "chattr -i service/w/$A/shots/1/video.mp4",
        who: Who::Root,
        why: FORBIDDEN,
    },
    Obstacle {
        make: "chattr +a service/w/$A/shots",
        remedy: "chattr -a service/w/$A/shots",
        who: Who::Root,
        why: FORBIDDEN,
    },
    Obstacle {
        make: "chattr +a service/w",
        remedy: "chattr -a service/w",
        who: Who::Root,
        why: FORBIDDEN,
    },
];

const SERVICE: &str = "65534:65534";

fn shell(sandbox: &Sandbox, line: &str) -> bool {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .env("A", A)
        .env("SERVICE", SERVICE)
        .current_dir(sandbox.path(""));
    shell.output().is_ok_and(|output| output.status.success())
}

impl Obstacle {
    /// Whether this machine can have it.
    fn is_possible(&self) -> bool {
        match self.who {
            Who::Service => true,
            Who::BesideRoot | Who::Root => is_root(),
            Who::Mounting => {
                let mount = Command::new("unshare")
                    .args(["--mount", "mount", "--bind", "/usr", "/usr"])
                    .output();
                is_root() && mount.is_ok_and(|it| it.status.success())
            }
        }
    }

    fn run(&self, sandbox: &Sandbox, more: impl Args) -> Output {
        let args = "cleanup --older-than 30d --files-under service --archive old.jsonl";
        let run = sandbox.jobctl((args, more));
        let preparation = match self.who {
            Who::Mounting => format!(
                "exec unshare --mount sh -c 'A={A}; {} || exit 99; exec \"$0\" \"$@\"' \"$0\" \"$@\"",
                self.make
            ),
            Who::Service | Who::BesideRoot if is_root() => {
                "exec setpriv --reuid 65534 --regid 65534 --clear-groups -- \"$0\" \"$@\""
                    .to_owned()
            }
            _ => "true".to_owned(),
        };
        after(&preparation, run)
    }
}

fn archived(sandbox: &Sandbox, id: &str) -> usize {
    let text = fs::read_to_string(sandbox.path("old.jsonl")).unwrap_or_default();
    text.lines().filter(|line| line.contains(id)).count()
}

/// A with a folder that stays, and two others that go with theirs.
fn three(obstacle: &Obstacle) -> Option<Sandbox> {
    if !obstacle.is_possible() {
        skipped("nobody here can make such an obstacle");
        return None;
    }
    let sandbox = Sandbox::report();
    for id in [A, B, C] {
        // Those of the others lie beside it, where they can go.
        let above = if id == A { "w" } else { "v" };
        fill(&sandbox.path(format!("service/{above}/{id}")));
        working(&sandbox, id, &format!("{above}/{id}"));
    }
    fs::create_dir_all(sandbox.path("victim")).unwrap();
    fs::write(sandbox.path("victim/kept"), "kept").unwrap();
    if is_root() && matches!(obstacle.who, Who::Service | Who::BesideRoot) {
        assert!(shell(&sandbox, "chown -R $SERVICE ."));
    }
    if obstacle.who != Who::Mounting && !shell(&sandbox, obstacle.make) {
        skipped("no file can be marked so here");
        return None;
    }
    Some(sandbox)
}

fn is_whole(sandbox: &Sandbox) -> bool {
    let folder = sandbox.path(format!("service/w/{A}"));
    ["shots/0/frame.png", "shots/1/video.mp4", "log.txt"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

#[test]
fn a_job_whose_folder_cannot_be_removed_is_not_archived_until_it_can() {
    for obstacle in &OBSTACLES {
        let Some(sandbox) = three(obstacle) else {
            continue;
        };
        let row = sandbox.row(A);
        // The first night takes those of the others, unless nothing can be removed at all.
        for night in 0..3 {
            let run = obstacle.run(&sandbox, "--yes");
            if run.status == 126 || run.status == 127 {
                skipped("another user may not run the program here");
                break;
            }
            let run = run
                .fails(1)
                .stderr_has("could not be removed, and the jobs stay: service/w")
                .stderr_has(obstacle.why);
            assert_eq!(archived(&sandbox, A), 0, "{night} {}: {run}", obstacle.make);
            assert_eq!(sandbox.changed(A, &row), [""; 0]);
        }
        let all_stay = obstacle.why.starts_with("read-only");
        for id in [B, C] {
            assert_eq!(archived(&sandbox, id), usize::from(!all_stay));
        }
        assert_eq!(sandbox.count(), if all_stay { 3 } else { 1 });
        assert!(shell(&sandbox, obstacle.remedy));
        assert!(is_whole(&sandbox), "{}", obstacle.make);
        let args = "--files-under service --archive old.jsonl --yes";
        let args = ("cleanup --older-than 30d", args);
        sandbox.jobctl(args).run().ok();
        assert_eq!(sandbox.count(), 0);
        for id in [A, B, C] {
            assert_eq!(archived(&sandbox, id), 1, "{}", obstacle.make);
        }
    }
}

#[test]
fn a_dry_run_tells_the_same_and_counts_no_such_job() {
    for obstacle in &OBSTACLES {
        let Some(sandbox) = three(obstacle) else {
            continue;
        };
        let run = obstacle.run(&sandbox, "--dry-run --max 2");
        if run.status == 126 || run.status == 127 {
            break;
        }
        let count = if obstacle.why.starts_with("read-only") {
            0
        } else {
            2
        };
        let run = run
            .ok()
            .stderr_has(&format!("would remove {count} jobs"))
            .stderr_has("could not be removed, and the jobs would stay: service/")
            .stderr_has(obstacle.why);
        assert!(run.stdout.contains("; stays, as service/w"), "{run}");
        let run = obstacle.run(&sandbox, "--dry-run -o json").ok();
        let told = run.json();
        assert_eq!(told["count"], count, "{run}");
        assert_eq!(told["folders"]["failed"], 3 - count, "{run}");
        let jobs = told["jobs"].as_array().unwrap();
        let of_a = jobs.iter().find(|job| job["job_id"] == A).unwrap();
        assert_eq!(of_a["goes"], false, "{run}");
        assert_eq!(of_a["folder"], "failed", "{run}");
        let run = obstacle.run(&sandbox, "--dry-run -o ids").ok();
        assert!(!run.stdout.contains(A), "{run}");
        obstacle
            .run(&sandbox, "--explain")
            .ok()
            .stderr_has(obstacle.why);
        assert_eq!(sandbox.count(), 3);
        assert!(shell(&sandbox, obstacle.remedy));
        assert!(is_whole(&sandbox));
        assert_eq!(archived(&sandbox, A), 0);
    }
}

#[test]
fn max_does_not_count_a_job_whose_folder_cannot_be_removed() {
    let obstacle = &OBSTACLES[2];
    let Some(sandbox) = three(obstacle) else {
        return;
    };
    let run = obstacle.run(&sandbox, "--yes --max 1");
    if run.status == 126 || run.status == 127 {
        return;
    }
    run.fails(4)
        .stderr_has("2 jobs would be changed, more than --max 1");
    assert_eq!(sandbox.count(), 3);
    let run = obstacle.run(&sandbox, "--yes --max 2 -o json");
    let run = run.fails(1);
    assert_eq!(run.json()["deleted"], 2, "{run}");
    assert_eq!(run.json()["folders"]["failed"], 1, "{run}");
    assert_eq!(run.json()["folders"]["failed_named"][0]["job_id"], A);
    assert_eq!(sandbox.ids(), [A]);
    assert!(shell(&sandbox, obstacle.remedy));
}

#[test]
fn an_empty_folder_that_may_not_be_read_is_no_obstacle() {
    let obstacle = Obstacle {
        make: "mkdir service/w/$A/shut && chmod 000 service/w/$A/shut && chown $SERVICE service/w/$A/shut || true",
        remedy: "true",
        who: Who::Service,
        why: "",
    };
    let Some(sandbox) = three(&obstacle) else {
        return;
    };
    let run = obstacle.run(&sandbox, "--yes");
    if run.status == 126 || run.status == 127 {
        return;
    }
    run.ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(archived(&sandbox, A), 1);
}

#[test]
fn what_the_table_keeps_is_not_archived_any_night() {
    for rule in [
        "BEGIN SELECT RAISE(IGNORE); END",
        "BEGIN SELECT RAISE(ABORT, 'kept'); END",
        "BEGIN SELECT RAISE(ROLLBACK, 'kept'); END",
    ] {
        let obstacle = Obstacle {
            make: "true",
            remedy: "true",
            who: Who::Root,
            why: "",
        };
        let Some(sandbox) = three(&obstacle) else {
            return;
        };
        sandbox.sql(&format!(
            "CREATE TRIGGER keeps BEFORE DELETE ON video_generation_jobs WHEN old.id = '{A}' {rule}"
        ));
        for _ in 0..3 {
            obstacle.run(&sandbox, "--yes").fails(1).stderr_has(A);
            assert_eq!(archived(&sandbox, A), 0);
            assert!(is_whole(&sandbox));
        }
        assert_eq!(sandbox.ids(), [A]);
        for id in [B, C] {
            assert_eq!(archived(&sandbox, id), 1);
        }
        sandbox.sql("DROP TRIGGER keeps");
        obstacle.run(&sandbox, "--yes").ok();
        assert_eq!(archived(&sandbox, A), 1);
    }
}

/// Cleans up with an archive of that name, where nothing waits for long.
fn nightly(sandbox: &Sandbox, db: &str, name: &str) -> Run {
    let args = ["--db", db, "--busy-timeout", "50ms", "cleanup", "--yes"];
    let args = args
        .into_iter()
        .chain(["--older-than", "30d", "--archive", name]);
    sandbox.jobctl(args.collect::<Vec<_>>())
}

fn is_restored_once(sandbox: &Sandbox, name: &str, count: i64) {
    let run = sandbox.jobctl(["--db", "back.db", "migrate", name, "-o", "json"]);
    let run = run.run().ok();
    assert_eq!(run.json()["inserted"], count, "{run}");
    assert_eq!(run.json()["read"], count, "{run}");
    fs::remove_file(sandbox.path("back.db")).unwrap();
}

#[test]
fn a_database_that_is_locked_every_night_does_not_let_the_archive_grow() {
    for name in super::restore::NAMES {
        for mode in ["delete", "wal"] {
            let sandbox = Sandbox::report();
            sandbox.ask(&format!("PRAGMA journal_mode = {mode}"));
            crate::export::fill(&sandbox, 60, 700);
            sandbox.sql(&format!(
                "UPDATE video_generation_jobs SET completed_at = '{}'",
                super::DAYS_100
            ));
            let holder = sandbox.connection();
            holder.execute_batch("BEGIN IMMEDIATE").unwrap();
            let mut sizes = Vec::new();
            for _ in 0..3 {
                nightly(&sandbox, "jobs.db", name).run().fails(75);
                sizes.push(fs::metadata(sandbox.path(name)).unwrap().len());
            }
            assert_eq!(sizes[0], sizes[2], "{name} {mode}");
            holder.execute_batch("ROLLBACK").unwrap();
            // One is another by now, and comes once more.
            sandbox.sql("UPDATE video_generation_jobs SET style = 'new' WHERE rowid = 7");
            let row = sandbox.ask("SELECT id FROM video_generation_jobs WHERE rowid = 7");
            nightly(&sandbox, "jobs.db", name).run().ok();
            assert_eq!(sandbox.count(), 0);
            let run = sandbox.jobctl(["migrate", name, "-o", "json"]).run().ok();
            assert_eq!(run.json()["read"], 61, "{run}");
            assert_eq!(sandbox.count(), 60);
            let style = format!("SELECT style FROM video_generation_jobs WHERE id = '{row}'");
            assert_eq!(sandbox.ask(&style), "new");
        }
    }
}

#[test]
fn a_database_on_a_full_disk_does_not_let_the_archive_grow() {
    let sandbox = Sandbox::report();
    crate::export::fill(&sandbox, 60, 3000);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET completed_at = '{}'",
        super::DAYS_100
    ));
    let before = Obstacle {
        make: "",
        remedy: "",
        who: Who::Mounting,
        why: "",
    };
    if !before.is_possible() {
        return skipped("nothing can be mounted here");
    }
    fs::create_dir(sandbox.path("small")).unwrap();
    let name = "old.jsonl.zst";
    for _ in 0..2 {
        let shell = "exec unshare --mount sh -c 'mount -t tmpfs -o size=2m none small && cp jobs.db small/ || exit 99; cat /dev/zero > small/fill 2>/dev/null; for night in 1 2 3; do \"$0\" \"$@\"; status=$?; wc -c < old.jsonl.zst; done; exit $status' \"$0\" \"$@\"";
        let run = after(shell, nightly(&sandbox, "small/jobs.db", name)).fails(74);
        let sizes: Vec<&str> = run.stdout.split_whitespace().collect();
        assert_eq!(sizes.len(), 3, "{run}");
        assert_eq!(sizes[0], sizes[2], "{run}");
    }
    nightly(&sandbox, "jobs.db", name).run().ok();
    assert_eq!(sandbox.count(), 0);
    is_restored_once(&sandbox, name, 60);
}
