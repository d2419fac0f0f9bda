//! Examining: what `doctor` finds out about the file, around it and in it. One file a group of checks.

mod file;
mod fix;
mod fix_rows;
mod indexes;
mod integrity;
mod journal;
mod locks;
mod own_tables;
mod pages;
mod parent_lookup;
mod rows;
mod table;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
pub(in crate::repository::sqlite) mod wished;

pub(in crate::repository) use file::unopened;

use std::time::Duration;

use crate::job::Filter;
use crate::job::checkup::{Check, CheckupTerms, Judge};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::reading::stream;
use crate::repository::{Depth, Examination, Examined, Fix, FixTerms, Passed, Result};

impl Examination for Sqlite {
    fn examine_rows(
        &mut self,
        terms: &CheckupTerms,
        judges: [&mut dyn Judge; 2],
    ) -> Result<Passed> {
        self.get_ready_to_scan()?;
        rows::pass(self, terms, judges)
    }

    fn examine_database(
        &mut self,
        terms: &CheckupTerms,
        depth: Depth,
        passed: Option<(&Passed, u64)>,
    ) -> Result<Examined> {
        self.get_ready_to_scan()?;
        let count = match passed {
            Some((_, count)) => count,
            None => stream::count(self, &Filter::default())?,
        };
        let mut examined = integrity::check(self, terms.wanted, depth, passed)?;
        let groups = [
            table::check(self, terms.wanted)?,
            indexes::check(self, terms.wanted, count)?,
            pages::check(self, terms.wanted)?,
            own_tables::check(self, terms.wanted)?,
        ];
        examined.findings.extend(groups.into_iter().flatten());
        Ok(examined)
    }

    fn fix(&mut self, fix: FixTerms<'_>, goes_on: &mut dyn FnMut() -> bool) -> Result<Fix> {
        fix::fix(self, fix, goes_on)
    }

    fn keeps_fix(&self, check: Check) -> bool {
        !matches!(check, Check::Statistics | Check::OwnTables)
    }

    fn time_to_fix(&mut self, fix: FixTerms<'_>) -> Result<Duration> {
        fix::time(self, fix)
    }
}
