//! `restore`: a backup becomes a database again, beside the one in use or in its place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::parts::backup::Series;
use super::parts::consent;
use super::parts::interrupt::Interrupt;
use super::parts::output::Printer;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::render::format::{Envelope, Head};
use crate::render::record::{Cells, Record};
use crate::repository::{self, Location, SoundBackup, begin_copy, in_the_way};
use crate::system::access;
use crate::system::compression::Codec;
use crate::system::new_file::NewFile;
use crate::system::open::{self, folder_of};
use crate::system::sha256::copy;
use crate::text::json::{Layout, Object};
use crate::text::shell::word;
use crate::text::visible::{one_line, plural};
use crate::time::spell_duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl restore /srv/backup/vimax_seko-20260115T020700Z.db.zst --to yesterday.db
  jobctl --db yesterday.db show 7c1f
  jobctl restore /srv/backup/vimax_seko-20260115T020700Z.db.zst --replace

Bring back some jobs alone:
  jobctl --db yesterday.db export --status completed | jobctl migrate -";

/// Make a database of a backup: a new one, or in the place of the one in use
///
/// The backup is checked before anything is done; one that is damaged, that is none, or that a newer jobctl made is refused.
/// It may be packed with zstd or gzip, whatever its name is. With --replace the old content is kept in a file
/// beside the database, whose name is told, and the new one takes its place all at once: who has the database open sees one or
/// the other, and what is written meanwhile waits, and is written to the new one or fails. That takes about 1.4 s for each GB
/// of the old content and of the new, and the service waits 5 s: stop it before two files of more than 1.8 GB change places; of
/// 3 s or more it is said before. Restart the service then: it keeps its own copy of jobs that it has looked up.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// The database to make; without it, the one that --db names
    #[arg(long, value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    to: Option<PathBuf>,

    /// Replace the database if it is there, and keep its content in a file beside it
    #[arg(long)]
    replace: bool,

    /// Do not ask before a database is replaced
    #[arg(short, long)]
    yes: bool,
}

impl Args {
    /// Whether the database that is named otherwise is the one to be restored.
    pub(super) fn is_in_place(&self) -> bool {
        self.to.is_none()
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let database = match &args.to {
        Some(to) => to.clone(),
        None => {
            let location = context.location()?;
            let file = location.file().ok_or_else(|| {
                Failure::usage("a backup becomes a file").hint("name it: --to NEW")
            })?;
            file.to_owned()
        }
    };
    // What a link points to is replaced, and not the link.
    let path = fs::canonicalize(&database).unwrap_or_else(|_| database.clone());
    let _protection = repository::protect(&Location::of_file(&path, "from --to"));
    let there = check(&args, &path, &database)?;
    let file = open_packed(&args.file)?;
    let interrupt = Interrupt::watch(context)?;
    let new = |path: &Path| begin_copy(path).map_err(|error| access::explained(error, path));
    let writing = || format!("writing {}", shown(&database));
    let unpacked = match file {
        None => None,
        Some((codec, file)) => {
            let unpacked = new(&path).with_context(writing)?;
            unpack(codec, file, &unpacked, &args.file, &interrupt)?;
            Some(unpacked)
        }
    };
    let content = unpacked.as_ref().map_or(args.file.as_path(), NewFile::path);
    let line = context.terminal.status_line();
    line.set_message("checking the backup");
    line.tick();
    let backup = SoundBackup::open(content, &args.file, context.patience());
    line.finish_and_clear();
    let backup = backup?;
    let rows = backup.jobs();
    let bar = context.terminal.progress(Some(0));
    let mut copied = |copied, of| {
        bar.set_length(of);
        bar.set_position(copied);
    };
    let mut kept = None;
    if there {
        let long = told_if_long(backup.time_to_replace(&path));
        if args.yes {
            long.iter().for_each(|long| context.terminal.note(long));
        } else {
            let long = long.map_or(String::new(), |long| format!("; {long}"));
            let what = format!(
                "replace {} by {} ({}){long}",
                shown(&database),
                shown(&args.file),
                plural(rows, "job")
            );
            consent::confirm(
                context,
                &what,
                "--yes confirms; --to NEW makes another file",
            )?;
        }
        let series = Series::of_replaced(&path);
        series.clear_left();
        let name = series.next(context.now(), "");
        backup.replace(&path, &name, &mut copied)?;
        kept = Some(name);
    } else {
        let whole = match unpacked {
            Some(unpacked) => {
                drop(backup);
                unpacked
            }
            None => {
                let whole = new(&path).with_context(writing)?;
                backup.copy_into(&whole, &mut copied)?;
                whole
            }
        };
        if !whole.publish().with_context(writing)? {
            let message = format!("another process made {} meanwhile", shown(&database));
            return Err(Failure::refused(message).hint("nothing was changed").into());
        }
    }
    bar.finish_and_clear();
    let restored = Restored {
        file: &args.file,
        to: &database,
        rows,
        kept: kept.as_deref(),
    };
    restored.tell(context)
}

/// The sentence about a replacement during which the service may give up.
fn told_if_long(time: Duration) -> Option<String> {
    /// The longest of which nothing is said: the service waits 5 s, and a disk may be slower than is estimated.
    const LONGEST: Duration = Duration::from_secs(3);
    (time > LONGEST).then(|| {
        let time = spell_duration(Duration::from_secs(time.as_secs()));
        format!("nobody else can write for about {time} meanwhile, and the service waits 5s: stop it first")
    })
}

/// Whether the database is there, and may be replaced; an error says what stands against all of it.
fn check(args: &Args, path: &Path, named: &Path) -> Result<bool> {
    let name = shown(named);
    if open::is_protected(&args.file) {
        let message = format!("{} belongs to the database", shown(&args.file));
        return Err(Failure::usage(message).hint("name the backup").into());
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            let message = format!("{name} is no regular file, which could be replaced");
            Err(Failure::refused(message).hint("name another file").into())
        }
        Ok(_) if !args.replace => {
            let message = format!("{name} exists already");
            let hint = "--to NEW makes another file; --replace puts the backup in its place, and keeps what is there beside it";
            Err(Failure::refused(message).hint(hint).into())
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if !folder_of(path).is_dir() {
                let message = format!("{name}: its folder is not there");
                let folder = folder_of(path).to_string_lossy();
                let hint = format!("make it first: mkdir -p {}", word(&folder));
                return Err(Failure::new(Kind::NoInput, message).hint(hint).into());
            }
            if let Some(beside) = in_the_way(path) {
                let message = format!(
                    "{} lies where SQLite would take it for a part of the database",
                    shown(&beside)
                );
                let beside = word(&beside.to_string_lossy());
                let hint = format!("move it away: mv -T {beside} {beside}.old");
                return Err(Failure::refused(message).hint(hint).into());
            }
            Ok(false)
        }
        Err(error) => Err(anyhow::Error::from(error).context(format!("reading {name}"))),
    }
}

/// The packed file with its codec; None where the backup is not packed. SQLite alone opens what is not.
fn open_packed(path: &Path) -> Result<Option<(Codec, fs::File)>> {
    let reading = || format!("reading {}", shown(path));
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            let message = format!("{} is no regular file", shown(path));
            return Err(Failure::new(Kind::NoInput, message)
                .hint("name the backup")
                .into());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = format!("no backup at {}", shown(path));
            return Err(Failure::new(Kind::NoInput, message)
                .hint("name the file that jobctl backup made")
                .into());
        }
        _ => {}
    }
    let mut start = [0; 4];
    let begun = open::beginning(path, &mut start);
    match begun.map_err(|error| access::explained_reading(error, path)) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error).with_context(reading),
        Ok(()) => match Codec::of_content(&start) {
            Codec::None => Ok(None),
            codec => Ok(Some((codec, open::to_read(path).with_context(reading)?))),
        },
    }
}

fn unpack(
    codec: Codec,
    file: fs::File,
    into: &NewFile,
    named: &Path,
    interrupt: &Interrupt,
) -> Result<()> {
    let bad = |error: io::Error| {
        let message = format!(
            "{} is no sound backup: its packed data are damaged or cut off ({error})",
            shown(named)
        );
        Failure::new(Kind::BadData, message).hint("nothing was changed; restore another backup")
    };
    let mut input = codec.decompressed(file).map_err(bad)?;
    let mut output = Unpacked {
        file: into.file().try_clone()?,
        failed: None,
        interrupt,
    };
    let copied = copy(&mut input, &mut output);
    match (output.failed, copied) {
        (None, Err(_)) if interrupt.is_set() => {
            let message = "interrupted; nothing was changed";
            let failure = Failure::new(Kind::Interrupted, message);
            Err(failure.hint("run it again").into())
        }
        (Some(error), _) => Err(error).with_context(|| format!("writing {}", shown(into.target()))),
        (None, Err(error)) => Err(bad(error).into()),
        (None, Ok(_)) => Ok(()),
    }
}

/// The file that is unpacked into. Its errors are told from those of the packed data.
struct Unpacked<'a> {
    file: fs::File,
    failed: Option<io::Error>,
    interrupt: &'a Interrupt,
}

impl io::Write for Unpacked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.interrupt.is_set() {
            return Err(io::Error::other("interrupted"));
        }
        self.file.write(bytes).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            kind.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}

/// What was done.
struct Restored<'a> {
    file: &'a Path,
    to: &'a Path,
    rows: u64,
    kept: Option<&'a Path>,
}

impl Restored<'_> {
    fn tell(&self, context: &mut Context) -> Result<()> {
        let head = Head {
            headings: ["file", "to", "rows", "kept"].map(str::to_owned).to_vec(),
            around: Envelope::Nothing,
            table: None,
        };
        let mut printer = Printer::new(context, head);
        printer.record(&mut context.terminal, self)?;
        printer.end(&mut context.terminal, "")?;
        let kept = match self.kept {
            Some(kept) => format!("; what was there is kept in {}", shown(kept)),
            None => String::new(),
        };
        context.terminal.note(&format!(
            "restored {} from {} to {}{kept}",
            plural(self.rows, "job"),
            shown(self.file),
            shown(self.to)
        ));
        if self.kept.is_some() {
            context.terminal.note(
                "restart the service now: it keeps its own copy of jobs that it has looked up",
            );
        }
        Ok(())
    }
}

impl Record for Restored<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut object = Object::begin(out, layout);
        object.string("file", &self.file.to_string_lossy());
        object.string("to", &self.to.to_string_lossy());
        object.literal("rows", self.rows);
        match self.kept {
            Some(kept) => object.string("kept", &kept.to_string_lossy()),
            None => object.literal("kept", "null"),
        }
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        cells.text(&self.file.to_string_lossy());
        cells.text(&self.to.to_string_lossy());
        cells.number(&self.rows);
        match self.kept {
            Some(kept) => cells.text(&kept.to_string_lossy()),
            None => cells.null(),
        }
        cells.end_line();
    }
}
