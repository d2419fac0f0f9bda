//! Numbers and ages that are not as a flag wants them: what is said has a spelling that it takes.

use crate::support::{A, B, Sandbox};

const AGES: [&[&str]; 9] = [
    &["list", "--since"],
    &["list", "--until"],
    &["list", "--older-than"],
    &["list", "--stuck"],
    &["stats", "--stuck-after"],
    &["cleanup", "--dry-run", "--older-than"],
    &["cleanup", "--dry-run", "--older-than", "1d", "--lock-wait"],
    &["list", "--busy-timeout"],
    &["wait", B, "--timeout"],
];

const NUMBERS: [&[&str]; 9] = [
    &["list", "--limit"],
    &["list", "-n"],
    &["list", "--offset"],
    &["stats", "--top"],
    &["cleanup", "--dry-run", "--older-than", "1d", "--keep-last"],
    &["cleanup", "--dry-run", "--older-than", "1d", "--max"],
    &["delete", "--status", "failed", "--dry-run", "--max"],
    &["update", A, "--dry-run", "--total-shots"],
    &["update", A, "--dry-run", "--progress"],
];

const STRANGE: [&str; 13] = [
    "-7d",
    "-1",
    "+7d",
    "7",
    "7 d",
    "7 days ago",
    "7D",
    "\u{661}d",
    "",
    "1e3",
    "1.5h",
    "99999999999999999999d",
    "99999999999999999999",
];

/// What a message proposes: behind "write", or else the first example of a form.
fn proposed(stderr: &str) -> Option<&str> {
    let why = stderr.lines().next()?.split_once("': ")?.1;
    let behind = [
        "write less, such as ",
        "write a whole number, such as ",
        "write ",
        "such as ",
    ];
    let place = behind.iter().find_map(|words| why.split_once(words))?.1;
    place.split([' ', ';', ',']).next()
}

#[test]
fn what_is_proposed_instead_is_taken() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[("status", &"failed")]);
    sandbox.job(B, &[("status", &"completed")]);
    for command in AGES.iter().chain(&NUMBERS) {
        for strange in STRANGE {
            let (flag, before) = command.split_last().unwrap();
            let joined = format!("{flag}={strange}");
            let one = before.iter().copied().chain([joined.as_str()]);
            let two = command.iter().copied().chain([strange]);
            let is_short = !flag.starts_with("--");
            for words in [one.collect::<Vec<_>>(), two.collect()] {
                let run = sandbox.jobctl(&words).run();
                if run.status == 0 || (is_short && words.len() == command.len()) {
                    continue;
                }
                let stderr = run.fails(2).stderr;
                let number = [
                    "it is a number from 0 to 100",
                    "it is a whole number, 0 or more",
                ];
                if number.iter().any(|form| stderr.contains(form)) {
                    continue;
                }
                let proposed = proposed(&stderr).unwrap_or_else(|| panic!("{words:?}: {stderr}"));
                let again = command.iter().copied().chain([proposed]);
                let again = sandbox.jobctl(again.collect::<Vec<_>>()).run();
                assert_ne!(again.status, 2, "{words:?}: {stderr}{again}");
            }
        }
    }
}

#[test]
fn an_age_with_blanks_or_in_words_is_understood_and_not_taken() {
    let sandbox = Sandbox::report();
    for (given, meant) in [
        ("7 d", "7d"),
        ("7D", "7d"),
        ("1 week", "1w"),
        ("2 Hours 30 min", "2h30m"),
        ("90 SECS", "90s"),
        ("-7 days", "7d"),
        ("7 days ago", "7d"),
    ] {
        for flag in ["--since", "--older-than"] {
            sandbox
                .jobctl(["list", &format!("{flag}={given}")])
                .run()
                .fails(2)
                .stderr_has(&format!("write {meant}"));
        }
    }
    // A month is no unit.
    for given in ["1M", "1 Month", "1y"] {
        sandbox
            .jobctl(["list", "--older-than", given])
            .run()
            .fails(2)
            .stderr_has("use a number with a unit: ms, s, m, h, d or w");
    }
}
