//! `doctor`: what is wrong with the database and around it, in words for somebody who does not know databases. Nothing is
//! changed without `--fix`.

mod examine;
mod fix;
mod keep;
mod surroundings;

use std::time::Duration;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};

use super::parts::output::Printer;
use super::parts::program::program;
use crate::context::Context;
use crate::error::{Failure, Told};
use crate::job::checkup::{Check, CheckupTerms, Finding, Severity, Wanted};
use crate::render::findings::FindingsRecord;
use crate::render::format::{Envelope, Head};
use crate::repository::Depth;
use crate::text::visible::{one_line, plural};
use crate::time;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl doctor
  jobctl doctor bad-json unreadable-time
  jobctl doctor --full
  jobctl doctor --fix --dry-run
  jobctl doctor --fix time-spelling --yes
  jobctl doctor --fix own-tables --history-keep 30d
  jobctl doctor --for postgres
  jobctl doctor -o json | jq '.findings[] | {check, count}'

In a crontab, which mails what is printed:
  0 7 * * *  jobctl --db /srv/video/vimax_seko.db doctor -q";

/// Say what is wrong with the database and around it, and what to do about it
///
/// The file, its folder and its disk, its table and indexes, and every job are looked at, in one pass that
/// keeps the service from nothing. Each finding has a name that stays, a severity (error: something does not
/// work, or will not; warning: something is wrong and works all the same; info), how often it was met, three
/// examples, what it means, and the command that puts it right. The exit status is 1 when there is an error,
/// with --strict also when there is a warning, else 0. With -q findings alone are printed.
///
/// On PostgreSQL the table, its indexes, every job, the rights of the user, the settings of the database and the
/// sessions of others are looked at, and what is about a file is not.
///
/// --for postgres is the rehearsal of a move to PostgreSQL, which is stricter than SQLite: it tells each job
/// that would be refused there (error) or altered (warning, info), by kind.
///
/// --fix puts right what is safe, after asking: how times are spelled (time-spelling), completed_at of ended
/// jobs from updated_at (missing-completed-at), jobctl's own tables (own-tables), indexes (missing-index),
/// and what the database knows of its content (statistics). Each change of a job, and each index, can be taken back with undo; a fix of own-tables or statistics cannot. It never changes a state, nor what somebody has written.
/// --history-keep says how long the history keeps runs, for everybody who writes this database; what is older goes at once.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", checks()))]
pub(crate) struct Args {
    /// Only these checks
    #[arg(value_name = "CHECK", hide_possible_values = true, value_parser = names())]
    checks: Vec<Check>,

    /// End with status 1 for warnings too
    #[arg(long)]
    strict: bool,

    /// Tell of jobs that have been queued, or processing without an update, for so long
    #[arg(long, value_name = "AGE", default_value = "3d", value_parser = time::parse_duration)]
    stale: Duration,

    /// Read every page of the file for damage; where it has no log (WAL), the service cannot write meanwhile
    #[arg(long)]
    full: bool,

    /// Rehearse a move: tell each job that this server would refuse or alter, by kind, and nothing else
    #[arg(
        long = "for",
        value_enum,
        value_name = "SERVER",
        conflicts_with_all = ["checks", "fix", "full", "stale"]
    )]
    server: Option<TargetServer>,

    #[command(flatten)]
    fix: fix::FixArgs,
}

/// The servers to which jobs can move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TargetServer {
    Postgres,
}

fn names() -> impl clap::builder::TypedValueParser<Value = Check> {
    let values = Check::all().map(|check| PossibleValue::new(check.name()).help(check.about()));
    PossibleValuesParser::new(values).try_map(|name| Check::named(&name).ok_or("is no check"))
}

/// The checks, for the help.
fn checks() -> String {
    let listed = |checks: &[Check]| -> String {
        let lines = checks
            .iter()
            .map(|check| format!("\n  {:<21} {}", check.name(), check.about()));
        lines.collect()
    };
    format!(
        "Checks:{}\n\nChecks of PostgreSQL alone:{}\n\nKinds of --for postgres:{}",
        listed(Check::ALL),
        listed(Check::ON_SERVERS),
        listed(Check::FOR_POSTGRES)
    )
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let terms = CheckupTerms {
        now: context.now(),
        stale: args.stale,
        wanted: Wanted::of(&args.checks),
    };
    context.keeping.set(args.fix.history.keep());
    if args.fix.fix {
        fix::check_names(&args.checks)?;
    }
    let is_server = context.location()?.file().is_none();
    if let Some(TargetServer::Postgres) = args.server {
        if is_server {
            let message =
                "'--for postgres' rehearses a move, and these jobs are on PostgreSQL already";
            return Err(Failure::usage(message).hint("leave it out").into());
        }
        let examined = examine::for_postgres(context, &terms)?;
        return tell(&args, context, examined, &fix::FixOutcome::default());
    }
    let depth = if args.full { Depth::Full } else { Depth::Quick };
    let mut examined = examine::all(context, &terms, depth)?;
    let done = if args.fix.fix {
        fix::run(&args.fix, context, &terms, &mut examined)?
    } else {
        fix::FixOutcome::default()
    };
    tell(&args, context, examined, &done)
}

fn tell(
    args: &Args,
    context: &mut Context,
    mut examined: examine::ExaminedDatabase,
    done: &fix::FixOutcome,
) -> Result<()> {
    let program = program(context);
    let findings = &mut examined.findings;
    findings.sort_by_key(|finding| (finding.severity, finding.check));
    for finding in findings.iter_mut() {
        finding.mend = finding.mend.replace("jobctl ", &format!("{program} "));
    }
    let record = FindingsRecord {
        database: &examined.database,
        findings,
        fixed: &done.fixed,
        kept: done.kept.as_ref(),
        dry_run: args.fix.dry_run,
        width: context.terminal.width,
        color: context.terminal.color,
    };
    let head = Head {
        headings: Vec::new(),
        around: Envelope::Nothing,
        table: None,
    };
    let mut printer = Printer::new(context, head);
    printer.record(&mut context.terminal, &record)?;
    printer.end(&mut context.terminal, "")?;
    if args.fix.fix {
        let dry_run = args.fix.dry_run;
        let fixed = match (done.fixed.as_slice(), dry_run) {
            ([], _) => "nothing to fix".to_owned(),
            (fixed, true) => format!("would fix {}", fix::said(fixed)),
            (fixed, false) => format!("fixed {}", fix::said(fixed)),
        };
        let kept = done.kept.as_ref().map(|kept| keep::said(kept, dry_run));
        if !done.fixed.is_empty() || kept.is_none() {
            context.terminal.note(&fixed);
        }
        if let Some(kept) = kept {
            context.terminal.note(&kept);
        }
    }
    let is_server = context.location()?.file().is_none();
    let summary = summary(args, &examined, is_server);
    context.terminal.note(&summary);
    if let Some(left_out) = &examined.left_out {
        context.terminal.note(&one_line(left_out));
    }
    let is_told = |finding: &Finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => args.strict,
        Severity::Info => false,
    };
    if examined.findings.iter().any(is_told) {
        return Err(Told.into());
    }
    Ok(())
}

/// `2 errors and 1 warning in 5 jobs of jobs.db`
fn summary(args: &Args, examined: &examine::ExaminedDatabase, is_server: bool) -> String {
    let count = |severity| {
        let of_it = examined
            .findings
            .iter()
            .filter(|it| it.severity == severity);
        of_it.count() as u64
    };
    let kinds = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "note"),
    ];
    let found: Vec<String> = kinds
        .iter()
        .filter(|(severity, _)| count(*severity) > 0)
        .map(|(severity, word)| plural(count(*severity), word))
        .collect();
    let found = match found.as_slice() {
        [] => "all is well".to_owned(),
        found => found.join(", "),
    };
    let checks = match (args.server, args.checks.len()) {
        (Some(TargetServer::Postgres), _) => Check::FOR_POSTGRES.len(),
        (None, 0) => Check::count(is_server),
        (None, named) => named,
    };
    let checks = plural(checks as u64, "check");
    let database = one_line(&examined.database);
    match examined.jobs {
        Some(jobs) => format!("{found}: {checks}, {} in {database}", plural(jobs, "job")),
        None => format!("{found}: {checks}, {database}"),
    }
}
