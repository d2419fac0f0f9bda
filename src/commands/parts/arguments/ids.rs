//! The jobs named on the command line or on standard input, by whole ids or by prefixes that only one job has.

use std::collections::HashSet;
use std::io::ErrorKind;

use anyhow::{Context as _, Result};

use crate::context::stdin_is_no_database;
use crate::error::{Failure, Kind};
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::render::table::status_text;
use crate::repository::Repository;
use crate::system::open;
use crate::text::signs;
use crate::text::size::spell_size;
use crate::text::visible::{cut, one_line};

/// The shortest prefix that names a job.
const LEAST: usize = 4;

/// The length of a whole id, and the most of them that are read at once.
const WHOLE: usize = 36;
const TOGETHER: usize = 64;

/// The most bytes that are read of standard input: some three million ids.
const MOST: usize = 128 << 20;

/// The most candidates of an ambiguous prefix that are shown.
const CANDIDATES: usize = 5;

/// Ids as given, and whether they came through standard input.
pub(crate) struct NamedIds {
    pub names: Vec<String>,
    pub from_stdin: bool,
}

/// The arguments, with `-` replaced by the lines of standard input, or by its parts that end with NUL.
pub(crate) fn read(arguments: &[String], null: bool) -> Result<NamedIds> {
    let from_stdin = arguments.iter().any(|argument| argument == "-");
    let mut names = Vec::new();
    for argument in arguments {
        if argument != "-" {
            names.push(argument.clone());
            continue;
        }
        stdin_is_no_database("ids")?;
        let input = all_of_stdin()?;
        if null {
            names.extend(split_at_null(&input))
        } else {
            names.extend(split_in_lines(&input)?)
        }
    }
    Ok(NamedIds { names, from_stdin })
}

fn all_of_stdin() -> Result<String> {
    let bytes = match open::read_whole(std::io::stdin(), MOST) {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            let message = format!(
                "the ids from standard input are longer than {} bytes ({})",
                MOST,
                spell_size(MOST as u64)
            );
            let hint = "jobctl delete and cleanup take a filter; split -C 100M makes parts";
            return Err(Failure::new(Kind::BadData, message).hint(hint).into());
        }
        read => read.context("reading ids from standard input")?,
    };
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!("the ids from standard input are not UTF-8 text (byte {offset})");
        Failure::new(Kind::BadData, message).into()
    })
}

fn split_at_null(input: &str) -> impl Iterator<Item = String> {
    let names = input.split('\0').filter(|name| !name.is_empty());
    names.map(str::to_owned)
}

fn split_in_lines(input: &str) -> Result<Vec<String>> {
    if input.contains('\0') {
        return Err(
            Failure::usage("there are NUL characters in the ids from standard input")
                .hint("-0 (--null) reads ids that end with NUL")
                .into(),
        );
    }
    let names = input.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// The outcome for one name.
pub(crate) enum Resolved {
    One(Box<Job>),
    None,
}

/// The job that a name means, with these columns. An ambiguous one is an error that lists the candidates.
pub(crate) fn resolve(
    repository: &mut dyn Repository,
    name: &str,
    columns: ColumnSet,
) -> Result<Resolved> {
    let columns = columns.union(ColumnSet::of(&[Column::Id, Column::Status, Column::Title]));
    let mut found = repository.resolve(name, columns, CANDIDATES + 1)?;
    if found.is_empty() && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        found = repository.resolve(&name.to_ascii_lowercase(), columns, CANDIDATES + 1)?;
    }
    let exact = |id: &JobId| id.to_string().eq_ignore_ascii_case(name);
    if name.chars().count() < LEAST && !found.iter().any(|job| exact(&job.id())) {
        let message = format!("\"{}\" is too short to name a job", one_line(name));
        let hint = format!("use at least {LEAST} characters of its id");
        return Err(Failure::usage(message).hint(hint).into());
    }
    match found.as_slice() {
        [] => Ok(Resolved::None),
        [_] => Ok(found
            .pop()
            .map_or(Resolved::None, |job| Resolved::One(Box::new(job)))),
        several => {
            let mut candidates: Vec<String> = several
                .iter()
                .take(CANDIDATES)
                .map(|job| {
                    let title = job.get(Column::Title).display();
                    let title = cut(&one_line(&title), 30).into_owned();
                    let id = job.id().to_string();
                    let id = one_line(&id);
                    if title.is_empty() {
                        format!("{id} ({})", status_text(job))
                    } else {
                        format!("{id} ({}, {title})", status_text(job))
                    }
                })
                .collect();
            if several.len() > CANDIDATES {
                candidates.push(signs::ellipsis().to_owned());
            }
            let message = format!(
                "\"{}\" is ambiguous: {}",
                one_line(name),
                candidates.join(", ")
            );
            Err(Failure::new(Kind::NotFound, message)
                .hint("use more characters of the id")
                .into())
        }
    }
}

/// Hands on each job once, in the order named, and gives the names that no job has.
pub(crate) fn each(
    repository: &mut dyn Repository,
    names: &[String],
    columns: ColumnSet,
    take: &mut dyn FnMut(Job),
) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut missing = Vec::new();
    for names in names.chunks(TOGETHER) {
        // Several whole ids are read at once. What is not found so may still be a prefix, or in capital letters.
        let mut whole = match names {
            [_, _, ..] if names.iter().all(|name| name.len() >= WHOLE) => {
                let ids: Vec<JobId> = names.iter().map(|name| JobId::new(name)).collect();
                repository.find(&ids, columns)?
            }
            _ => Vec::new(),
        }
        .into_iter();
        for name in names {
            let resolved = match whole.next().flatten() {
                Some(job) => Resolved::One(Box::new(job)),
                None => resolve(repository, name, columns)?,
            };
            match resolved {
                Resolved::One(job) if seen.insert(job.id()) => take(*job),
                Resolved::One(_) => {}
                Resolved::None => missing.push(name.clone()),
            }
        }
    }
    Ok(missing)
}

/// The id of each job once, in the order named, and the names that no job has.
pub(crate) fn resolve_all(
    repository: &mut dyn Repository,
    names: &[String],
) -> Result<(Vec<JobId>, Vec<String>)> {
    let mut ids = Vec::new();
    let missing = each(repository, names, ColumnSet::NONE, &mut |job| {
        ids.push(job.id());
    })?;
    Ok((ids, missing))
}

/// The error for names that no job has.
pub(crate) fn no_such(missing: &[String]) -> Failure {
    let mut shown: Vec<String> = missing
        .iter()
        .take(CANDIDATES)
        .map(|name| format!("\"{}\"", one_line(name)))
        .collect();
    if missing.len() > CANDIDATES {
        shown.push(format!("{} more", missing.len() - CANDIDATES));
    }
    Failure::new(
        Kind::NotFound,
        format!("no job matches {}", shown.join(", ")),
    )
    .hint("jobctl list --search TEXT looks in titles, contents and errors")
}
