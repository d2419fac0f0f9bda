//! Rules of the house that no compiler checks: where SQL, printing and rusqlite may stand, and how long a file may be.

use std::path::{Path, PathBuf};

/// A source file, taken apart as far as the rules need it.
struct Source {
    /// Below `src/`, with `/` on every system.
    name: String,
    text: String,
    /// Without comments, and with every string literal empty.
    code: String,
    strings: Vec<String>,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Source {
        let text = std::fs::read_to_string(path).unwrap();
        let (code, strings) = take_apart(&text);
        let parts = path.strip_prefix(root).unwrap().components();
        let parts: Vec<_> = parts
            .map(|part| part.as_os_str().to_str().unwrap())
            .collect();
        Source {
            name: parts.join("/"),
            text,
            code,
            strings,
        }
    }

    fn is_sqlite(&self) -> bool {
        self.name.starts_with("repository/sqlite/")
    }

    fn is_postgres(&self) -> bool {
        self.name.starts_with("repository/postgres/")
    }
}

fn sources_under(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    paths.iter().map(|path| Source::read(&root, path)).collect()
}

/// Those of every crate here.
fn all_sources() -> Vec<Source> {
    let mut sources = sources();
    sources.extend(sources_under("crates"));
    sources
}

fn sources() -> Vec<Source> {
    let sources = sources_under("src");
    assert!(
        sources.len() > 20,
        "only {} files were found under src/",
        sources.len()
    );
    sources
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The code without comments and texts, and the texts.
fn take_apart(text: &str) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut strings, mut at) = (String::new(), Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        at += match rest {
            ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
            ['/', '*', ..] => block_comment(rest),
            ['r', '"' | '#', ..] if !ends_in_word(&code) && raw_hashes(&rest[1..]).is_some() => {
                let hashes = raw_hashes(&rest[1..]).unwrap();
                let end: String = format!("\"{}", "#".repeat(hashes));
                let body: String = rest[hashes + 2..].iter().collect();
                let length = body.find(&end).expect("a raw string ends");
                strings.push(body[..length].to_owned());
                code.push_str("\"\"");
                hashes + 2 + body[..length].chars().count() + end.len()
            }
            ['"', ..] => {
                let (string, length) = string(rest);
                strings.push(string);
                code.push_str("\"\"");
                length
            }
            ['\'', '\\', escaped, tail @ ..] => {
                let _ = escaped;
                3 + tail.iter().take_while(|c| **c != '\'').count() + 1
            }
            ['\'', _, '\'', ..] => 3,
            [first, ..] => {
                code.push(*first);
                1
            }
            [] => unreachable!("the loop ends before"),
        };
    }
    (code, strings)
}

fn ends_in_word(code: &str) -> bool {
    code.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    (rest.get(hashes) == Some(&'"')).then_some(hashes)
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 || at >= rest.len() {
            return at;
        }
    }
}

/// A plain string literal, and how many characters it takes with its quotes.
fn string(rest: &[char]) -> (String, usize) {
    let (mut string, mut at) = (String::new(), 1);
    while rest[at] != '"' {
        if rest[at] == '\\' {
            at += 1;
            // A line that goes on in the next one: the words stay apart.
            string.push(if rest[at] == '\n' { ' ' } else { '\\' });
        }
        string.push(rest[at]);
        at += 1;
    }
    (string, at + 1)
}

/// The words of a statement, said with its keywords in capitals as SQL is written here.
fn is_sql(string: &str) -> bool {
    let words: Vec<&str> = string
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| !w.is_empty())
        .collect();
    let follows = |first: &str, second: &str| {
        words
            .windows(2)
            .any(|pair| pair[0] == first && pair[1] == second)
    };
    words.contains(&"SELECT")
        || follows("INSERT", "INTO")
        || follows("DELETE", "FROM")
        || follows("CREATE", "TABLE")
        || follows("ORDER", "BY")
        || words.contains(&"PRAGMA")
        || words
            .iter()
            .position(|w| *w == "UPDATE")
            .is_some_and(|update| words[update..].contains(&"SET"))
}

fn none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn sql_stands_in_the_folders_of_backends_alone() {
    let broken = sources()
        .into_iter()
        .filter(|source| !source.is_sqlite() && !source.is_postgres())
        .flat_map(|source| {
            let name = source.name;
            source
                .strings
                .into_iter()
                .filter(|s| is_sql(s))
                .map(move |s| format!("{name}: {s:?}"))
        });
    none(broken.collect());
}

#[test]
fn the_rule_for_sql_knows_the_sql_of_this_crate() {
    let told = sources()
        .iter()
        .filter(|source| source.is_sqlite())
        .flat_map(|source| &source.strings)
        .filter(|s| is_sql(s))
        .count();
    assert!(
        told > 5,
        "only {told} statements were recognised under repository/sqlite"
    );
}

#[test]
fn only_the_terminal_and_main_write_or_end_the_process() {
    let words = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "dbg!",
        "process::exit",
        "exit(",
    ];
    let mut broken = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !["terminal/mod.rs", "main.rs"].contains(&source.name.as_str()))
    {
        for word in words {
            let found = source
                .code
                .match_indices(word)
                .any(|(at, _)| !ends_in_word(&source.code[..at]));
            if found {
                broken.push(format!("{}: {word}", source.name));
            }
        }
    }
    none(broken);
}

#[test]
fn clients_of_databases_are_known_to_their_backends_alone() {
    let broken = sources()
        .into_iter()
        .filter(|source| !source.is_sqlite() && source.code.contains("rusqlite"));
    none(broken.map(|source| source.name).collect());
    let broken = sources()
        .into_iter()
        .filter(|source| !source.is_postgres() && source.code.contains("tokio"));
    none(broken.map(|source| source.name).collect());
}

#[test]
fn the_contract_of_the_repository_knows_no_backend() {
    let sources = sources_under("tests/repository");
    let is_suite = |name: &str| name == "backend.rs" || name.starts_with("contract/");
    let suite = sources.iter().filter(|source| is_suite(&source.name));
    assert!(suite.clone().count() > 5);
    let names = ["sqlite", "postgres"];
    let broken = suite.filter(|source| {
        let text = source.text.to_lowercase();
        names.iter().any(|name| text.contains(name))
    });
    none(broken.map(|source| source.name.clone()).collect());
}

#[test]
fn nothing_of_the_command_line_is_known_to_the_repository() {
    let broken = sources()
        .into_iter()
        .filter(|source| source.name.starts_with("repository/") && source.code.contains("clap::"));
    none(broken.map(|source| source.name).collect());
}

/// Signs are ASCII where a person asks for it, so they are drawn by the one file that knows. In statistics an ellipsis is
/// part of a text, of which the rest is not kept.
#[test]
fn signs_stand_in_one_place() {
    const MAY: [&str; 4] = [
        "text/signs.rs",
        "job/status.rs",
        "job/statistics/keys.rs",
        "job/statistics/shape.rs",
    ];
    let broken = sources().into_iter().filter(|source| {
        let text = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let (code, strings) = take_apart(text);
        let is_ascii = code.is_ascii() && strings.iter().all(|string| string.is_ascii());
        !is_ascii && !MAY.contains(&source.name.as_str()) && !source.name.contains("tests/")
    });
    none(broken.map(|source| source.name).collect());
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let broken = all_sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"));
    none(broken.map(|source| source.name).collect());
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = all_sources()
        .into_iter()
        .map(|source| (source.text.lines().count(), source.name));
    let long = long.filter(|(lines, _)| *lines > 400);
    none(
        long.map(|(lines, name)| format!("{name}: {lines} lines"))
            .collect(),
    );
}

#[test]
fn the_clock_and_the_environment_are_read_in_the_context_alone() {
    let places = [
        "context/mod.rs",
        "context/new_ids.rs",
        "settings/environment.rs",
        "time/mod.rs",
        "main.rs",
    ];
    let words = [
        "Utc::now",
        "Local::now",
        "SystemTime::now",
        "new_v4",
        "env::var",
    ];
    let mut broken = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !places.contains(&source.name.as_str()))
    {
        broken.extend(
            words
                .iter()
                .filter(|word| source.code.contains(**word))
                .map(|word| format!("{}: {word}", source.name)),
        );
    }
    none(broken);
}

/// Ways to open a file, by the code that takes them.
const WAYS_IN: [&str; 18] = [
    "File::open",
    "File::create",
    "File::options",
    "OpenOptions",
    "DirEntry::open",
    "fs::read(",
    "fs::read_to_string",
    "fs::write(",
    "fs::copy",
    "fs::open",
    "openat",
    "creat(",
    "memfd",
    "mmap",
    "NamedTempFile",
    "tempfile(",
    "libc::",
    "from_raw_fd",
];

/// What is brought in from these rooms under a name of its own could not be seen.
const ROOMS: [&str; 3] = ["std::fs::", "rustix::fs::", "fs::"];
const HIDDEN: [&str; 9] = [
    "read",
    "read_to_string",
    "write",
    "copy",
    "open",
    "openat",
    "openat2",
    "OpenOptions",
    "*",
];

fn ways_in(code: &str) -> Vec<String> {
    let mut found: Vec<String> = WAYS_IN
        .iter()
        .filter(|way| code.contains(**way))
        .map(|way| (*way).to_owned())
        .collect();
    for statement in code.split(';') {
        let Some((_, used)) = statement.rsplit_once("use ") else {
            continue;
        };
        for room in ROOMS {
            let Some(names) = used.trim_start().strip_prefix(room) else {
                continue;
            };
            let names = names.split(|c: char| "{},".contains(c)).map(str::trim);
            let name = |name: &str| name.split(" as ").next().unwrap_or_default().to_owned();
            found.extend(
                names
                    .map(name)
                    .filter(|name| HIDDEN.contains(&name.as_str()))
                    .map(|name| format!("use {room}{name}")),
            );
        }
    }
    found
}

/// To close a descriptor of a database gives up SQLite's locks on it: `system/open.rs` tells what belongs to one.
#[test]
fn files_are_opened_in_one_place_which_knows_the_database() {
    let is_test = |source: &Source| source.name.contains("tests/");
    let mut broken = Vec::new();
    for source in all_sources()
        .iter()
        .filter(|source| source.name != "system/open.rs" && !is_test(source))
    {
        let ways = ways_in(&source.code).into_iter();
        broken
            .extend(ways.map(|way| format!("{}: {way}; take it from system/open.rs", source.name)));
    }
    none(broken);
}

#[test]
fn the_rule_for_opening_files_knows_other_ways_in() {
    for code in [
        "let file = File::open(path)?;",
        "std::fs::OpenOptions::new().read(true)",
        "let bytes = std::fs::read(path)?;",
        "use std::fs::read; read(path)",
        "use std::fs::{self, File, copy as take};",
        "use rustix::fs::{Mode, openat};",
        "rustix::fs::open(path, flags, mode)",
        "fs::copy(one, other)",
        "use std::fs::*;",
    ] {
        assert!(!ways_in(code).is_empty(), "{code}");
    }
    for code in [
        "use std::fs::{self, File};",
        "fs::read_link(path)",
        "fs::read_dir(path)",
        "io::read_to_string(io::stdin())",
        "open::to_read(path)",
    ] {
        assert_eq!(ways_in(code), Vec::<String>::new(), "{code}");
    }
}
