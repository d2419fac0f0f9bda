//! jobctl made the file, with the job table alone; the service adds its tables when it first opens it.

use serde_json::json;

use crate::service::Shared;

#[test]
fn the_service_moves_into_a_file_of_jobctl() {
    let Some(shared) = Shared::new() else { return };
    let first = shared.create("--title 前 --series not-yet-there");
    let snapshot = shared.snapshot();
    assert_eq!(snapshot["pragmas"]["journal_mode"], "wal");
    assert_eq!(snapshot["pragmas"]["auto_vacuum"], json!(2), "incremental");
    assert_eq!(
        snapshot["rows"],
        json!({}),
        "no table but the jobs' and jobctl's own"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(shared.file())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    shared.service("create-file");
    let after = shared.snapshot();
    for part in snapshot["schema"].as_array().unwrap() {
        assert!(
            after["schema"].as_array().unwrap().contains(part),
            "{part} is gone"
        );
    }
    assert!(
        after["schema"].as_array().unwrap().len() > snapshot["schema"].as_array().unwrap().len()
    );
    assert_eq!(after["pragmas"], snapshot["pragmas"]);

    let made = shared.insert(18);
    shared.service([
        "update",
        &first,
        r#"{"status": "processing", "progress": 12.5, "result_data": {"é": [1]}}"#,
    ]);
    let shown = shared.jobctl_json(format!("show {first}"));
    assert_eq!(shown["status"], "processing");
    assert_eq!(shown["progress"], json!(12.5));
    assert_eq!(shown["result"], json!({"é": [1]}));
    assert_eq!(shown["project_title"], "前");
    assert!(shown["started_at"].is_string());

    let total = &shared.jobctl_json("list --all")["pagination"]["total"];
    assert_eq!(total, &json!(made.len() + 1));
    shared.jobctl("create --type idea2video --content 'After the service moved in' --episode 00000000-0000-4000-9000-000000000000");
    assert_eq!(shared.checked(), (made.len() + 2) as u64);
    assert_eq!(shared.snapshot(), after);
}
