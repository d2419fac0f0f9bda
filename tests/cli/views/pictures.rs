//! The pictures of the README: blocks between `<!-- picture: … -->` and `<!-- end -->` that hold what the command prints on
//! a terminal of 100 columns.

use std::path::Path;

use super::plain;
use crate::pty::{self, Terminal};

const COLUMNS: u16 = 100;

/// The README with the picture of each command as it is now.
fn drawn(readme: &str) -> String {
    let mut drawn = String::new();
    let mut rest = readme;
    while let Some((before, after)) = rest.split_once("<!-- picture: ") {
        let (line, after) = after.split_once(" -->\n").unwrap();
        let (_, after) = after.split_once("<!-- end -->").unwrap();
        let words = line.strip_prefix("jobctl ").unwrap();
        let sandbox = plain();
        let run = sandbox.jobctl(words).env("NO_COLOR", "1");
        let screen = Terminal::new(run, COLUMNS).run().ends(0);
        drawn.push_str(before);
        drawn.push_str(&format!(
            "<!-- picture: {line} -->\n```console\n$ {line}\n{}\n```\n<!-- end -->",
            screen.plain().trim_end()
        ));
        rest = after;
    }
    drawn + rest
}

#[test]
fn the_pictures_are_what_it_prints() {
    if !pty::is_here() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    for picture in ["jobctl list", "jobctl show a111"] {
        assert!(
            readme.contains(&format!("<!-- picture: {picture} -->")),
            "{picture}"
        );
    }
    let drawn = drawn(&readme);
    if std::env::var("SNAPSHOTS").is_ok_and(|it| it == "overwrite") {
        std::fs::write(&path, drawn).unwrap();
        return;
    }
    assert!(
        readme == drawn,
        "a picture of the README is old; SNAPSHOTS=overwrite cargo test --test cli -- views::pictures draws it anew"
    );
}
