//! A lock that the service holds for longer than jobctl is to wait.

use std::time::{Duration, Instant};

use crate::service::{CREATE, Shared};

#[test]
fn a_lock_held_too_long_is_exit_status_75() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let job = shared.create("");
    let before = shared.bytes();
    let holder = shared.start_service("hold immediate");
    let dump = shared.write("dump.json", r#"[{"job_id": "00000000-0000-4000-a000-000000000000", "mode": "idea", "status": "queued", "content": "x", "created_at": "2026-01-02T03:04:05"}]"#);
    let writes = [
        format!("update {job} --title late"),
        CREATE.to_owned(),
        format!("delete {job}"),
        "delete --status queued --yes".to_owned(),
        format!("migrate {dump}"),
    ];
    for args in writes {
        let began = Instant::now();
        let late = shared
            .try_jobctl((&args, "--busy-timeout 300ms"))
            .expect(75);
        let waited = began.elapsed();
        assert!(
            waited >= Duration::from_millis(250),
            "{args:?} gave up after {waited:?}"
        );
        assert!(
            waited < Duration::from_secs(60),
            "{args:?} gave up only after {waited:?}"
        );
        assert!(
            late.stderr.to_lowercase().contains("lock"),
            "{args:?}: {}",
            late.stderr
        );
        assert!(late.stdout.is_empty(), "{args:?}: {}", late.stdout);
    }
    // The lock of a writer that has not begun to commit keeps nobody from reading.
    shared.jobctl(format!("show {job} --busy-timeout 300ms"));
    shared.jobctl("list --busy-timeout 300ms");
    assert!(
        shared.bytes() == before,
        "a refused command changed the file"
    );
    holder.finish();
    shared.jobctl(format!("update {job} --title 'in time'"));
}

#[test]
fn a_reader_kept_out_is_exit_status_75_too() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let job = shared.create("");
    let holder = shared.start_service("hold exclusive");
    for args in [&*format!("show {job}"), "list", "list -o json"] {
        let late = shared
            .try_jobctl((&args, "--busy-timeout 300ms"))
            .expect(75);
        assert!(
            late.stderr.to_lowercase().contains("lock"),
            "{args:?}: {}",
            late.stderr
        );
    }
    holder.finish();
    shared.jobctl(format!("show {job}"));
}

#[test]
fn a_lock_that_goes_away_in_time_is_waited_for() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let job = shared.create("");
    let holder = shared.start_service("hold immediate");
    std::thread::scope(|scope| {
        let update = scope
            .spawn(|| shared.jobctl(format!("update {job} --title patient --busy-timeout 60s")));
        std::thread::sleep(Duration::from_millis(400));
        holder.finish();
        update.join().unwrap();
    });
    assert_eq!(
        shared.jobctl_json(format!("show {job}"))["project_title"],
        "patient"
    );
}
