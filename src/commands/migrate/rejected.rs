//! Records that could not be imported: the first few are named on the terminal, all of them go to
//! `--rejects`.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::MetadataExt;

use anyhow::{Context as _, Result};

use crate::commands::confirm::grouped;
use crate::error::Failure;
use crate::legacy::reader::Raw;
use crate::legacy::rejects;
use crate::render::text::{cut, one_line};
use crate::terminal::Terminal;

/// Rejects that are named without `--rejects`.
const NAMED: usize = 10;

pub(super) struct Rejected {
    file: Option<(String, BufWriter<File>)>,
    named: Vec<String>,
    count: u64,
}

impl Rejected {
    /// Creates the file; it may not be one that is going to be read.
    pub(super) fn new(path: Option<&str>, inputs: &[String]) -> Result<Rejected> {
        let file = match path {
            None => None,
            Some(path) => {
                let shown = one_line(path).into_owned();
                if inputs.iter().any(|input| same_file(input, path)) {
                    let message = format!("--rejects {shown} is a file that is being imported");
                    return Err(Failure::refused(message)
                        .hint("name another file for the rejects")
                        .into());
                }
                let file = File::create(path).with_context(|| format!("creating {shown}"))?;
                Some((shown, BufWriter::new(file)))
            }
        };
        Ok(Rejected {
            file,
            named: Vec::new(),
            count: 0,
        })
    }

    pub(super) fn add(&mut self, source: &str, raw: &Raw, reason: &str) -> Result<()> {
        self.count += 1;
        if self.named.len() < NAMED {
            let key = match raw.key {
                Some(key) => format!(", key {}", cut(&one_line(key), 40)),
                None => String::new(),
            };
            self.named.push(format!(
                "{source}: line {}, byte {}{key}: {}",
                raw.line,
                raw.position,
                one_line(reason)
            ));
        }
        if let Some((path, file)) = &mut self.file {
            let line = rejects::line(source, raw.position, raw.line, raw.key, reason, raw.bytes);
            writeln!(file, "{line}").with_context(|| format!("writing {path}"))?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        match &mut self.file {
            Some((path, file)) => file.flush().with_context(|| format!("writing {path}")),
            None => Ok(()),
        }
    }

    pub(super) fn finish(&mut self) -> Result<()> {
        self.flush()
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
            Some((path, _)) if self.count > 0 => terminal.note(&format!(
                "rejected records are in {path}; mend them there and import that file"
            )),
            None if self.count > 0 => {
                terminal.note("--rejects FILE keeps the rejected records to be mended");
            }
            _ => {}
        }
    }
}

fn same_file(a: &str, b: &str) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}
