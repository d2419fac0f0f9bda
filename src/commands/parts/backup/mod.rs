//! A backup in the making: a copy beside its target, checked while it is packed and summed, then given its name. Whatever
//! goes wrong before, there is no file of that name.

mod flag;
mod pack;
mod series;
mod target;

use std::path::PathBuf;
use std::thread;

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;

pub(crate) use self::flag::{AFTER_BACKUP, BackupArgs};
pub(crate) use self::series::Series;
pub(crate) use self::target::{PackArg, Target};
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::repository::{BackupCheck, Repository, begin_copy};
use crate::system::access;
use crate::system::compression::Codec;
use crate::text::size;
use crate::text::visible::{one_line, plural};

/// A file that holds all that the database held.
#[derive(Debug)]
pub(crate) struct MadeBackup {
    pub file: PathBuf,
    pub bytes: u64,
    /// The number of jobs.
    pub rows: u64,
    pub sha256: String,
    pub check: BackupCheck,
}

impl MadeBackup {
    /// The line that says what was made.
    pub(crate) fn words(&self) -> String {
        format!(
            "backed up {} to {} ({}, {}, SHA-256 {})",
            plural(self.rows, "job"),
            one_line(&self.file.to_string_lossy()),
            size::about(self.bytes),
            match self.check {
                BackupCheck::Full => "checked",
                BackupCheck::Quick => "checked quickly",
                BackupCheck::None => "not checked",
            },
            self.sha256
        )
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BackupTerms {
    pub check: BackupCheck,
    /// Keep others from writing until the copy is made.
    pub exclusive: bool,
}

/// Makes a backup of the whole database.
pub(crate) fn make(
    context: &mut Context,
    repository: &mut dyn Repository,
    target: &Target,
    terms: BackupTerms,
) -> Result<MadeBackup> {
    let name = repository.name();
    let backup = repository.backup().ok_or_else(|| {
        let message = format!("{} cannot be copied into a file", one_line(&name));
        Failure::usage(message).hint("make its backup with pg_dump; jobctl export keeps the jobs")
    })?;
    target.clear_left();
    let path = target.path();
    let shown = one_line(&path.to_string_lossy()).into_owned();
    let writing = || format!("writing {shown}");
    let copy = begin_copy(path).map_err(|error| access::explained(error, path));
    let copy = copy.with_context(writing)?;
    let bar = context.terminal.progress(Some(0));
    let contents = backup.copy(&copy, terms.exclusive, &mut |copied, of| {
        bar.set_length(of);
        bar.set_position(copied);
    });
    bar.finish_and_clear();
    let contents = contents?;
    let line = status(context, terms.check);
    let packing = Codec::of_name(path);
    let stopped = context.signals.seen();
    let verify = terms.check == BackupCheck::Full;
    let (rows, packed) = thread::scope(|scope| {
        let packed = scope.spawn(|| pack::pack(&copy, packing, verify, &stopped));
        let rows = backup.check(&copy, terms.check, &contents);
        (rows, packed.join())
    });
    line.finish_and_clear();
    let rows = rows?;
    let packed = packed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let packed = match packed {
        Err(_) if context.signals.have_come() => return Err(interrupted().into()),
        packed => packed.with_context(writing)?,
    };
    let whole = packed.file.unwrap_or(copy);
    if context.signals.have_come() {
        return Err(interrupted().into());
    }
    if target.replaces() {
        whole.replace().with_context(writing)?;
    } else if !whole.publish().with_context(writing)? {
        let message = format!("another process made {shown} meanwhile");
        return Err(Failure::refused(message)
            .hint("run it again, with another name")
            .into());
    }
    Ok(MadeBackup {
        file: path.to_owned(),
        bytes: packed.bytes,
        rows,
        sha256: packed.sum,
        check: terms.check,
    })
}

fn status(context: &Context, check: BackupCheck) -> ProgressBar {
    let line = context.terminal.status_line();
    if check != BackupCheck::None {
        line.set_message("checking the copy");
        line.tick();
    }
    line
}

fn interrupted() -> Failure {
    Failure::new(Kind::Interrupted, "interrupted; no backup was made").hint("run it again")
}
