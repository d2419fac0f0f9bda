//! The fixes: rows in short transactions, indexes beside those who write, and what the server knows of the table.

use super::making::Maker;
use super::{fix_rows, indexes, own_tables, upkeep};
use crate::error::{Failure, Kind};
use crate::job::Filter;
use crate::job::checkup::Check;
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::hints;
use crate::repository::postgres::reading::stream;
use crate::repository::postgres::writing::transaction::OpenTransaction;
use crate::repository::{Error, Fix, FixTerms, Result};

const COUNTING: &str = "counting what the table holds";

pub(super) fn fix(
    postgres: &mut Postgres,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    match fix.check {
        Check::MissingIndex => make_indexes(postgres, fix, goes_on),
        Check::Statistics => analyze(postgres, fix),
        Check::MissingCompletedAt => fix_rows::fix(postgres, fix, goes_on),
        Check::OwnTables => own_tables::fix(postgres, fix, goes_on),
        _ => Ok(Fix::default()),
    }
}

fn make_indexes(
    postgres: &Postgres,
    fix: FixTerms<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Fix> {
    let count = stream::count(postgres, &Filter::default())?;
    let missing = indexes::missing(postgres, fix.terms.wanted, count)?;
    let mut made = Fix::default();
    if fix.dry_run || missing.is_empty() {
        made.count = missing.len() as u64;
        return Ok(made);
    }
    let maker = Maker::new(postgres);
    for index in missing {
        if !goes_on() || !maker.make(index, goes_on)? {
            made.stopped = true;
            break;
        }
        made.count += 1;
    }
    Ok(made)
}

fn analyze(postgres: &Postgres, fix: FixTerms<'_>) -> Result<Fix> {
    let done = Fix {
        count: 1,
        ..Fix::default()
    };
    if fix.dry_run {
        return Ok(done);
    }
    let transaction = OpenTransaction::begin(postgres);
    postgres
        .session
        .run(COUNTING, &format!("ANALYZE {TABLE}"))?;
    transaction.commit(COUNTING)?;
    // One who is not the owner is told so in a warning, and nothing is done.
    if upkeep::known_rows(postgres)?.is_none() {
        let message = format!(
            "{COUNTING}: user \"{}\" does not own the table",
            postgres.label().user
        );
        return Err(Error::Own(
            Failure::new(Kind::Denied, message).hint(hints::GRANT),
        ));
    }
    Ok(done)
}
