//! Records that could not be imported: the first few are named on the terminal, all of them go to
//! `--rejects`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Error, Result};

use super::input::is_stdin;
use super::tally::{About, Tally};
use crate::commands::parts::output::dry_run::NOTHING;
use crate::commands::parts::output::file::{STDOUT, no_database, read_by_all};
use crate::error::{Failure, Kind};
use crate::job::Job;
use crate::job::row::write;
use crate::legacy::reader::Raw;
use crate::legacy::{self, rejects};
use crate::system::identity::{Identity, same_file};
use crate::system::new_file::follow_link;
use crate::system::open::{self, folder_of};
use crate::system::{access, folder_sync};
use crate::terminal::Terminal;
use crate::text::visible::{cut, grouped, one_line};

/// The most rejects that are named without `--rejects`.
const NAMED: usize = 10;

pub(super) struct Rejects {
    /// The path and, from the first reject on, the file.
    file: Option<(PathBuf, Option<BufWriter<File>>)>,
    named: Vec<String>,
    count: u64,
    /// Writing the file failed: it lacks rejects.
    broken: bool,
}

impl Rejects {
    /// The rejects of a run. Their file may be neither an input nor the database, and is created, or emptied, with the first
    /// reject.
    pub(super) fn new(path: Option<&Path>, inputs: &[PathBuf]) -> Result<Rejects> {
        let file = match path {
            None => None,
            Some(path) => {
                if path.as_os_str() == STDOUT {
                    let message = "--rejects - is not taken for stdout";
                    return Err(Failure::usage(message)
                        .hint("name a file, such as bad.jsonl")
                        .into());
                }
                let shown = shown(path);
                let read = |input: &PathBuf| {
                    if is_stdin(input) {
                        match (Identity::of_open(io::stdin()), Identity::at(path)) {
                            (Ok(input), Ok(rejects)) => input == rejects,
                            _ => false,
                        }
                    } else {
                        same_file(input, path)
                    }
                };
                if inputs.iter().any(read) {
                    let message = format!("--rejects {shown} is a file that is being imported");
                    return Err(Failure::refused(message)
                        .hint("name another file for the rejects")
                        .into());
                }
                no_database("--rejects", path)?;
                if path.is_dir() {
                    let message = format!("--rejects {shown} is a folder");
                    return Err(Failure::usage(message)
                        .hint("name a file in it, such as bad.jsonl")
                        .into());
                }
                let folder = path.parent().unwrap_or(Path::new(""));
                if !folder.as_os_str().is_empty() && !folder.is_dir() {
                    let message = format!("--rejects {shown}: its folder is not there");
                    return Err(Failure::usage(message).into());
                }
                Some((path.to_owned(), None))
            }
        };
        Ok(Rejects {
            file,
            named: Vec::new(),
            count: 0,
            broken: false,
        })
    }

    pub(super) fn add(&mut self, source: &str, raw: &Raw, reason: &str) -> Result<()> {
        self.count += 1;
        if self.named.len() < NAMED {
            let key = match raw.key {
                Some(key) => format!(", key {}", cut(&one_line(key), 40)),
                None => String::new(),
            };
            let place = match raw.line {
                // The row of a database.
                0 => String::new(),
                line => format!("line {line}, byte {}{key}: ", raw.position),
            };
            let reason = one_line(reason);
            self.named.push(format!("{source}: {place}{reason}"));
        }
        if let Some((path, file)) = &mut self.file {
            let shown = shown(path);
            let line = rejects::line(source, raw.position, raw.line, raw.key, reason, raw.bytes);
            let written = match file {
                Some(file) => writeln!(file, "{line}"),
                None => open::emptied(path)
                    .map_err(|error| access::explained(error, path))
                    .and_then(|created| {
                        let file = file.insert(BufWriter::new(created));
                        writeln!(file, "{line}")
                    }),
            };
            self.broken |= written.is_err();
            written.map_err(|error| failed(&shown, error))?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        match &mut self.file {
            Some((path, Some(file))) => {
                let shown = shown(path);
                let written = file.flush();
                self.broken |= written.is_err();
                written.map_err(|error| failed(&shown, error))
            }
            _ => Ok(()),
        }
    }

    /// Brings the file to disk: its rejects are told of as safe.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.flush()?;
        let Some((path, Some(file))) = &self.file else {
            return Ok(());
        };
        let path = Path::new(path);
        let synced = match file.get_ref().sync_all() {
            // A pipe or a device, which has nothing to sync.
            Err(error) if folder_sync::is_unknown(&error) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => folder_sync::sync(folder_of(&follow_link(path))),
        };
        self.broken |= synced.is_err();
        let shown = one_line(&path.to_string_lossy()).into_owned();
        synced.map_err(|error| failed(&shown, error))
    }

    /// The first reject: where it stood, and why it is one.
    pub(super) fn first(&self) -> &str {
        self.named.first().map_or("", String::as_str)
    }

    /// The sentence of a run that has written nothing but rejects.
    pub(super) fn alone(&self) -> String {
        match &self.file {
            Some((path, Some(_))) => format!("{NOTHING} but the rejects in {}", shown(path)),
            _ => NOTHING.to_owned(),
        }
    }

    pub(super) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    pub(super) fn tell(&self, terminal: &mut Terminal) {
        for line in &self.named {
            terminal.warn(&format!("rejected {line}"));
        }
        let unnamed = self.count - self.named.len() as u64;
        if unnamed > 0 {
            terminal.warn(&format!("rejected {} more", grouped(unnamed)));
        }
        match &self.file {
            Some((path, _)) if self.count > 0 && !self.broken => {
                terminal.note(&format!(
                    "rejected records are in {}; correct them there and import that file",
                    shown(path)
                ));
                if let Some(warning) = read_by_all(path) {
                    terminal.warn(&warning);
                }
            }
            _ => {}
        }
    }
}

/// Rejects a job that the table does not take, as the row that it would have been, which can be imported like any other.
pub(super) fn refuse(
    tally: &mut Tally,
    rejected: &mut Rejects,
    names: &[String],
    job: &Job,
    about: &About,
    why: &str,
) -> Result<()> {
    tally.reject(about.store);
    let mut row = String::new();
    write::append(&mut row, job);
    let raw = Raw {
        store: None,
        key: None,
        around: legacy::OuterFacts::default(),
        bytes: row.as_bytes(),
        position: about.at.byte,
        line: about.at.line,
    };
    let id = job.id().to_string();
    let reason = format!("job {}: {why}", one_line(&id));
    rejected.add(&names[about.source], &raw, &reason)
}

fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}

fn failed(shown: &str, error: io::Error) -> Error {
    let doing = format!("writing {shown}");
    match error.kind() {
        // The folder is there and takes no file, as that of /proc; no input is missing.
        ErrorKind::NotFound => Failure::new(Kind::Io, format!("{doing}: {error}"))
            .hint("name a file in another folder")
            .into(),
        _ => Error::new(error).context(doing),
    }
}
