//! The rows that a sweep found, once more: read, or deleted, where they are as they were found. What says so is the id and the version;
//! the place alone finds them faster, as another row may have come into it.

use std::collections::{HashMap, HashSet};

use super::table_width::WIDTH;
use super::write::KEPT;
use crate::job::{Column, ColumnSet, Job, JobId, Value};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::postgres::connection::errors::{is_in_the_way, rule};
use crate::repository::postgres::connection::job_table::TABLE;
use crate::repository::postgres::connection::values::{Argument, text, value};
use crate::repository::postgres::hints::RULES;
use crate::repository::{Found, KeptByTable, Result};

pub(super) const FINDING: &str = "looking for jobs to remove";
pub(super) const REMOVING: &str = "removing jobs";

/// The version of a row as SQL: the number of the transaction that wrote it.
pub(super) const VERSION: &str = "xmin::text::int8";

/// Jobs with the versions of their rows.
type Versions = HashMap<JobId, (i64, Job)>;

/// The rows of one table or, where that has parts, of any of these: a place names a row of one part alone.
#[derive(Clone, Copy)]
pub(super) struct FoundRows<'a> {
    pub(super) postgres: &'a Postgres,
    pub(super) has_places: bool,
}

impl FoundRows<'_> {
    /// Their versions and these columns, of those that are still where they were, and the number of the table's columns where there
    /// are any.
    pub(super) fn read<'f>(
        self,
        found: impl Iterator<Item = &'f Found>,
        columns: ColumnSet,
    ) -> Result<(Versions, Option<i64>)> {
        let postgres = self.postgres;
        let others = if columns.has_others() {
            postgres.table.others.len()
        } else {
            0
        };
        let width = columns.iter().count() + others;
        let (condition, argument) = self.among(found);
        let sql = format!(
            "SELECT {}, {VERSION}, {WIDTH} FROM {TABLE} WHERE {condition}",
            postgres.table.list(columns)
        );
        let rows = postgres.session.rows(FINDING, &sql, &[argument])?;
        let seen = match rows.first().map(|row| value(row, width + 1)) {
            Some(Value::Integer(seen)) => Some(seen),
            _ => None,
        };
        let read = |row| {
            let job = postgres.job(row, columns);
            match value(row, width) {
                Value::Integer(version) => Some((job.id(), (version, job))),
                _ => None,
            }
        };
        Ok((rows.iter().filter_map(read).collect(), seen))
    }

    /// The condition for rows where these were found, or of their ids, with its value.
    fn among<'f>(self, found: impl Iterator<Item = &'f Found>) -> (String, Argument) {
        if self.has_places {
            let places = found.map(Found::place).collect();
            ("ctid = ANY ($1)".to_owned(), Argument::Places(places))
        } else {
            let id = self.postgres.table.as_text(Column::Id);
            (format!("{id} = ANY ($1)"), Argument::Texts(ids(found)))
        }
    }

    /// Removes whatever stands there now, in the transaction that is open, which is to be taken back unless it was all of these as they
    /// were read: then it is true. That takes the server a quarter of the time of `delete`, which looks at each row and locks it before.
    pub(super) fn delete_unseen(self, found: &[Found], seen: i64) -> Result<bool> {
        let (condition, argument) = self.among(found.iter());
        let id = self.postgres.table.as_text(Column::Id);
        let sql =
            format!("DELETE FROM {TABLE} WHERE {condition} RETURNING {id}, {VERSION}, {WIDTH}");
        let session = &self.postgres.session;
        let rows = match session.try_rows(&sql, &[argument]) {
            Ok(rows) => rows,
            Err(error) if is_in_the_way(&error) => return Ok(false),
            Err(error) => return Err(session.label.explain(REMOVING, &error)),
        };
        let versions: HashMap<JobId, i64> =
            found.iter().map(|it| (it.job().id(), it.key())).collect();
        let is_one_of_them = |row| {
            let id = text(row, 0).map(|id| JobId::new(&id));
            let version = id.and_then(|id| versions.get(&id));
            version.is_some_and(|it| value(row, 1) == Value::Integer(*it))
                && value(row, 2) == Value::Integer(seen)
        };
        Ok(rows.len() == found.len() && rows.iter().all(is_one_of_them))
    }

    /// Removes these where they are as they were read, in the transaction that is open: those that went, and those that the table
    /// keeps, of one that may (`careful`).
    pub(super) fn delete(
        self,
        found: &[Found],
        seen: i64,
        careful: bool,
    ) -> Result<(HashSet<JobId>, Vec<KeptByTable>)> {
        let session = &self.postgres.session;
        if !careful {
            let gone = self.try_delete(found, seen);
            let explain = |error| session.label.explain(REMOVING, &error);
            return Ok((gone.map_err(explain)?, Vec::new()));
        }
        session.run(REMOVING, "SAVEPOINT jobctl")?;
        match self.try_delete(found, seen) {
            Ok(gone) => {
                let kept = self.kept(found, &gone)?;
                Ok((gone, kept))
            }
            Err(error) if rule(&error).is_none() => Err(session.label.explain(REMOVING, &error)),
            Err(_) => {
                session.run(REMOVING, "ROLLBACK TO SAVEPOINT jobctl")?;
                self.delete_one_by_one(found, seen)
            }
        }
    }

    fn delete_one_by_one(
        self,
        found: &[Found],
        seen: i64,
    ) -> Result<(HashSet<JobId>, Vec<KeptByTable>)> {
        let session = &self.postgres.session;
        let (mut gone, mut kept) = (HashSet::new(), Vec::new());
        for it in found {
            let one = std::slice::from_ref(it);
            session.run(REMOVING, "SAVEPOINT jobctl")?;
            match self.try_delete(one, seen) {
                Ok(done) => {
                    kept.extend(self.kept(one, &done)?);
                    gone.extend(done);
                }
                Err(error) => {
                    let why = rule(&error);
                    let why = why.ok_or_else(|| session.label.explain(REMOVING, &error))?;
                    session.run(REMOVING, "ROLLBACK TO SAVEPOINT jobctl")?;
                    kept.push(KeptByTable {
                        id: it.job().id(),
                        why,
                        see: RULES,
                    });
                }
            }
        }
        Ok((gone, kept))
    }

    /// The jobs of these that are still there as they were and held by nobody.
    fn kept(self, found: &[Found], gone: &HashSet<JobId>) -> Result<Vec<KeptByTable>> {
        let left: Vec<&Found> = found
            .iter()
            .filter(|it| !gone.contains(&it.job().id()))
            .collect();
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{} SELECT id FROM held", self.held());
        let arguments = self.arguments(left.into_iter(), self.postgres.table.width);
        let rows = self.postgres.session.rows(REMOVING, &sql, &arguments)?;
        let kept = |text: String| KeptByTable {
            id: JobId::new(&text),
            why: KEPT.to_owned(),
            see: RULES,
        };
        Ok(rows
            .iter()
            .filter_map(|row| text(row, 0))
            .map(kept)
            .collect())
    }

    /// Those of the ids `$1` and the versions `$2`, of a table that has had `$3` columns, that nobody holds; at the places `$4`.
    fn held(self) -> String {
        let id = self.postgres.table.as_text(Column::Id);
        let (places, names, is_there) = if self.has_places {
            let is_there = format!("{TABLE}.ctid = wanted.place AND {id} = wanted.wanted_id");
            (", $4", ", place", is_there)
        } else {
            ("", "", format!("{id} = wanted.wanted_id"))
        };
        format!(
            "WITH held AS (SELECT {TABLE}.tableoid AS part, {TABLE}.ctid AS place, {id} AS id
            FROM unnest($1, $2{places}) wanted (wanted_id, version{names}) JOIN {TABLE} ON {is_there}
            WHERE {TABLE}.{VERSION} = wanted.version AND {WIDTH} = $3
            FOR UPDATE OF {TABLE} SKIP LOCKED)"
        )
    }

    fn try_delete(
        self,
        found: &[Found],
        seen: i64,
    ) -> std::result::Result<HashSet<JobId>, tokio_postgres::Error> {
        let sql = format!(
            "{} DELETE FROM {TABLE} USING held WHERE {TABLE}.ctid = held.place AND {TABLE}.tableoid = held.part RETURNING held.id",
            self.held()
        );
        let arguments = self.arguments(found.iter(), seen);
        let rows = self.postgres.session.try_rows(&sql, &arguments)?;
        let id = |row| Some(JobId::new(&text(row, 0)?));
        Ok(rows.iter().filter_map(id).collect())
    }

    fn arguments<'f>(
        self,
        found: impl Iterator<Item = &'f Found> + Clone,
        seen: i64,
    ) -> Vec<Argument> {
        let versions = found.clone().map(Found::key).collect();
        let mut arguments = vec![
            Argument::Texts(ids(found.clone())),
            Argument::Numbers(versions),
            Argument::Integer(Some(seen)),
        ];
        if self.has_places {
            arguments.push(Argument::Places(found.map(Found::place).collect()));
        }
        arguments
    }
}

fn ids<'f>(found: impl Iterator<Item = &'f Found>) -> Vec<String> {
    found.map(|it| it.job().id().to_string()).collect()
}
