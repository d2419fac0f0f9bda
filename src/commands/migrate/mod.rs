//! `migrate`: imports dumps of the older stores, and rows that jobctl wrote.

mod ending;
mod feed;
mod first_write;
mod fitted;
mod import;
mod input;
mod mirror;
mod moving;
mod pages;
mod problems;
mod read_rows;
mod rejected;
mod source;
mod status_words;
mod stop;
mod tally;
mod verify;

use std::path::PathBuf;

use self::feed::Feed;
use self::import::{Alone, DumpImport, Ran};
use self::mirror::Mirror;
use self::moving::Moving;
use self::rejected::Rejects;
use self::source::DatabaseSource;
use self::status_words::StatusMap;
use self::tally::Tally;
use super::parts::arguments::filter::bad_value;
use super::parts::arguments::history::HistoryArgs;
use super::parts::backup::BackupArgs;
use super::parts::database::storage;
use super::parts::interrupt::Interrupt;
use super::parts::output::dry_run::DryRun;
use crate::context::Context;
use crate::error::Failure;
use crate::legacy::threads::decode::DumpDecoder;
use crate::render::format;
use crate::repository::{Access, ImportTerms, Location, OnConflict, Repository};
use crate::system::open;
use crate::text::size::{parse_size, spell_size};
use crate::time::Zone;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl migrate jobs.json
  jobctl migrate api_server.json pipeline.json --timezone Asia/Shanghai --rejects bad.jsonl
  jobctl migrate jobs.json.gz more.json.zst --dry-run
  ssh old-host cat jobs.json | jobctl migrate - --on-conflict newer
  jobctl --db postgresql+psycopg2://service@db/videos migrate vimax_seko.db --fit --verify
  jobctl --db new.db migrate old.db --on-conflict newer --mirror --yes --verify
  jobctl migrate bad.jsonl            # rejects, once they are corrected";

/// Import jobs from JSON dumps, or from another database
///
/// Takes the dumps of api_server, of the direct pipeline, of VideoJobManager and the unified API, and
/// jobctl's own rows, in any container: an object keyed by id, an array, JSON Lines, {"jobs": [...]}, or an
/// object of several stores. A bad record never stops the others: it is counted, named, and kept with
/// --rejects. Running the same file again changes nothing, and finishes a run that was stopped. Dumps may be
/// packed with gzip, zstd, xz or bzip2 and stand in tar archives, whatever they are called; JSON text sequences
/// are read too. What is no dump is named, with the line of shell that makes one of it. Makes the database when
/// it is not there.
///
/// A SQLite file, known by its first bytes, or the address of a server is read as a database: its rows come over as they
/// are. Its service works on meanwhile, and the same line again brings what came since, with --on-conflict newer also
/// what changed. --mirror deletes what the source lacks, and --verify compares both sides.
///
/// The service may use the database meanwhile: the import locks it for at most 50 ms at a time while others write, for up
/// to 1.5 s while nobody has written lately, with pauses in which others get their turn. A database that the import makes
/// appears when all is in it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub(crate) struct Args {
    /// Dumps to read, - is standard input; or one database, a SQLite file or the address of a server
    #[arg(required = true, value_name = "FILE|-")]
    files: Vec<PathBuf>,

    /// What to do with a job that was there before the run; of one run the newest record counts
    #[arg(long, value_enum, default_value_t = ConflictChoice::Skip, value_name = "POLICY", alias = "on_conflict")]
    on_conflict: ConflictChoice,

    /// Write the records that cannot be imported to this file, as JSON Lines
    ///
    /// The file is made, or emptied, with the first of them; without any it stays as it is. A dry run writes it too, so
    /// that they can be corrected beforehand.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// The zone of api_server's local times: a name such as Asia/Shanghai, an offset, or local
    ///
    /// A time that happened twice when clocks went back is taken as the first of the two; one that never
    /// happened is read with the offset before the change. Both are counted.
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "local",
        allow_hyphen_values = true
    )]
    timezone: String,

    /// Read an unknown status as a known one, such as done=completed; commas separate several
    ///
    /// The word is compared as it stands, capitals and blanks too; the summary names those that are not known. Rows of
    /// jobctl's own are restored as they were.
    #[arg(long, value_name = "WORD=STATUS", alias = "map_status")]
    map_status: Vec<String>,

    /// The longest record that is taken; a longer one is rejected by itself
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = max_record, alias = "max_record")]
    max_record: usize,

    /// All or nothing: one transaction, undone when a dump is cut off or anything else goes wrong
    ///
    /// The database is locked for as long as the import takes, and the service fails what it wants to write
    /// after 5 seconds. A rejected record undoes nothing.
    #[arg(long)]
    atomic: bool,

    /// Keep the database locked from beginning to end: faster, but the service has to wait
    ///
    /// The service can then neither read nor write; in WAL mode it can read. Without it, the import makes way for
    /// the service. PostgreSQL locks rows alone and keeps nobody out: there batches are larger, and others wait longer for a
    /// row of one.
    #[arg(long)]
    exclusive: bool,

    /// Take a page of a listing that says there are more, without exit status 65
    ///
    /// A page has has_more, or a total above what is there. Several that go on in one another are whole together.
    #[arg(long)]
    partial: bool,

    /// Make rows of jobctl's own fit a PostgreSQL table too, instead of rejecting those that it would refuse or alter
    ///
    /// Too long a text is cut, a NUL character and bytes that are no UTF-8 become U+FFFD, and JSON, numbers and times that are none,
    /// and ids of missing series and episodes, are left empty; the originals are kept under context.legacy and counted by kind.
    /// Records of other programs are always made to fit. An id is never altered. A SQLite file takes any value as it is, so that
    /// nothing changes there.
    #[arg(long)]
    fit: bool,

    /// Of a database: compare both sides after the import, and end with status 1 where they differ
    ///
    /// The counts, a SHA-256 of each column and the first differences are told: JSON is compared by its text, times as
    /// instants, numbers by value. Jobs that somebody changes in the source while the import runs are counted, and are no
    /// differences; the next run moves them.
    #[arg(long)]
    verify: bool,

    /// Of a database: delete the jobs that the source lacks, after asking
    ///
    /// For the last run of a move, with the service stopped. A source without jobs is refused.
    #[arg(long)]
    mirror: bool,

    /// Do not ask before --mirror deletes jobs
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    pub(super) backup: BackupArgs,

    /// Read and check everything, and write nothing but the file of --rejects
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    history: HistoryArgs,
}

/// The policy for a job that was there before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ConflictChoice {
    /// Keep the job that is there
    Skip,
    /// Overwrite it when the record's `updated_at` is later
    Newer,
    /// Overwrite it
    Replace,
    /// Stop with exit status 4
    Fail,
}

impl From<ConflictChoice> for OnConflict {
    fn from(policy: ConflictChoice) -> OnConflict {
        match policy {
            ConflictChoice::Skip => OnConflict::Skip,
            ConflictChoice::Newer => OnConflict::Newer,
            ConflictChoice::Replace => OnConflict::Replace,
            ConflictChoice::Fail => OnConflict::Fail,
        }
    }
}

/// SQLite takes no row over 1,000,000,000 bytes, and a record's text can stand in three columns.
const LONGEST_RECORD: u64 = 256 << 20;

fn max_record(text: &str) -> Result<usize, String> {
    let longest = spell_size(LONGEST_RECORD);
    match parse_size(text) {
        Some(0) | None => Err(format!(
            "a size is like 64MiB, 10MB or 500k, up to {longest}"
        )),
        Some(bytes) if bytes > LONGEST_RECORD => {
            Err(format!("at most {longest}: SQLite takes no row over 1 GB"))
        }
        Some(bytes) => usize::try_from(bytes).map_err(|error| error.to_string()),
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> anyhow::Result<()> {
    context.keeping.set(args.history.keep());
    let zone = Zone::parse(&args.timezone, &context.machine_zone, open::read)
        .map_err(|why| bad_value("--timezone", &args.timezone, &why))?;
    StatusMap::parse(&args.map_status)?;
    let interrupt = Interrupt::watch(context)?;
    // What is wrong with the name of the database is told first, and it is known what belongs to it.
    context.location()?;
    let database = source::named(&args.files, context)?;
    check_flags(&args, database.is_some())?;
    loop {
        let database = database.clone();
        let (import, repository, feed) = prepare(&args, context, database, &zone, &interrupt)?;
        match import.run(repository, feed)? {
            Ran::ToTheEnd => return Ok(()),
            // It imports into that one, then.
            Ran::PlaceWasTaken => {}
        }
    }
}

/// Refuses what has no meaning together.
fn check_flags(args: &Args, of_database: bool) -> anyhow::Result<()> {
    let flag = match (args.verify, args.mirror) {
        (false, false) => return Ok(()),
        (true, _) => "--verify",
        (false, true) => "--mirror",
    };
    let (message, hint) = if !of_database {
        let message = format!("'{flag}' is for the import of a database, and the source is none");
        (message, "jobctl diff A B compares two databases")
    } else if args.verify && args.dry_run {
        let message = "'--verify' compares after the import, and a dry run imports nothing";
        (
            message.to_owned(),
            "jobctl diff A B compares them as they are",
        )
    } else if args.mirror && args.atomic {
        let message = "'--mirror' deletes in batches, which '--atomic' could not take back";
        (
            message.to_owned(),
            "leave --atomic out, or mirror in another run",
        )
    } else {
        return Ok(());
    };
    Err(Failure::usage(message).hint(hint).into())
}

fn prepare<'a>(
    args: &Args,
    context: &'a mut Context,
    database: Option<Location>,
    zone: &Zone,
    interrupt: &Interrupt,
) -> anyhow::Result<(DumpImport<'a>, Box<dyn Repository>, Feed)> {
    let mut database = match database {
        Some(location) => Some(DatabaseSource::open(location, context)?),
        None => None,
    };
    let sources = match database {
        Some(_) => Vec::new(),
        None => input::find(&args.files)?,
    };
    let access = if args.dry_run {
        Access::Preview
    } else {
        Access::Import
    };
    let rejected = Rejects::new(args.rejects.as_deref(), &args.files)?;
    let overwrites = matches!(
        args.on_conflict,
        ConflictChoice::Newer | ConflictChoice::Replace
    );
    let is_new = context
        .location()?
        .file()
        .is_some_and(|path| !path.exists());
    if overwrites && !args.dry_run && !is_new {
        context.tell_database();
    }
    let mut mirror = None;
    if let Some(database) = &mut database {
        database.check(context)?;
        if args.mirror {
            mirror = Some(Mirror::survey(database, context, interrupt)?);
        }
    }
    let mut repository = context.open(access)?;
    if !args.dry_run
        && let Some(mirror) = &mirror
    {
        mirror.ask(context, args.yes, &repository.name())?;
    }
    let mut backup = (!args.dry_run && args.backup.is_wanted()).then(|| args.backup.clone());
    // Whether a record is new is found out first; what goes is known.
    let goes_any = mirror.as_ref().is_some_and(|it| !it.gone.is_empty());
    if (is_new || goes_any || repository.backup().is_none())
        && let Some(backup) = backup.take()
    {
        backup.make_unless_new(context, repository.as_mut(), is_new)?;
    }
    let is_told = args.dry_run && context.format.word() != format::TABLE.word();
    let told = is_told.then(|| DryRun::new(context, "would import"));
    let alone = if args.exclusive {
        let keeps_others_out = storage::tell_exclusive(context, repository.as_mut())?;
        Some(Alone { keeps_others_out })
    } else {
        None
    };
    let can_read_again = sources.iter().all(|source| source.size.is_some());
    let (names, bar) = match &mut database {
        Some(database) => {
            let bar = context.terminal.progress_of_jobs(true);
            if !bar.is_hidden() {
                bar.set_length(database.count()?);
            }
            (vec![database.name()], bar)
        }
        None => {
            let names = sources.iter().map(|source| source.name.clone()).collect();
            let size = sources.iter().map(|source| source.size).sum();
            (names, context.terminal.progress(size))
        }
    };
    let feed = match &database {
        Some(database) => Feed::of_database(database.rows(context), args.max_record, args.verify),
        None => Feed::Dumps(DumpDecoder::start(sources, zone, args.max_record)),
    };
    let import = DumpImport {
        terms: ImportTerms {
            on_conflict: args.on_conflict.into(),
            atomic: args.atomic,
        },
        alone,
        gaps: None,
        dry_run: args.dry_run,
        backup,
        kept: None,
        ending: None,
        told,
        dumps: names.len(),
        names,
        can_read_again,
        bar,
        context,
        rejected,
        interrupt: interrupt.clone(),
        tally: Tally::new(args.on_conflict.into()),
        batch: Vec::new(),
        batch_bytes: 0,
        backwards: false,
        problems: problems::Problems::default(),
        pages: pages::Pages::default(),
        takes_pages: args.partial,
        fits_rows: args.fit,
        could_fit: false,
        zone: zone.clone(),
        status_map: StatusMap::parse(&args.map_status)?,
        moving: database.map(|source| Moving::new(source, mirror, args.fit)),
    };
    Ok((import, repository, feed))
}
