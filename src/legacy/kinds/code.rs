//! Texts of other languages: SQL, JavaScript, Python's output, logs; and encrypted ones.

use super::InputFault;
use super::json_start::begins_json;
use crate::legacy::position::Position;

pub(super) const FROM_POSTGRES: &str = "restore it, and take the jobs out as JSON Lines: psql -Atc 'select row_to_json(j) from video_generation_jobs j' DATABASE | jobctl migrate -";

/// The kind of a text that has to be decrypted first.
pub(super) fn of_secret(text: &str) -> Option<InputFault> {
    let encrypted = |with: &str| InputFault::new(format!("it is encrypted with {with}"));
    if text.starts_with("-----BEGIN PGP MESSAGE") {
        return Some(encrypted("gpg").by("gpg -d"));
    }
    if text.starts_with("-----BEGIN AGE ENCRYPTED") {
        return Some(encrypted("age").by("age -d"));
    }
    if text.starts_with("$ANSIBLE_VAULT;") {
        return Some(encrypted("ansible-vault").by_either("ansible-vault view {}", ""));
    }
    if text.starts_with("U2FsdGVkX1") {
        return Some(
            encrypted("openssl").advice(
                "decrypt it: openssl enc -d -a, with the cipher that it was encrypted with",
            ),
        );
    }
    let label = text.strip_prefix("-----BEGIN ")?.split("-----").next()?;
    let label: String = label
        .chars()
        .filter(|c| *c == ' ' || c.is_ascii_alphanumeric())
        .take(40)
        .collect();
    Some(InputFault::new(format!("it is a PEM file ({label})")))
}

pub(super) fn sql(text: &str) -> Option<InputFault> {
    let head: String = text
        .chars()
        .take(2000)
        .collect::<String>()
        .to_ascii_lowercase();
    if head.contains("-- postgresql database dump") {
        return Some(InputFault::new("it is a PostgreSQL dump").advice(FROM_POSTGRES));
    }
    if head.contains("-- mysql dump") || head.contains("-- mariadb dump") {
        return Some(
            InputFault::new("it is a MySQL dump")
                .advice("restore it, and write the jobs out as JSON Lines"),
        );
    }
    let begins = |marks: &[&str]| marks.iter().any(|mark| head.starts_with(mark));
    if begins(&["pragma ", "begin transaction;"]) {
        let export = "jobctl --db new.db export";
        return Some(InputFault::new("it is a SQLite dump (.dump)").by_either(
            format!("sqlite3 new.db <{{}} && {export}"),
            format!("sqlite3 new.db && {export}"),
        ));
    }
    let statement = [
        "create table",
        "insert into",
        "copy ",
        "drop table",
        "set ",
        "begin;",
        "select ",
    ];
    (begins(&statement) && head.contains(';')).then(|| {
        InputFault::new("it is SQL")
            .advice("run it in a database, and write the jobs out as JSON Lines")
    })
}

/// The kind of a text with an assignment, an export or a call around its JSON.
pub(super) fn javascript(text: &str, position: Position) -> Option<InputFault> {
    let end = text.find(['{', '['])?;
    let before = text[..end].trim();
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_$.".contains(c))
    };
    let assigned = before
        .strip_suffix('=')
        .map(str::trim_end)
        .is_some_and(|target| {
            let name = ["var ", "let ", "const ", "export const "]
                .iter()
                .find_map(|word| target.strip_prefix(word));
            is_name(name.unwrap_or(target).trim())
        });
    let called = before
        .strip_suffix('(')
        .is_some_and(|name| name.is_empty() || is_name(name.trim_start_matches("/**/")));
    if !assigned && !called && before != "export default" || !begins_json(&text[end..]) {
        return None;
    }
    let what = if called {
        "it is a call of JavaScript (JSONP)"
    } else {
        "it is JavaScript"
    };
    let start = position.byte + end as u64;
    let what = format!("{what}; the JSON begins at byte {start}");
    let rest = "sed '$s/[;)][;)[:space:]]*$//'";
    let cut = format!("tail -c +{}", start + 1);
    Some(InputFault::new(what).by_either(format!("{cut} {{}} | {rest}"), format!("{cut} | {rest}")))
}

/// The kind of an object or list as Python prints it, or as JavaScript and JSON5 write it without quotes.
pub(super) fn literal(text: &str) -> Option<InputFault> {
    let inside = text.trim_start_matches(|c: char| c.is_whitespace() || "[({".contains(c));
    let opening = &text[..text.len() - inside.len()];
    let opens = !opening.is_empty();
    let quoted = inside.strip_prefix('\'').or_else(|| {
        inside
            .strip_prefix("b'")
            .or_else(|| inside.strip_prefix("u'"))
            .filter(|_| opens)
    });
    let printed = ["OrderedDict(", "defaultdict(", "dict(", "Row(", "UUID("];
    if printed.iter().any(|call| inside.starts_with(call)) {
        return Some(
            InputFault::new("it is what Python prints, no JSON")
                .advice("write it with json.dump, not with print or str"),
        );
    }
    if opening.ends_with(['{', '[']) && quoted.is_some() {
        return Some(InputFault::new("it is what Python prints, with single quotes, no JSON").by_stdin(
            "python3 -c 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))'",
        ));
    }
    let is_comment = ["//", "/*", "#"]
        .iter()
        .any(|mark| inside.starts_with(mark));
    let name =
        inside.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    let is_named = name.len() < inside.len()
        && inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.trim_start().starts_with(':');
    if opens && (is_comment || opening.trim_end().ends_with('{') && is_named) {
        let what = if is_comment {
            "it is JSON with comments (JSON5)"
        } else {
            "it is JavaScript or JSON5, with names without quotes, no JSON"
        };
        return Some(InputFault::new(what).by_either("npx json5 {}", "npx json5"));
    }
    None
}

/// Whether a line begins with a time or a level, as in a log.
pub(super) fn is_logged(line: &str) -> bool {
    let head: String = line.chars().take(60).collect();
    let digits = head.chars().filter(char::is_ascii_digit).count();
    let levels = [
        "INFO", "WARN", "DEBUG", "ERROR", "TRACE", "NOTICE", "info:", "warning:",
    ];
    levels.iter().any(|level| head.contains(level)) || digits >= 6 && head.contains([':', '-', '/'])
}

/// The kind of a stream of server-sent events, with JSON in their data.
pub(super) fn events(text: &str) -> Option<InputFault> {
    let first = text.lines().next()?;
    let field = first.split_once(':')?.0;
    let data = |line: &str| {
        let data = line.strip_prefix("data:").map(str::trim_start);
        data.is_some_and(begins_json)
    };
    let is_event = ["", "data", "event", "id", "retry"].contains(&field);
    (is_event && text.lines().any(data)).then(|| {
        InputFault::new("it is a stream of server-sent events (text/event-stream)")
            .by("sed -n 's/^data: *//p'")
    })
}

/// The kind of JSON in colours, as a program writes it for a terminal.
pub(super) fn coloured(text: &str) -> Option<InputFault> {
    let inside = text.strip_prefix("\x1b[")?;
    let (codes, rest) = inside.split_once('m')?;
    let is_colour = codes.bytes().all(|b| b.is_ascii_digit() || b == b';');
    (is_colour && rest.starts_with(['{', '['])).then(|| {
        InputFault::new("it is JSON with the colours of a terminal in it (jq -C)")
            .by("sed 's/\\x1b\\[[0-9;]*m//g'")
    })
}
