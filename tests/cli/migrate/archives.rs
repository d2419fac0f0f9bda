//! Tar archives: every member that is a dump is one, whatever it is called and packed with; the others are passed over and named.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{counts, import, lines, manager, pipeline, with};
use crate::support::{A, B, C, D, Sandbox};

/// A header as tar writes it, with its sum.
fn header(name: &str, size: usize, kind: u8) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A member as it stands in an archive.
fn member(name: &str, bytes: &[u8], kind: u8) -> Vec<u8> {
    let mut member = header(name, bytes.len(), kind).to_vec();
    member.extend_from_slice(bytes);
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

fn ended(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

/// An archive of these files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members: Vec<_> = files
        .iter()
        .map(|(name, bytes)| member(name, bytes, b'0'))
        .collect();
    ended(&members)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn text(value: Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn every_dump_in_it_is_imported() {
    let (one, two) = (text(json!([manager(A)])), text(json!({B: pipeline(B)})));
    let three = gzip(lines(&[manager(C), manager(D)]).as_bytes());
    let archive = tar(&[
        ("old/jobs.json", &one),
        ("old/pipeline", &two),
        ("old/x.gz", &three),
    ]);
    for bytes in [
        archive.clone(),
        gzip(&archive),
        zstd::encode_all(&archive[..], 3).unwrap(),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &bytes, "").ok();
        assert_eq!(counts(&run.json()), [4, 4, 0, 0, 0], "{run}");
        assert_eq!(sandbox.ids(), [A, B, C, D]);
        assert_eq!(run.json().get("passed_over"), None, "{run}");
        let piped = sandbox.jobctl("migrate - -o json").stdin(&bytes).run().ok();
        assert_eq!(counts(&piped.json()), [4, 0, 0, 4, 0], "{piped}");
    }
}

#[test]
fn what_is_no_dump_is_passed_over_and_named() {
    let dump = text(json!([manager(A)]));
    let archive = ended(&[
        member("old/", b"", b'5'),
        member("old/README.md", b"# The old dumps\n", b'0'),
        member("old/latest", b"", b'2'),
        member("old/empty", b"", b'0'),
        member("old/jobs.json", &dump, b'0'),
        member("old/inner.tar", &tar(&[("a", &dump)]), b'0'),
    ]);
    let sandbox = Sandbox::new();
    let run = import(&sandbox, &archive, "").ok();
    assert_eq!(sandbox.ids(), [A]);
    run.stderr_has(
        "dump.json: 4 members are no dumps and were passed over: old/README.md (plain text, no JSON; it begins \"# The old dumps\"), \
         old/latest (a link), old/empty (empty), old/inner.tar (a tar archive)\n",
    );
    let run = import(&sandbox, &archive, "--dry-run").ok();
    let passed = run.json()["passed_over"]["dump.json"].clone();
    assert_eq!(passed["count"], 4, "{run}");
    assert_eq!(
        passed["first"][1],
        json!({"name": "old/latest", "what": "a link"}),
        "{run}"
    );
}

#[test]
fn a_member_that_is_called_json_and_is_none_is_bad() {
    let dump = text(json!([manager(A)]));
    let page = b"HTTP/1.1 200 OK\n\n[]\n";
    let archive = tar(&[
        ("it's/page.json", page),
        ("jobs.json", &dump),
        ("empty.jsonl", b""),
    ]);
    let sandbox = Sandbox::new();
    let run = import(&sandbox, &archive, "").fails(65);
    assert_eq!(sandbox.ids(), [A]);
    run.stderr_has("dump.json:it's/page.json: it begins with the headers of an HTTP answer")
        .stderr_has("dump.json:empty.jsonl: it is empty")
        .stderr_has("tar -xOf dump.json 'it'\\\\''s/page.json' | tail -n +3 | jobctl migrate -");
}

#[test]
fn messages_and_rejects_name_the_member() {
    let bad = with(manager(B), json!({"progress": 120}));
    let first = text(json!([manager(A)]));
    let second = lines(&[manager(C), bad]);
    let archive = tar(&[("one.json", &first), ("two.jsonl", second.as_bytes())]);
    let sandbox = Sandbox::new();
    let run = import(&sandbox, archive, "--rejects bad.jsonl").fails(65);
    run.stderr_has("dump.json:two.jsonl: line 2, byte ");
    let reject: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
    assert_eq!(reject["source"], "dump.json:two.jsonl");
    assert_eq!(reject["line"], 2);
    assert_eq!(sandbox.ids(), [A, C]);
}

#[test]
fn an_archive_without_a_dump_is_bad() {
    for archive in [
        tar(&[("README", b"nothing")]),
        ended(&[member("old/", b"", b'5')]),
    ] {
        let sandbox = Sandbox::report();
        import(&sandbox, archive, "")
            .fails(65)
            .stderr_has("dump.json: it is a tar archive without a dump in it")
            .stderr_has("\"hint\": \"tar -tvf dump.json\"");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_cut_off_archive_gives_what_is_whole_in_it() {
    let (one, two) = (
        lines(&[manager(A), manager(B)]),
        lines(&[manager(C), manager(D)]),
    );
    let archive = tar(&[("one.jsonl", one.as_bytes()), ("two.jsonl", two.as_bytes())]);
    let behind_first = one.len().next_multiple_of(512) + 512;
    for (length, ids) in [
        (behind_first, &[A, B][..]),
        (behind_first + 100, &[A, B]),
        (behind_first + 512 + two.len() - 40, &[A, B, C]),
        (archive.len() - 1024, &[A, B, C, D]),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &archive[..length], "").fails(65);
        assert_eq!(sandbox.ids(), ids, "{length}{run}");
        let run = run.stderr_has("its tar data are cut off");
        run.stderr_has("\"hint\": \"when the dump is whole, run it again");
    }
    let packed = gzip(&archive);
    let sandbox = Sandbox::new();
    import(&sandbox, &packed[..packed.len() - 20], "")
        .fails(65)
        .stderr_has("its gzip data are cut off");
    let sandbox = Sandbox::report();
    import(&sandbox, &archive[..archive.len() - 1024], "--atomic").fails(65);
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn long_names_are_whole() {
    let long = format!("{}.jsonl", "long/".repeat(40));
    let bad = b"{\"job_id\": 1, \"job_type\": \"idea2video\"}\n";
    let record = format!(" path={long}\n");
    let record = format!("{}{record}", record.len() + 3);
    for before in [
        member("././@LongLink", format!("{long}\0").as_bytes(), b'L'),
        member("PaxHeaders/x", record.as_bytes(), b'x'),
    ] {
        let archive = ended(&[before, member("short", bad, b'0')]);
        import(&Sandbox::new(), archive, "")
            .fails(65)
            .stderr_has(&format!("dump.json:{long}: line 1"));
    }
}

#[test]
fn a_dump_that_begins_like_a_member_is_none() {
    // The sum of no header is right in it.
    let dump = text(json!({A: manager(A), B: manager(B)}));
    assert!(dump.len() > 512);
    import(&Sandbox::new(), dump, "").ok();
}
