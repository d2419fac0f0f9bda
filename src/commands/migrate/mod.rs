//! `migrate`: imports dumps of the older stores, and rows that jobctl wrote.

mod rejected;
mod tally;

use std::fs::File;
use std::io::Read;

use anyhow::Result;

use self::rejected::Rejected;
use self::tally::Tally;
use super::confirm::plural;
use super::dry_run::DryRun;
use super::filter_args::bad_value;
use super::interrupt::Interrupt;
use crate::cli::Format;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::{Job, Status};
use crate::legacy::reader::{Item, Raw, Reader};
use crate::legacy::{self, Record, Reject, Store};
use crate::render::text::one_line;
use crate::repository::sqlite::Access;
use crate::repository::{Error, Imported, OnConflict, Repository};
use crate::time::Zone;

pub const EXAMPLES: &str = "\
Examples:
  jobctl migrate jobs.json
  jobctl migrate api_server.json pipeline.json --timezone Asia/Shanghai --rejects bad.jsonl
  jobctl migrate jobs.json --dry-run
  ssh old-host cat jobs.json | jobctl migrate - --on-conflict newer
  jobctl migrate bad.jsonl            # rejects, after they were mended";

/// Import jobs from JSON dumps
///
/// Takes the dumps of api_server, of the direct pipeline, of VideoJobManager and the unified API, and
/// jobctl's own rows, in any container: an object keyed by id, an array, JSON Lines, {"jobs": [...]}, or an
/// object of several stores. A bad record never stops the others: it is counted, named, and kept with
/// --rejects. Running the same file again changes nothing. Makes the database when it is not there.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
pub struct Args {
    /// Dumps to read; - is standard input
    #[arg(required = true, value_name = "FILE|-")]
    files: Vec<String>,

    /// What to do with a job that is there already
    #[arg(long, value_enum, default_value_t = OnConflict::Skip, value_name = "POLICY", alias = "on_conflict")]
    on_conflict: OnConflict,

    /// Write the records that cannot be imported to this file, as JSON Lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<String>,

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

    /// Read and check everything, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Jobs that are handed to the repository at once.
const BATCH: usize = 1000;

/// Bytes of text in a batch, beyond which it is handed over although it has fewer jobs.
const BATCH_BYTES: usize = 8 << 20;

pub fn run(args: Args, context: &mut Context) -> Result<()> {
    let Some(zone) = Zone::parse(&args.timezone, &context.machine_zone) else {
        let why = "a zone is a name such as Asia/Shanghai, an offset such as +08:00, or local";
        return Err(bad_value("--timezone", &args.timezone, why).into());
    };
    let inputs = args
        .files
        .iter()
        .map(|file| Input::open(file))
        .collect::<Result<Vec<_>>>()?;
    let access = match args.dry_run {
        true => Access::Preview,
        false => Access::Create,
    };
    let rejected = Rejected::new(args.rejects.as_deref(), &args.files, &context.location()?)?;
    let interrupt = Interrupt::watch()?;
    let dry_run = args.dry_run && context.terminal.format != Format::Table;
    let mut import = Import {
        repository: context.open(access)?,
        on_conflict: args.on_conflict,
        dry_run: args.dry_run,
        told: dry_run.then(|| DryRun::new("would import")),
        context,
        zone,
        rejected,
        interrupt,
        tally: Tally::default(),
        batch: Vec::new(),
        batch_bytes: 0,
        problems: Vec::new(),
    };
    let done = import.all(inputs);
    import.finish(done)
}

/// A file, opened before anything is written.
struct Input {
    name: String,
    reader: Box<dyn Read>,
    size: Option<u64>,
}

impl Input {
    fn open(name: &str) -> Result<Input> {
        if name == "-" {
            return Ok(Input {
                name: "standard input".to_owned(),
                reader: Box::new(std::io::stdin()),
                size: None,
            });
        }
        let shown = one_line(name).into_owned();
        let failed = |error: std::io::Error| {
            let kind = match error.kind() {
                std::io::ErrorKind::NotFound => Kind::NoInput,
                _ => Kind::Io,
            };
            Failure::new(kind, format!("cannot read {shown}: {error}"))
                .hint("nothing was imported; give a file that can be read, or - for standard input")
        };
        let file = File::open(name).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            let message = format!("{shown} is a folder, not a dump");
            return Err(Failure::new(Kind::NoInput, message).into());
        }
        Ok(Input {
            name: shown,
            reader: Box::new(file),
            size: metadata.is_file().then_some(metadata.len()),
        })
    }
}

struct Import<'a> {
    context: &'a mut Context,
    repository: Box<dyn Repository>,
    on_conflict: OnConflict,
    dry_run: bool,
    told: Option<DryRun>,
    zone: Zone,
    rejected: Rejected,
    interrupt: Interrupt,
    tally: Tally,
    batch: Vec<Record>,
    batch_bytes: usize,
    /// Whole files that are bad: empty ones, and where one broke.
    problems: Vec<String>,
}

impl Import<'_> {
    fn all(&mut self, inputs: Vec<Input>) -> Result<()> {
        for input in inputs {
            self.file(input)?;
            self.flush()?;
        }
        self.rejected.flush()
    }

    fn file(&mut self, input: Input) -> Result<()> {
        let bar = self.context.terminal.progress(input.size);
        let mut reader = Reader::new(input.reader);
        loop {
            let item = reader.next().map_err(|error| {
                Failure::new(Kind::Io, format!("reading {}: {error}", input.name))
            })?;
            match item {
                None => break,
                Some(Item::Record(raw)) => match legacy::convert(raw.bytes, raw.key, &self.zone) {
                    Ok(record) => {
                        self.batch.push(record);
                        self.batch_bytes += raw.bytes.len();
                    }
                    Err(reject) => self.reject(&input.name, raw, &reject)?,
                },
                Some(Item::Bad { raw, reason }) => {
                    self.tally.reject(Store::Unknown);
                    self.rejected.add(&input.name, &raw, &reason)?;
                }
                Some(Item::Broken {
                    position,
                    line,
                    reason,
                }) => {
                    self.problems.push(format!(
                        "{}: {reason} (byte {position}, line {line}); nothing behind it was read",
                        input.name
                    ));
                }
            }
            if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES {
                self.flush()?;
                bar.set_position(reader.bytes_read());
            }
            self.check_interrupt()?;
        }
        if !reader.saw_value() {
            self.problems.push(format!("{} is empty", input.name));
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn reject(&mut self, source: &str, raw: Raw, reject: &Reject) -> Result<()> {
        self.tally.reject(reject.store);
        let inner = reject.unwrapped.as_ref();
        let raw = Raw {
            key: inner.map_or(raw.key, |inner| inner.key.as_deref()),
            bytes: inner.map_or(raw.bytes, |inner| &inner.record),
            ..raw
        };
        self.rejected.add(source, &raw, &reject.reason)
    }

    fn flush(&mut self) -> Result<()> {
        let mut jobs = Vec::with_capacity(self.batch.len());
        let mut about = Vec::with_capacity(self.batch.len());
        for record in self.batch.drain(..) {
            jobs.push(record.job);
            about.push((record.store, record.fit));
        }
        self.batch_bytes = 0;
        for (place, column) in self.repository.missing_parents(&jobs)? {
            // A row that comes back from an archive is restored as it was.
            if about[place].0 != Store::Jobctl {
                legacy::keep_aside(&mut jobs[place], column, about[place].0);
                self.tally.unlinked += 1;
            }
        }
        let mut done = 0;
        while done < jobs.len() {
            let rest = &jobs[done..];
            let outcomes = match self.dry_run {
                true => self.repository.preview(rest, self.on_conflict),
                false => self.repository.import(rest, self.on_conflict),
            }?;
            for ((job, (store, fit)), outcome) in rest.iter().zip(&about[done..]).zip(&outcomes) {
                self.tally.count(job, *store, *fit, *outcome);
                if let Some(told) = &mut self.told {
                    let reason = format!("{}, {}", reason(*outcome, job), store.name());
                    told.push(&mut self.context.terminal, &job.id(), &reason)?;
                }
            }
            done += outcomes.len();
            self.check_interrupt()?;
        }
        self.rejected.flush()
    }

    fn check_interrupt(&self) -> Result<()> {
        match self.interrupt.is_set() {
            true => Err(Failure::interrupted().into()),
            false => Ok(()),
        }
    }

    /// Says what was done, and then what went wrong, if anything.
    fn finish(mut self, done: Result<()>) -> Result<()> {
        let tally = &self.tally;
        let members = tally.json_members(&self.zone.name(), &self.problems);
        let terminal = &mut self.context.terminal;
        match (self.told.take(), terminal.format) {
            (Some(told), _) => told.end(terminal, &members)?,
            (None, Format::Json | Format::Jsonl) => {
                let dry_run = if self.dry_run {
                    "\"dry_run\": true, "
                } else {
                    ""
                };
                terminal.line(&format!("{{{dry_run}{members}}}"))?;
            }
            _ => {}
        }
        self.rejected.tell(terminal);
        for line in tally.lines(&self.zone.name(), self.dry_run) {
            terminal.note(&line);
        }
        done.map_err(|error| match error.downcast::<Error>() {
            Ok(exists @ Error::Exists { .. }) => anyhow::Error::new(
                Failure::refused(format!("{exists}; stopped there (--on-conflict fail)"))
                    .hint("--on-conflict skip, newer or replace goes on"),
            ),
            Ok(other) => other.into(),
            Err(other) => other,
        })?;
        match self.bad_data() {
            Some(failure) => Err(failure.into()),
            None => Ok(()),
        }
    }
}

impl Import<'_> {
    /// What was wrong with the input, although the good part of it was imported.
    fn bad_data(&self) -> Option<Failure> {
        let mut wrong = self.problems.clone();
        let rejected = self.tally.rejected();
        if rejected > 0 {
            let first = self.rejected.first();
            wrong.push(format!(
                "{} rejected; the first: {first}",
                plural(rejected, "record")
            ));
        }
        let failure = Failure::new(Kind::BadData, wrong.join("; "));
        match (wrong.is_empty(), rejected > 0 && !self.rejected.has_file()) {
            (true, _) => None,
            (false, true) => {
                Some(failure.hint("--rejects FILE keeps rejected records to be mended"))
            }
            (false, false) => Some(failure),
        }
    }
}

fn reason(outcome: Imported, job: &Job) -> &'static str {
    match (outcome, job.status()) {
        (Imported::Inserted, Some(Status::Processing)) => "new, still processing",
        (Imported::Inserted, _) => "new",
        (Imported::Updated, _) => "there already, overwritten",
        (Imported::Skipped, _) => "there already, skipped",
    }
}
