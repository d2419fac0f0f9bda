//! The examination: what can be seen before the file is opened, then all jobs, then the file itself. What keeps other
//! commands from opening it is a finding here.

use std::borrow::Cow;

use anyhow::Result;

use super::surroundings;
use crate::context::Context;
use crate::error::{Failure, Kind};
use crate::job::checkup::{Check, CheckupTerms, Finding, PostgresChecks, RowChecks, Severity};
use crate::repository::{self, Access, Depth, Error, Repository};

/// What was found.
pub(super) struct ExaminedDatabase {
    pub database: String,
    pub findings: Vec<Finding>,
    /// The jobs that were looked at; None where none could be, or no check of them was wanted.
    pub jobs: Option<u64>,
    pub left_out: Option<String>,
}

/// The checks that need no look at the jobs, or find out by themselves how many there are.
const WITHOUT_ROWS: [Check; 19] = [
    Check::TwoDatabases,
    Check::TwoSpellings,
    Check::TwoNames,
    Check::NetworkFiles,
    Check::Permissions,
    Check::Owners,
    Check::DiskSpace,
    Check::HotJournal,
    Check::LogSize,
    Check::Locks,
    Check::Unreadable,
    Check::MissingColumns,
    Check::ColumnTypes,
    Check::ExtraColumns,
    Check::MissingIndex,
    Check::Statistics,
    Check::FreePages,
    Check::OwnTables,
    // Its full depth reads the file by itself.
    Check::Integrity,
];

pub(super) fn all(
    context: &mut Context,
    terms: &CheckupTerms,
    depth: Depth,
) -> Result<ExaminedDatabase> {
    let location = context.location()?;
    let mut outcome = ExaminedDatabase {
        database: location.name(),
        findings: surroundings::check(context, terms.wanted),
        jobs: None,
        left_out: None,
    };
    let mounts = context.test_mounts();
    let unopened = repository::unopened(&location, terms.wanted, mounts.as_deref());
    outcome.findings.extend(unopened);
    let mut met = Met {
        on_server: location.file().is_none(),
        is_open: false,
    };
    let opened = context.open(Access::ReadAll).and_then(|mut repository| {
        met.is_open = true;
        inside(repository.as_mut(), terms, depth, &mut outcome)?;
        Ok(())
    });
    if let Err(error) = opened {
        let Some(finding) = obstacle(&error, met) else {
            return Err(error);
        };
        // What could not be undone has not been.
        outcome.findings.retain(|it| it.check != finding.check);
        if terms.wanted.has(finding.check) {
            outcome.findings.push(finding);
        } else {
            return Err(error);
        }
    }
    Ok(outcome)
}

/// The jobs that PostgreSQL would refuse or alter.
pub(super) fn for_postgres(
    context: &mut Context,
    terms: &CheckupTerms,
) -> Result<ExaminedDatabase> {
    let mut repository = context.open(Access::ReadAll)?;
    let mut outcome = ExaminedDatabase {
        database: repository.name(),
        findings: Vec::new(),
        jobs: None,
        left_out: None,
    };
    let (mut checks, mut later) = (PostgresChecks::default(), PostgresChecks::default());
    if let Some(examination) = repository.examination() {
        let passed = examination.examine_rows(terms, [&mut checks, &mut later])?;
        checks.append(later);
        if let Some(damage) = passed.damage {
            let message = format!("{} is damaged: {damage}", outcome.database);
            return Err(Failure::new(Kind::Failed, message)
                .hint("jobctl doctor integrity says more")
                .into());
        }
        outcome.jobs = Some(checks.rows);
    }
    outcome.findings = checks.findings();
    Ok(outcome)
}

fn inside(
    repository: &mut dyn Repository,
    terms: &CheckupTerms,
    depth: Depth,
    outcome: &mut ExaminedDatabase,
) -> Result<()> {
    let Some(examination) = repository.examination() else {
        return Ok(());
    };
    let of_rows = Check::ALL.iter().filter(|it| !WITHOUT_ROWS.contains(it));
    let wants_rows = of_rows.copied().any(|check| terms.wanted.has(check))
        || (terms.wanted.has(Check::Integrity) && depth == Depth::Quick);
    let mut passed = None;
    if wants_rows {
        let (mut checks, mut later) = (RowChecks::new(*terms), RowChecks::new(*terms));
        let pass = examination.examine_rows(terms, [&mut checks, &mut later])?;
        checks.append(later);
        let jobs = checks.rows + pass.unshown;
        outcome.jobs = Some(jobs);
        passed = Some((pass, jobs));
        outcome.findings.extend(checks.findings());
    }
    let passed = passed.as_ref().map(|(pass, rows)| (pass, *rows));
    let examined = examination.examine_database(terms, depth, passed)?;
    outcome.findings.extend(examined.findings);
    outcome.left_out = examined.left_out;
    Ok(())
}

/// Where an error was met.
#[derive(Clone, Copy)]
struct Met {
    on_server: bool,
    /// The database could be opened.
    is_open: bool,
}

/// The finding that an error of opening or reading is; None for one that says that there is nothing to examine.
fn obstacle(error: &anyhow::Error, met: Met) -> Option<Finding> {
    let found = error.downcast_ref::<Error>()?;
    let (check, means) = match found {
        Error::Locked { .. } if met.on_server => (
            Check::Locks,
            "Another program keeps the whole table locked, so that nobody else can read it. The service waits meanwhile, or fails. Nothing in the table could be looked at.",
        ),
        Error::Own(failure) if met.is_open && failure.kind == Kind::Denied => (
            Check::Permissions,
            "The user may log in, and may not read the jobs, so nothing in the table could be looked at.",
        ),
        Error::Hidden { .. } => (
            Check::Permissions,
            "What the user does not see would be taken for what is not there, so nothing in the table was looked at. The service misses those jobs too, if it works as this user.",
        ),
        Error::OtherTable { .. } => (
            Check::MissingColumns,
            "The table is not as the service makes it, and jobctl does not work on it: another program has changed it, or it is another program's. Nothing else could be looked at.",
        ),
        Error::Locked { .. } => (
            Check::Locks,
            "Another program keeps the file locked, so that nobody else can read it. The service fails meanwhile. Nothing in the file could be looked at.",
        ),
        Error::HalfDone(_) => (
            Check::HotJournal,
            "A program was killed in the middle of a write, and the half of it that is there must be undone before anybody can read the file. That needs the right to write it.",
        ),
        Error::Own(failure) if matches!(failure.kind, Kind::Failed | Kind::Io) => (
            Check::Unreadable,
            "The file cannot be read, so nothing in it could be looked at. Every other command fails with the same words.",
        ),
        Error::ReadOnly { .. } | Error::Full { .. } => (
            Check::Unreadable,
            "The file cannot be opened here, so nothing in it could be looked at.",
        ),
        _ => return None,
    };
    let mend = match found {
        // A line that mends this very table.
        Error::OtherTable {
            hint: Cow::Owned(hint),
            ..
        } => hint.clone(),
        Error::OtherTable { .. } if met.on_server => {
            "name the service's database with --db; if this is it, let the service's own migration bring the table up".to_owned()
        }
        Error::Locked { .. } if met.on_server => {
            "pg_stat_activity and pg_locks show the session: let it end what it does, or end it with pg_terminate_backend".to_owned()
        }
        Error::OtherTable { .. } => {
            "name the service's file with --db; if this is it, let the service's own migration bring the table up".to_owned()
        }
        Error::Locked { .. } => {
            "fuser FILE shows the program: let it end what it does, or stop it".to_owned()
        }
        found => found.hint().unwrap_or_default(),
    };
    let finding = Finding::new(check, Severity::Error)
        .example(found.to_string())
        .means(means)
        .mend(mend);
    Some(finding)
}
