//! The hint about a flag that a command does not have.

use crate::support::{A, Sandbox};

/// Each line with the hint that its error has.
#[track_caller]
fn hints(lines: &[(&str, &str)]) {
    let sandbox = Sandbox::service();
    sandbox.job(A, &[]);
    for (line, hint) in lines {
        let run = sandbox.jobctl(*line).run().fails(2).no_stdout();
        let run = run.stderr_has("unexpected argument '-");
        let told = run.stderr.lines().nth(1);
        assert_eq!(told, Some(format!("hint: {hint}").as_str()), "{line}");
    }
}

#[test]
fn consent_to_a_command_that_asks_nothing_is_to_be_left_out() {
    let has_changed = "--skip-conflicts leaves the jobs that have changed since";
    for name in ["undo", "redo"] {
        let plain = format!("{name} asks nothing: leave it out");
        let forced = format!("{plain}; {has_changed}");
        for flag in ["--yes", "-y", "--confirm", "--assume-yes", "--yes=true"] {
            hints(&[(&format!("{name} {flag}"), &plain)]);
            hints(&[(&format!("{name} r4 {flag} -q"), &plain)]);
        }
        for flag in ["--force", "-f"] {
            hints(&[(&format!("{name} {flag}"), &forced)]);
        }
    }
    for command in [
        "create",
        "show $A",
        "list",
        "wait $A",
        "history",
        "history prune",
        "export",
        "stats",
        "diff a.db b.db",
        "backup",
        "completions bash",
        "man",
    ] {
        let name = command.split(' ').next().unwrap();
        let hint = format!("{name} asks nothing: leave it out");
        hints(&[
            (&format!("{command} --yes"), &hint),
            (&format!("{command} -y"), &hint),
        ]);
        if name != "backup" {
            hints(&[(&format!("{command} --force"), &hint)]);
        }
    }
    hints(&[
        ("--yes list", "list asks nothing: leave it out"),
        ("-q -y undo", "undo asks nothing: leave it out"),
        ("--db undo --yes show $A", "show asks nothing: leave it out"),
    ]);
}

#[test]
fn force_is_told_by_what_lifts_the_refusal() {
    hints(&[
        (
            "migrate dump.json --force",
            "--on-conflict replace overwrites the jobs that are there",
        ),
        ("backup -f", "--replace overwrites a file that is there"),
        (
            "restore a.db --force",
            "--replace puts the backup in the place of the database",
        ),
        (
            "doctor --force",
            "--fix mends, and with --yes it does not ask",
        ),
        (
            "cleanup --older-than 7d --force",
            "--yes keeps cleanup from asking; it has nothing to force",
        ),
        ("delete $A -f", "did you mean --force?"),
    ]);
}

#[test]
fn a_rehearsal_of_what_changes_nothing_is_to_be_left_out() {
    hints(&[
        ("show $A --dry-run", "show changes no job: leave it out"),
        ("list --dry_run", "list changes no job: leave it out"),
        ("list --dryrun", "list changes no job: leave it out"),
        ("export --dry", "export changes no job: leave it out"),
        ("export -n", "jobctl export --help shows what there is"),
        (
            "create --dry-run",
            "create has none; jobctl undo takes a job back",
        ),
        (
            "restore a.db --dry-run",
            "restore has none; --to NEW leaves the database as it is",
        ),
        (
            "history prune --dry-run",
            "history prune has none; jobctl history shows the runs and their times",
        ),
        ("delete $A -n", "for a rehearsal write --dry-run"),
        ("undo -n", "for a rehearsal write --dry-run"),
        ("history -n 5", "did you mean --limit?"),
    ]);
}

#[test]
fn a_flag_that_is_near_is_named() {
    hints(&[
        ("cleanup --yess", "did you mean --yes?"),
        ("delete --yse $A", "did you mean --yes?"),
        ("migrate dump.json --confirm", "did you mean --yes?"),
        ("undo --outptu json", "did you mean --output?"),
        ("list --Output json", "did you mean --output?"),
        ("show $A --format json", "did you mean --output?"),
        ("list --output-file x", "did you mean --output?"),
        ("list --json", "write -o json"),
        ("history --csv", "write -o csv"),
        ("list --stat failed", "did you mean --status?"),
        ("update $A --state failed", "did you mean --status?"),
        ("list --Not-status failed", "did you mean --not-status?"),
        ("migrate dump.json --DRY_RUN", "did you mean --dry-run?"),
        ("export --file jobs.csv", "did you mean --to?"),
        ("undo --skip-conflict", "did you mean --skip-conflicts?"),
        ("update $A --no-histroy", "did you mean --no-history?"),
        ("list -l 5", "did you mean --limit?"),
        ("--quite list", "did you mean --quiet?"),
        ("--quite", "did you mean --quiet?"),
    ]);
}

#[test]
fn a_flag_of_other_commands_is_told_by_their_names() {
    hints(&[
        (
            "undo --max 3",
            "it is a flag of update, delete, cleanup and others; jobctl undo --help shows those of undo",
        ),
        (
            "delete --all",
            "it is a flag of list; jobctl delete --help shows those of delete",
        ),
        (
            "update $A --replace",
            "it is a flag of backup, restore; jobctl update --help shows those of update",
        ),
        (
            "--status failed list",
            "a flag of list stands behind it: jobctl list --status",
        ),
        (
            "-y delete $A",
            "a flag of delete stands behind it: jobctl delete -y",
        ),
        ("--nothing-like-it", "--help shows what there is"),
        (
            "list --nothing-like-it",
            "jobctl list --help shows what there is",
        ),
        (
            "undo --nothing-like-it",
            "jobctl undo --help shows what there is",
        ),
        ("delete $A -rf", "jobctl delete --help shows what there is"),
    ]);
}

#[test]
fn the_dashes_are_told_for_what_looks_like_an_id_or_a_file() {
    hints(&[
        (
            "show -5",
            "where it is a value, write -- before it: jobctl show -- -5",
        ),
        (
            "delete -1a2b",
            "where it is a value, write -- before it: jobctl delete -- -1a2b",
        ),
        (
            "migrate -x.json",
            "where it is a value, write -- before it: jobctl migrate -- -x.json",
        ),
        (
            "diff a.db --b.db",
            "where it is a value, write -- before it: jobctl diff -- --b.db",
        ),
        ("undo -5", "jobctl undo --help shows what there is"),
        ("list -5", "jobctl list --help shows what there is"),
        (
            "completions --zsh5",
            "jobctl completions --help shows what there is",
        ),
    ]);
    let sandbox = Sandbox::service();
    sandbox.job("-5", &[]);
    sandbox
        .jobctl("show -o json -- -5")
        .run()
        .ok()
        .stdout_has("\"job_id\": \"-5\"");
}
