//! The errors of a wrong command line, as one sentence and one hint each.

mod unknown_flag;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::Cli;
use crate::error::{Failure, Kind};
use crate::legacy::kinds::quoted;
use crate::render::format::{self, RecordForm};
use crate::text::shell::word;
use crate::text::visible::{cut, one_line};
use crate::time::{self, Instant, Zone};

pub(crate) fn failure(error: &clap::Error, arguments: &[OsString]) -> Failure {
    if let Some(failure) = hyphen_value(error, arguments) {
        return failure;
    }
    if let Some((flag, value)) = signed_value(error, arguments) {
        let number = value.trim_start_matches(['-', '+']);
        let number = number.strip_suffix(" ago").unwrap_or(number);
        let instead = match why_not(&flag, &value, number, arguments) {
            None => format!("; write {}", one_line(number)),
            Some(why) => format!(", and {}", one_line(&why)),
        };
        return Failure::usage(format!(
            "invalid value '{}' for '{}': it takes no sign{instead}",
            one_line(&value),
            one_line(&flag),
        ));
    }
    let text = error.render().to_string();
    let mut message = Vec::new();
    let mut tips = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        match line.strip_prefix("tip: ") {
            Some(tip) => tips.push(tip.to_owned()),
            None if !line.is_empty() => message.push(line),
            None => {}
        }
    }
    let message = message.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let message = whole_number(message);
    let hint = if let Some(flag) = unknown(error) {
        unknown_flag::hint(flag, &Cli::command(), arguments)
    } else if !tips.is_empty() {
        tips.join("; ")
    } else {
        "--help shows what there is".to_owned()
    };
    Failure::usage(message).hint(hint)
}

/// The flag that the command does not have, where that is the error.
fn unknown(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) if error.kind() == ErrorKind::UnknownArgument => {
            Some(flag.as_str()).filter(|flag| flag.starts_with('-'))
        }
        _ => None,
    }
}

/// The failure with the hint that fits, where it is about a word behind an option that may go without a value, and so takes
/// one behind `=` alone: `update 7c1f --backup before.db`.
pub(crate) fn with_detached_value(failure: Failure, arguments: &[OsString]) -> Failure {
    let kinds = [Kind::Usage, Kind::NotFound, Kind::NoInput, Kind::BadData];
    if !kinds.contains(&failure.kind) {
        return failure;
    }
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let has = |value: &str| {
        let is_whole = |(at, _): (usize, &str)| {
            let is_part = |c: char| c.is_alphanumeric();
            let end = at + value.len();
            !failure.message[..at].ends_with(is_part)
                && !failure.message[end..].starts_with(is_part)
        };
        failure.message.match_indices(value).any(is_whole)
    };
    let command = Cli::command();
    let is_asked = |it: &&clap::Command| words.iter().any(|word| word == it.get_name());
    let is_optional = |argument: &&clap::Arg| {
        let count = argument.get_num_args();
        argument.is_require_equals_set() && count.is_some_and(|count| count.min_values() == 0)
    };
    let options: Vec<&clap::Arg> = command
        .get_subcommands()
        .filter(is_asked)
        .flat_map(clap::Command::get_arguments)
        .filter(is_optional)
        .collect();
    let detached = words.windows(2).find_map(|pair| {
        let (flag, value) = (pair[0].as_ref(), pair[1].as_ref());
        let name = flag.strip_prefix("--")?;
        let is_it = options.iter().any(|argument| is_called(argument, name));
        (is_it && !value.starts_with('-') && has(&one_line(value))).then_some((flag, value))
    });
    match detached {
        Some((flag, value)) => {
            let value = word(value);
            failure.hint(format!(
                "where that is the value of {flag}, write {flag}={value}"
            ))
        }
        None => failure,
    }
}

/// The words for the standard library's message about a text that is no whole number.
fn whole_number(message: &str) -> String {
    message
        .replace(
            "invalid digit found in string",
            "it is a whole number, such as 10",
        )
        .replace(
            "cannot parse integer from empty string",
            "it is empty; write a whole number, such as 10",
        )
        .replace(
            "number too large to fit in target type",
            "it is a whole number of at most 18 digits, such as 10",
        )
}

/// The reason why a flag does not take a value without its sign either, by its own parser.
fn why_not(flag: &str, value: &str, number: &str, arguments: &[OsString]) -> Option<String> {
    let words = arguments.iter().map(|word| {
        let begins = |mark: &str| *word == *format!("{flag}{mark}{value}");
        match (begins("="), begins("")) {
            (true, _) => format!("{flag}={number}").into(),
            (_, true) => format!("{flag}{number}").into(),
            _ if *word == *value => number.into(),
            _ => word.clone(),
        }
    });
    let words: Vec<OsString> = words.collect();
    let command = Cli::command();
    let Err(error) = command.clone().try_get_matches_from(&words) else {
        return checked_later(&command, flag, &words, number);
    };
    let is_same = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(told)) => told == number,
        _ => false,
    };
    let why = std::error::Error::source(&error).filter(|_| is_same)?;
    Some(whole_number(&why.to_string()))
}

/// The same of a flag whose value the parser lets through.
fn checked_later(
    command: &clap::Command,
    flag: &str,
    words: &[OsString],
    number: &str,
) -> Option<String> {
    let is_asked = |it: &&clap::Command| words.iter().any(|word| *word == *it.get_name());
    let name = flag.trim_start_matches('-');
    let mut arguments = command
        .get_subcommands()
        .filter(is_asked)
        .flat_map(clap::Command::get_arguments);
    let argument = arguments.find(|argument| is_called(argument, name))?;
    match argument.get_value_names()?.first()?.as_str() {
        "TIME" => time::parse_point(number, Instant::default(), &Zone::UTC).err(),
        "N" | "PERCENT" if number.parse::<u64>().is_err() => {
            Some("it is a number, such as 10".to_owned())
        }
        _ => None,
    }
}

/// A text that begins with a hyphen and is taken for a flag, or for several: `--title -x`, `--fail '-vf: no such filter'`.
fn hyphen_value(error: &clap::Error, arguments: &[OsString]) -> Option<Failure> {
    let told = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => return None,
    };
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let is_it = |flag: &str, value: &str| match error.kind() {
        ErrorKind::UnknownArgument => value.starts_with('-') && value.starts_with(told),
        // One letter, or a whole word, may well be the flag that it is, and the value was forgotten.
        ErrorKind::InvalidValue => {
            told.split(' ').next() == Some(flag)
                && value.strip_prefix('-').is_some_and(|rest| rest.len() > 1)
                && !value.starts_with("--")
        }
        _ => false,
    };
    let (flag, value) = words.windows(2).find_map(|pair| {
        let (flag, value) = (pair[0].as_ref(), pair[1].as_ref());
        (flag != "--" && is_it(flag, value)).then_some((flag, value))
    })?;
    let name = flag.strip_prefix("--")?;
    let command = Cli::command();
    let is_asked = |it: &&clap::Command| words.iter().any(|word| word == it.get_name());
    let mut known = command.get_subcommands().filter(is_asked).chain([&command]);
    let takes_text = known.any(|command| {
        command
            .get_arguments()
            .any(|argument| is_called(argument, name) && takes_any_text(argument))
    });
    takes_text.then(|| {
        Failure::usage(format!(
            "'{}' behind '{flag}' begins as a flag does",
            one_line(&cut(value, 60))
        ))
        .hint(format!(
            "where it is the value, write {flag}={}",
            quoted(value)
        ))
    })
}

fn is_called(argument: &clap::Arg, name: &str) -> bool {
    let aliases = argument.get_all_aliases();
    argument.get_long() == Some(name) || aliases.is_some_and(|all| all.contains(&name))
}

/// Words of some list, numbers and times never begin so.
fn takes_any_text(argument: &clap::Arg) -> bool {
    const KINDS: [&str; 8] = [
        "TEXT", "MESSAGE", "RESULT", "JSON", "PATH", "FILE", "DIR", "STYLE",
    ];
    let kinds = argument.get_value_names().unwrap_or_default();
    let begins = |kind: &str| kind.split('|').any(|kind| KINDS.contains(&kind));
    argument.get_action().takes_values() && kinds.iter().any(|kind| begins(kind))
}

/// The flag and its value, where the error is that a number or an age has a sign: `--since -7d`, `-n -5`, `--max=-3`.
/// As words of their own such are taken for flags, of which none begins with a digit.
fn signed_value(error: &clap::Error, arguments: &[OsString]) -> Option<(String, String)> {
    let told = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_signed = |word: &str| {
        word.strip_prefix(['-', '+'])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let flag = told(ContextKind::InvalidArg)?;
    match error.kind() {
        ErrorKind::UnknownArgument if is_signed(flag) => {
            let words: Vec<_> = arguments
                .iter()
                .map(|word| word.to_string_lossy())
                .collect();
            words.windows(2).find_map(|pair| {
                let (flag, value) = (pair[0].as_ref(), pair[1].as_ref());
                // The parser names the first letter of what it takes for short flags.
                let is_flag = flag.starts_with('-') && !is_signed(flag) && flag != "--";
                (is_flag && is_signed(value) && value.starts_with(told(ContextKind::InvalidArg)?))
                    .then(|| (flag.to_owned(), value.to_owned()))
            })
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let value = told(ContextKind::InvalidValue).filter(|value| is_signed(value))?;
            // The message of a value parser about a sign is as good.
            let rest = &value[1..];
            let is_number = rest.bytes().all(|digit| digit.is_ascii_digit());
            let flag = flag.split(' ').next()?;
            is_number.then(|| (flag.to_owned(), value.to_owned()))
        }
        _ => None,
    }
}

/// Whether errors are to be JSON, guessed from a command line that cannot be parsed.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> bool {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let is_json =
        |word: &str| format::named(word).is_some_and(|it| it.form() == RecordForm::Object);
    words.iter().enumerate().any(|(index, word)| {
        let next = words.get(index + 1).map_or("", |word| word.as_ref());
        match word.as_ref() {
            "-o" | "--output" => is_json(next),
            word => word
                .strip_prefix("--output=")
                .or_else(|| word.strip_prefix("-o"))
                .is_some_and(|value| is_json(value.trim_start_matches('='))),
        }
    })
}
