//! Examining: what `doctor` finds out about the table, its rows, and the server that has them. One file a group of checks.

mod damage;
mod fix;
mod fix_rows;
mod indexes;
mod locks;
mod making;
mod own_tables;
mod rights;
mod rows;
mod server;
mod suspicion;
mod table;
mod upkeep;
mod wanted_index;

use std::time::Duration;

use crate::job::Filter;
use crate::job::checkup::{Check, CheckupTerms, Judge};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::reading::stream;
use crate::repository::{Depth, Examination, Examined, Fix, FixTerms, Passed, Result};

impl Examination for Postgres {
    fn examine_rows(
        &mut self,
        terms: &CheckupTerms,
        [judge, _]: [&mut dyn Judge; 2],
    ) -> Result<Passed> {
        self.look_again()?;
        rows::pass(self, terms, judge)
    }

    fn examine_database(
        &mut self,
        terms: &CheckupTerms,
        depth: Depth,
        passed: Option<(&Passed, u64)>,
    ) -> Result<Examined> {
        let wanted = terms.wanted;
        let damage = passed.and_then(|(passed, _)| passed.damage.clone());
        let damage = match (damage, depth) {
            (None, Depth::Full) if wanted.has(Check::Integrity) => damage::read_all(self)?,
            (damage, _) => damage,
        };
        let count = match passed {
            Some((_, count)) => count,
            None if indexes::needs_count(wanted) => stream::count(self, &Filter::default())?,
            None => 0,
        };
        let groups = [
            damage.into_iter().filter_map(damage::finding).collect(),
            table::check(self, wanted)?,
            indexes::check(self, wanted, count)?,
            upkeep::check(self, wanted, count)?,
            server::check(self, wanted)?,
            rights::check(self, wanted)?.into_iter().collect(),
            locks::check(self, wanted)?.into_iter().collect(),
            own_tables::check(self, wanted)?.into_iter().collect(),
        ];
        let findings = groups.into_iter().flatten();
        Ok(Examined {
            findings: findings.filter(|it| wanted.has(it.check)).collect(),
            left_out: None,
        })
    }

    fn fix(&mut self, fix: FixTerms<'_>, goes_on: &mut dyn FnMut() -> bool) -> Result<Fix> {
        fix::fix(self, fix, goes_on)
    }

    /// An index that is made beside those who write is in no transaction, with which a run could be written.
    fn keeps_fix(&self, check: Check) -> bool {
        !matches!(
            check,
            Check::Statistics | Check::OwnTables | Check::MissingIndex
        )
    }

    /// Nobody is kept from writing: an index is made beside them.
    fn time_to_fix(&mut self, _: FixTerms<'_>) -> Result<Duration> {
        Ok(Duration::ZERO)
    }
}
