//! `--to`: the file appears whole, packed as it is named, and what must not be replaced is not.

use std::fs::{self, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use rusqlite::Connection;

use super::{cells, files, fill, three};
use crate::machine::Immutable;
use crate::pty::{self, Terminal};
use crate::support::{Sandbox, hash};

fn mode(sandbox: &Sandbox, name: &str) -> u32 {
    let found = fs::metadata(sandbox.path(name)).unwrap();
    found.permissions().mode() & 0o777
}

/// The content of a file, unpacked as its name says.
fn unpacked(sandbox: &Sandbox, name: &str) -> Vec<u8> {
    let packed = fs::read(sandbox.path(name)).unwrap();
    match name.rsplit('.').next().unwrap() {
        "gz" => {
            let mut bytes = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(packed.as_slice());
            decoder.read_to_end(&mut bytes).unwrap();
            bytes
        }
        "zst" => zstd::decode_all(packed.as_slice()).unwrap(),
        _ => packed,
    }
}

#[test]
fn the_content_is_that_of_stdout_and_comes_back() {
    let sandbox = three();
    fill(&sandbox, 700, 2_000);
    for format in ["jsonl", "json", "csv", "tsv"] {
        let direct = sandbox.jobctl(["export", "-o", format]).run().ok().stdout;
        for ending in ["", ".gz", ".zst"] {
            let name = format!("out.{format}{ending}");
            let run = sandbox.jobctl(["export", "-o", format, "--to", &name]);
            let run = run.run().ok().no_stdout();
            let said = format!("exported 703 jobs to {name} (");
            assert!(run.stderr.starts_with(&said), "{run}");
            assert!(run.stderr.ends_with(" MB)\n") || run.stderr.ends_with(" kB)\n"));
            assert_eq!(mode(&sandbox, &name), 0o600);
            assert!(unpacked(&sandbox, &name) == direct.as_bytes(), "{name}");
            let size = fs::metadata(sandbox.path(&name)).unwrap().len() as usize;
            assert_eq!(size < direct.len(), !ending.is_empty(), "{name}");
            if !["csv", "tsv"].contains(&format) {
                let new = format!("{name}.db");
                let import = sandbox.jobctl(["--db", &new, "migrate", &name, "-q"]);
                import.run().ok();
                let there = Connection::open(sandbox.path(&new)).unwrap();
                assert!(cells(&there) == cells(&sandbox.connection()), "{name}");
            }
        }
    }
}

#[test]
fn stdout_is_never_packed_and_quiet_says_nothing() {
    let sandbox = three();
    sandbox
        .jobctl("export")
        .run()
        .ok()
        .stdout_has("{\"$row\": 1, \"id\"");
    let run = sandbox.jobctl("export -q --to out.jsonl");
    run.run().ok().no_stdout().no_stderr();
    assert_eq!(sandbox.read("out.jsonl").lines().count(), 3);
}

#[test]
fn a_dash_is_stdout() {
    let sandbox = three();
    for format in ["jsonl", "json", "csv", "tsv"] {
        let direct = sandbox.jobctl(["export", "-o", format]).run().ok();
        let run = sandbox.jobctl(["export", "-o", format, "--to", "-"]);
        run.run().ok().no_stderr().stdout_is(&direct.stdout);
        assert_eq!(files(&sandbox), [""; 0]);
    }
    let run = sandbox.jobctl("export --to ./-");
    run.run().ok().no_stdout();
    assert_eq!(files(&sandbox), ["-"]);
}

#[test]
fn a_place_that_may_not_be_written_is_74_and_says_what_to_do() {
    let sandbox = three();
    fs::create_dir(sandbox.path("out")).unwrap();
    let Some(_kept) = Immutable::make(sandbox.path("out")) else {
        return;
    };
    let run = sandbox.jobctl("export --to out/jobs.jsonl").run();
    run.fails(74)
        .stderr_has("writing out/jobs.jsonl: ")
        .stderr_has("its folder ")
        .stderr_has("hint: take the mark away first: chattr -i /");
}

#[test]
fn the_name_of_the_file_tells_the_format_where_no_flag_does() {
    let sandbox = three();
    for (name, format) in [
        ("jobs.csv", "csv"),
        ("jobs.tsv", "tsv"),
        ("jobs.json", "json"),
        ("jobs.jsonl", "jsonl"),
        ("jobs.ndjson", "jsonl"),
        ("JOBS.CSV", "csv"),
        ("jobs.csv.gz", "csv"),
        ("jobs.json.zst", "json"),
        ("jobs.ids", "jsonl"),
        ("jobs.table", "jsonl"),
        ("jobs.backup", "jsonl"),
        ("csv", "jsonl"),
    ] {
        let direct = sandbox.jobctl(["export", "-o", format]).run().ok().stdout;
        sandbox.jobctl(["export", "--to", name]).run().ok();
        assert!(unpacked(&sandbox, name) == direct.as_bytes(), "{name}");
    }
    let tsv = sandbox.jobctl("export -o tsv").run().ok().stdout;
    sandbox.jobctl("export -o tsv --to jobs.csv").run().ok();
    assert_eq!(sandbox.read("jobs.csv"), tsv);
}

#[test]
fn one_job_is_one_job() {
    let sandbox = three();
    let run = sandbox.jobctl("export --status failed --to out.jsonl");
    let size = run
        .run()
        .ok()
        .stderr_has("exported 1 job to out.jsonl (")
        .stderr;
    assert!(size.ends_with(" B)\n"), "{size}");
}

#[test]
fn a_file_that_is_there_is_replaced_and_keeps_its_mode() {
    let sandbox = three();
    let path = sandbox.write("out.jsonl", "old");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let other = sandbox.path("other");
    fs::hard_link(&path, &other).unwrap();
    let run = sandbox.jobctl("export --to out.jsonl");
    run.run().ok();
    assert_eq!(sandbox.read("out.jsonl").lines().count(), 3);
    assert_eq!(mode(&sandbox, "out.jsonl"), 0o640);
    assert_eq!(sandbox.read("other"), "old", "it was written in place");
    assert_eq!(files(&sandbox), ["other", "out.jsonl"]);
}

#[test]
fn what_a_link_points_to_is_replaced_and_not_the_link() {
    let sandbox = three();
    fs::create_dir(sandbox.path("archive")).unwrap();
    symlink("archive/real.jsonl", sandbox.path("link")).unwrap();
    for _ in 0..2 {
        let run = sandbox.jobctl("export --to link");
        run.run().ok();
        assert!(sandbox.path("link").is_symlink());
        let real = sandbox.path("archive/real.jsonl");
        assert_eq!(fs::read_to_string(real).unwrap().lines().count(), 3);
    }
}

/// Refused with this status, with this in the message, and nothing changed.
#[track_caller]
fn refused(sandbox: &Sandbox, to: &str, status: i32, part: &str) {
    let (before, there) = (hash(sandbox.db()), files(sandbox));
    let run = sandbox.jobctl(["export", "--to", to]).run().fails(status);
    run.no_stdout().stderr_has(part).stderr_has(to);
    assert_eq!(hash(sandbox.db()), before);
    assert_eq!(files(sandbox), there);
}

#[test]
fn the_database_and_what_belongs_to_it_are_never_replaced() {
    let sandbox = three();
    symlink("jobs.db", sandbox.path("link")).unwrap();
    fs::create_dir(sandbox.path("folder")).unwrap();
    for name in [
        "jobs.db",
        "./jobs.db",
        "folder/../jobs.db",
        "jobs.db-wal",
        "jobs.db-shm",
        "jobs.db-journal",
        "link",
    ] {
        refused(&sandbox, name, 2, "belongs to the database");
    }
    assert!(!sandbox.path("jobs.db-wal").exists());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let sandbox = three();
    refused(&sandbox, "missing/out.jsonl", 66, "its folder is not there");
    symlink("missing/out.jsonl", sandbox.path("link")).unwrap();
    refused(&sandbox, "link", 66, "its folder is not there");
}

#[test]
fn only_a_plain_file_is_replaced() {
    let sandbox = three();
    fs::create_dir(sandbox.path("folder")).unwrap();
    refused(&sandbox, "folder", 2, "is a folder");
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    refused(&sandbox, "pipe", 4, "no plain file");
    refused(&sandbox, "/dev/null", 4, "no plain file");
}

#[test]
fn nothing_is_left_where_there_is_no_database() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("export --to out.jsonl");
    run.run().fails(66).no_stdout();
    assert_eq!(files(&sandbox), [""; 0]);
}

#[test]
fn a_bar_shows_on_a_terminal_and_is_gone_at_the_end() {
    if !pty::is_here() {
        return;
    }
    let sandbox = three();
    fill(&sandbox, 3_000, 2_000);
    let run = || sandbox.jobctl("export --to out.jsonl");
    let screen = Terminal::new(run(), 100).run().ends(0);
    assert!(screen.text.contains("/3,003 jobs "), "{}", screen.text);
    let lines: Vec<&str> = screen.text.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("one line expected: {:?}", screen.text);
    };
    let last = line.rsplit("\u{1b}[2K").next().unwrap();
    let said = "exported 3,003 jobs to out.jsonl (";
    assert!(last.starts_with(said), "{:?}", screen.text);
    let screen = Terminal::new(run().arg("-q"), 100).run().ends(0);
    assert_eq!(screen.text, "");
}

#[test]
fn rows_on_the_screen_have_no_bar_between_them() {
    if !pty::is_here() {
        return;
    }
    let sandbox = three();
    let direct = sandbox.jobctl("export").run().ok().stdout;
    let screen = Terminal::new(sandbox.jobctl("export"), 100).run().ends(0);
    assert_eq!(screen.text, direct);
}
