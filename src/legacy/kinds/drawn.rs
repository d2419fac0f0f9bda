//! Output that programs write for people: tables drawn on a terminal, rows without the names of their columns, and the
//! numbered lines of redis-cli.

use super::InputFault;
use super::code::FROM_POSTGRES;
use crate::job::Column;

/// A program that writes values as JSON Lines; of names and values in turn, each job with its name as id, or one job.
const FROM_REDIS: &str = r#"python3 -c 'import ast, json, re, sys; V = [ast.literal_eval("b" + v).decode() for v in re.findall(r"^ *[0-9]+\) (\".*\")$", sys.stdin.read(), re.M)]; J = lambda v: v[:1] == "{"; P = list(zip(V[::2], V[1::2])); [print(v) for v in V] if all(map(J, V)) else [print(json.dumps({"job_id": k.split(":")[-1], **json.loads(v)})) for k, v in P] if all(J(v) for k, v in P) else print(json.dumps(dict(P)))'"#;

/// A program that reads rows of all columns in their order, with the escapes of COPY.
const FROM_COPY: &str = r#"python3 -c 'import json, re, sys; N = "NAMES".split(); M = ("progress", "total_shots", "completed_shots"); E = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}; U = lambda v: re.sub(r"\\(.)", lambda m: E.get(m[1], m[1]), v); [print(json.dumps({k: json.loads(v) if k in M else U(v) for k, v in zip(N, line.rstrip("\n").split("\t")) if v != "\\N"})) for line in sys.stdin if line != "\\.\n"]'"#;

const FROM_SQLITE: &str = "take the jobs out as JSON: sqlite3 -json DATABASE 'select * from video_generation_jobs' | jobctl migrate -";

const FROM_MYSQL: &str = "take the jobs out as JSON Lines: mysql -Nre 'select json_object(\"id\", id, \"job_type\", job_type, ...) from video_generation_jobs' DATABASE | jobctl migrate -";

pub(super) fn drawn(text: &str) -> Option<InputFault> {
    let mut lines = text.lines();
    let first = lines.next()?.trim();
    let second = lines.next().unwrap_or_default().trim();
    let third = lines.next().unwrap_or_default().trim();
    redis(first)
        .or_else(|| table(first, second, third))
        .or_else(|| records(first))
        .or_else(|| bare_rows(first))
}

fn redis(first: &str) -> Option<InputFault> {
    let value = first
        .strip_prefix("1) ")
        .or_else(|| first.strip_prefix("1# "))?;
    if !value.starts_with(['"', '(', '1']) {
        return None;
    }
    let kind = InputFault::new("it is what redis-cli prints for people, with numbered lines");
    Some(if first.starts_with("1) \"") {
        kind.by_stdin(FROM_REDIS)
    } else {
        kind.advice("write it as JSON (redis-cli --json) or as plain values (redis-cli --raw)")
    })
}

fn table(first: &str, second: &str, third: &str) -> Option<InputFault> {
    let is_rule =
        |line: &str, signs: &str| line.contains("--") && line.chars().all(|c| signs.contains(c));
    if first.starts_with(['┌', '╭', '╔', '┏']) {
        let what = "it is a table in a box, as sqlite3 and others draw it";
        return Some(InputFault::new(what).advice(FROM_SQLITE));
    }
    if is_rule(first, "+-") && second.starts_with('|') {
        let what = "it is a table as mysql and others draw it";
        return Some(InputFault::new(what).advice(FROM_MYSQL));
    }
    if !first.starts_with('|') && is_rule(second, "-") && third.starts_with(['{', '[']) {
        let what = "it is a column of JSON as psql draws it";
        return Some(InputFault::new(what).by("sed -e 1,2d -e 's/ *+$//' -e '/^(/d'"));
    }
    if first.starts_with('|') && is_rule(second, "-:| ") {
        let what = "it is a table of Markdown";
        return Some(InputFault::new(what).advice(FROM_SQLITE));
    }
    if is_rule(second, "-+ ") && (first.contains(" | ") || second.contains('+')) {
        let what = "it is a table as psql draws it";
        return Some(InputFault::new(what).advice(FROM_POSTGRES));
    }
    let names: Vec<&str> = first.split_whitespace().collect();
    let known = names
        .iter()
        .filter(|name| Column::of_key(name).is_some())
        .count();
    if is_rule(second, "- ") && known > 0 {
        let what = "it is a table in columns, as sqlite3 draws it";
        return Some(InputFault::new(what).advice(FROM_SQLITE));
    }
    let is_numbered = second.starts_with("0 ");
    (known > 1 && is_numbered).then(|| {
        InputFault::new("it is a table as pandas prints it")
            .advice("write it as JSON: df.to_json(FILE, orient=\"records\", date_format=\"iso\")")
    })
}

/// The kind of rows with each column on a line of its own.
fn records(first: &str) -> Option<InputFault> {
    let signs = |line: &str| line.trim_matches(['*', '-', '+', '[', ']', ' ']).to_owned();
    if first.starts_with("***") && signs(first) == "1. row" {
        let what = "it is what mysql writes with \\G, a line for each column";
        return Some(InputFault::new(what).advice(FROM_MYSQL));
    }
    if first.starts_with("-[ RECORD ") {
        let what = "it is what psql writes with \\x, a line for each column";
        return Some(InputFault::new(what).advice(FROM_POSTGRES));
    }
    let (name, _) = first.split_once(" = ")?;
    Column::of_key(name.trim())?;
    let what = "it is what sqlite3 writes in lines, one for each column";
    Some(InputFault::new(what).advice(FROM_SQLITE))
}

/// The kind of rows whose first field is an id, without the names of the columns.
fn bare_rows(first: &str) -> Option<InputFault> {
    let delimiter = first
        .chars()
        .find(|c| !c.is_ascii_hexdigit() && *c != '-')?;
    let (id, _) = first.split_once([' ', delimiter])?;
    uuid::Uuid::try_parse(id).ok()?;
    if first.contains('\t') && delimiter == '\t' {
        let kind = InputFault::new(
            "it is rows as COPY and mysql -N write them, without the names of the columns",
        );
        return Some(if first.split('\t').count() == Column::COUNT {
            let names: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
            kind.by_stdin(FROM_COPY.replace("NAMES", &names.join(" ")))
        } else {
            kind.advice(FROM_POSTGRES)
        });
    }
    (first.contains('|')).then(|| {
        InputFault::new(
            "it is rows with | between the columns, without their names (psql -t, sqlite3)",
        )
        .advice(FROM_POSTGRES)
    })
}
