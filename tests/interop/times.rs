//! Times: the service reads a fraction of three digits as microseconds, so there must always be six.

use serde_json::json;

use crate::service::{Shared, text};

const TIMES: [&str; 4] = ["created_at", "updated_at", "started_at", "completed_at"];

#[test]
fn times_of_jobctl_are_26_characters_and_the_same_moment_for_the_service() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let job = shared.create("");
    shared.jobctl(format!("update {job} --status processing"));
    let shown = shared.jobctl_json(format!("update {job} --complete"));
    let stored = shared.service(format!("stored {job}"));
    let read = &shared.service("dump")[&job];
    for column in TIMES {
        let value = text(&stored[column][1]);
        assert_eq!(value.len(), 26, "{column}: {value}");
        assert_eq!(stored[column][0], "text");
        assert_eq!(read[column], json!(["datetime", shown[column]]), "{column}");
        assert_eq!(
            value.replacen(' ', "T", 1) + "Z",
            text(&shown[column]),
            "{column}"
        );
    }
}

#[test]
fn times_are_utc_whatever_the_zone_of_the_machine() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let by_service = shared.insert(1).remove(0).0;
    let by_jobctl = shared.create("");
    let rows = shared.service("dump");
    let (earlier, later) = (
        text(&rows[&by_service]["created_at"][1]),
        text(&rows[&by_jobctl]["created_at"][1]),
    );
    assert!(
        earlier < later,
        "{earlier} by the service, then {later} by jobctl"
    );
    assert_eq!(
        earlier[..10],
        later[..10],
        "hours apart (or this test ran at midnight UTC)"
    );
}

#[test]
fn times_with_a_fraction_of_another_length_are_stored_with_six_digits() {
    let Some(shared) = Shared::with_service_file() else {
        return;
    };
    let given = [
        ("2025-12-29T14:14:00", "2025-12-29T14:14:00.000000Z"),
        ("2025-12-29T14:14:00.206", "2025-12-29T14:14:00.206000Z"),
        ("2025-12-29T14:14:00.206Z", "2025-12-29T14:14:00.206000Z"),
        (
            "2025-12-29T14:14:00.000206+08:00",
            "2025-12-29T06:14:00.000206Z",
        ),
        ("2025-12-29 14:14:00.5", "2025-12-29T14:14:00.500000Z"),
    ];
    let id = |n: usize| format!("00000000-0000-4000-a000-00000000000{n}");
    let records: Vec<_> = given
        .iter()
        .enumerate()
        .map(|(n, (time, _))| json!({"job_id": id(n), "mode": "idea", "status": "queued", "content": "x", "progress": 0, "created_at": time, "updated_at": time}))
        .collect();
    let dump = shared.write("unified.json", &json!(records).to_string());
    assert_eq!(
        shared.jobctl_json(format!("migrate {dump}"))["inserted"],
        json!(given.len())
    );
    let rows = shared.service("dump");
    for (n, (time, read)) in given.iter().enumerate() {
        assert_eq!(
            rows[id(n)]["created_at"],
            json!(["datetime", read]),
            "{time}"
        );
        assert_eq!(
            shared.service(format!("stored {}", id(n)))["updated_at"][1]
                .as_str()
                .unwrap()
                .len(),
            26,
            "{time}"
        );
    }
}
