//! `migrate`: imports dumps of the older stores, and rows that jobctl wrote.

mod ending;
mod import;
mod input;
mod pages;
mod problems;
mod rejected;
mod status_words;
mod stop;
mod tally;

use std::path::PathBuf;

use self::import::{DumpImport, Ran};
use self::rejected::Rejects;
use self::status_words::StatusMap;
use self::tally::Tally;
use super::parts::arguments::filter::bad_value;
use super::parts::arguments::history::HistoryArgs;
use super::parts::backup::BackupArgs;
use super::parts::interrupt::Interrupt;
use super::parts::output::dry_run::DryRun;
use crate::context::Context;
use crate::legacy::threads::decode::DumpDecoder;
use crate::render::format;
use crate::repository::{Access, ImportTerms, OnConflict, Repository};
use crate::system::open;
use crate::text::size::{parse_size, spell_size};
use crate::text::visible::one_line;
use crate::time::Zone;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl migrate jobs.json
  jobctl migrate api_server.json pipeline.json --timezone Asia/Shanghai --rejects bad.jsonl
  jobctl migrate jobs.json.gz more.json.zst --dry-run
  ssh old-host cat jobs.json | jobctl migrate - --on-conflict newer
  jobctl migrate bad.jsonl            # rejects, once they are corrected";

/// Import jobs from JSON dumps
///
/// Takes the dumps of api_server, of the direct pipeline, of VideoJobManager and the unified API, and
/// jobctl's own rows, in any container: an object keyed by id, an array, JSON Lines, {"jobs": [...]}, or an
/// object of several stores. A bad record never stops the others: it is counted, named, and kept with
/// --rejects. Running the same file again changes nothing, and finishes a run that was stopped. Dumps may be
/// packed with gzip, zstd, xz or bzip2 and stand in tar archives, whatever they are called; JSON text sequences
/// are read too. What is no dump is named, with the line of shell that makes one of it. Makes the database when
/// it is not there.
///
/// The service may use the database meanwhile: the import locks it for at most 50 ms at a time while others write, for up
/// to 1.5 s while nobody has written lately, with pauses in which others get their turn. A database that the import makes
/// appears when all is in it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub(crate) struct Args {
    /// Dumps to read; - is standard input
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
    /// the service.
    #[arg(long)]
    exclusive: bool,

    /// Take a page of a listing that says there are more, without exit status 65
    ///
    /// A page has has_more, or a total above what is there. Several that go on in one another are whole together.
    #[arg(long)]
    partial: bool,

    #[command(flatten)]
    backup: BackupArgs,

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
    loop {
        let (import, mut repository, decoder) = prepare(&args, context, &zone, &interrupt)?;
        match import.run(repository.as_mut(), decoder)? {
            Ran::ToTheEnd => return Ok(()),
            // It imports into that one, then.
            Ran::PlaceWasTaken => {}
        }
    }
}

fn prepare<'a>(
    args: &Args,
    context: &'a mut Context,
    zone: &Zone,
    interrupt: &Interrupt,
) -> anyhow::Result<(DumpImport<'a>, Box<dyn Repository>, DumpDecoder)> {
    // What is wrong with the name of the database is told first, and it is known what belongs to it.
    context.location()?;
    let sources = input::find(&args.files)?;
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
    let mut repository = context.open(access)?;
    if !args.dry_run {
        let backup = &args.backup;
        backup.make_unless_new(context, repository.as_mut(), is_new)?;
    }
    let is_told = args.dry_run && context.format.word() != format::TABLE.word();
    let told = is_told.then(|| DryRun::new(context, "would import"));
    if args.exclusive && !args.dry_run {
        let name = repository.name();
        context.terminal.note(&format!(
            "{} is kept locked until the import is done (--exclusive)",
            one_line(&name)
        ));
    }
    let import = DumpImport {
        terms: ImportTerms {
            on_conflict: args.on_conflict.into(),
            atomic: args.atomic,
        },
        exclusive: args.exclusive,
        gaps: None,
        dry_run: args.dry_run,
        told,
        dumps: sources.len(),
        names: sources.iter().map(|source| source.name.clone()).collect(),
        can_read_again: sources.iter().all(|source| source.size.is_some()),
        bar: context
            .terminal
            .progress(sources.iter().map(|source| source.size).sum()),
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
        zone: zone.clone(),
        status_map: StatusMap::parse(&args.map_status)?,
    };
    let decoder = DumpDecoder::start(sources, zone, args.max_record);
    Ok((import, repository, decoder))
}
