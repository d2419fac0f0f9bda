//! TSV for COPY of PostgreSQL, `cut` and `awk`: a line for each record, every value read back as it was.

use std::process::{Command, Stdio};

use crate::machine::skipped;
use crate::support::{A, B, COLUMNS, Run, Sandbox};

/// Texts that a line of values separated by tabs could be broken by, or taken for another value.
const TEXTS: [&str; 17] = [
    "plain",
    "",
    "\\N",
    "\\.",
    "\\",
    "a\\tb",
    "a\tb",
    "two\nlines",
    "\r\n",
    "\u{8}\u{b}\u{c}",
    "\u{1b}[31mred",
    "=SUM(1)",
    "'=1",
    "say \"hi\", you",
    "第一次看见\u{2028}大海",
    " blanks ",
    "\0nul\u{0}007",
];

/// A job for each text, which is its title; another has none.
fn jobs() -> Sandbox {
    let sandbox = Sandbox::report();
    let id = |index: usize| format!("{index:08x}-0000-4000-8000-000000000000");
    for (index, text) in TEXTS.iter().enumerate() {
        sandbox.job(&id(index), &[("project_title", text)]);
    }
    sandbox.job(&id(TEXTS.len()), &[("project_title", &None::<String>)]);
    sandbox
}

/// A value as COPY reads it in its text format. None is NULL.
fn copied(value: &str) -> Option<String> {
    if value == "\\N" {
        return None;
    }
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next().expect("a backslash stands before something") {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                '0' => {
                    assert_eq!(
                        (chars.next(), chars.next()),
                        (Some('0'), Some('0')),
                        "{value:?}"
                    );
                    '\0'
                }
                '1'..='7' | 'x' => panic!("a code in {value:?}"),
                other => other,
            },
            '\n' | '\r' | '\t' | '\0' => panic!("{c:?} in {value:?}"),
            c => c,
        });
    }
    Some(text)
}

/// All lines of a text, value by value.
fn lines(text: &str) -> Vec<Vec<Option<String>>> {
    let text = text.strip_suffix('\n').expect("the last line ends too");
    text.split('\n')
        .map(|line| line.split('\t').map(copied).collect())
        .collect()
}

#[test]
fn copy_reads_every_value_back_as_it_was() {
    let sandbox = jobs();
    sandbox.sql("ALTER TABLE video_generation_jobs ADD COLUMN owner");
    sandbox.sql("UPDATE video_generation_jobs SET owner = 'a\tb' WHERE id LIKE '00000001%'");
    let run = sandbox.jobctl("export -o tsv").run().ok();
    let mut lines = lines(&run.stdout);
    let headings: Vec<String> = lines.remove(0).into_iter().flatten().collect();
    let names: Vec<&str> = COLUMNS.iter().copied().chain(["owner"]).collect();
    assert_eq!(headings, names);
    assert_eq!(lines.len(), TEXTS.len() + 1);
    lines.sort();
    let connection = sandbox.connection();
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!("CAST({name} AS TEXT)"))
        .collect();
    let sql = format!(
        "SELECT {} FROM video_generation_jobs ORDER BY id",
        columns.join(", ")
    );
    let mut statement = connection.prepare(&sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    for line in &lines {
        let row = rows.next().unwrap().unwrap();
        for (index, name) in names.iter().enumerate() {
            let stored: Option<String> = row.get(index).unwrap();
            let is_same = match (&line[index], &stored) {
                (Some(told), Some(stored)) if *name == "progress" => {
                    told.parse::<f64>() == stored.parse::<f64>()
                }
                (told, stored) => told == stored,
            };
            assert!(is_same, "{name}: {:?} of {stored:?}", line[index]);
        }
    }
    for (text, line) in TEXTS.iter().zip(&lines) {
        assert_eq!(line[7].as_deref(), Some(*text));
    }
    assert_eq!(lines[TEXTS.len()][7], None);
}

#[test]
fn the_escapes_are_those_of_copy() {
    let sandbox = jobs();
    let args = "list --all --sort id -o tsv --fields title --no-header";
    sandbox.jobctl(args).run().ok().stdout_is(concat!(
        "plain\n\n\\\\N\n\\\\.\n\\\\\na\\\\tb\na\\tb\ntwo\\nlines\n\\r\\n\n\\b\\v\\f\n",
        "\u{1b}[31mred\n=SUM(1)\n'=1\nsay \"hi\", you\n第一次看见\u{2028}大海\n blanks \n\\000nul\\000007\n\\N\n"
    ));
}

#[test]
fn every_command_that_has_csv_has_it() {
    let fill = || {
        let sandbox = Sandbox::report();
        for (id, title) in [(A, "a\tb"), (B, "two\nlines")] {
            sandbox.job(id, &[("project_title", &title), ("status", &"failed")]);
        }
        sandbox
    };
    let create = "create --type idea2video --content 'A cat crosses' --id $C";
    for args in [
        "list",
        "list --all --no-header",
        "list --status queued",
        "list --status queued --no-header",
        "list --fields id,created,progress",
        "show $A $B",
        "export",
        "export --status queued",
        "stats",
        "stats --by type",
        "wait $A",
        "update $A --total-shots 2",
        "update $A --title x --dry-run",
        "delete --status failed --dry-run",
        "cleanup --older-than 1d --dry-run",
        "cleanup --older-than 1d --yes",
        "delete $A $B",
        create,
        "create --json []",
    ] {
        let run = |format| {
            let sandbox = fill();
            let run = sandbox.jobctl((args, &["-o", format]));
            run.env("JOBCTL_TEST_NOW", "2026-01-15 12:00:00").run()
        };
        let (tsv, csv) = (run("tsv"), run("csv"));
        assert_eq!(
            (tsv.status, &tsv.stderr),
            (csv.status, &csv.stderr),
            "{args:?}"
        );
        let read = csv_lines(&csv.stdout);
        let same: Vec<Vec<String>> = tsv
            .stdout
            .lines()
            .map(|line| {
                line.split('\t')
                    .map(|it| copied(it).unwrap_or_default())
                    .collect()
            })
            .collect();
        assert_eq!(same, read, "{args:?}");
    }
}

/// What CSV holds, which has no guarded text in it.
fn csv_lines(text: &str) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    let (mut line, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => line.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            c => cell.push(c),
        }
    }
    lines
}

/// What a line of shell prints when it is given what a run prints.
fn piped(run: Run, line: &str) -> String {
    let mut child = Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let printed = run.run().ok().stdout;
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, printed.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn cut_and_awk_take_a_line_for_a_job() {
    let sandbox = jobs();
    let list = "list --all --sort id -o tsv --no-header";
    let fields = "--fields title,status,id";
    let run = || sandbox.jobctl((list, &fields));
    let ids: String = sandbox.ids().iter().map(|id| format!("{id}\n")).collect();
    assert_eq!(piped(run(), "cut -f 3"), ids);
    let states = "queued\n".repeat(TEXTS.len() + 1);
    assert_eq!(piped(run(), "cut -f 2"), states);
    assert_eq!(piped(run(), "awk -F '\\t' '{ print $3 }'"), ids);
    let without = piped(run(), "awk -F '\\t' '$1 == \"\\\\N\" { print $3 }'");
    assert_eq!(without, format!("{}\n", sandbox.ids()[TEXTS.len()]));
    // The headings are a line too, and only the first.
    let heading = piped(sandbox.jobctl("export -o tsv"), "cut -f 1 | head -n 1");
    assert_eq!(heading, "id\n");
}

#[test]
fn an_import_of_sqlite3_has_a_row_for_each_line() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        skipped("sqlite3 is not here");
        return;
    }
    let sandbox = jobs();
    sandbox.jobctl("export -o tsv --to jobs.tsv").run().ok();
    let script = ".mode ascii\n.separator \"\\t\" \"\\n\"\n.import jobs.tsv taken\n";
    sandbox.write("import.sql", script);
    let line = format!(
        "cd '{}' && sqlite3 taken.db <import.sql && sqlite3 taken.db \
         \"SELECT group_concat(id || ' ' || job_type, ',') FROM (SELECT * FROM taken ORDER BY id)\"",
        sandbox.path("").display()
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let ids: Vec<String> = sandbox
        .ids()
        .iter()
        .map(|id| format!("{id} idea2video"))
        .collect();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        ids.join(","),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn statistics_without_a_value_are_null() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("style", &None::<String>)]);
    let stats = "stats -o tsv --by style";
    let expected =
        "key\tcount\tcompleted\tfailed\tsuccess_rate\trun_seconds_p50\n\\N\t1\t0\t0\t\\N\t\\N\n";
    sandbox.jobctl(stats).run().ok().stdout_is(expected);
    sandbox.jobctl(stats).arg("--to").arg("s.tsv.gz").run().ok();
    let unpacked = Command::new("gzip")
        .args(["-dc"])
        .arg(sandbox.path("s.tsv.gz"))
        .output();
    assert_eq!(
        String::from_utf8(unpacked.unwrap().stdout).unwrap(),
        expected
    );
}

#[test]
fn on_a_screen_it_is_harmless_and_keeps_its_tabs() {
    if !crate::pty::is_here() {
        return;
    }
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("project_title", &"\u{1b}[2Jgone\ta")]);
    for args in ["export", "list --fields title,id"] {
        let run = sandbox.jobctl((args, "-o tsv"));
        let screen = crate::pty::Terminal::new(run, 200).run().ends(0);
        assert!(!screen.text.contains('\u{1b}'), "{}", screen.text);
        assert!(
            screen.text.contains("\\x1b[2Jgone\\ta\t"),
            "{}",
            screen.text
        );
    }
}

#[test]
fn excel_is_for_csv_alone() {
    let sandbox = jobs();
    for command in ["list", "export", "stats"] {
        let run = sandbox.jobctl([command, "-o", "tsv", "--excel"]);
        run.run().fails(2).no_stdout().stderr_has("add -o csv");
    }
}

/// It is no dump, and the line that is named brings the jobs back all the same.
#[test]
fn an_import_says_what_it_is() {
    let sandbox = jobs();
    for command in ["export", "list --all"] {
        let tsv = sandbox.jobctl((command, "-o tsv")).run().ok();
        let other = Sandbox::report();
        other.write("dump.tsv", &tsv.stdout);
        let run = other.jobctl("migrate dump.tsv -q -o json").run().fails(65);
        let error = run.json_error();
        assert_eq!(
            error["message"],
            "dump.tsv: it is TSV, as jobctl writes it for other programs; export -o jsonl gives rows that come back as they were"
        );
        let hint = error["hint"].as_str().unwrap();
        if Command::new("python3").arg("--version").output().is_err() {
            skipped("python3 is not here");
            continue;
        }
        let line = hint.replace("jobctl", env!("CARGO_BIN_EXE_jobctl"));
        let path = other.path("");
        let shell = Command::new("sh")
            .current_dir(&path)
            .env("JOBCTL_DB", other.db())
            .args(["-c", &line])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&shell.stderr);
        assert_eq!(other.ids(), sandbox.ids(), "{line}\n{said}");
        for id in sandbox.ids() {
            let title = |it: &Sandbox| it.cell(&id, "project_title");
            assert_eq!(title(&other), title(&sandbox), "{line}");
        }
    }
}
