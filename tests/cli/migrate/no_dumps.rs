//! What is given as a dump and is none: it is named, and the line that makes a dump of it imports what is in it.

use std::path::Path;

use serde_json::json;

use super::{api_server, import, lines, manager, pipeline};
use crate::support::{A, B, C, D, Output, Sandbox};

/// Two jobs in an array on one line, or an object on several.
fn array() -> String {
    json!([manager(A), api_server(B)]).to_string()
}

fn object() -> String {
    serde_json::to_string_pretty(&json!({"jobs": [manager(A), api_server(B)]})).unwrap()
}

/// The file is named so, nothing is imported, and the hint is this line, which imports both jobs.
#[track_caller]
fn is_mended(bytes: impl AsRef<[u8]>, what: &str, line: &str) {
    let name = "my dump.json";
    let sandbox = Sandbox::report();
    sandbox.write(name, &bytes);
    let run = sandbox
        .jobctl(["migrate", name, "-q", "-o", "json"])
        .run()
        .fails(65);
    let error = run.json_error();
    assert_eq!(error["message"], format!("{name}: {what}"), "{run}");
    let line = line.replace("FILE", "'my dump.json'") + " | jobctl migrate -";
    assert_eq!(error["hint"], line, "{run}");
    assert_eq!(run.json()["read"], 0, "{run}");
    assert_eq!(sandbox.count(), 0, "{run}");
    let problems = json!([format!("{name}: {what}: {line}")]);
    assert_eq!(run.json()["problems"], problems, "{run}");
    let binary = Path::new(env!("CARGO_BIN_EXE_jobctl")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
    sandbox
        .program("sh", ["-c", &line])
        .env("PATH", path)
        .run()
        .ok();
    assert_eq!(sandbox.ids(), [A, B], "{line}");
    // It costs itself alone, and is known from a pipe too.
    let sandbox = Sandbox::new();
    sandbox.write(name, &bytes);
    sandbox.write("other.json", json!([pipeline(C)]).to_string());
    let args = ["migrate", name, "other.json", "-", "-q"];
    let run = sandbox
        .jobctl(args)
        .stdin(manager(D).to_string())
        .run()
        .fails(65);
    assert_eq!(sandbox.ids(), [C, D], "{run}");
    let run = sandbox.jobctl("migrate - -q").stdin(&bytes).run().fails(65);
    run.stderr_has(&format!("error: standard input: {what}\nhint: ... | "));
    // Nothing is written, or nothing at all.
    let sandbox = Sandbox::new();
    for flag in ["--dry-run", "--atomic"] {
        import(&sandbox, &bytes, [flag]).fails(65).stderr_has(what);
    }
}

#[test]
fn headers_of_an_answer() {
    let what = |line| {
        format!(
            "it begins with the headers of an HTTP answer (curl -i); the JSON begins in line {line}"
        )
    };
    let headers = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    is_mended(format!("{headers}{}", array()), &what(4), "tail -n +4 FILE");
    let redirected = "HTTP/2 302 \r\nlocation: /jobs\r\n\r\n";
    let text = format!("{redirected}{headers}{}", object());
    is_mended(text, &what(7), "tail -n +7 FILE");
    let text = format!("\n\nContent-Type: application/json\n\n{}", object());
    is_mended(text, &what(5), "tail -n +5 FILE");
}

#[test]
fn guards_against_scripts() {
    let what = |guard| {
        format!("it begins with {guard}, which keeps a page from running it; the JSON begins")
    };
    for guard in [")]}'", ")]}',", "while(1);", "for(;;);"] {
        let text = format!("{guard}\n{}", array());
        is_mended(
            text,
            &format!("{} in line 2", what(guard)),
            "tail -n +2 FILE",
        );
        let text = format!("{guard}{}", object());
        let at = guard.len();
        let what = format!("{} at byte {at}", what(guard));
        is_mended(text, &what, &format!("tail -c +{} FILE", at + 1));
    }
}

#[test]
fn comments() {
    let what = "it begins with a comment; the JSON begins";
    for comment in [
        "// made by hand\n// twice\n",
        "# made by hand\n\n",
        "/* made\n   by hand */\n",
    ] {
        let text = format!("{comment}{}", object());
        is_mended(text, &format!("{what} in line 3"), "tail -n +3 FILE");
    }
    let text = format!("/* by hand */ {}", array());
    is_mended(text, &format!("{what} at byte 14"), "tail -c +15 FILE");
}

#[test]
fn lines_of_a_log() {
    let what = "it begins with a line of a log; the JSON begins in line 2";
    for line in [
        "2026-01-05 10:00:00 INFO dumping",
        "[2026-01-05T10:00:00Z] dumping",
        "[INFO] dumping",
    ] {
        is_mended(format!("{line}\n{}", object()), what, "tail -n +2 FILE");
    }
    let what = "it begins with other text; the JSON begins in line 3";
    is_mended(
        format!("Password:\n\n{}", object()),
        what,
        "tail -n +3 FILE",
    );
    let what = "it is a line of a log; the JSON begins at byte 12";
    is_mended(format!("INFO  jobs: {}", array()), what, "tail -c +13 FILE");
}

#[test]
fn a_line_before_json_lines_costs_itself_alone_and_is_named() {
    let log = "it begins with a line of a log";
    let other = "it begins with other text";
    for (line, what) in [
        ("2026-01-05 10:00:00 INFO dumping", log),
        ("[2026-01-05T10:00:00Z] dumping", log),
        ("[INFO] dumping", log),
        ("# made by hand", "it begins with a comment"),
        ("// made by hand", "it begins with a comment"),
        (")]}'", "it begins with )]}'"),
        ("HTTP/1.1 200 OK", "it begins with the headers"),
        ("Connecting to host...", other),
        ("\"quoted\" words", other),
        ("3 jobs", other),
        ("true story", other),
    ] {
        let sandbox = Sandbox::new();
        let text = format!("{line}\n{}", lines(&[manager(A), manager(B)]));
        let run = import(&sandbox, &text, "--rejects bad.jsonl -q").fails(65);
        let error = run.json_error();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("dump.json: {what}")), "{run}");
        assert!(message.contains("the JSON begins in line 2"), "{run}");
        assert!(message.contains("line 1, byte 0"), "{run}");
        assert_eq!(error["hint"], "tail -n +2 dump.json | jobctl migrate -");
        assert_eq!(sandbox.ids(), [A, B]);
        assert_eq!(sandbox.read("bad.jsonl").lines().count(), 1);
        let rest = lines(&[manager(A), manager(B)]);
        import(&sandbox, rest, "").ok();
    }
    // A damaged job is none of these.
    for line in [
        "us\": \"completed\"}",
        "x{\"job_id\": 1}",
        "}",
        "12",
        "\"word\"",
    ] {
        let sandbox = Sandbox::new();
        let text = format!("{line}\n{}", lines(&[manager(A), manager(B)]));
        let run = import(&sandbox, text, "").fails(65);
        assert!(!run.stderr.contains("tail -n"), "{run}");
        assert_eq!(sandbox.ids(), [A, B]);
    }
}

#[test]
fn scripts() {
    let rest = "sed '$s/[;)][;)[:space:]]*$//'";
    for (before, behind, what) in [
        ("var jobs = ", ";\n", "JavaScript"),
        ("window.__JOBS__=", ";", "JavaScript"),
        ("export default ", "\n", "JavaScript"),
        ("module.exports = ", ";\n", "JavaScript"),
        ("callback(", ");\n", "a call of JavaScript (JSONP)"),
    ] {
        let at = before.len();
        let what = format!("it is {what}; the JSON begins at byte {at}");
        let line = format!("tail -c +{} FILE | {rest}", at + 1);
        is_mended(format!("{before}{}{behind}", object()), &what, &line);
    }
}

#[test]
fn other_wrappings_of_text() {
    let what = "it is Markdown, with the JSON in a block; the JSON begins in line 2";
    is_mended(
        format!("```json\n{}\n```\n", object()),
        what,
        "sed '/^```/d' FILE",
    );
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, array());
    is_mended(encoded, "it is JSON in base64", "base64 -d FILE");
}

#[test]
fn blocks_of_zeros() {
    let what = "it begins with 4096 NUL bytes, a block that was never written";
    for text in [array(), object()] {
        let bytes = [vec![0; 4096], text.into_bytes()].concat();
        is_mended(bytes, what, "tr -d '\\0' <FILE");
    }
}

#[test]
fn other_encodings() {
    fn encoded(text: &str, width: usize, mark: bool, big: bool) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        let unit = |c: char| {
            let bytes = if big {
                u32::from(c).to_be_bytes()
            } else {
                u32::from(c).to_le_bytes()
            };
            let from = if big { 4 - width } else { 0 };
            bytes[from..from + width].to_vec()
        };
        mark.into_iter()
            .chain(text.chars())
            .flat_map(unit)
            .collect()
    }
    for (width, name) in [(2, "UTF-16"), (4, "UTF-32")] {
        let what = format!("it is {name}, and must be UTF-8");
        for (big, order) in [(false, "LE"), (true, "BE")] {
            let line = format!("iconv -f {name} -t UTF-8 FILE");
            is_mended(encoded(&array(), width, true, big), &what, &line);
            let line = format!("iconv -f {name}{order} -t UTF-8 FILE");
            is_mended(encoded(&object(), width, false, big), &what, &line);
        }
    }
}

/// The file is named so, and nothing is imported. Gives the hint.
#[track_caller]
fn is_named(bytes: impl AsRef<[u8]>, what: &str) -> String {
    let sandbox = Sandbox::report();
    let run = import(&sandbox, bytes, "-q").fails(65);
    let error = run.json_error();
    assert_eq!(error["message"], format!("dump.json: {what}"), "{run}");
    assert_eq!(sandbox.count(), 0, "{run}");
    error["hint"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn pages_and_texts_of_other_kinds() {
    let page = "<!DOCTYPE html>\n<html><head><title>Sign\u{1b}[2J in</title>";
    is_named(page, "it is HTML, a page called \"Sign\\x1b[2J in\"");
    is_named("<?xml version=\"1.0\"?><jobs/>", "it is XML");
    is_named(
        "HTTP/1.1 503 Busy\n\nlater",
        "it is an HTTP answer, of status 503, without JSON",
    );
    is_named(
        "Connection refused\n",
        "it is plain text, no JSON; it begins \"Connection refused\"",
    );
    is_named("[database]\nhost = x\n", "it is an INI file, or TOML");
    is_named("null\n", "it is JSON, but only null, and holds no job");
    is_named(
        b"J\xe9r\xf4me",
        "it is text of another encoding than UTF-8, and no JSON",
    );
    let hint = is_named("jobs:\n  - job_id: a\n    type: b\n", "it is YAML, no JSON");
    assert_eq!(hint, "yq -o=json . dump.json | jobctl migrate -");
    is_named("---\n- job_id: a\n", "it is YAML, no JSON");
    let hint = is_named(
        "{jobs: [{id: 'a'}]}",
        "it is JavaScript or JSON5, with names without quotes, no JSON",
    );
    assert_eq!(hint, "npx json5 dump.json | jobctl migrate -");
    is_named(
        "{ // jobs\n\"jobs\": []}",
        "it is JSON with comments (JSON5)",
    );
}

#[test]
fn what_python_prints() {
    let what = "it is what Python prints, with single quotes, no JSON";
    let hint = is_named("[{'job_id': 'a', 'ok': True, 'error': None}]", what);
    assert!(
        hint.starts_with("python3 -c 'import ast, json, sys; "),
        "{hint}"
    );
    assert!(hint.ends_with(" <dump.json | jobctl migrate -"), "{hint}");
    is_named("{'a': {'type': 'idea2video'}}\n", what);
    is_named(b"\x80\x04\x95\x10\x00\x00\x00", "it is a pickle of Python");
}

#[test]
fn tables() {
    let own = "it is CSV, as jobctl writes it for spreadsheets; export -o jsonl gives rows that come back as they were";
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let run = sandbox.jobctl("export -o csv").run().ok();
    assert!(is_named(&run.stdout, own).contains(" <dump.json | jobctl migrate -"));
    let run = sandbox.jobctl("list -o csv").run().ok();
    is_named(&run.stdout, own);
    is_named("name;age\nx;3\n", "it is CSV, no JSON");
    is_named(
        "name\tage\nx\t3\n",
        "it is a table of values separated by tabs, no JSON",
    );
}

#[test]
fn dumps_of_databases() {
    for (bytes, what) in [
        (
            &b"--\n-- PostgreSQL database dump\n--\n"[..],
            "it is a PostgreSQL dump",
        ),
        (b"PGDMP\x01\x0e", "it is a PostgreSQL dump (pg_dump -Fc)"),
        (b"-- MySQL dump 10.13\n", "it is a MySQL dump"),
        (
            b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n",
            "it is a SQLite dump (.dump)",
        ),
        (b"INSERT INTO jobs VALUES (1);\n", "it is SQL"),
        (b"REDIS0011\xfa", "it is a snapshot of Redis (RDB)"),
        (
            b"\x28\0\0\0\x02job_id\0\x05\0\0\0abcd\0\0",
            "it is BSON, as mongodump writes it",
        ),
    ] {
        assert!(!is_named(bytes, what).is_empty(), "{what}");
    }
}

#[test]
fn binary_data() {
    for (bytes, what) in [
        (&b"PAR1\x15\x04"[..], "it is a Parquet file"),
        (b"\x82\xa6job_id\xa1a\xa4type\xa1b", "it is MessagePack"),
        (
            b"\x0a\x03abc\x12\x02de",
            "it is binary data, perhaps of Protocol Buffers",
        ),
        (b"\x01\x02\x03", "it is binary data"),
        (b"\x7fELF\x02", "it is a program (ELF)"),
        (b"\x04\x22\x4d\x18\x64", "it is packed with lz4"),
        (b"PK\x03\x04\x14\0", "it is a zip archive"),
        (b"7z\xbc\xaf\x27\x1c\0", "it is a 7z archive"),
        (
            &[0; 5000],
            "it holds nothing but NUL bytes: what was written to it never arrived on the disk",
        ),
    ] {
        assert!(!is_named(bytes, what).is_empty(), "{what}");
    }
}

#[test]
fn secrets() {
    for (bytes, what) in [
        (
            &b"-----BEGIN PGP MESSAGE-----\n\nabc"[..],
            "it is encrypted with gpg",
        ),
        (b"\x8c\x0d\x04\x09\x03\x02abc", "it is encrypted with gpg"),
        (b"age-encryption.org/v1\n", "it is encrypted with age"),
        (
            b"-----BEGIN CERTIFICATE-----\nabc",
            "it is a PEM file (CERTIFICATE)",
        ),
        (
            b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.abc\n",
            "it is a token (JWT), no dump",
        ),
    ] {
        assert!(!is_named(bytes, what).is_empty(), "{what}");
    }
}

#[test]
fn nothing_at_all() {
    is_named("", "it is empty");
    is_named(" \n\t\n", "it is empty, but for 4 bytes of white space");
}

#[test]
fn the_tail_of_a_dump_alone_asks_for_the_whole() {
    let what = "it begins in the middle of a dump: the beginning is missing";
    for text in [array(), object()] {
        for from in [20, 60, 100, 150, text.len() / 2 - 30, text.len() - 60] {
            let tail = text[from..].trim_start_matches(['[', '{']);
            let hint = is_named(tail, what);
            assert!(
                hint.starts_with("when the dump is whole, run it again"),
                "{from}: {hint}"
            );
        }
    }
}

#[test]
fn zeros_in_a_dump_and_behind_it_are_named() {
    let sandbox = Sandbox::new();
    let zeros = "\0".repeat(5000);
    let (a, b) = (manager(A).to_string(), manager(B).to_string());
    for text in [format!("[{a}, {b}]{zeros}"), format!("{a}\n{b}\n{zeros}")] {
        let run = import(&sandbox, text, "").fails(65);
        assert_eq!(run.json()["rejected"], 0, "{run}");
        run.stderr_has("dump.json: it ends with 5000 NUL bytes, a block that was never written");
        assert_eq!(sandbox.ids(), [A, B]);
    }
    for text in [
        format!("[{a}, {zeros}{b}]"),
        format!("{a}\n{zeros}{b}\n"),
        format!("{a}\n{zeros}\n{b}\n"),
    ] {
        let sandbox = Sandbox::new();
        let run = import(&sandbox, text, "").fails(65);
        run.stderr_has("5000 NUL bytes, a block that was never written");
        assert_eq!(sandbox.ids(), [A, B]);
    }
    let torn = a.replace("\"status\"", "\0\0\0\"status\"");
    let sandbox = Sandbox::new();
    let run = import(&sandbox, format!("[{torn}, {b}]"), "").fails(65);
    let from = torn.find('\0').unwrap();
    let words = format!(
        "NUL bytes from byte {from} to byte {} of the record",
        from + 3
    );
    run.stderr_has(&words)
        .stderr_has("what stood there is missing");
    assert_eq!(sandbox.ids(), [B]);
}

/// The hint of an error that stands behind other lines.
fn hint(run: &Output) -> String {
    let error = run.stderr.lines().last().unwrap();
    let error: serde_json::Value = serde_json::from_str(error).unwrap();
    error["error"]["hint"].as_str().unwrap().to_owned()
}

/// Wherever they stand, and however the dump is packed, the records around them come in, and the hint is the line that mends it.
#[test]
fn zeros_among_lines_are_told_with_the_line_that_takes_them_out() {
    let (a, b) = (manager(A).to_string(), manager(B).to_string());
    let half = manager(C).to_string();
    let half = &half[..half.len() / 2];
    for zeros in ["\0", "\0\0\0", &"\0".repeat(70_000)] {
        for (text, program) in [
            (format!("{zeros}{a}\n{b}\n"), "tr -d '\\0'"),
            (format!("{zeros}\n{a}\n{b}\n"), "tr -d '\\0'"),
            (format!("{a}\n{zeros}{b}\n"), "tr -d '\\0'"),
            (format!("{a}\n{zeros}\n{b}\n"), "tr -d '\\0'"),
            (format!("{a}{zeros}\n{b}\n"), "tr -d '\\0'"),
            (format!("{a}\n{b}\n{zeros}"), "tr -d '\\0'"),
            (
                format!("{a}\n{b}\n{half}{zeros}{half}\n"),
                "tr -s '\\0' '\\n'",
            ),
        ] {
            let sandbox = Sandbox::new();
            let run = import(&sandbox, &text, "").fails(65);
            let line = format!("{program} <dump.json | jobctl migrate -");
            assert_eq!(hint(&run), line, "{run}");
            run.stderr_has("NUL byte");
            assert_eq!(sandbox.ids(), [A, B]);
            let sandbox = Sandbox::new();
            let run = sandbox.jobctl("migrate - -o json").stdin(&text).run();
            let line = format!("... | {program} | jobctl migrate -");
            assert_eq!(hint(&run.fails(65)), line);
            assert_eq!(sandbox.ids(), [A, B]);
        }
        let torn = a.replace("\"status\"", &format!("{zeros}\"status\""));
        let sandbox = Sandbox::new();
        let packed = zstd::encode_all(format!("{torn}\n{b}\n").as_bytes(), 1).unwrap();
        let run = import(&sandbox, packed, "").fails(65);
        assert_eq!(
            hint(&run),
            "zstd -dc dump.json | tr -d '\\0' | jobctl migrate -"
        );
        assert_eq!(sandbox.ids(), [B]);
    }
}

#[test]
fn names_are_quoted_for_a_shell() {
    for (name, quoted) in [
        ("it's.json", "'it'\\''s.json'"),
        ("$HOME;x.json", "'$HOME;x.json'"),
        ("a\nb.json", "$'a\\x0ab.json'"),
        ("plain-1.json", "plain-1.json"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(name, format!(")]}}'\n{}", array()));
        let run = sandbox
            .jobctl(["migrate", name, "-q", "-o", "json"])
            .run()
            .fails(65);
        let hint = format!("tail -n +2 {quoted} | jobctl migrate -");
        assert_eq!(run.json_error()["hint"], hint, "{run}");
    }
    let sandbox = Sandbox::new();
    sandbox.write("-x", format!(")]}}'\n{}", array()));
    let run = sandbox.jobctl("migrate -- -x").run().fails(65);
    run.stderr_has("hint: tail -n +2 ./-x | jobctl migrate -\n");
}

#[test]
fn what_is_packed_is_unpacked_in_the_line_too() {
    let sandbox = Sandbox::new();
    let text = format!(")]}}'\n{}", array());
    sandbox.write("x.zst", zstd::encode_all(text.as_bytes(), 3).unwrap());
    let run = sandbox.jobctl("migrate x.zst").run().fails(65);
    run.stderr_has("hint: zstd -dc x.zst | tail -n +2 | jobctl migrate -\n");
}

#[test]
fn several_are_each_told() {
    let sandbox = Sandbox::new();
    sandbox.write("a", format!(")]}}'\n{}", array()));
    sandbox.write("b", "");
    sandbox.write(
        "c",
        object()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    let run = sandbox.jobctl("migrate a b c").run().fails(65);
    run.stderr_has("a: it begins with )]}'")
        .stderr_has("; b: it is empty; c: it is UTF-16")
        .stderr_has("hint: tail -n +2 a | jobctl migrate -; ")
        .stderr_has("; iconv -f UTF-16LE -t UTF-8 c | jobctl migrate -\n");
}

#[test]
fn events_and_colours() {
    let [a, b] = [manager(A), api_server(B)];
    for text in [
        format!("data: {a}\n\ndata: {b}\n\n"),
        format!(": hello\n\nevent: job\nid: 1\ndata: {a}\n\nevent: job\ndata:{b}\n\n"),
    ] {
        let what = "it is a stream of server-sent events (text/event-stream)";
        is_mended(text, what, "sed -n 's/^data: *//p' FILE");
    }
    let text = array().replace('{', "\x1b[1;39m{\x1b[0m");
    let text = format!("\x1b[1;39m[{}", &text[1..]);
    let what = "it is JSON with the colours of a terminal in it (jq -C)";
    is_mended(text, what, "sed 's/\\x1b\\[[0-9;]*m//g' FILE");
}
