//! Jobs that name a series or an episode, there or not.

use serde_json::json;

use crate::service::{CREATE, Shared};

const MISSING: &str = "deadbeef-0000-4000-8000-000000000000";

#[test]
fn a_missing_parent_is_refused_where_the_parents_have_tables() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let job = shared.create("--episode 00000000-0000-4000-9000-000000000000");
    for (flag, word) in [("--episode", "episode"), ("--series", "series")] {
        let parent = format!("{flag} {MISSING}");
        for args in [
            format!("{CREATE} {parent}"),
            format!("update {job} {parent}"),
        ] {
            let refused = shared.try_jobctl(&args);
            assert!(
                !matches!(refused.status, None | Some(0 | 101)),
                "{args:?}: {:?}",
                refused.status
            );
            let message = refused.stderr.to_lowercase();
            assert!(
                message.contains(word) && message.contains(MISSING),
                "{args:?}: {message}"
            );
            assert!(!message.contains("foreign key"), "{args:?}: {message}");
        }
    }
    assert_eq!(shared.checked(), 1);
    assert_eq!(
        shared.jobctl_json(format!("show {job}"))["episode_id"],
        "00000000-0000-4000-9000-000000000000"
    );
}

#[test]
fn any_parent_is_taken_where_they_have_none() {
    let Some(shared) = Shared::new() else { return };
    let job = shared.create(format!("--episode {MISSING} --series anything"));
    let row = &shared.service("dump")[&job];
    assert_eq!(row["episode_id"], json!(["str", MISSING]));
    assert_eq!(row["series_id"], json!(["str", "anything"]));
}

#[test]
fn a_dangling_row_of_the_service_can_be_updated() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let made = shared.insert(9);
    let (dangling, _) = made.iter().find(|(_, kind)| kind == "dangling").unwrap();
    let before = shared.service("dump")[dangling].clone();
    shared.jobctl(format!(
        "update {dangling} --status processing --progress 5 --stage storyboard --title new"
    ));
    let after = &shared.service("dump")[dangling];
    assert_eq!(after["status"], json!(["str", "processing"]));
    assert_eq!(after["project_title"], json!(["str", "new"]));
    assert_eq!(after["episode_id"], before["episode_id"]);
    assert_eq!(after["series_id"], before["series_id"]);
    shared.jobctl(format!("delete {dangling} --force"));
    assert_eq!(shared.checked(), 8);
}
