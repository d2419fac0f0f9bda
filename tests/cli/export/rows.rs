//! What is written: the formats, the filters, and that `migrate` brings every row back as it was.

use rusqlite::Connection;
use serde_json::json;

use super::{cells, fill, three};
use crate::support::{A, B, C, COLUMNS, Sandbox};

/// Rows that hold what the service would never write.
fn odd(wal: bool) -> Sandbox {
    let sandbox = Sandbox::report();
    if wal {
        assert_eq!(sandbox.ask("PRAGMA journal_mode = WAL"), "wal");
    }
    sandbox.job(A, &[]);
    let assignments = [
        "request_data = 'null', context = NULL, result_data = '{\"a\": 1}'",
        "request_data = 'not json', context = '', result_data = '[1, 2]'",
        "request_data = 5, context = 2.5, result_data = 1e400",
        "request_data = x'00ff', context = CAST(x'ff' AS TEXT), result_data = '{\"$blob\": \"AA==\"}'",
        "progress = 1e400, total_shots = -1e400, completed_shots = 9223372036854775807",
        "progress = 5e-324, total_shots = -9223372036854775808, completed_shots = 2.5",
        "progress = -0.0, total_shots = 'many', completed_shots = x''",
        "progress = 0.1 + 0.2, total_shots = 1e308, completed_shots = NULL",
        "progress = 'half', status = NULL, mode = NULL, content = NULL, created_at = NULL, updated_at = NULL",
        "created_at = '2025-12-29T14:14:00.206Z', updated_at = 1767017640, started_at = 1.5, completed_at = 'last week'",
        "created_at = '', updated_at = '2025-12-29 14:14:00+02:00', started_at = x'ff', completed_at = CAST(x'80' AS TEXT)",
        "status = 'on fire', job_type = '', mode = 'opera', style = CAST(x'61c3' AS TEXT)",
        "job_type = x'01', status = CAST(x'ff' AS TEXT), content = CAST(x'ff' AS TEXT), error_message = x''",
        "content = 'a' || char(0) || 'b', error_message = char(27) || '[31m' || char(8238, 8232, 65279)",
        "user_requirement = char(13, 10, 9, 34, 92), project_title = '第三层 ' || char(128512)",
        "episode_id = 'gone', series_id = x'00', working_dir = '', current_stage = 'null'",
    ];
    for (n, assignment) in assignments.iter().enumerate() {
        let id = format!("{n:08x}-1111-4111-8111-111111111111");
        sandbox.job(&id, &[]);
        let sql = format!("UPDATE video_generation_jobs SET {assignment} WHERE id = '{id}'");
        sandbox.sql(&sql);
    }
    for id in [
        "'test-job-1'",
        "''",
        "'7'",
        "x'00ff'",
        "CAST(x'61ff' AS TEXT)",
        "upper(hex(randomblob(40)))",
    ] {
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (id, job_type) VALUES ({id}, 'idea2video')"
        ));
    }
    // More than a page.
    fill(&sandbox, 1_200, 100);
    sandbox
}

/// The cells of another database beside the first.
fn cells_of(sandbox: &Sandbox, name: &str) -> Vec<Vec<String>> {
    cells(&Connection::open(sandbox.path(name)).unwrap())
}

#[test]
fn migrate_brings_every_row_back_as_it_was() {
    for wal in [false, true] {
        let sandbox = odd(wal);
        let before = cells(&sandbox.connection());
        assert_eq!(before.len(), 1_223);
        for format in ["jsonl", "json"] {
            let export = sandbox.jobctl(["export", "-o", format]);
            let export = export.run().ok().no_stderr();
            let new = format!("{format}.db");
            let import = sandbox.jobctl(["--db", &new, "migrate", "-", "-q"]);
            import.stdin(&export.stdout).run().ok();
            let after = cells_of(&sandbox, &new);
            for (before, after) in before.iter().zip(&after) {
                assert_eq!(before, after, "wal {wal}, {format}");
            }
            assert_eq!(before.len(), after.len());
        }
        assert!(before == cells(&sandbox.connection()), "it was changed");
    }
}

#[test]
fn jsonl_is_the_default_and_has_the_columns_as_stored() {
    let sandbox = three();
    sandbox.sql("UPDATE video_generation_jobs SET request_data = '{\"a\":  1}', progress = 1");
    let run = sandbox.jobctl("export").run().ok().no_stderr();
    let rows = run.jsonl();
    assert_eq!(rows.len(), 3);
    for (row, id) in rows.iter().zip([A, B, C]) {
        let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(keys[0], "$row");
        assert_eq!(row["$row"], 1);
        assert_eq!(keys[1..], COLUMNS);
        assert_eq!(row["id"], id);
        assert_eq!(row["request_data"], "{\"a\":  1}");
        assert_eq!(row["created_at"], "2026-01-10 00:00:00.000000");
        assert_eq!(row["completed_at"], json!(null));
    }
    assert!(run.stdout.contains("\"progress\": 1.0, "), "{run}");
    let asked = sandbox.jobctl("export -o jsonl").run().ok();
    asked.stdout_is(&run.stdout);
}

#[test]
fn json_is_one_document_of_the_same_rows() {
    let sandbox = three();
    let lines = sandbox.jobctl("export").run().ok();
    let run = sandbox.jobctl("export -o json").run().ok().no_stderr();
    assert_eq!(run.json(), json!(lines.jsonl()));
    let rows: Vec<&str> = lines.stdout.lines().collect();
    assert_eq!(run.stdout, format!("[\n{}\n]\n", rows.join(",\n")));
}

#[test]
fn csv_has_a_header_and_the_values_as_text() {
    let sandbox = three();
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET content = 'one, \"two\"' || char(10) || 'three', error_message = x'00ff',
         progress = -1.5 WHERE id = '{B}'"
    ));
    let run = sandbox.jobctl("export -o csv --status queued");
    let run = run.run().ok().no_stderr();
    let (header, rest) = run.stdout.split_once('\n').unwrap();
    assert_eq!(header, COLUMNS.join(","));
    let row = format!(
        "{B},idea2video,idea,queued,\"one, \"\"two\"\"\nthree\",,,'=1+1,,,-1.5,,,,x'00ff',0,0,,,\
         2026-01-10 00:00:00.000000,2026-01-10 00:00:00.000000,,\n"
    );
    assert!(rest.starts_with(&row), "{row}{run}");
}

#[test]
fn nothing_to_export_is_an_empty_document() {
    let sandbox = Sandbox::service();
    let header = format!("{}\n", COLUMNS.join(","));
    for (format, expected) in [("jsonl", ""), ("json", "[]\n"), ("csv", header.as_str())] {
        let run = sandbox.jobctl(["export", "-o", format]).run().ok();
        run.no_stderr().stdout_is(expected);
    }
}

#[test]
fn filters_are_those_of_list() {
    for wal in [false, true] {
        let sandbox = three();
        if wal {
            sandbox.ask("PRAGMA journal_mode = WAL");
        }
        for (filter, expected) in [
            ("--status failed", &[A][..]),
            ("--not-status failed", &[B, C]),
            ("--type script2video", &[C]),
            ("--search 1+1", &[B]),
            ("--status queued --type idea2video", &[B]),
            ("--since 2026-01-11", &[]),
            ("--until 2026-01-11", &[A, B, C]),
        ] {
            let run = sandbox.jobctl(("export", filter)).run().ok();
            let ids: Vec<_> = run.jsonl().iter().map(|row| row["id"].clone()).collect();
            assert_eq!(ids, expected, "{filter:?}");
        }
        sandbox
            .jobctl("export --status faild")
            .run()
            .fails(2)
            .no_stdout();
    }
}

#[test]
fn a_row_without_an_id_is_exported_all_the_same() {
    let sandbox = Sandbox::report();
    sandbox.sql("INSERT INTO video_generation_jobs (job_type, status) VALUES ('a', 'failed'), ('b', 'failed')");
    for args in ["export", "export --status failed"] {
        let run = sandbox.jobctl(args).run().ok();
        let rows = run.jsonl();
        assert_eq!(rows.len(), 2, "{run}");
        assert_eq!(rows[0]["id"], json!(null));
    }
}

#[test]
fn a_table_is_no_format_of_an_export() {
    let sandbox = three();
    for format in ["table", "wide", "ids"] {
        let run = sandbox.jobctl(["export", "-o", format]).run().fails(2);
        run.no_stdout()
            .stderr_has(&format!("'{format}'"))
            .stderr_has("hint: ")
            .stderr_has("jsonl");
    }
}

#[test]
fn errors_are_json_where_json_was_asked_for() {
    let sandbox = Sandbox::new();
    let run = sandbox.jobctl("export").run().fails(66).no_stdout();
    run.stderr_has("jobctl: error: ");
    for format in ["json", "jsonl"] {
        let run = sandbox.jobctl(["export", "-o", format]).run().fails(66);
        assert_eq!(run.json_error()["code"], "no_input");
    }
}

#[test]
fn csv_on_a_screen_is_harmless() {
    if !crate::pty::is_here() {
        return;
    }
    let sandbox = three();
    sandbox.sql("UPDATE video_generation_jobs SET content = char(27) || '[2Jgone'");
    let run = sandbox.jobctl("export -o csv");
    let screen = crate::pty::Terminal::new(run, 80).run().ends(0);
    assert!(!screen.text.contains('\u{1b}'), "{}", screen.text);
    assert!(screen.text.contains("\\x1b[2Jgone"), "{}", screen.text);
}

#[test]
fn rows_without_an_id_are_written_and_said_not_to_come_back() {
    let sandbox = Sandbox::report();
    for id in [A, B, C] {
        sandbox.job(id, &[]);
    }
    for _ in 0..2 {
        sandbox.sql(
            "INSERT INTO video_generation_jobs (job_type, status) VALUES ('idea2video', 'failed')",
        );
    }
    for format in ["jsonl", "json"] {
        let run = sandbox.jobctl(["export", "-o", format]).run().ok();
        let run = run
            .stderr_is("jobctl: warning: 2 jobs without an id, which jobctl migrate will reject\n");
        assert_eq!(
            run.stdout.matches("{\"$row\": 1, \"id\": null, ").count(),
            2,
            "{run}"
        );
        let quiet = sandbox.jobctl(["export", "-o", format, "-q"]).run().ok();
        quiet.no_stderr().stdout_is(&run.stdout);
        let import = sandbox.jobctl("--db new.db migrate -");
        let import = import.stdin(&run.stdout).run().fails(65);
        import.stderr_has("rejected 2").stderr_has("no id");
        let ids = sandbox.jobctl("--db new.db list --all -o ids");
        assert_eq!(ids.run().ok().lines().len(), 3);
        std::fs::remove_file(sandbox.path("new.db")).unwrap();
    }
}

/// The memory of rows that were written is used for others, of other lengths and types.
#[test]
fn a_row_holds_nothing_of_those_before() {
    let sandbox = Sandbox::report();
    sandbox.sql(
        "ALTER TABLE video_generation_jobs ADD COLUMN mood;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO video_generation_jobs (id, job_type, content, style, error_message, mood)
         SELECT printf('job-%04d', i), 'idea2video', printf('%.*c', i * 7 % 4000, 'c'),
             CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN i + 0.5 ELSE 'style ' || i END,
             CASE i % 3 WHEN 0 THEN printf('%.*c', i % 900, 'e') END,
             CASE i % 4 WHEN 0 THEN 'mood ' || i WHEN 1 THEN i END
         FROM n",
    );
    let exported = sandbox.jobctl("export -o tsv").run().ok();
    let lines = exported.lines();
    let headings: Vec<&str> = lines[0].split('\t').collect();
    let at = |name| headings.iter().position(|it| *it == name).unwrap();
    let columns = ["id", "content", "style", "error_message", "mood"];
    let found = lines[1..].iter().map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        columns.map(|name| cells[at(name)].to_owned())
    });
    let asked = sandbox.ask(
        "SELECT group_concat(id || char(9) || content || char(9) || ifnull(style, '\\N') || char(9) || ifnull(error_message, '\\N')
             || char(9) || ifnull(mood, '\\N'), char(10)) FROM (SELECT * FROM video_generation_jobs ORDER BY rowid)",
    );
    let expected = asked
        .lines()
        .map(|line| line.split('\t').map(str::to_owned));
    assert!(
        found
            .map(Vec::from)
            .eq(expected.map(Iterator::collect::<Vec<_>>))
    );
}
