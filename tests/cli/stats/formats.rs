//! What scripts and Prometheus read, and the file that `--to` writes.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::{set, six};
use crate::support::{A, B, C, Sandbox, hash};

/// Each series of a text in the format of Prometheus, with its value. Whatever breaks its rules is a panic.
fn series(text: &str) -> BTreeMap<String, f64> {
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let mut helped = Vec::new();
    let mut series = BTreeMap::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(
                !help.is_empty() && !helped.contains(&name.to_owned()),
                "{line}"
            );
            helped.push(name.to_owned());
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["gauge", "summary"].contains(&kind), "{line}");
            assert_eq!(helped.last().map(String::as_str), Some(name));
            assert!(
                types.insert(name.to_owned(), kind.to_owned()).is_none(),
                "{line}"
            );
            continue;
        }
        let (key, value) = line
            .rsplit_once(' ')
            .unwrap_or_else(|| panic!("no value: {line:?}"));
        let name = key.split('{').next().unwrap();
        assert!(
            name.starts_with("jobctl_") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{line:?}"
        );
        let family = if types.contains_key(name) {
            name
        } else {
            name.trim_end_matches("_sum").trim_end_matches("_count")
        };
        assert_eq!(
            helped.last().map(String::as_str),
            Some(family),
            "not in its family: {line:?}"
        );
        if let Some(labels) = key.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            check_label(labels);
        }
        let value: f64 = value
            .parse()
            .unwrap_or_else(|_| panic!("no number: {line:?}"));
        assert!(
            series.insert(key.to_owned(), value).is_none(),
            "twice: {line:?}"
        );
    }
    assert_eq!(types.len(), helped.len());
    series
}

/// `{name="value"}` with nothing unescaped in the value.
fn check_label(text: &str) {
    let (name, value) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix("\"}"))
        .unwrap()
        .split_once("=\"")
        .unwrap();
    assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{text}");
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        assert!(c != '"' && c != '\n', "{text:?}");
        if c == '\\' {
            assert!(matches!(chars.next(), Some('\\' | '"' | 'n')), "{text:?}");
        }
    }
}

#[test]
fn prometheus_can_read_it() {
    let sandbox = six();
    let text = sandbox
        .jobctl("stats -o prometheus")
        .run()
        .ok()
        .no_stderr()
        .stdout;
    let series = series(&text);
    for (key, value) in [
        ("jobctl_jobs{status=\"queued\"}", 2.0),
        ("jobctl_jobs{status=\"completed\"}", 2.0),
        ("jobctl_jobs{status=\"cancelled\"}", 0.0),
        ("jobctl_jobs_by_type{type=\"script2video\"}", 1.0),
        ("jobctl_success_ratio", 2.0 / 3.0),
        ("jobctl_queue_wait_seconds{quantile=\"0.9\"}", 1800.0),
        ("jobctl_queue_wait_seconds_sum", 1900.0),
        ("jobctl_queue_wait_seconds_count", 4.0),
        ("jobctl_run_duration_seconds{quantile=\"0.5\"}", 600.0),
        ("jobctl_run_duration_seconds_sum", 2040.0),
        ("jobctl_run_duration_seconds_count", 3.0),
        ("jobctl_oldest_queued_age_seconds", 93_600.0),
        ("jobctl_stuck_jobs", 1.0),
        ("jobctl_stuck_after_seconds", 7200.0),
        ("jobctl_foreign_jobs{kind=\"clock_went_back\"}", 0.0),
        ("jobctl_database_free_bytes", 0.0),
        ("jobctl_stats_timestamp_seconds", 1_768_478_400.0),
    ] {
        assert_eq!(series.get(key), Some(&value), "{key}\n{text}");
    }
    assert!(series["jobctl_database_size_bytes"] > 0.0);
}

#[test]
fn prometheus_can_read_hostile_and_empty_tables_too() {
    let sandbox = six();
    set(
        &sandbox,
        A,
        "job_type",
        &"a \"b\" \\ c\nd\u{1b}[31m\u{202e}",
    );
    set(&sandbox, B, "status", &Option::<&str>::None);
    set(&sandbox, C, "status", &"null");
    let text = sandbox.jobctl("stats -o prometheus").run().ok().stdout;
    let read = series(&text);
    assert_eq!(read["jobctl_jobs{status=\"null\"}"], 2.0);
    assert!(text.contains("type=\"a \\\"b\\\" \\\\ c\\nd"), "{text}");
    let json = super::stats(&sandbox, "");
    assert_eq!(json["by_status"]["null"], 2);

    let text = Sandbox::report()
        .jobctl("stats -o prometheus")
        .run()
        .ok()
        .stdout;
    let read = series(&text);
    assert!(
        read["jobctl_success_ratio"].is_nan()
            && read["jobctl_run_duration_seconds{quantile=\"0.99\"}"].is_nan()
    );
    assert_eq!(read["jobctl_run_duration_seconds_count"], 0.0);
    assert_eq!(read["jobctl_oldest_queued_age_seconds"], 0.0);
}

#[test]
fn only_stats_is_told_in_that_format() {
    let sandbox = six();
    for args in [
        "list -o prometheus",
        "-o prometheus show $A",
        "delete $A -o prometheus",
    ] {
        sandbox
            .jobctl(args)
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("jobctl stats -o prometheus");
    }
    assert_eq!(sandbox.count(), 6);
    sandbox
        .jobctl("-o prometheus stats")
        .run()
        .ok()
        .stdout_has("# TYPE jobctl_jobs gauge");
    sandbox
        .jobctl("stats --help")
        .run()
        .ok()
        .stdout_has("or prometheus");
    sandbox
        .jobctl("list --help")
        .run()
        .ok()
        .stdout_lacks("prometheus");
}

#[test]
fn statistics_have_no_ids() {
    for args in ["stats -o ids", "-o ids stats"] {
        six()
            .jobctl(args)
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("ids");
    }
}

#[test]
fn json_lines_are_the_same_on_one_line() {
    let sandbox = six();
    let line = sandbox.jobctl("stats -o jsonl --by day").run().ok();
    let lines = line.jsonl();
    assert_eq!(lines, [super::stats(&sandbox, "--by day")]);
}

#[test]
fn csv_is_the_groups() {
    let sandbox = six();
    sandbox.jobctl("stats -o csv").run().ok().stdout_is(
        "key,count,completed,failed,success_rate,run_seconds_p50\nqueued,2,0,0,,\nprocessing,1,0,0,,\n\
         completed,2,2,0,1,600\nfailed,1,0,1,0,240\ncancelled,0,0,0,,\n",
    );
    set(&sandbox, A, "style", &"=HYPERLINK(\"x\"), \"y\"");
    sandbox
        .jobctl("stats -o csv --by style")
        .run()
        .ok()
        .stdout_has("\"'=HYPERLINK(\"\"x\"\"), \"\"y\"\"\",1,0,0,,\n");
}

#[test]
fn a_file_appears_whole_and_for_everybody() {
    let sandbox = six();
    let run = sandbox.jobctl("stats -o prometheus").run().ok();
    sandbox.write("out/jobctl.prom", "old\n");
    let folder = sandbox.path("out");
    let inode = |name: &str| {
        std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(sandbox.path(name)).unwrap())
    };
    let before = inode("out/jobctl.prom");
    let args = "stats -o prometheus --to out/jobctl.prom";
    sandbox.jobctl(args).run().ok().no_stdout().no_stderr();
    assert_eq!(sandbox.read("out/jobctl.prom"), run.stdout);
    assert_ne!(inode("out/jobctl.prom"), before, "it was written in place");
    let mode = std::fs::metadata(sandbox.path("out/jobctl.prom"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    for (format, begins) in [
        ("json", "{\n"),
        ("jsonl", "{\"total\""),
        ("csv", "key,"),
        ("table", "6 jobs"),
    ] {
        let args = format!("stats -o {format} --to out/other --color always");
        sandbox.jobctl(args).run().ok().no_stdout();
        let text = sandbox.read("out/other");
        assert!(
            text.starts_with(begins) && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[test]
fn the_name_of_the_file_tells_the_format_where_none_is_named() {
    let sandbox = six();
    for (name, format) in [
        ("x.json", "json"),
        ("x.CSV", "csv"),
        ("x.tsv", "tsv"),
        ("x.prom", "prometheus"),
        ("x.jsonl", "jsonl"),
        ("x.ndjson", "jsonl"),
        ("x.txt", "table"),
        ("x.ids", "table"),
        ("json", "table"),
    ] {
        sandbox
            .jobctl(["stats", "--to", name])
            .run()
            .ok()
            .no_stdout();
        let named = sandbox.jobctl(["stats", "-o", format]).run().ok();
        assert_eq!(sandbox.read(name), named.stdout, "{name}");
        let run = sandbox.jobctl(["stats", "-o", "json", "--to", name]);
        run.run().ok();
        assert!(sandbox.read(name).starts_with('{'), "{name}");
    }
    sandbox.jobctl("stats --to x.csv --excel").run().ok();
    sandbox
        .jobctl("stats --to x.json --excel")
        .run()
        .fails(2)
        .stderr_has("'--excel' is for CSV alone");
    let packed = sandbox.jobctl("stats --to x.json.gz").run();
    packed.ok();
    let start = std::fs::read(sandbox.path("x.json.gz")).unwrap();
    assert!(start.starts_with(&[0x1f, 0x8b]));
}

#[test]
fn a_file_that_cannot_be_written_stays_as_it_was() {
    let sandbox = six();
    let database = hash(sandbox.db());
    for (to, status) in [
        ("nowhere/jobctl.prom", 66),
        ("home", 2),
        ("jobs.db", 2),
        ("./home/../jobs.db", 2),
        ("jobs.db-wal", 2),
    ] {
        sandbox
            .jobctl(["stats", "--to", to])
            .run()
            .fails(status)
            .no_stdout();
    }
    std::os::unix::fs::symlink("jobs.db", sandbox.path("link")).unwrap();
    sandbox.jobctl("stats --to link").run().fails(2);
    assert_eq!(hash(sandbox.db()), database);
    sandbox.write("old.prom", "old\n");
    // A file may not grow beyond nothing: the shell's limit stands for a full disk.
    let run = sandbox.jobctl("stats -o prometheus --to old.prom");
    let command = run.command();
    let line = format!(
        "ulimit -f 0; {} stats -o prometheus --to old.prom",
        command.get_program().to_str().unwrap()
    );
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &line])
        .current_dir(sandbox.path(""))
        .env("JOBCTL_DB", "jobs.db");
    assert_eq!(shell.output().unwrap().status.code(), Some(74));
    assert_eq!(sandbox.read("old.prom"), "old\n");
    let left = std::fs::read_dir(sandbox.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(
        !left
            .into_iter()
            .any(|name| name.to_str().unwrap().ends_with(".new"))
    );
}

#[test]
fn a_link_is_followed_and_a_pipe_is_refused() {
    let sandbox = six();
    sandbox.write("real.prom", "old\n");
    std::os::unix::fs::symlink("real.prom", sandbox.path("link.prom")).unwrap();
    sandbox
        .jobctl("stats -o prometheus --to link.prom")
        .run()
        .ok();
    assert!(
        sandbox.path("link.prom").is_symlink() && sandbox.read("real.prom").starts_with("# HELP")
    );
    // As /dev/stdout is one, but in a folder of the test's own.
    let end = sandbox.path("stdout");
    std::os::unix::fs::symlink("/proc/self/fd/1", &end).unwrap();
    sandbox
        .jobctl("stats -o csv --to stdout")
        .run()
        .fails(4)
        .stderr_has("redirect to it");
    assert_eq!(
        std::fs::read_link(&end).unwrap(),
        std::path::Path::new("/proc/self/fd/1")
    );
}

#[test]
fn a_dash_is_stdout() {
    let sandbox = six();
    for format in ["table", "json", "jsonl", "csv", "tsv", "prometheus"] {
        let direct = sandbox.jobctl(["stats", "-o", format]).run().ok();
        let run = sandbox.jobctl(["stats", "-o", format, "--to", "-"]);
        run.run().ok().no_stderr().stdout_is(&direct.stdout);
        assert!(!sandbox.path("-").exists());
    }
}
