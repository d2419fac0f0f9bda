//! Compressed dumps: known by their content, of one part or several, whole or not; what else is known by its content, and says how
//! it is made a dump.

use std::io::Write as _;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::running::Running;
use super::{api_server, counts, import, lines, manager, pipeline, with};
use crate::support::{A, B, C, D, Output, Sandbox};

fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn zst(text: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(text.as_ref(), 3).unwrap()
}

fn xz(text: impl AsRef<[u8]>, level: u32) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), level);
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(text: impl AsRef<[u8]>) -> Vec<u8> {
    let level = ::bzip2::Compression::new(1);
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), level);
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A frame that a reader passes over.
fn skippable(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let magic = 0x184D_2A53_u32;
    [&magic.to_le_bytes()[..], &length.to_le_bytes(), bytes].concat()
}

type Compress = fn(&str) -> Vec<u8>;

/// All kinds of compression.
const ALL: [(&str, Compress); 4] = [
    ("gzip", |text| gzip(text)),
    ("zstd", |text| zst(text)),
    ("xz", |text| xz(text, 6)),
    ("bzip2", |text| bzip2(text)),
];

/// Records that do not get much smaller, one a line.
fn noisy(records: usize) -> String {
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("{:08x}", state >> 32)
    };
    let record = |n: usize| {
        let content: String = (0..24).map(|_| noise()).collect();
        let id = format!("{n:08x}-0000-4000-8000-000000000000");
        with(manager(&id), json!({"title": content}))
    };
    lines(&(0..records).map(record).collect::<Vec<_>>())
}

/// The import of `dump.json` with these bytes into a new file.
#[track_caller]
fn imports(bytes: impl AsRef<[u8]>, ids: &[&str]) {
    let sandbox = Sandbox::new();
    let run = import(&sandbox, bytes, "").ok();
    let read = ids.len() as u64;
    assert_eq!(counts(&run.json()), [read, read, 0, 0, 0], "{run}");
    assert_eq!(sandbox.ids(), ids);
}

#[test]
fn they_are_known_by_their_content_whatever_their_name() {
    let text = json!({A: manager(A), B: pipeline(B)}).to_string();
    for bytes in ALL.map(|(_, compress)| compress(&text)) {
        for name in ["dump.json", "x.gz", "x.zst", "x", "x.jsonl.bak"] {
            let sandbox = Sandbox::new();
            sandbox.write(name, &bytes);
            let run = sandbox.jobctl(["migrate", name, "-o", "json"]).run().ok();
            assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0], "{name}{run}");
        }
    }
}

#[test]
fn they_may_come_from_standard_input() {
    for (kind, compress) in ALL {
        let sandbox = Sandbox::new();
        let run = sandbox.jobctl("migrate - -o json");
        let run = run.stdin(compress(&noisy(3_000))).run().ok();
        assert_eq!(counts(&run.json()), [3_000, 3_000, 0, 0, 0], "{kind}{run}");
    }
}

#[test]
fn they_may_come_byte_by_byte() {
    let text = lines(&[manager(A), manager(B)]);
    for bytes in ALL.map(|(_, compress)| compress(&text)) {
        let sandbox = Sandbox::new();
        let mut running = Running::start(sandbox.jobctl("migrate -"));
        for byte in bytes {
            running.feed([byte]);
        }
        running.end().ok();
        assert_eq!(sandbox.ids(), [A, B]);
    }
}

#[test]
fn several_parts_one_after_another_are_one_dump() {
    let text = json!([manager(A), manager(B), manager(C)]).to_string();
    let (first, rest) = text.split_at(300);
    let (second, third) = rest.split_at(1);
    for (_, compress) in ALL {
        imports(
            [first, second, "", third].map(compress).concat(),
            &[A, B, C],
        );
    }
}

#[test]
fn many_small_parts_are_one_dump() {
    let text = noisy(400);
    for (kind, compress) in ALL {
        let bytes: Vec<u8> = text.split_inclusive('\n').flat_map(compress).collect();
        let run = import(&Sandbox::new(), bytes, "").ok();
        assert_eq!(run.json()["inserted"], 400, "{kind}");
    }
}

#[test]
fn a_frame_of_zstd_that_is_to_be_passed_over_is() {
    let (first, second) = (manager(A).to_string() + "\n", manager(B).to_string());
    let skipped = skippable(b"{\"not\": \"a job\"}");
    for parts in [
        [skipped.clone(), zst(&first), zst(&second)],
        [zst(&first), skipped.clone(), zst(&second)],
        [zst(&first), zst(&second), skipped.clone()],
        [zst(&first), zst(&second), skippable(b"")],
    ] {
        imports(parts.concat(), &[A, B]);
    }
}

/// The first block is looked at for the header of a tar member, whose sum begins at byte 148; a byte of 0x80 there says that bytes follow.
#[test]
fn any_bytes_in_the_first_block_are_no_header_of_tar() {
    let text = manager(A).to_string();
    for byte in [0x00, 0x20, 0x30, 0x80, 0xff] {
        imports([skippable(&[byte; 600]), zst(&text)].concat(), &[A]);
        let mut named = flate2::GzBuilder::new()
            .filename(vec![byte.max(1); 600])
            .write(Vec::new(), Compression::default());
        named.write_all(text.as_bytes()).unwrap();
        imports(named.finish().unwrap(), &[A]);
    }
}

#[test]
fn zeros_behind_the_end_of_gzip_are_padding() {
    let text = lines(&[manager(A), manager(B)]);
    for zeros in [1, 7, 512, 100_000] {
        imports([gzip(&text), vec![0; zeros]].concat(), &[A, B]);
        imports([bzip2(&text), vec![0; zeros]].concat(), &[A, B]);
        // Of xz it stands in fours.
        imports([xz(&text, 6), vec![0; zeros * 4]].concat(), &[A, B]);
    }
}

#[test]
fn nothing_in_it_is_an_empty_file() {
    for (_, compress) in ALL {
        for text in ["", "\n", "  \n\t"] {
            let run = import(&Sandbox::new(), compress(text), "").fails(65);
            run.stderr_has("dump.json").stderr_has("empty");
        }
        let run = import(&Sandbox::new(), compress("[]"), "").ok();
        assert_eq!(counts(&run.json()), [0; 5]);
    }
}

#[test]
fn plain_gzip_and_zstd_in_one_run() {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", json!([manager(A)]).to_string());
    sandbox.write("two.gz", gzip(json!({B: pipeline(B)}).to_string()));
    sandbox.write("three.zst", zst(api_server(C).to_string()));
    let args = "migrate one.json two.gz - three.zst -o json";
    let run = sandbox.jobctl(args).stdin(gzip(manager(D).to_string()));
    assert_eq!(counts(&run.run().ok().json()), [4, 4, 0, 0, 0]);
    assert_eq!(sandbox.ids(), [A, B, C, D]);
}

#[test]
fn a_dry_run_reads_them_too() {
    for (_, compress) in ALL {
        let sandbox = Sandbox::report();
        let run = import(&sandbox, compress(&noisy(50)), "--dry-run").ok();
        assert_eq!(counts(&run.json()), [50, 50, 0, 0, 0], "{run}");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn places_are_those_of_the_text_in_it() {
    let bad = with(manager(B), json!({"progress": 120}));
    let text = lines(&[manager(A), bad, manager(C)]) + &manager(D).to_string()[..50];
    let told = |bytes: Vec<u8>| {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, bytes, "--rejects bad.jsonl").fails(65);
        let reject: Value = serde_json::from_str(&sandbox.read("bad.jsonl")).unwrap();
        (run.stdout, run.stderr, reject)
    };
    let plain = told(text.clone().into_bytes());
    assert!(plain.1.contains("line 4"), "{plain:?}");
    assert_eq!(plain.2["line"], 2);
    for (kind, compress) in ALL {
        assert_eq!(told(compress(&text)), plain, "{kind}");
        // Parts count on.
        let (first, second) = text.split_at(100);
        let parts = [compress(first), compress(second)].concat();
        assert_eq!(told(parts), plain, "{kind}");
    }
}

/// What came before is imported, and the message says in which file and what is wrong with its compressed data.
#[track_caller]
fn is_broken(kind: &str, bytes: &[u8], records: usize, word: &str) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("one.json", bytes);
    sandbox.write("two.json", manager(A).to_string());
    let args = "migrate one.json two.json -o json";
    let run = sandbox.jobctl(args).run().fails(65);
    for part in ["one.json", kind, word] {
        assert!(run.stderr.contains(part), "{part:?} expected{run}");
    }
    assert_eq!(run.json()["inserted"], records + 1, "{run}");
    assert_eq!(sandbox.count(), records as i64 + 1, "{run}");
    run
}

/// The whole lines that come out of a reader until it fails.
fn whole_lines(mut reader: impl std::io::Read) -> usize {
    let mut text = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        text.extend_from_slice(&buffer[..read]);
    }
    text.iter().filter(|byte| **byte == b'\n').count()
}

#[test]
fn what_stands_before_the_cut_is_imported() {
    let text = noisy(4_000);
    let (gz, zstd) = (gzip(&text), zst(&text));
    for part in [2, 5, 9] {
        let bytes = &gz[..gz.len() / 10 * part];
        let records = whole_lines(MultiGzDecoder::new(bytes));
        assert!(records > 500, "{records}");
        is_broken("gzip", bytes, records, "cut off");
        let bytes = &zstd[..zstd.len() / 10 * part];
        let records = whole_lines(zstd::Decoder::new(bytes).unwrap());
        assert!(records > 500, "{records}");
        is_broken("zstd", bytes, records, "cut off");
    }
}

#[test]
fn a_cut_in_the_head_or_the_last_bytes_is_one() {
    let text = noisy(3);
    let (gz, zstd) = (gzip(&text), zst(&text));
    for length in [4, 9, 10] {
        is_broken("gzip", &gz[..length], 0, "cut off");
    }
    for missing in [1, 4, 8] {
        is_broken("gzip", &gz[..gz.len() - missing], 3, "cut off");
    }
    for length in [5, 6, 10] {
        is_broken("zstd", &zstd[..length], 0, "cut off");
    }
}

#[test]
fn a_cut_in_a_later_part_is_one() {
    let [first, second] = [A, B].map(|id| manager(id).to_string() + "\n");
    for (kind, compress) in ALL {
        let first = compress(&first.replace(A, D));
        let second = compress(&second);
        for length in [5, 12] {
            is_broken(kind, &[&first, &second[..length]].concat(), 1, "cut off");
        }
    }
}

#[test]
fn a_sum_that_is_wrong_is_damage() {
    let text = noisy(3);
    let mut bytes = gzip(&text);
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    is_broken("gzip", &bytes, 3, "damaged");
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(text.as_bytes()).unwrap();
    let mut bytes = encoder.finish().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let run = is_broken_at_most(&bytes, 3);
    assert!(run.stderr.contains("damaged"), "{run}");
}

/// As `is_broken`, where a reader may keep back what it cannot vouch for.
#[track_caller]
fn is_broken_at_most(bytes: &[u8], records: u64) -> Output {
    let run = import(&Sandbox::new(), bytes, "").fails(65);
    assert!(run.json()["inserted"].as_u64().unwrap() <= records, "{run}");
    run.stderr_has("dump.json").stderr_has("zstd")
}

#[test]
fn what_cannot_be_unpacked_is_damage() {
    let (first, second) = (noisy(2), manager(B).to_string());
    // Blocks of a kind that there is not, behind a head that is whole.
    let head = &gzip(&second)[..10];
    let bytes = [&gzip(&first)[..], head, &[0xFF; 64]].concat();
    is_broken("gzip", &bytes, 2, "damaged");
    let head = &zst(&second)[..6];
    let bytes = [&zst(&first)[..], head, &[0xFF; 64]].concat();
    is_broken("zstd", &bytes, 2, "damaged");
}

#[test]
fn a_text_that_is_cut_off_in_a_whole_compressed_file_is_no_damage() {
    let text = lines(&[manager(A), manager(B), manager(C)]);
    for (_, compress) in ALL {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, compress(&text[..text.len() - 60]), "").fails(65);
        assert_eq!(sandbox.ids(), [A, B]);
        run.stderr_has("dump.json").stderr_lacks("damaged");
    }
}

#[test]
fn a_cut_in_a_container_says_that_the_compressed_data_is_cut_off() {
    let text = noisy(2_000).trim_end().replace('\n', ",\n");
    for (kind, compress) in ALL {
        let bytes = compress(&format!("[{text}]"));
        let sandbox = Sandbox::new();
        let run = import(&sandbox, &bytes[..bytes.len() / 2], "").fails(65);
        assert!(run.stderr.contains(kind), "{kind}{run}");
        assert!(run.stderr.contains("cut off"), "{kind}{run}");
        // bzip2 gives a block of 100,000 bytes or nothing of it.
        assert!((300..1_500).contains(&sandbox.count()), "{kind}{run}");
    }
}

#[test]
fn a_cut_behind_a_record_says_where_it_is_in_the_text() {
    let text = noisy(2_000);
    let (first, second) = text.split_at(text.match_indices('\n').nth(899).unwrap().0 + 1);
    let place = format!("byte {}, line 901", first.len());
    for (kind, compress) in ALL {
        // The first part ends with a line, and of the second there is not enough to give anything.
        let bytes = [&compress(first)[..], &compress(second)[..12]].concat();
        let run = is_broken(kind, &bytes, 900, "cut off");
        assert!(run.stderr.contains(&place), "{place:?} expected{run}");
        let behind = "nothing behind it was read";
        assert_eq!(run.stderr.matches(behind).count(), 1, "{run}");
    }
    // The whole text is there; what is missing is the sum behind it.
    let bytes = gzip(&text);
    let place = format!("byte {}, line 2001", text.len());
    let run = is_broken("gzip", &bytes[..bytes.len() - 8], 2_000, "cut off");
    assert!(run.stderr.contains(&place), "{place:?} expected{run}");
}

#[test]
fn a_dictionary_that_is_too_large_is_refused_and_says_what_unpacks_it() {
    let text = manager(A).to_string();
    for level in [8, 9] {
        let sandbox = Sandbox::new();
        sandbox.write("a dump.xz", xz(&text, level));
        sandbox
            .jobctl("migrate 'a dump.xz'")
            .run()
            .fails(65)
            .stderr_has("a dump.xz: its xz dictionary is larger than 16 MiB")
            .stderr_has("hint: xz -dc 'a dump.xz' | jobctl migrate -");
    }
    for level in 0..=7 {
        imports(xz(&text, level), &[A]);
    }
}

#[test]
fn one_packing_in_another_is_unpacked() {
    let text = manager(A).to_string();
    imports(gzip(bzip2(&text)), &[A]);
    imports(xz(zst(&text), 6), &[A]);
    imports(bzip2(gzip(xz(&text, 6))), &[A]);
}
