//! `diff`: whether the job tables of two databases hold the same, and where they do not.

use std::ffi::OsString;

use anyhow::Result;

use super::parts::comparison::Compare;
use super::parts::interrupt::Interrupt;
use super::parts::output::Printer;
use crate::context::Context;
use crate::error::Told;
use crate::job::Filter;
use crate::render::comparison::{ComparisonRecord, sentence, sums};
use crate::render::format::{Envelope, Head};
use crate::repository::{self, Access};
use crate::text::visible::one_line;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl diff vimax_seko.db postgresql+psycopg2://service@db.example.com/videos
  jobctl diff before.db after.db --limit 100
  jobctl diff a.db b.db -o json | jq '.columns[] | select(.different > 0)'
  jobctl diff a.db b.db -q && echo the same";

/// Say where the jobs of two databases differ
///
/// A and B are SQLite files or addresses of servers. All jobs are read on both sides, in the order of their
/// ids, and compared column by column: JSON by its text, times as instants, numbers by value. The counts, the
/// first differences with both values, shortened, and with -o json or -v a SHA-256 of each column are told.
/// The exit status is 0 when they are equal and 1 when they differ. Both services may work on meanwhile: of a
/// SQLite file that is not in WAL mode each job is compared as it was or as it is, of all others those of one
/// moment. The database of --db is not looked at.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// A database: a SQLite file, or the address of a server
    #[arg(value_name = "A")]
    a: OsString,

    /// The other one
    #[arg(value_name = "B")]
    b: OsString,

    /// Show this many differences at most; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let a = context.location_of(&args.a, "the first database")?;
    let b = context.location_of(&args.b, "the second database")?;
    let _protected = [&a, &b].map(repository::protect);
    let interrupt = Interrupt::watch(context)?;
    let bar = context.terminal.progress_of_jobs(true);
    if !bar.is_hidden() {
        let mut repository = repository::open(&a, Access::ReadAll, context.patience())?;
        bar.set_length(repository.count(&Filter::default())?);
    }
    let compare = Compare {
        sides: [&a, &b],
        mapping: None,
        most: args.limit,
        bar,
        interrupt: &interrupt,
    };
    let result = compare.run(context)?;
    let names = [a.name(), b.name()].map(|name| one_line(&name).into_owned());
    let record = ComparisonRecord {
        names: [&names[0], &names[1]],
        result: &result,
        width: context.terminal.width,
    };
    let head = Head {
        headings: Vec::new(),
        around: Envelope::Nothing,
        table: None,
    };
    let mut printer = Printer::new(context, head);
    printer.record(&mut context.terminal, &record)?;
    printer.end(&mut context.terminal, "")?;
    for line in sums(&result) {
        context.terminal.detail(&line);
    }
    context.terminal.note(&sentence(["A", "B"], &result));
    if result.is_equal() {
        Ok(())
    } else {
        Err(Told.into())
    }
}
