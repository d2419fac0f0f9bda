//! The history on PostgreSQL: every command says and does what it does on a file, word for word.

use crate::postgres::cluster::cluster;
use crate::support::{A, B, C, Output, Sandbox};

/// Two places, of which each gets what the other gets.
struct Both {
    file: Sandbox,
    server: Sandbox,
    database: String,
    url: String,
}

impl Both {
    fn new() -> Option<Both> {
        let cluster = cluster()?;
        let database = cluster.database("", false);
        let url = cluster.url("jobctl", &database);
        let both = Both {
            file: Sandbox::new(),
            server: Sandbox::new(),
            database,
            url,
        };
        let first = "create --id $A --type idea2video --content 'A fox learns to sail the sea'";
        both.file.jobctl(first).run().ok();
        both.on_server(first).ok();
        Some(both)
    }

    fn on_server(&self, words: &str) -> Output {
        let run = self.server.jobctl(words).env("JOBCTL_DB", &self.url);
        run.run()
    }

    /// Runs it on both, and gives what the server's run said as it would have said it of the file.
    #[track_caller]
    fn run(&self, words: &str) -> Output {
        let on_file = self.file.jobctl(words).run();
        let mut on_server = self.on_server(words);
        let shown = self.url.replace("jobctl@", "");
        for text in [&mut on_server.stdout, &mut on_server.stderr] {
            *text = text.replace(&shown, "jobs.db");
            let folder = self.server.path("").display().to_string();
            *text = text.replace(&folder, &self.file.path("").display().to_string());
        }
        let told = |run: &Output| (run.status, run.stdout.clone(), run.stderr.clone());
        assert_eq!(told(&on_server), told(&on_file), "{words}");
        on_server
    }

    fn sql(&self, sql: &str) {
        self.file.sql(sql);
        let mut client = cluster().unwrap().connect(&self.database);
        client.batch_execute(sql).unwrap();
    }

    /// Whole rows, in the form of an export; each place has an order of its own.
    #[track_caller]
    fn rows(&self) -> Vec<String> {
        let sorted = |run: Output| {
            let mut lines: Vec<String> = run.ok().stdout.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        let rows = sorted(self.on_server("export"));
        assert_eq!(rows, sorted(self.file.jobctl("export").run()));
        rows
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        cluster().unwrap().drop_database(&self.database);
    }
}

#[test]
fn runs_are_shown_and_taken_back_and_done_again() {
    let Some(both) = Both::new() else { return };
    let mut states = vec![both.rows()];
    for words in [
        "create --id $B --type script2video --content 'A long script about a fox who learns to sail the wide sea alone' --title Two",
        "update $A $B --title New --context '{ \"a\":  1 }'",
        "update $A --status processing --progress 50",
        "update $A --fail 'no rain'",
        "delete $B --yes",
    ] {
        both.run(words).ok();
        states.push(both.rows());
    }
    for words in [
        "history",
        "history -o json",
        "history -o jsonl --limit 2",
        "history a111",
        "history $A $B -o json",
        "history b2222222",
        "history r3 -o csv",
        "history r1 r6",
        "history --since 2026-01-15",
        "history r99",
        "history c333",
        "show $A",
        "complete -- jobctl undo ''",
        "undo r99",
        "undo 7",
        "undo --dry-run",
        "redo",
    ] {
        both.run(words);
    }
    for state in states.iter().rev().skip(1) {
        both.run("undo").ok();
        assert_eq!(&both.rows(), state);
    }
    for state in &states[1..] {
        both.run("redo").ok();
        assert_eq!(&both.rows(), state);
    }
    both.run("redo").ok();
    both.run("undo r3").fails(4);
    both.run("history").ok();
}

#[test]
fn what_others_changed_since_is_refused_or_left() {
    let Some(both) = Both::new() else { return };
    for id in [B, C] {
        let words = format!("create --id {id} --type idea2video --content 'A fox learns to sail'");
        both.run(&words).ok();
    }
    both.run("update $A $B $C --title New").ok();
    both.sql(&format!(
        "UPDATE video_generation_jobs SET project_title = 'theirs' WHERE id = '{A}';
        DELETE FROM video_generation_jobs WHERE id = '{B}'"
    ));
    both.run("undo").fails(4).stderr_has("it has changed since");
    both.run("undo -o json --dry-run --skip-conflicts").ok();
    both.run("undo -o json --skip-conflicts").ok();
    both.rows();
    both.run("delete $C").ok();
    both.sql(&format!(
        "INSERT INTO video_generation_jobs (id, job_type) VALUES ('{C}', 'idea2video')"
    ));
    both.run("undo")
        .fails(4)
        .stderr_has("a job with its id is there again");
}

#[test]
fn imports_and_deletions_by_filter_come_back_and_cleanup_from_its_archive() {
    let Some(both) = Both::new() else { return };
    let line = |n: u32, title: &str| {
        format!(
            "{{\"job_id\": \"{n:08x}-0000-4000-8000-000000000000\", \"job_type\": \"idea2video\", \"status\": \"completed\", \"content\": \"A dog waits\", \
             \"project_title\": \"{title}\", \"created_at\": \"2025-01-10T00:00:00\", \"updated_at\": \"2025-01-10T00:00:00\", \"completed_at\": \"2025-01-10T00:00:00\"}}\n"
        )
    };
    for (name, title) in [("old.jsonl", "one"), ("new.jsonl", "two")] {
        let dump: String = (0..300).map(|n| line(n, title)).collect();
        both.file.write(name, &dump);
        both.server.write(name, &dump);
    }
    let mut states = vec![both.rows()];
    for words in [
        "migrate old.jsonl",
        "migrate new.jsonl --on-conflict replace",
        "delete --status completed --yes",
    ] {
        both.run(words).ok();
        states.push(both.rows());
    }
    both.run("history").ok();
    for state in states.iter().rev().skip(1) {
        both.run("undo").ok();
        assert_eq!(&both.rows(), state);
    }
    for state in &states[1..3] {
        both.run("redo").ok();
        assert_eq!(&both.rows(), state);
    }
    let words = "cleanup --older-than 30d --archive gone.jsonl --yes --quiet";
    both.run(words).ok();
    both.run("undo").fails(4).stderr_has("--from-archive");
    both.run("undo --from-archive --quiet").ok();
    assert_eq!(both.rows(), states[2]);
    both.run("history prune --older-than 1d").ok();
    both.run("undo --no-history").fails(2);
    both.run("delete --status completed --yes --no-history")
        .ok();
    both.run("update $A --title x --history required").ok();
    both.run("history").ok();
}

#[test]
fn redaction_names_what_it_cannot_reach() {
    let Some(both) = Both::new() else { return };
    both.run("update $A --title 'Jane Doe'").ok();
    both.run("redact $A --dry-run").ok();
    both.run("redact $A").fails(4);
    let run = both.on_server("redact $A --yes -o json").ok();
    let told = run.json();
    assert_eq!(told["redacted"], 1);
    assert_eq!(told["job_ids"], serde_json::json!([A]));
    let left = told["not_reached"].to_string();
    assert!(
        left.contains("write-ahead log") && left.contains("--vacuum"),
        "{left}"
    );
    both.on_server("history").ok().stdout_lacks("Jane");
    both.on_server("history $A").ok().stdout_lacks("Jane");
    both.on_server("undo")
        .fails(4)
        .stderr_has("what a redaction takes out is gone");
    both.on_server("update $A --title 'John Doe'").ok();
    let run = both.on_server("redact $A --yes --vacuum -o json").ok();
    assert!(!run.json()["not_reached"].to_string().contains("--vacuum"));
}
