//! The screen of the README: what is typed there gives what stands there.

use std::fs;

use crate::support::{A, B, C, Sandbox};

/// Sums and sizes depend on the version of SQLite.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    for (begin, end) in [("SHA-256 ", ")"), (".zst (", ",")] {
        let mut from = 0;
        while let Some(at) = text[from..].find(begin) {
            let at = from + at + begin.len();
            let length = text[at..].find(end).unwrap();
            text.replace_range(at..at + length, "…");
            from = at;
        }
    }
    text
}

#[test]
fn the_screen_of_the_readme_is_a_real_one() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let begin = "<!-- restore -->\n```console\n";
    let at = readme.find(begin).unwrap() + begin.len();
    let screen = &readme[at..at + readme[at..].find("```").unwrap()];
    let sandbox = Sandbox::service();
    for (id, status) in [(A, "completed"), (B, "completed"), (C, "queued")] {
        sandbox.job(id, &[("status", &status)]);
    }
    fs::create_dir(sandbox.path("backup")).unwrap();
    let folder = fs::canonicalize(sandbox.path("")).unwrap();
    let folder = folder.to_str().unwrap().trim_end_matches('/').to_owned();
    let mut seen = String::new();
    for line in screen.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let program = env!("CARGO_BIN_EXE_jobctl");
        let line_here = line.replace("jobctl ", &format!("{program} "));
        let run = sandbox
            .program("sh", ["-c", &format!("{line_here} 2>&1")])
            .run()
            .ok();
        seen.push_str(&format!(
            "$ {line}\n{}",
            run.stdout.replace(&folder, "/srv/video")
        ));
    }
    assert_eq!(steady(&seen), steady(screen));
}
