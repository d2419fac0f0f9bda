//! Texts with records in other forms than JSON: CSV, TSV, YAML, and JSON in base64.

use ::base64::Engine;
use ::base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::InputFault;
use crate::job::Column;

/// A program that turns CSV into JSON Lines: numbers as numbers, no member for an empty field.
const FROM_CSV: &str = r#"python3 -c 'import csv, json; csv.field_size_limit(1 << 30); N = ("progress", "total_shots", "completed_shots"); [print(json.dumps({k: json.loads(v) if k in N else v for k, v in row.items() if v})) for row in csv.DictReader(open(0, encoding="utf-8-sig", newline=""), delimiter="DELIMITER")]'"#;

/// A program that turns TSV as jobctl writes it into JSON Lines.
const FROM_TSV: &str = r#"python3 -c 'import json, re; N = ("progress", "total_shots", "completed_shots"); E = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "000": "\0"}; rows = (row.rstrip("\n").split("\t") for row in open(0, encoding="utf-8", newline="\n")); names = next(rows); [print(json.dumps({k: json.loads(v) if k in N else re.sub(r"\\(000|.)", lambda m: E.get(m[1], m[1]), v) for k, v in zip(names, row) if v != r"\N"})) for row in rows]'"#;

pub(super) fn csv(text: &str) -> Option<InputFault> {
    let header = text.lines().next()?;
    let delimiter = [',', ';', '\t', '|']
        .into_iter()
        .find(|c| header.contains(*c))?;
    let names: Vec<&str> = header
        .split(delimiter)
        .map(|name| name.trim().trim_matches('"'))
        .collect();
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.len() <= 64
            && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || " _-.".contains(c))
    };
    let known = names
        .iter()
        .filter(|name| Column::of_key(name).is_some())
        .count();
    let rows = text
        .lines()
        .skip(1)
        .take(1)
        .all(|row| row.contains(delimiter));
    if names.len() < 2 || !names.iter().all(is_name) || (known < 2 && !rows) {
        return None;
    }
    let what = match delimiter {
        '\t' if known == names.len() => {
            let what = "it is TSV, as jobctl writes it for other programs; export -o jsonl gives rows that come back as they were";
            return Some(InputFault::new(what).by_stdin(FROM_TSV));
        }
        '\t' => "it is a table of values separated by tabs, no JSON",
        '|' => "it is a table of values separated by |, no JSON",
        _ if known == names.len() => {
            "it is CSV, as jobctl writes it for spreadsheets; export -o jsonl gives rows that come back as they were"
        }
        _ => "it is CSV, no JSON",
    };
    let delimiter = match delimiter {
        '\t' => "\\t".to_owned(),
        other => other.to_string(),
    };
    Some(InputFault::new(what).by_stdin(FROM_CSV.replace("DELIMITER", &delimiter)))
}

pub(super) fn yaml(text: &str) -> Option<InputFault> {
    let is_key = |line: &str| {
        let line = line.trim_start_matches("- ").trim();
        line.split_once(':').is_some_and(|(name, value)| {
            let name = name.trim_matches(['"', '\'']);
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-.".contains(c))
                && (value.is_empty() || value.starts_with(' '))
        })
    };
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let first = lines.next()?;
    let is_marked = first.starts_with("---") || first.starts_with("%YAML");
    let enough = if is_marked {
        lines.take(1).all(is_key)
    } else {
        is_key(first)
            && lines
                .next()
                .is_some_and(|line| is_key(line) || line.starts_with("  "))
    };
    enough.then(|| {
        InputFault::new("it is YAML, no JSON").by_either("yq -o=json . {}", "yq -o=json .")
    })
}

/// The kind of base64 with JSON or packed data in it, and of a token that has such a part.
pub(super) fn base64(text: &str) -> Option<InputFault> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    let mut parts = text.trim_end().split('.');
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    if first.starts_with("eyJ")
        && rest.len() == 2
        && text.trim_end().chars().all(|c| is_digit(c) || c == '.')
    {
        let head = URL_SAFE_NO_PAD.decode(first).ok()?;
        serde_json::from_slice::<serde_json::Value>(&head).ok()?;
        return Some(InputFault::new("it is a token (JWT), no dump").advice(
            "it is a credential: keep it to yourself, and give the file that holds the jobs",
        ));
    }
    let head: String = text
        .chars()
        .take(76)
        .filter(|c| !c.is_whitespace())
        .collect();
    if head.len() < 16 || !head.chars().all(is_digit) {
        return None;
    }
    let whole = &head[..head.len() / 4 * 4];
    let bytes = STANDARD
        .decode(whole)
        .or_else(|_| STANDARD_NO_PAD.decode(whole))
        .ok()?;
    let holds = match bytes.as_slice() {
        [b'{' | b'[', next, ..] if next.is_ascii() => "JSON",
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => "a packed file",
        _ => return None,
    };
    Some(InputFault::new(format!("it is {holds} in base64")).by("base64 -d"))
}
