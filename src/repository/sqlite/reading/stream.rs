//! Reads of many rows: lists, counts, and streams of all that matches. In WAL mode a reader blocks nobody, and one snapshot
//! serves; in any other a read lets go of the file now and then, and goes on behind what it has read.

use super::condition::Condition;
use super::created_ids::{self, CreatedIds};
use super::key::Route;
use super::other_columns::SelectedColumns;
use super::outlet::Outlet;
use super::pages::ID;
use super::plan::{Plan, plan, plan_count};
use super::sorted::{Keys, fetch};
use super::ties::Ties;
use super::time_count;
use super::walk::{KeyWalk, Onward, Progress};
use crate::job::columns::Content;
use crate::job::order::{Cursor, Order};
use crate::job::{Column, ColumnSet, Filter, Job};
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::{Query, Result, Sink};

/// Every matching job; in any order when none is asked for.
pub(in crate::repository::sqlite) fn stream(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Option<Order>,
    columns: ColumnSet,
    sink: &mut dyn Sink,
) -> Result<()> {
    within_snapshot(sqlite, |at_ease| {
        let mut outlet = Outlet::new(sink, at_ease);
        match order {
            None => unordered(sqlite, filter, columns, at_ease, &mut outlet),
            Some(order) => {
                let plan = plan(sqlite, filter, Some(order), None)?;
                if plan.in_order && created_ids::fits(&plan, filter, columns) {
                    let ids = CreatedIds {
                        sqlite,
                        filter,
                        order: Some(order),
                        at_ease,
                    };
                    if ids.go(&plan, &mut outlet)?.is_some() {
                        return outlet.pass_on();
                    }
                }
                let read = Read {
                    sqlite,
                    filter,
                    order,
                    after: None,
                    columns,
                    at_ease,
                };
                read.ordered(plan, &mut outlet)
            }
        }?;
        outlet.pass_on()
    })
}

/// A page of a listing, and how many rows to pass over first.
pub(in crate::repository::sqlite) fn list(sqlite: &Sqlite, query: &Query) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    let mut keep = |job: &mut Job| {
        jobs.push(std::mem::take(job));
        Ok(())
    };
    within_snapshot(sqlite, |at_ease| {
        let mut outlet = Outlet::new(&mut keep, at_ease).within(query.offset, query.limit);
        let needed = outlet.needed();
        let plan = plan(sqlite, query.filter, Some(query.order), Some(needed))?;
        Read::of(sqlite, query, at_ease).ordered(plan, &mut outlet)
    })?;
    Ok(jobs)
}

/// The same with the number of all that match, where that is found on the way: where no index has the order, and a search looks at
/// every row for it, as the question for stuck jobs does at all that run.
pub(in crate::repository::sqlite) fn list_counted(
    sqlite: &Sqlite,
    query: &Query,
) -> Result<(Vec<Job>, Option<u64>)> {
    let looks_at_all = query.filter.search.is_some() || query.filter.stuck_before.is_some();
    let mut jobs = Vec::new();
    let mut keep = |job: &mut Job| {
        jobs.push(std::mem::take(job));
        Ok(())
    };
    let count = within_snapshot(sqlite, |at_ease| {
        let mut outlet = Outlet::new(&mut keep, at_ease).within(query.offset, query.limit);
        let read = Read::of(sqlite, query, at_ease);
        let (order, wanted) = if looks_at_all {
            (None, None)
        } else {
            (Some(query.order), Some(outlet.needed()))
        };
        let plan = plan(sqlite, query.filter, order, wanted)?;
        if plan.in_order {
            return read.ordered(plan, &mut outlet).map(|()| None);
        }
        read.sorted_here(plan, &mut outlet).map(Some)
    })?;
    Ok((jobs, count))
}

pub(in crate::repository::sqlite) fn count(sqlite: &Sqlite, filter: &Filter) -> Result<u64> {
    within_snapshot(sqlite, |at_ease| {
        if let Some(count) = time_count::count(sqlite, filter, at_ease)? {
            return Ok(count);
        }
        let Plan {
            path,
            conditions,
            is_sparse,
            ..
        } = plan_count(sqlite, filter)?;
        let selection = SelectedColumns::of(sqlite, ColumnSet::NONE)?;
        let mut count = 0;
        for condition in conditions {
            let walk = KeyWalk::new(sqlite, condition, selection.clone(), path, at_ease);
            count += walk.in_slices(is_sparse).count()?;
        }
        Ok(count)
    })
}

/// Reads, within one transaction where that keeps nobody waiting; `read` is told whether it does.
fn within_snapshot<T>(sqlite: &Sqlite, mut read: impl FnMut(bool) -> Result<T>) -> Result<T> {
    let is_wal = sqlite.is_wal()?;
    let at_ease = is_wal || sqlite.alone;
    if !is_wal || !sqlite.connection.is_autocommit() {
        return read(at_ease);
    }
    let begun = sqlite.connection.execute_batch("BEGIN");
    begun.map_err(sqlite.explain("starting to read"))?;
    let done = read(at_ease);
    let ended = sqlite.connection.execute_batch("COMMIT");
    let done = done?;
    ended.map_err(sqlite.explain("ending to read"))?;
    Ok(done)
}

fn unordered(
    sqlite: &Sqlite,
    filter: &Filter,
    columns: ColumnSet,
    at_ease: bool,
    outlet: &mut Outlet<'_>,
) -> Result<()> {
    let plan = plan(sqlite, filter, None, None)?;
    if created_ids::fits(&plan, filter, columns) {
        let ids = CreatedIds {
            sqlite,
            filter,
            order: None,
            at_ease,
        };
        if ids.go(&plan, outlet)?.is_some() {
            return Ok(());
        }
    }
    let selection = sqlite.settled(|| SelectedColumns::of(sqlite, columns.union(ID)))?;
    for condition in plan.conditions {
        let mut walk = KeyWalk::new(sqlite, condition, selection.clone(), plan.path, at_ease)
            .in_slices(plan.is_sparse);
        let explain = sqlite.explain("reading jobs");
        let mut job = Job::default();
        while walk.go_by_rows(&mut |selection, row, _| {
            if let Some(rows) = outlet.packed(selection) {
                selection.pack(row, rows).map_err(&explain)?;
                outlet.added()?;
            } else {
                selection.refill(row, &mut job).map_err(&explain)?;
                outlet.give(&mut job)?;
            }
            Ok(outlet.step())
        })? == Progress::More
        {
            outlet.pass_on()?;
        }
    }
    Ok(())
}

/// What is read in an order.
struct Read<'a> {
    sqlite: &'a Sqlite,
    filter: &'a Filter,
    order: Order,
    after: Option<&'a Cursor>,
    columns: ColumnSet,
    at_ease: bool,
}

impl<'a> Read<'a> {
    fn of(sqlite: &'a Sqlite, query: &'a Query, at_ease: bool) -> Read<'a> {
        Read {
            sqlite,
            filter: query.filter,
            order: query.order,
            after: query.after.as_ref(),
            columns: query.columns.union(ColumnSet::of(&[query.order.column])),
            at_ease,
        }
    }

    fn ordered(&self, plan: Plan, outlet: &mut Outlet<'_>) -> Result<()> {
        if outlet.step() == Onward::Stop {
            return Ok(());
        }
        if plan.in_order {
            self.along_index(plan, outlet)
        } else {
            self.sorted_here(plan, outlet).map(drop)
        }
    }

    fn along_index(&self, plan: Plan, outlet: &mut Outlet<'_>) -> Result<()> {
        let selection = self.selection(self.columns.union(ID))?;
        let key = self.selection(self.key_columns())?;
        for condition in plan.conditions {
            let walk = self.walk(condition, &selection, plan.path);
            let mut walk = walk.in_slices(plan.is_sparse);
            if let Some(cursor) = self.after {
                walk.begin_at(&cursor.value);
            } else if self.filter.is_empty() && *outlet.skip_mut() > 0 {
                let (rest, skip) = plan.path.behind_first(self.sqlite, *outlet.skip_mut())?;
                walk.read_only(rest);
                *outlet.skip_mut() = skip;
            }
            let mut ties = Ties::new(self.order, self.after, self.sqlite.turns.ties);
            loop {
                let part = walk.go(&mut |job, seen| ties.take(job, seen, outlet))?;
                if part == Progress::End {
                    ties.end(outlet)?;
                }
                let due = ties.due();
                if !due.is_empty() {
                    self.fetch(due.into_iter().map(Ok), &self.whole()?, outlet)?;
                }
                if part == Progress::End || outlet.step() == Onward::Stop {
                    break;
                }
                let alone = ties.wants_keys();
                walk.select(if alone { &key } else { &selection });
                ties.take_keys(alone);
                outlet.pass_on()?;
            }
        }
        Ok(())
    }

    /// Gives the number of all that match.
    fn sorted_here(&self, plan: Plan, outlet: &mut Outlet<'_>) -> Result<u64> {
        let key_columns = self.key_columns();
        let carried = self.carried(outlet.needed());
        let key = self.selection(key_columns.union(carried.unwrap_or_default()))?;
        let mut keys = Keys::new(self.order, self.after, outlet.needed()).carrying(carried);
        let mut count = 0;
        for condition in plan.conditions {
            let walk = self.walk(condition, &key, plan.path);
            let mut walk = walk.in_slices(plan.is_sparse);
            while walk.go(&mut |job, seen| {
                count += 1;
                keys.add(job, seen.row);
                Ok(Onward::On)
            })? == Progress::More
            {}
        }
        keys.give(self.sqlite, &self.whole()?, self.filter_again(), outlet)?;
        Ok(count)
    }

    /// The columns that keys are to carry, so that no row is read again: where all rows are wanted, and little of each.
    fn carried(&self, needed: u64) -> Option<ColumnSet> {
        let beside = self.columns.without(self.key_columns());
        let is_short = |column: Column| match column.content() {
            Content::Text(most) => most > 0,
            Content::Json => false,
            Content::Real | Content::Integer | Content::Time => true,
        };
        let all_short = !beside.has_others() && beside.iter().all(is_short);
        (beside.is_empty() || needed == u64::MAX && all_short).then_some(beside)
    }

    /// What rows that are read again may have ceased to match. In a snapshot nothing has changed since.
    fn filter_again(&self) -> Option<&Filter> {
        (!self.at_ease).then_some(self.filter)
    }

    fn fetch(
        &self,
        rows: impl Iterator<Item = Result<i64>>,
        selection: &SelectedColumns,
        outlet: &mut Outlet<'_>,
    ) -> Result<()> {
        fetch(self.sqlite, rows, selection, self.filter_again(), outlet)
    }

    /// The columns of rows that are read by their numbers, with those that tell whether they still match.
    fn whole(&self) -> Result<SelectedColumns> {
        let columns = self.columns.union(ID);
        self.selection(if self.at_ease {
            columns
        } else {
            columns.union(self.filter.columns())
        })
    }

    fn walk(&self, condition: Condition, selection: &SelectedColumns, path: Route) -> KeyWalk<'_> {
        KeyWalk::new(
            self.sqlite,
            condition,
            selection.clone(),
            path,
            self.at_ease,
        )
    }

    fn key_columns(&self) -> ColumnSet {
        ColumnSet::of(&[self.order.column]).union(ID)
    }

    fn selection(&self, columns: ColumnSet) -> Result<SelectedColumns> {
        self.sqlite
            .settled(|| SelectedColumns::of(self.sqlite, columns))
    }
}
