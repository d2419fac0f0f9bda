//! Several jobs, named or from standard input: all of them or none.

use serde_json::json;

use super::three;
use crate::support::{A, B, C, KEYS, hash};

#[test]
fn several_jobs_are_changed_at_once() {
    let sandbox = three();
    sandbox.jobctl("update $A $B $C --style anime").run().ok();
    assert_eq!(
        sandbox.ask("SELECT count(*) FROM video_generation_jobs WHERE style = 'anime'"),
        "3"
    );
}

#[test]
fn none_is_changed_when_one_may_not_be() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $B $C --requeue")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has(C);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn none_is_changed_when_one_is_not_there() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A beef0000 --title x")
        .run()
        .fails(3)
        .no_stdout()
        .stderr_has("beef0000");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn none_is_changed_when_a_guard_fails_for_one() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A $B --title x --if-status queued")
        .run()
        .fails(4)
        .stderr_has(B);
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn a_job_named_twice_is_one_job() {
    let sandbox = three();
    let output = sandbox
        .jobctl("update $A $A a111 --title x --max 1 -o ids")
        .run()
        .ok();
    assert_eq!(output.lines(), [A]);
}

#[test]
fn gives_one_job_as_an_object() {
    let output = three().jobctl("update $A --title x -o json").run().ok();
    let job = output.json();
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(job["project_title"], "x");
}

#[test]
fn gives_several_jobs_as_an_array() {
    let output = three().jobctl("update $A $B --title x -o json").run().ok();
    let jobs = output.json();
    assert_eq!(jobs.as_array().unwrap().len(), 2);
    assert_eq!(jobs[1]["job_id"], B);
}

#[test]
fn gives_a_job_that_was_so_already_as_it_is() {
    let output = three()
        .jobctl("update $A --status queued -o json")
        .run()
        .ok();
    assert_eq!(output.json()["job_id"], A);
}

#[test]
fn is_silent_when_quiet() {
    three()
        .jobctl("update $A --title x -q")
        .run()
        .ok()
        .no_stdout()
        .no_stderr();
}

#[test]
fn ids_from_stdin_need_yes_without_a_terminal() {
    let sandbox = three();
    let before = hash(sandbox.db());
    let run = sandbox
        .jobctl("update - --title x")
        .stdin(format!("{A}\n{B}\n"));
    run.run()
        .fails(4)
        .no_stdout()
        .stderr_has("--yes")
        .stderr_has("2");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn ids_from_stdin_are_changed_with_yes() {
    // Blank lines, spaces and the line ends of Windows do not count.
    for ids in [format!("{A}\n{B}\n"), format!("\n  {A}  \r\n\n{B}")] {
        let sandbox = three();
        let run = sandbox.jobctl("update - --title x --yes").stdin(&ids);
        run.run().ok();
        let changed = "SELECT count(*) FROM video_generation_jobs WHERE project_title = 'x'";
        assert_eq!(sandbox.ask(changed), "2", "{ids:?}");
    }
}

#[test]
fn an_empty_stdin_is_nothing_to_do() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox.jobctl("update - --requeue").stdin("").run().ok();
    sandbox
        .jobctl("update - --requeue --yes")
        .stdin("\n\n")
        .run()
        .ok();
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn an_empty_stdin_is_an_empty_array_as_json() {
    let output = three()
        .jobctl("update - --requeue --yes -o json")
        .stdin("")
        .run()
        .ok();
    assert_eq!(output.json(), json!([]));
}

#[test]
fn what_list_prints_can_be_piped_into_update() {
    let sandbox = three();
    let ids = sandbox
        .jobctl("list --status failed --all -o ids")
        .run()
        .ok()
        .stdout;
    sandbox
        .jobctl("update - --requeue --yes")
        .stdin(ids)
        .run()
        .ok();
    assert_eq!(sandbox.cell(B, "status"), "text|queued");
}

#[test]
fn an_unknown_id_in_stdin_changes_nothing() {
    let sandbox = three();
    let before = hash(sandbox.db());
    let run = sandbox
        .jobctl("update - --title x --yes")
        .stdin(format!("{A}\nbeef0000\n"));
    run.run().fails(3).stderr_has("beef0000");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn max_refuses_more_jobs_than_it_says() {
    let sandbox = three();
    let before = hash(sandbox.db());
    sandbox
        .jobctl("update $A $B --title x --max 1")
        .run()
        .fails(4)
        .no_stdout()
        .stderr_has("--max");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn max_lets_as_many_through_as_it_says() {
    three().jobctl("update $A $B --title x --max 2").run().ok();
}
