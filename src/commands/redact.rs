//! `redact`: personal text is taken out of jobs, and out of their history.

use anyhow::Result;

use super::parts::arguments::filter::{FilterArgs, unknown_word};
use super::parts::arguments::{ids, nameless};
use super::parts::consent::{self, ConsentArgs, Question};
use super::parts::database::history::{needed, resolve};
use super::parts::database::storage;
use super::parts::output::Printer;
use super::parts::output::dry_run::DryRun;
use crate::context::Context;
use crate::error::Failure;
use crate::job::{Column, ColumnSet, Job, JobId};
use crate::render::format::{Envelope, Head, RecordForm};
use crate::render::record::{Cells, Record};
use crate::repository::{Access, GiveBack, Repository};
use crate::text::json::{Array, Layout, Object};
use crate::text::visible::plural;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl redact 7c1f --dry-run
  jobctl redact 7c1f --yes
  jobctl redact 7c1f --fields content,error --yes
  jobctl list --search 'Jane Doe' --all -o ids | jobctl redact - --yes";

/// Take personal text out of jobs and of their history, for good
///
/// The text becomes (redacted), and JSON {}; a field that is empty stays so. State, times, progress and counts stay, so that
/// statistics count the job as before. What runs have kept of the jobs loses the text too, whether the jobs are still there or
/// were deleted. It cannot be undone, nor can what was changed in these jobs before.
///
/// What is overwritten is wiped in the file, and the file is written anew where it is small, or with --vacuum: earlier changes
/// by any program may have left copies in its free space. On PostgreSQL old versions of the rows are cleared away (VACUUM), and with
/// --vacuum the tables are written anew (VACUUM FULL), which their owner alone may do. Archives, backups and the service's own
/// memory and logs are not reached.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", super::CACHE_NOTE))]
#[command(mut_args(|arg| match arg.get_id().as_str() {
    "dry_run" => arg.help("Show which jobs would be redacted, and write nothing"),
    _ => arg,
}))]
pub(crate) struct Args {
    /// Ids, or prefixes of at least 4 characters; - reads them from standard input
    #[arg(value_name = "ID|-")]
    ids: Vec<String>,

    /// What is taken out, of: content, requirement, request, error, title, result, context [default: all]
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    fields: Vec<String>,

    /// Write the whole file (on PostgreSQL the tables) anew, however large it is; keeps everybody out meanwhile
    #[arg(long)]
    vacuum: bool,

    #[command(flatten)]
    pub(super) consent: ConsentArgs,

    #[command(flatten)]
    filter: FilterArgs,
}

/// The columns that may hold personal text.
const PERSONAL: [Column; 7] = [
    Column::Content,
    Column::Requirement,
    Column::RequestData,
    Column::Error,
    Column::Title,
    Column::Result,
    Column::Context,
];

/// The size up to which a file is written anew without being asked to: about a second.
const SMALL: u64 = 128 << 20;

/// What no redaction reaches, whatever the database.
const NOT_REACHED: [&str; 2] = [
    "archives, exports and backups",
    "the memory and the logs of the service",
];

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    context.keeping.set(args.consent.history.keep());
    let columns = columns(&args)?;
    match (args.ids.is_empty(), args.filter.is_empty()) {
        (true, true) => {
            let failure = Failure::usage("no job is named: give ids, or a filter such as --search");
            return Err(failure
                .hint("jobctl redact --help shows the filters")
                .into());
        }
        (false, false) => {
            let failure = Failure::usage("give ids or a filter, not both");
            let hint = "jobctl list FILTER -o ids | jobctl redact - does one after the other";
            return Err(failure.hint(hint).into());
        }
        _ => {}
    }
    let named = ids::read(&args.ids, context.global.null)?;
    let access = if args.consent.dry_run {
        Access::DryRun
    } else {
        Access::WriteMany
    };
    let mut opened = context.open(access)?;
    let repository = opened.as_mut();
    let Selected {
        ids,
        nameless: without_id,
        selection,
    } = select(&args, context, repository, &named.names)?;
    consent::check_max(args.consent.max, ids.len() as u64)?;
    nameless::warn(context, without_id);
    if args.consent.dry_run {
        let mut told = DryRun::new(context, "would redact");
        let fields: Vec<&str> = columns.iter().map(|column| column.flag()).collect();
        let reason = format!("loses {}", fields.join(", "));
        for id in &ids {
            told.push(&mut context.terminal, id, &reason)?;
        }
        return told.end(&mut context.terminal, "");
    }
    context.tell_database();
    let question = Question {
        verb: "redact",
        count: ids.len() as u64,
        selection: &selection,
        database: &repository.name(),
        lost: Some("this cannot be undone".to_owned()),
    };
    consent::ask(context, args.consent.yes, &question)?;
    if !ids.is_empty() {
        args.consent.backup.make(context, repository)?;
    }
    let history = needed(repository)?;
    let done = history.redact(&ids, &columns)?;
    let mut not_reached = NOT_REACHED.map(str::to_owned).to_vec();
    not_reached.push(history.beyond_reach().to_owned());
    not_reached.extend(nameless::told(without_id));
    if !done.jobs.is_empty() {
        // A server's tables are cleared with the log.
        let space = storage::space(repository)?;
        let space = space.filter(|space| space.give_back != GiveBack::Cleared);
        let is_small = space.is_some_and(|space| space.bytes <= SMALL);
        if space.is_some() && (args.vacuum || is_small) {
            if let Some(storage) = repository.storage() {
                storage.rewrite()?;
            }
        } else if space.is_some() {
            not_reached.push(
                "copies that earlier changes left in the file's free space (--vacuum)".to_owned(),
            );
        }
        not_reached.extend(needed(repository)?.wipe_log(args.vacuum)?);
    }
    print(context, &done.jobs, &not_reached)?;
    let count = plural(done.jobs.len() as u64, "job");
    context.terminal.note(&format!(
        "redacted {count}; not reached: {}",
        not_reached.join("; ")
    ));
    Ok(())
}

fn columns(args: &Args) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::new();
    for word in &args.fields {
        let is_it = |column: &&Column| {
            column.flag() == word || column.name() == word || column.key() == word
        };
        match PERSONAL.iter().find(is_it) {
            Some(column) => columns.push(*column),
            None => {
                let known = PERSONAL.map(Column::flag);
                return Err(unknown_word("--fields", word, &known));
            }
        }
    }
    if columns.is_empty() {
        columns = PERSONAL.to_vec();
    }
    Ok(columns)
}

/// The jobs, those that were deleted among them.
struct Selected {
    ids: Vec<JobId>,
    /// The number of those without an id.
    nameless: u64,
    /// How the question tells them.
    selection: String,
}

fn select(
    args: &Args,
    context: &mut Context,
    repository: &mut dyn Repository,
    names: &[String],
) -> Result<Selected> {
    let mut found = Vec::new();
    let mut nameless = 0;
    if args.ids.is_empty() {
        let filter = args.filter.resolve(context, repository)?;
        let id = ColumnSet::of(&[Column::Id]);
        repository.stream(&filter, None, id, &mut |job: &mut Job| {
            if job.get(Column::Id).is_null() {
                nameless += 1;
            } else {
                found.push(job.id());
            }
            Ok(())
        })?;
        return Ok(Selected {
            ids: found,
            nameless,
            selection: args.filter.describe(),
        });
    }
    let (ids, missing) = ids::resolve_all(repository, names)?;
    found.extend(ids);
    let mut unknown = Vec::new();
    for name in missing {
        match resolve(repository, &name)? {
            Some(id) => found.push(id),
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        return Err(ids::no_such(&unknown).into());
    }
    let selection = if args.ids.iter().any(|id| id == "-") {
        "ids from standard input"
    } else {
        "named"
    };
    Ok(Selected {
        ids: found,
        nameless,
        selection: selection.to_owned(),
    })
}

fn print(context: &mut Context, jobs: &[JobId], not_reached: &[String]) -> Result<()> {
    if context.format.form() == RecordForm::Lines {
        return Ok(());
    }
    let head = Head {
        headings: vec!["job_id".to_owned()],
        around: Envelope::Nothing,
        table: None,
    };
    let mut printer = Printer::new(context, head);
    printer.record(&mut context.terminal, &RedactRecord { jobs, not_reached })?;
    printer.end(&mut context.terminal, "")
}

/// The outcome.
struct RedactRecord<'a> {
    jobs: &'a [JobId],
    not_reached: &'a [String],
}

impl Record for RedactRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let list = |texts: &mut dyn Iterator<Item = String>| {
            let mut out = String::new();
            let mut array = Array::new(layout.nested());
            for text in texts {
                array.next(&mut out);
                crate::text::json::string(&mut out, &text);
            }
            array.end(&mut out);
            out
        };
        let jobs = list(&mut self.jobs.iter().map(ToString::to_string));
        let not_reached = list(&mut self.not_reached.iter().cloned());
        let mut object = Object::begin(out, layout);
        object.literal("redacted", self.jobs.len());
        object.literal("job_ids", jobs);
        object.literal("not_reached", not_reached);
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        for id in self.jobs {
            cells.text(&id.to_string());
            cells.end_line();
        }
    }
}
