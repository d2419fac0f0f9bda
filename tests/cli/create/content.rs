//! The content, given, read from a file and measured.

use super::IDEA;
use crate::support::Sandbox;

#[test]
fn refuses_an_idea_of_9_characters_and_a_script_of_49() {
    for (kind, content, least) in [
        ("idea2video", "123456789", "10"),
        ("idea2video", "一只猫在夜里过马路", "10"),
        ("script2video", &"x".repeat(49), "50"),
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(["create", "--type", kind, "--content", content]);
        run.run()
            .fails(2)
            .no_stdout()
            .stderr_has("--content")
            .stderr_has(least);
        assert!(!sandbox.db().exists(), "{content}");
    }
}

#[test]
fn takes_an_idea_of_10_characters_and_a_script_of_50() {
    for (kind, content) in [
        ("idea2video", "1234567890"),
        ("idea2video", "一只黑猫在夜里过马路"),
        ("script2video", &"x".repeat(50)),
    ] {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl(["create", "--type", kind, "--content", content]);
        run.run().ok();
        let stored = sandbox.ask("SELECT content FROM video_generation_jobs");
        assert_eq!(stored, content);
    }
}

#[test]
fn measures_the_content_by_the_mode_that_is_given() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl((
            "create --type conversational --mode script --content",
            [IDEA],
        ))
        .run();
    output.fails(2).stderr_has("50");
}

#[test]
fn reads_the_content_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("idea.txt", "Line one\n\"Line\" two 猫");
    sandbox
        .jobctl("create --type idea2video --content @idea.txt")
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT content FROM video_generation_jobs"),
        "Line one\n\"Line\" two 猫"
    );
}

#[test]
fn reads_the_content_from_stdin() {
    let sandbox = Sandbox::new();
    sandbox
        .jobctl("create --type idea2video --content -")
        .stdin(IDEA)
        .run()
        .ok();
    assert_eq!(
        sandbox.ask("SELECT content FROM video_generation_jobs"),
        IDEA
    );
}

#[test]
fn names_the_flag_and_the_file_when_the_content_file_is_missing() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .jobctl("create --type idea2video --content @missing.txt")
        .run();
    assert!([2, 66].contains(&output.status), "{output}");
    output
        .no_stdout()
        .stderr_has("--content")
        .stderr_has("missing.txt");
}

#[test]
fn refuses_a_content_that_is_not_utf_8() {
    let sandbox = Sandbox::new();
    sandbox.write("idea.txt", b"A caf\xe9 in the rain, at night");
    let output = sandbox
        .jobctl("create --type idea2video --content @idea.txt")
        .run();
    assert!([2, 65].contains(&output.status), "{output}");
    output.stderr_has("idea.txt");
    assert!(!sandbox.db().exists());
}
