//! The hint about a flag that a command does not have: the one that was meant, or what the command knows of the matter.
//! That the word could be a value behind `--` is said where it looks like one alone: `show -5`, `migrate -x.json`.

use std::ffi::OsString;

use clap::{Arg, Command};

use crate::commands::NAMES;
use crate::render::format;
use crate::text::shell::quoted;
use crate::text::visible::{cut, one_line};

/// Other programs' words for flags of ours.
const SYNONYMS: &[(&str, &str)] = &[
    ("assume-yes", "yes"),
    ("columns", "fields"),
    ("confirm", "yes"),
    ("dry", "dry-run"),
    ("dryrun", "dry-run"),
    ("file", "to"),
    ("format", "output"),
    ("preview", "dry-run"),
    ("simulate", "dry-run"),
    ("state", "status"),
];

/// The commands that one flag is said to belong to, at most.
const MOST_NAMES: usize = 3;

/// The hint for a flag that the parser does not know.
pub(super) fn hint(flag: &str, root: &Command, arguments: &[OsString]) -> String {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let place = words.iter().position(|word| word.starts_with(flag));
    let place = place.unwrap_or(words.len());
    let Some((at, command)) = command_of(root, &words) else {
        return near(flag, root, root).unwrap_or_else(|| help(None));
    };
    let name = command.get_name();
    if at > place && command.get_arguments().any(|it| is_called(it, flag)) {
        return format!("a flag of {name} stands behind it: jobctl {name} {flag}");
    }
    let given = words.get(place).copied().unwrap_or(flag);
    matter(flag, command, &words)
        .or_else(|| near(flag, command, root))
        .or_else(|| behind_dashes(given, command))
        .unwrap_or_else(|| help(Some(name)))
}

fn help(command: Option<&str>) -> String {
    match command {
        Some(name) => format!("jobctl {name} --help shows what there is"),
        None => "--help shows what there is".to_owned(),
    }
}

/// The place and the definition of the command: the first word that names one and is not the value of an option before it.
fn command_of<'a>(root: &'a Command, words: &[&str]) -> Option<(usize, &'a Command)> {
    let takes_next = |word: &str| {
        let is_whole =
            word.starts_with("--") || (word.starts_with('-') && word.chars().count() == 2);
        is_whole
            && root
                .get_arguments()
                .any(|argument| argument.get_action().takes_values() && is_called(argument, word))
    };
    let is_command = |at: &usize| NAMES.contains(&words[*at]) && !takes_next(words[*at - 1]);
    let at = (1..words.len()).find(is_command)?;
    Some((at, root.find_subcommand(words[at])?))
}

/// Whether it is what `--yes` or `-y` stands for.
fn is_called(argument: &Arg, flag: &str) -> bool {
    match flag.strip_prefix("--") {
        Some(name) => argument.get_long() == Some(name),
        None => argument.get_short().is_some() && argument.get_short() == flag.chars().nth(1),
    }
}

/// The flag of this name that the command has.
fn long<'a>(command: &'a Command, name: &str) -> Option<&'a str> {
    command
        .get_arguments()
        .filter_map(Arg::get_long)
        .find(|long| *long == name)
}

/// What the command knows of consent, force and rehearsals where it has no flag for them.
fn matter(flag: &str, command: &Command, words: &[&str]) -> Option<String> {
    let name = command.get_name();
    let has = |flag| long(command, flag).is_some();
    let asked = flag
        .trim_start_matches('-')
        .to_lowercase()
        .replace('_', "-");
    let instead = SYNONYMS.iter().find(|(word, _)| *word == asked);
    match instead.map_or(asked.as_str(), |(_, ours)| ours) {
        "yes" | "y" if !has("yes") => Some(format!("{name} asks nothing: leave it out")),
        "force" | "f" if !has("force") => Some(match name {
            "undo" | "redo" => {
                format!(
                    "{name} asks nothing: leave it out; --skip-conflicts leaves the jobs that have changed since"
                )
            }
            "migrate" => "--on-conflict replace overwrites the jobs that are there".to_owned(),
            "backup" => "--replace overwrites a file that is there".to_owned(),
            "restore" => "--replace puts the backup in the place of the database".to_owned(),
            "doctor" => "--fix mends, and with --yes it does not ask".to_owned(),
            _ if has("yes") => format!("--yes keeps {name} from asking; it has nothing to force"),
            _ => format!("{name} asks nothing: leave it out"),
        }),
        "n" if has("dry-run") => Some("for a rehearsal write --dry-run".to_owned()),
        "dry-run" if !has("dry-run") => Some(match name {
            "create" => "create has none; jobctl undo takes a job back".to_owned(),
            "restore" => "restore has none; --to NEW leaves the database as it is".to_owned(),
            "history" if words.contains(&"prune") => {
                "history prune has none; jobctl history shows the runs and their times".to_owned()
            }
            _ => format!("{name} changes no job: leave it out"),
        }),
        _ => None,
    }
}

/// The flag that was meant, or the commands that have it.
fn near(flag: &str, command: &Command, root: &Command) -> Option<String> {
    let own = |argument: &&Arg| !argument.is_hide_set();
    let own: Vec<&Arg> = command.get_arguments().filter(own).collect();
    let all = own.iter().copied().chain(root.get_arguments());
    let longs: Vec<&str> = all.filter_map(Arg::get_long).collect();
    let Some(name) = flag.strip_prefix("--") else {
        let letter = flag.trim_start_matches('-');
        let instead = if letter == "n" { "limit" } else { letter };
        let own = own.iter().filter_map(|argument| argument.get_long());
        let own: Vec<String> = own
            .filter(|long| long.starts_with(instead))
            .map(|long| format!("--{long}"))
            .collect();
        return (1..=MOST_NAMES)
            .contains(&own.len())
            .then(|| format!("did you mean {}?", own.join(" or ")));
    };
    if format::named(name).is_some() {
        return Some(format!("write -o {name}"));
    }
    let found = alike(name, &longs);
    if let Some(long) = found {
        return Some(format!("did you mean --{long}?"));
    }
    let others = root.get_subcommands().filter(|it| long(it, name).is_some());
    let others: Vec<&str> = others.map(Command::get_name).collect();
    if !others.is_empty() {
        let more = if others.len() > MOST_NAMES {
            " and others"
        } else {
            ""
        };
        let some = others[..others.len().min(MOST_NAMES)].join(", ");
        let name = command.get_name();
        return Some(format!(
            "it is a flag of {some}{more}; jobctl {name} --help shows those of {name}"
        ));
    }
    mistyped(name, &longs).map(|long| format!("did you mean --{long}?"))
}

/// The flag that is the same but for its hyphens and capitals, another program's word for it, or a whole part of it.
fn alike<'a>(name: &str, longs: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
    let synonym = SYNONYMS.iter().find(|(word, _)| *word == name);
    let same = longs.iter().find(|long| plain(long) == plain(name));
    let meant = || {
        longs
            .iter()
            .find(|long| synonym.is_some_and(|(_, ours)| ours == *long))
    };
    let part = || {
        let begins = |long: &&&str| {
            let rest = name.strip_prefix(**long);
            (name.len() >= 3 && long.starts_with(name))
                || rest.is_some_and(|it| it.starts_with('-'))
        };
        longs.iter().filter(begins).min_by_key(|long| long.len())
    };
    same.or_else(meant).or_else(part).copied()
}

/// The flag that a few wrong letters, missing ones or exchanged ones tell from the word: one of at most four, two of more.
fn mistyped<'a>(name: &str, longs: &[&'a str]) -> Option<&'a str> {
    let most = if name.len() <= 4 { 1 } else { 2 };
    longs
        .iter()
        .map(|long| (strsim::damerau_levenshtein(name, long), *long))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, long)| long)
}

/// The line that takes the word as a value, where the command takes ids or files, and the word is no flag by its looks.
fn behind_dashes(given: &str, command: &Command) -> Option<String> {
    let is_open = |kinds: &str| {
        kinds
            .split('|')
            .any(|kind| ["ID", "FILE", "A", "B"].contains(&kind))
    };
    let takes_it = command.get_positionals().any(|argument| {
        let kinds = argument.get_value_names().unwrap_or_default();
        kinds.iter().any(|kind| is_open(kind))
    });
    let name = given.split('=').next().unwrap_or(given);
    let is_flag = name
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    (takes_it && !is_flag).then(|| {
        let value = quoted(&cut(given, 60));
        let name = command.get_name();
        format!(
            "where it is a value, write -- before it: jobctl {name} -- {}",
            one_line(&value)
        )
    })
}
