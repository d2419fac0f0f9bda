//! `complete`: values from the database for the word that a person is typing. The scripts of `completions` call it, and it
//! is hidden; an error of the file is for a command to tell, not for a key that was pressed.

mod line;
mod shell;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use self::line::Blank;
pub(crate) use self::line::{ValueSource, holds};
use self::shell::{Offer, Shell};
use crate::commands::parts::database::history::needed;
use crate::context::Context;
use crate::error::Failure;
use crate::job::any_column::other_label;
use crate::job::checkup::Check;
use crate::job::{Column, ColumnSet, Job};
use crate::render::history::counts;
use crate::render::table::status_text;
use crate::repository::{Access, Run};
use crate::text::visible::{cut, one_line};
use crate::time::{self, Instant};

/// The most jobs that are offered, so that no shell asks whether it shall show them.
const MOST_JOBS: usize = 50;

/// The most words of a column that are looked at.
const MOST_WORDS: usize = 500;

/// The longest part of a title that is shown, in columns.
const TITLE: usize = 40;

/// Offer what is in the database for the last word of a line
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose script asks
    shell: Shell,

    /// Describe each value, within this number of columns, to a shell that shows what it would insert
    #[arg(long, value_name = "COLUMNS")]
    described: Option<usize>,

    /// The line as far as the cursor
    #[arg(last = true, required = true)]
    words: Vec<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let words = args.shell.words(&args.words);
    let (db, blank) = words
        .as_deref()
        .map(|words| line::read(words, &context.definition))
        .unwrap_or_default();
    let Some(blank) = blank else {
        return Err(Failure::usage("nothing of the database belongs there").into());
    };
    if let Some(db) = db {
        let db = from_home(db, context.home());
        context.use_database(db);
    }
    context.global.busy_timeout = Duration::ZERO;
    let offers = match offers(&blank, args.shell, context) {
        Ok(offers) => offers,
        Err(_) if blank.holds == ValueSource::Checks => checks(&blank),
        // The known columns need no file.
        Err(_) if blank.holds == ValueSource::Fields => fields(&blank, args.shell, &[]),
        Err(_) => Vec::new(),
    };
    let raw = args.words.last().map_or("", String::as_str);
    let lines = args.shell.lines(&offers, &blank, raw, args.described);
    context.terminal.data(&lines)
}

/// The path with `~` replaced, which no shell does in an unfinished line.
fn from_home(path: String, home: Option<&OsStr>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        _ => path.into(),
    }
}

fn offers(blank: &Blank, shell: Shell, context: &mut Context) -> Result<Vec<Offer>> {
    let mut repository = context.open(Access::Glance)?;
    let prefix = blank.prefix.as_str();
    let offers = match &blank.holds {
        ValueSource::Ids => {
            let columns = ColumnSet::of(&[Column::Id, Column::Status, Column::Title]);
            let wanted = |job: &Job| {
                let id = job.id().to_string();
                id.is_ascii() && !id.contains(' ') && shell.can_say(&id)
            };
            let mut jobs = repository.some(prefix, columns, MOST_JOBS, &wanted)?;
            // Of many, the first and the last have to stay: a shell inserts the beginning that all offers share.
            if jobs.len() < MOST_JOBS {
                jobs.retain(|job| !blank.given.contains(&job.id().to_string()));
            }
            jobs.iter().map(of_job).collect()
        }
        ValueSource::Words(column, known) => {
            let mut words: Vec<String> = known.iter().map(|word| (*word).to_owned()).collect();
            for word in repository.words(*column, prefix, MOST_WORDS)? {
                if !words.contains(&word) && shell.can_say(&word) {
                    words.push(word);
                }
            }
            words.retain(|word| word.starts_with(prefix) && !blank.given.contains(word));
            words.into_iter().map(of_word).collect()
        }
        ValueSource::Runs { undone } => {
            let now = context.now();
            let runs = needed(repository.as_mut())?.runs(None, MOST_JOBS)?;
            let fits = |run: &&Run| {
                run.undoes.is_none()
                    && run.undone_by.is_some() == *undone
                    && run.id.to_string().starts_with(prefix)
            };
            let offer = |run: &Run| Offer {
                value: run.id.to_string(),
                about: of_run(run, now),
            };
            runs.iter().filter(fits).map(offer).collect()
        }
        ValueSource::Checks => checks(blank),
        ValueSource::Fields => fields(blank, shell, &repository.other_columns()?),
    };
    Ok(offers)
}

fn checks(blank: &Blank) -> Vec<Offer> {
    let is_asked = |check: &Check| {
        let name = check.name();
        name.starts_with(&blank.prefix) && !blank.given.iter().any(|given| given == name)
    };
    let offer = |check: Check| Offer {
        value: check.name().to_owned(),
        about: check.about().to_owned(),
    };
    Check::all().filter(is_asked).map(offer).collect()
}

/// `5m ago  delete -3`
fn of_run(run: &Run, now: Instant) -> String {
    let age = run.at.map_or("-".to_owned(), |at| time::brief(now - at));
    format!("{age:>5} ago  {} {}", one_line(&run.command), counts(run))
}

fn of_word(value: String) -> Offer {
    Offer {
        value,
        about: String::new(),
    }
}

/// The names of columns, the unknown ones of the table among them.
fn fields(blank: &Blank, shell: Shell, others: &[Arc<str>]) -> Vec<Offer> {
    let known = Column::ALL.iter().map(|column| column.flag().to_owned());
    let others = others.iter().map(|name| other_label(name).into_owned());
    let names = known.chain(others.filter(|name| shell.can_say(name)));
    let is_asked = |name: &String| name.starts_with(&blank.prefix) && !blank.given.contains(name);
    names.filter(is_asked).map(of_word).collect()
}

fn of_job(job: &Job) -> Offer {
    let title = job.get(Column::Title).display();
    let title = cut(&one_line(&title), TITLE).into_owned();
    let about = format!("{:<12}  {title}", status_text(job));
    Offer {
        value: job.id().to_string(),
        about: about.trim_end().to_owned(),
    }
}
