//! `backup`: a copy of the whole database, made while the service runs, and checked before it is called a backup.

use std::path::PathBuf;

use anyhow::Result;

use super::parts::backup::{self, BackupTerms, MadeBackup, PackArg, Target};
use super::parts::interrupt::Interrupt;
use super::parts::output::Printer;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::render::format::{Envelope, Head};
use crate::render::record::{Cells, Record};
use crate::repository::{Access, BackupCheck};
use crate::text::json::{Layout, Object};
use crate::text::visible::{one_line, plural};

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl backup
  jobctl backup /srv/backup/ --pack zst --keep 7
  jobctl backup before-the-upgrade.db.zst
  jobctl restore before-the-upgrade.db.zst --to other.db

In a crontab:
  7 2 * * *  /usr/local/bin/jobctl --db /srv/video/vimax_seko.db backup /srv/backup/ --pack zst --keep 7 -q";

/// Copy the whole database into one file, while the service runs
///
/// All tables are copied as they are at one moment, the service's own too. The copy is checked, and only then gets its name: a run
/// that fails or is killed leaves no file of that name. In WAL mode nobody waits; in delete mode nobody waits for more than
/// 1.5 seconds. The file can be opened as any database; jobctl restore brings it back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file to make, packed where it ends in .zst or .gz; or a folder, where it gets a name with the time in it
    ///
    /// Without it the folder is that of the database. Such a name is like vimax_seko-20260115T120000Z.db, in UTC.
    #[arg(value_name = "FILE|FOLDER/", value_hint = clap::ValueHint::AnyPath)]
    file: Option<PathBuf>,

    /// In a folder: how to pack the file
    #[arg(long, value_enum, value_name = "zst|gz", hide_possible_values = true)]
    pack: Option<PackArg>,

    /// In a folder: remove all but the newest N backups of this database, this one among them
    ///
    /// Nothing is removed unless this backup is whole and checked.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    keep: Option<u64>,

    /// How to check the copy: full, quick (without the look whether each index has what the rows have) or none
    #[arg(long, value_enum, value_name = "HOW", default_value_t = CheckArg::Full, hide_possible_values = true)]
    check: CheckArg,

    /// Replace the file if it is there
    #[arg(long)]
    replace: bool,

    /// Keep others from writing until the copy is made; for a file that is written all the time
    ///
    /// In WAL mode nobody needs to be kept from anything, and it changes nothing.
    #[arg(long)]
    exclusive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum CheckArg {
    Full,
    Quick,
    None,
}

impl From<CheckArg> for BackupCheck {
    fn from(check: CheckArg) -> BackupCheck {
        match check {
            CheckArg::Full => BackupCheck::Full,
            CheckArg::Quick => BackupCheck::Quick,
            CheckArg::None => BackupCheck::None,
        }
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let target = Target::find(context, args.file.as_deref(), args.pack, args.replace)?;
    if args.keep.is_some() && target.series().is_none() {
        return Err(
            Failure::usage("'--keep' is for a folder, where names have the time in them")
                .hint("name the folder: jobctl backup /srv/backup/ --keep 7")
                .into(),
        );
    }
    if args.keep.is_some() && args.check == CheckArg::None {
        return Err(Failure::usage(
            "'--keep' needs a check: no sound backup goes for one that may be none",
        )
        .hint("--check quick takes less time")
        .into());
    }
    Interrupt::watch(context)?;
    let mut repository = context.open(Access::Read)?;
    let terms = BackupTerms {
        check: args.check.into(),
        exclusive: args.exclusive,
    };
    let made = backup::make(context, repository.as_mut(), &target, terms)?;
    let mut more = String::new();
    let mut failed = None;
    if let (Some(keep), Some(series)) = (args.keep, target.series()) {
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        match series.prune(keep, &made.file) {
            Ok(pruned) => {
                failed = pruned.failed;
                if pruned.removed > 0 {
                    let removed = plural(pruned.removed as u64, "older backup");
                    more = format!("; removed {removed}");
                }
            }
            Err(error) => failed = Some((made.file.clone(), error)),
        }
    }
    print(context, &made)?;
    context.terminal.note(&format!("{}{more}", made.words()));
    match failed {
        None => Ok(()),
        Some((path, error)) => {
            let message = format!(
                "older backups stay: {}: {error}",
                one_line(&path.to_string_lossy())
            );
            let hint = "run as a user who may remove files in that folder";
            Err(Failure::new(Kind::Io, message).hint(hint).into())
        }
    }
}

fn print(context: &mut Context, made: &MadeBackup) -> Result<()> {
    let head = Head {
        headings: ["file", "bytes", "rows", "sha256", "checked"]
            .map(str::to_owned)
            .to_vec(),
        around: Envelope::Nothing,
        table: None,
    };
    let mut printer = Printer::new(context, head);
    printer.record(&mut context.terminal, &BackupRecord(made))?;
    printer.end(&mut context.terminal, "")
}

/// The backup in the formats of programs; people are told it in a line.
struct BackupRecord<'a>(&'a MadeBackup);

impl BackupRecord<'_> {
    fn checked(&self) -> Option<&'static str> {
        match self.0.check {
            BackupCheck::Full => Some("full"),
            BackupCheck::Quick => Some("quick"),
            BackupCheck::None => None,
        }
    }
}

impl Record for BackupRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut object = Object::begin(out, layout);
        object.string("file", &self.0.file.to_string_lossy());
        object.literal("bytes", self.0.bytes);
        object.literal("rows", self.0.rows);
        object.string("sha256", &self.0.sha256);
        match self.checked() {
            Some(how) => object.string("checked", how),
            None => object.literal("checked", "null"),
        }
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        cells.text(&self.0.file.to_string_lossy());
        cells.number(&self.0.bytes);
        cells.number(&self.0.rows);
        cells.text(&self.0.sha256);
        match self.checked() {
            Some(how) => cells.text(how),
            None => cells.null(),
        }
        cells.end_line();
    }
}
