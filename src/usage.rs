//! What the parser says of a wrong command line, as one sentence and one hint.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::Cli;
use crate::error::Failure;
use crate::legacy::kinds::quoted;
use crate::render::text::{cut, one_line};

pub fn failure(error: &clap::Error, arguments: &[OsString]) -> Failure {
    if let Some(failure) = hyphen_value(error, arguments) {
        return failure;
    }
    if let Some((flag, value)) = signed_value(error, arguments) {
        let number = value.trim_start_matches(['-', '+']);
        return Failure::usage(format!(
            "invalid value '{}' for '{}': it has no sign; write {}",
            one_line(&value),
            one_line(&flag),
            one_line(number)
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
    let message = message.replace(
        "invalid digit found in string",
        "it is a whole number, 0 or more",
    );
    let hint = match tips.is_empty() {
        false => tips.join("; "),
        true => "--help shows what there is".to_owned(),
    };
    Failure::usage(message).hint(hint)
}

/// A text that begins with a hyphen and is taken for a flag: `--title -x`, `--fail '-bash: no such command'`.
fn hyphen_value(error: &clap::Error, arguments: &[OsString]) -> Option<Failure> {
    let unknown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) if error.kind() == ErrorKind::UnknownArgument => text,
        _ => return None,
    };
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let command = Cli::command();
    let of_subcommand = command.get_subcommands().find(|subcommand| {
        words
            .iter()
            .skip(1)
            .any(|word| word == subcommand.get_name())
    });
    let mut known = of_subcommand.into_iter().chain([&command]);
    let (flag, value) =
        words
            .windows(2)
            .find_map(|pair| match (pair[0].as_ref(), pair[1].as_ref()) {
                ("--", _) => None,
                (flag, value) if value.starts_with(unknown.as_str()) => Some((flag, value)),
                _ => None,
            })?;
    let name = flag.strip_prefix("--")?;
    let takes_text = known.any(|command| {
        command.get_arguments().any(|argument| {
            let is_named = argument.get_long() == Some(name)
                || argument
                    .get_all_aliases()
                    .is_some_and(|all| all.contains(&name));
            let kinds = argument.get_value_names().unwrap_or_default();
            let is_number = |kind: &str| matches!(kind, "N" | "AGE" | "TIME" | "PERCENT" | "SIZE");
            is_named
                && argument.get_action().takes_values()
                && !kinds.iter().any(|kind| is_number(kind))
        })
    });
    takes_text.then(|| {
        let shown = cut(value, 60);
        Failure::usage(format!(
            "'{}' behind '{flag}' begins as a flag does",
            one_line(&shown)
        ))
        .hint(format!(
            "where it is the value, write {flag}={}",
            quoted(value)
        ))
    })
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
            // What a value parser says of a sign is as good.
            let rest = &value[1..];
            let is_number = rest.bytes().all(|digit| digit.is_ascii_digit());
            let flag = flag.split(' ').next()?;
            is_number.then(|| (flag.to_owned(), value.to_owned()))
        }
        _ => None,
    }
}
