//! A run that is killed leaves the old database or the new one, whole.

use std::fs;
use std::time::{Duration, Instant};

use super::backed_up;
use crate::backup::{all, names};
use crate::locks::{is_sound, start};
use crate::machine::has_strace;
use crate::support::{A, Sandbox};

#[test]
fn a_killed_run_leaves_the_old_or_the_new() {
    let (mut old, mut new) = (0, 0);
    for mode in ["delete", "wal"] {
        for name in ["copy.db", "copy.db.zst"] {
            let (sandbox, before) = backed_up(mode, name);
            let lost = all(&sandbox.db());
            let args = ["restore", name, "--replace", "--yes"];
            let begun = Instant::now();
            sandbox.jobctl(args).run().ok();
            let took = begun.elapsed();
            for part in 0..12_u32 {
                // The old one again.
                let kept = names(&sandbox, "");
                let kept = kept.iter().find(|name| name.starts_with("jobs-replaced"));
                if all(&sandbox.db()) == before {
                    let kept = kept.unwrap();
                    sandbox
                        .jobctl(["restore", kept, "--replace", "--yes"])
                        .run()
                        .ok();
                }
                for name in names(&sandbox, "") {
                    if name.starts_with("jobs-replaced") {
                        fs::remove_file(sandbox.path(name)).unwrap();
                    }
                }
                assert_eq!(all(&sandbox.db()), lost);
                let mut child = start(sandbox.jobctl(args));
                let end = Instant::now() + took * part / 10;
                while Instant::now() < end && child.try_wait().unwrap().is_none() {
                    std::thread::yield_now();
                }
                child.kill().unwrap();
                child.wait().unwrap();
                let now = all(&sandbox.db());
                is_sound(&sandbox);
                if now == before {
                    new += 1;
                    let kept = names(&sandbox, "");
                    let kept = kept.iter().find(|name| name.starts_with("jobs-replaced"));
                    assert_eq!(all(&sandbox.path(kept.unwrap())), lost);
                } else {
                    old += 1;
                    assert_eq!(now, lost, "{mode} {name} {part}");
                }
            }
            assert!(took < Duration::from_secs(60));
            sandbox.jobctl(args).run().ok();
            let left: Vec<String> = names(&sandbox, "")
                .into_iter()
                .filter(|name| name.ends_with(".new"))
                .collect();
            assert_eq!(left, [""; 0]);
        }
    }
    assert!(old > 0 && new > 0, "{old} {new}");
}

#[test]
fn a_run_that_is_interrupted_while_it_unpacks_ends_at_once() {
    if !has_strace() {
        return;
    }
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    sandbox.sql("CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(16000000))");
    for name in ["copy.db.zst", "copy.db.gz"] {
        sandbox.jobctl(["backup", name]).run().ok();
        let before = names(&sandbox, "");
        for place in ["--to new.db", "--replace --yes"] {
            let strace = "-f -qq -o trace -e trace=write -e inject=write:signal=SIGINT:when=3";
            let mut words: Vec<String> = strace.split(' ').map(str::to_owned).collect();
            words.push(env!("CARGO_BIN_EXE_jobctl").into());
            words.extend(["restore", name].map(str::to_owned));
            words.extend(place.split(' ').map(str::to_owned));
            let run = sandbox.program("strace", words).run();
            assert_eq!(run.status, 130, "{run}");
            run.stderr_has("interrupted; nothing was changed");
            let trace = sandbox.read("trace");
            // Most of the pieces have not been written.
            let large = trace.lines().filter(|line| line.contains("262144"));
            assert!((1..8).contains(&large.count()), "{trace}");
            fs::remove_file(sandbox.path("trace")).unwrap();
            assert_eq!(names(&sandbox, ""), before, "{name} {place}");
        }
    }
}
