//! Ids that the service did not make, bare on a line of their own: what the next program would take for other jobs is
//! left out, and told; with `--null` on both sides every id gets through.

use crate::support::{A, B, C, NOW_STORED, Sandbox};

/// Ids that a line does not keep apart, and what is said of each.
const UNSAFE: [(&str, &str); 10] = [
    (
        "a1111111-1111-4111-8111-111111111111\nb2222222",
        "a line break",
    ),
    ("carriage\rreturn", "a line break"),
    ("tab\there", "a control character"),
    ("\u{1b}[2Jgone", "a control character"),
    ("next\u{85}line", "a control character"),
    ("separator\u{2028}line", "a line break"),
    (" blank-before", "a blank at an end"),
    ("blank-behind\u{a0}", "a blank at an end"),
    ("--force", "it begins with -"),
    ("-", "it begins with -"),
];

/// Ids that are odd and mean themselves.
const SAFE: [&str; 4] = ["a job", "job'1\"", "第三", "x"];

fn odd() -> Sandbox {
    let sandbox = Sandbox::report();
    for (id, _) in UNSAFE {
        sandbox.job(id, &[]);
    }
    for id in SAFE {
        sandbox.job(id, &[]);
    }
    sandbox
}

fn sorted(text: &str, end: char) -> Vec<&str> {
    let mut ids: Vec<&str> = text.split_terminator(end).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn an_id_with_a_line_break_does_not_delete_another_job() {
    let sandbox = Sandbox::report();
    sandbox.job(&format!("odd\n{A}"), &[("status", &"failed")]);
    sandbox.job(A, &[]);
    sandbox.job(B, &[("status", &"failed")]);
    let args = "list --status failed --all -o ids";
    let listed = sandbox.jobctl(args).run().fails(1);
    assert_eq!(listed.lines(), [B]);
    let listed = listed
        .stderr_has("an id was not printed")
        .stderr_has(&format!("\"odd\\n{A}\" (a line break)"))
        .stderr_has("--null");
    sandbox
        .jobctl("delete - --yes")
        .stdin(&listed.stdout)
        .run()
        .ok();
    assert_eq!(sandbox.ids(), [A.to_owned(), format!("odd\n{A}")]);
}

#[test]
fn every_id_that_a_line_changes_is_left_out_and_named() {
    let sandbox = odd();
    for args in [
        "list --all -o ids",
        "list -o ids",
        "delete --status queued --dry-run -o ids",
    ] {
        let run = sandbox.jobctl(args).run().fails(1);
        assert_eq!(sorted(&run.stdout, '\n'), {
            let mut safe = SAFE;
            safe.sort_unstable();
            safe
        });
        let run = run.stderr_has("10 ids were not printed");
        for (id, why) in UNSAFE {
            if !id.contains(|c: char| c.is_control() || c == '\u{2028}') {
                assert!(run.stderr.contains(&format!("\"{id}\" ({why})")), "{run}");
            }
        }
        assert_eq!(run.stderr.matches("a line break").count(), 3);
        assert!(!run.stderr.contains('\u{1b}'));
    }
}

#[test]
fn more_than_ten_are_counted() {
    let sandbox = Sandbox::report();
    for number in 0..12 {
        sandbox.job(&format!("-{number}"), &[]);
    }
    let run = sandbox.jobctl("list -o ids").run().fails(1);
    run.no_stdout()
        .stderr_has("12 ids were not printed")
        .stderr_has(" and 2 more");
}

#[test]
fn with_null_all_of_them_go_from_one_command_to_the_next() {
    for null in ["-0", "--null"] {
        let sandbox = odd();
        let listed = sandbox
            .jobctl(["list", "--all", "-o", "ids", null])
            .run()
            .ok()
            .no_stderr();
        let mut all: Vec<&str> = UNSAFE.iter().map(|(id, _)| *id).chain(SAFE).collect();
        all.sort_unstable();
        assert_eq!(sorted(&listed.stdout, '\0'), all);
        let shown = sandbox
            .jobctl(["show", "-", null, "-o", "ids"])
            .stdin(&listed.stdout)
            .run()
            .ok();
        assert_eq!(shown.stdout, listed.stdout);
        let updated = sandbox
            .jobctl(["update", "-", null, "--cancel", "--yes", "-o", "ids"])
            .stdin(&listed.stdout)
            .run()
            .ok();
        assert_eq!(updated.stdout, listed.stdout);
        let waited = sandbox
            .jobctl(["wait", "-", null, "--for", "any", "-o", "ids"])
            .stdin(&listed.stdout)
            .run()
            .ok();
        assert_eq!(waited.stdout, listed.stdout);
        let deleted = sandbox
            .jobctl(["delete", "-", null, "--yes", "-o", "ids"])
            .stdin(&listed.stdout)
            .run()
            .ok();
        assert_eq!(sorted(&deleted.stdout, '\0'), all);
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn what_no_text_can_name_is_left_out_with_null_too() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let id = |value: &str| {
        sandbox.sql(&format!(
            "INSERT INTO video_generation_jobs (id, job_type) VALUES ({value}, 'idea2video')"
        ));
    };
    for value in [
        "NULL",
        "''",
        "x'ff00'",
        "CAST(x'61ff' AS TEXT)",
        "'a' || char(0) || 'b'",
    ] {
        id(value);
    }
    for args in ["list -o ids", "list --all -0 -o ids"] {
        let run = sandbox.jobctl(args).run().fails(1);
        let end = if args.contains("-0") { "\0" } else { "\n" };
        run.stdout_is(&format!("{A}{end}"))
            .stderr_has("5 ids were not printed")
            .stderr_has("\"\" (it is empty)")
            .stderr_has("its bytes are no text")
            .stderr_has("\"a\\x00b\" (a NUL character)");
    }
}

#[test]
fn what_was_deleted_is_told_as_far_as_it_can_be() {
    let sandbox = odd();
    let run = sandbox
        .jobctl("delete --status queued --yes -o ids")
        .run()
        .fails(1);
    assert_eq!(run.lines().len(), SAFE.len());
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn cleanup_prints_ids_so_too() {
    let sandbox = Sandbox::report();
    let ended: [(&str, &dyn rusqlite::ToSql); 2] = [
        ("status", &"failed"),
        ("completed_at", &"2025-01-01 00:00:00.000000"),
    ];
    sandbox.job("two\nlines", &ended);
    sandbox.job(A, &ended);
    let args = "cleanup --older-than 30d -o ids";
    for more in ["--dry-run", "--dry-run -0", "--yes -0"] {
        let run = sandbox.jobctl((args, more)).run();
        if more.contains("-0") {
            assert_eq!(sorted(&run.ok().stdout, '\0'), [A, "two\nlines"])
        } else {
            drop(run.fails(1).stdout_is(&format!("{A}\n")))
        }
    }
}

#[test]
fn a_new_id_ends_so_too() {
    let sandbox = Sandbox::new();
    let args = "create -0 --type idea2video --content 'A cat crosses the road'";
    let run = sandbox.jobctl(args).run().ok();
    let id = run.stdout.strip_suffix('\0').unwrap();
    assert_eq!(sandbox.ids(), [id]);
}

#[test]
fn null_without_ids_is_a_usage_error() {
    let sandbox = Sandbox::report();
    for args in ["list -0", "list -0 -o json", "stats --null"] {
        sandbox
            .jobctl(args)
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("-o ids");
    }
}

#[test]
fn lines_with_nul_in_them_are_not_taken_for_ids() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox
        .jobctl("delete - --yes")
        .stdin(format!("{A}\0"))
        .run()
        .fails(2)
        .stderr_has("--null");
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn migrate_takes_no_id_with_a_control_character() {
    let sandbox = Sandbox::report();
    let record = |id: &str| {
        serde_json::json!({"job_id": id, "job_type": "idea2video", "mode": "idea", "status": "queued",
            "content": "A cat crosses the road", "created_at": NOW_STORED})
        .to_string()
    };
    let ids = ["a\nb", "a\tb", "a\u{7f}", "\u{85}", "a\0b", "a b"];
    let mut dump: Vec<String> = ids.iter().map(|id| record(id)).collect();
    dump.push(record(C));
    sandbox.write("dump.jsonl", dump.join("\n"));
    for _ in 0..2 {
        sandbox
            .jobctl("migrate dump.jsonl")
            .run()
            .fails(65)
            .stderr_has("its id holds a control character (U+000A)")
            .stderr_has("rejected 5");
        assert_eq!(sandbox.ids(), ["a b", C]);
    }
    // As the key of a record, too.
    sandbox.write("keyed.json", r#"{"x\ny": {"job_type": "idea2video", "mode": "idea", "status": "queued", "created_at": "2026-01-01 00:00:00.000000"},
        "z": {"job_type": "idea2video", "mode": "idea", "status": "queued", "created_at": "2026-01-01 00:00:00.000000"}}"#);
    let run = sandbox.jobctl("migrate keyed.json").run().fails(65);
    run.stderr_has("control character");
    // What was in the table comes back from an archive as it was.
    sandbox.job("two\nlines", &[]);
    sandbox.jobctl("export --to all.jsonl").run().ok();
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.jobctl("migrate all.jsonl").run().ok();
    assert!(sandbox.ids().contains(&"two\nlines".to_owned()));
}
