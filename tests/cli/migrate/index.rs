//! The index of ids of a file that is made here is written behind the rows: it has every id, whatever ids there are, and
//! the schema is to the letter that of any other file.

use serde_json::json;

use super::{counts, import, lines, manager, with};
use crate::locks::is_sound;
use crate::support::{A, B, C, D, Sandbox};

/// UUIDs of which none follows the one before.
fn scattered(n: u64) -> String {
    let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-8000-{n:012x}", bits >> 32, bits as u16)
}

/// One short record to an id.
fn records(ids: &[String]) -> String {
    ids.iter()
        .map(|id| {
            let job = json!({"job_id": id, "job_type": "idea2video", "content": "A cat"});
            format!("{job}\n")
        })
        .collect()
}

/// The index and the table say the same, and the schema is what `create` makes.
#[track_caller]
fn is_like_any_other(sandbox: &Sandbox) {
    is_sound(sandbox);
    let made = Sandbox::new();
    made.jobctl("create --type idea2video --content 'A cat crosses the road'")
        .run()
        .ok();
    let entries = "SELECT group_concat(concat_ws('|', rowid, type, name, tbl_name, rootpage, sql), char(10)) FROM sqlite_schema WHERE tbl_name NOT LIKE 'jobctl\\_%' ESCAPE '\\'";
    assert_eq!(sandbox.ask(entries), made.ask(entries));
}

/// What the index has for this id.
#[track_caller]
fn found(sandbox: &Sandbox, id: &str) -> String {
    sandbox.ask(&format!(
        "SELECT count(*) FROM video_generation_jobs INDEXED BY sqlite_autoindex_video_generation_jobs_1 WHERE id = '{id}'"
    ))
}

#[test]
fn it_has_ids_of_every_kind() {
    let sandbox = Sandbox::new();
    let mut ids: Vec<String> = (0..5_000).map(scattered).collect();
    let others = [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "A1111111-1111-4111-8111-111111111111",
        "a1111111-1111-4111-8111-11111111111",
        "0",
        "job 7",
        "zuletzt",
        "a1111111-1111-4111-8111-11111111111g",
        "ärger",
    ];
    for (n, other) in others.iter().enumerate() {
        ids.insert(n * 500, (*other).to_owned());
    }
    ids.push(A.to_owned());
    let run = import(&sandbox, records(&ids), "").ok();
    let all = ids.len() as u64;
    assert_eq!(counts(&run.json()), [all, all, 0, 0, 0], "{run}");
    is_like_any_other(&sandbox);
    for id in others.iter().copied().chain([A, &scattered(4_999)]) {
        assert_eq!(found(&sandbox, id), "1", "{id}");
    }
    let again = import(&sandbox, records(&ids), "").ok();
    assert_eq!(counts(&again.json()), [all, 0, 0, all, 0], "{again}");
}

/// More of them than are kept; then some come once more, with others.
#[test]
fn it_is_written_early_when_many_ids_are_no_uuids() {
    let sandbox = Sandbox::new();
    let long = |n: u64| format!("{n:06}{}", "𝄞".repeat(30));
    let mut ids: Vec<String> = (0..1_000).map(scattered).collect();
    ids.extend((0..26_000).map(long));
    ids.extend((1_000..2_000).map(scattered));
    let new = ids.len() as u64;
    ids.extend((25_000..26_000).map(long));
    ids.extend((500..1_500).map(scattered));
    let run = import(&sandbox, records(&ids), "").ok();
    let all = ids.len() as u64;
    assert_eq!(
        counts(&run.json()),
        [all, new, 0, all - new, 0],
        "{}",
        run.stderr
    );
    assert_eq!(sandbox.count(), new as i64);
    is_like_any_other(&sandbox);
    for id in [scattered(0), scattered(1_999), long(0), long(25_999)] {
        assert_eq!(found(&sandbox, &id), "1", "{id}");
    }
}

/// Two jobs before the one that comes twice, one between, and one behind.
fn twice() -> String {
    let titled = |title: &str, hour: u32| {
        let updated_at = format!("2025-12-29T{hour:02}:00:00");
        with(
            manager(B),
            json!({"title": title, "updated_at": updated_at}),
        )
    };
    lines(&[
        manager(A),
        titled("first", 9),
        manager(C),
        titled("second", 10),
        manager(D),
    ])
}

#[track_caller]
fn under(policy: &str, expected: [u64; 5], title: &str) {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, twice(), ["--on-conflict", policy]).ok();
    assert_eq!(counts(&run.json()), expected, "{run}");
    assert_eq!(sandbox.ids(), [A, B, C, D]);
    assert_eq!(
        sandbox.ask(&format!(
            "SELECT project_title FROM video_generation_jobs WHERE id = '{B}'"
        )),
        title
    );
    is_like_any_other(&sandbox);
    assert_eq!(found(&sandbox, B), "1");
}

#[test]
fn a_job_that_comes_twice_is_the_newer() {
    under("skip", [5, 4, 1, 0, 0], "second");
}

#[test]
fn a_job_that_comes_twice_is_replaced() {
    under("replace", [5, 4, 1, 0, 0], "second");
}

#[test]
fn a_job_that_comes_twice_is_replaced_by_the_newer() {
    under("newer", [5, 4, 1, 0, 0], "second");
}

#[test]
fn a_job_that_comes_twice_ends_an_import_that_is_to_fail() {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, twice(), "--on-conflict fail").fails(4);
    assert_eq!(counts(&run.json()), [3, 3, 0, 0, 0], "{run}");
    assert_eq!(sandbox.ids(), [A, B, C]);
    is_like_any_other(&sandbox);
}
