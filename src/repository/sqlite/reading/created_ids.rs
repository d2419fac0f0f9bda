//! The ids of many jobs in the order of their creation, without the rows, which are large: the index of the times gives their
//! numbers, and a pass over the index of the ids gives the id of each number.

use std::ops::Range;
use std::time::Instant;

use rusqlite::OptionalExtension as _;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use super::index_page::{IndexEntry, IndexKey, Page};
use super::index_scan::{IndexVisitor, scan};
use super::key::Route;
use super::other_columns::SelectedColumns;
use super::outlet::Outlet;
use super::pages::ID;
use super::plan::{Plan, last_row};
use super::sorted::fetch;
use super::ties::Ties;
use super::time_count::TimeRows;
use super::transaction::{begin_at_once, end_reading};
use super::values::refill;
use super::walk::{KeyWalk, Met, Onward, Progress};
use crate::job::order::Order;
use crate::job::{Column, ColumnSet, Filter, Job, JobId};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;
use crate::repository::sqlite::connection::seen_columns;

/// The most jobs whose ids are found in one pass: at 25 bytes each they take 7 MB.
const MOST: usize = if cfg!(test) { 5 } else { 1 << 18 };

/// The same of a range of times, whose rows are all known before.
const MOST_OF_RANGE: usize = if cfg!(test) { 60 } else { MOST };

/// The most numbers from the first row to the last for which a pass is made: 12 bits each take 3 MB.
const WIDEST: u64 = 1 << 24;

/// The least share of all rows for which a pass over all ids is quicker than a look at each row.
const SHARE: usize = 16;

/// Stands for an id that is not known.
const NO_ID: u128 = 0;

/// What is read.
pub(super) struct CreatedIds<'a> {
    pub sqlite: &'a Sqlite,
    pub filter: &'a Filter,
    /// None where any order will do.
    pub order: Option<Order>,
    pub at_ease: bool,
}

/// Jobs of one time, on their way out.
struct GivenTies {
    /// None where any order will do.
    ties: Option<Ties>,
    /// The first job of a time has gone, so that the next one is the first.
    is_first: bool,
}

/// Whether this plan may be read so.
pub(super) fn fits(plan: &Plan, filter: &Filter, columns: ColumnSet) -> bool {
    let along_times = matches!(
        plan.path,
        Route::Index {
            column: Column::CreatedAt,
            ..
        }
    );
    along_times && filter.asks_for_creation_alone() && columns.union(ID) == ID
}

impl CreatedIds<'_> {
    /// Gives all jobs, with their ids, and says how many rows were looked at; None, and none is given, where they are so few that it is
    /// quicker to look at each row.
    pub(super) fn go(&self, plan: &Plan, outlet: &mut Outlet<'_>) -> Result<Option<u64>> {
        let mut looked_at = 0;
        let rows = self.sqlite.settled(|| {
            let rows = last_row(self.sqlite);
            rows.map_err(self.sqlite.explain("planning to read"))
        })?;
        let order = self.order;
        let mut ties = GivenTies {
            ties: order.map(|order| Ties::new(order, None, self.sqlite.turns.ties)),
            is_first: false,
        };
        let mut chunk = Chunk::default();
        while self.filter.since.is_some() || self.filter.until.is_some() {
            let schema = self.schema()?;
            let found = TimeRows::read(self.sqlite, self.filter, MOST_OF_RANGE, self.at_ease)?;
            let Some(found) = found else {
                break;
            };
            if found.rows.len().saturating_mul(SHARE) as u64 <= rows {
                return Ok(None);
            }
            chunk.take(found, self.order.is_some_and(|order| order.descending));
            self.find_ids(&mut chunk, rows)?;
            if self.schema()? == schema {
                looked_at += self.give(&chunk, &mut ties, outlet)?;
                self.end(ties, outlet)?;
                return Ok(Some(looked_at));
            }
        }
        for condition in plan.conditions.clone() {
            let key = self.selection(ColumnSet::of(&[Column::CreatedAt]))?;
            let mut walk = KeyWalk::new(self.sqlite, condition, key, plan.path, self.at_ease);
            let mut progress = Progress::More;
            while progress == Progress::More && outlet.step() != Onward::Stop {
                let begin = walk.place();
                let schema = self.schema()?;
                chunk.clear();
                while progress == Progress::More && !chunk.is_full() {
                    progress = walk.go(&mut |_, met| Ok(chunk.add(met)))?;
                }
                self.find_ids(&mut chunk, rows)?;
                if self.schema()? != schema {
                    // Perhaps by VACUUM, which gives the rows new numbers.
                    walk.go_back(begin);
                    progress = Progress::More;
                    continue;
                }
                looked_at += self.give(&chunk, &mut ties, outlet)?;
            }
        }
        self.end(ties, outlet)?;
        Ok(Some(looked_at))
    }

    /// Finds the ids where that is quicker than to look at the rows, of which there are so many. Those that it does not find are looked up.
    fn find_ids(&self, chunk: &mut Chunk, rows: u64) -> Result<()> {
        if chunk.rows.len().saturating_mul(SHARE) as u64 >= rows && chunk.number() {
            let _ = scan(self.sqlite, Column::Id, chunk, self.at_ease)?;
        }
        Ok(())
    }

    fn end(&self, ties: GivenTies, outlet: &mut Outlet<'_>) -> Result<()> {
        if let Some(mut ties) = ties.ties {
            ties.end(outlet)?;
            self.give_due(&mut ties, outlet)?;
        }
        Ok(())
    }

    fn give(&self, chunk: &Chunk, ties: &mut GivenTies, outlet: &mut Outlet<'_>) -> Result<u64> {
        let sqlite = self.sqlite;
        let explain = sqlite.explain("reading jobs");
        let columns = if self.at_ease {
            ID
        } else {
            ID.union(self.filter.columns())
        };
        let selection = self.selection(columns)?;
        let sql = format!(
            "SELECT {} FROM {TABLE} WHERE {} = ?",
            selection.list(),
            sqlite.rowid
        );
        let reads_rows = chunk.ids.is_empty() || chunk.ids.contains(&NO_ID);
        let mut job = Box::<Job>::default();
        let mut looked_at = 0;
        let mut places = 0..chunk.rows.len();
        while !places.is_empty() && outlet.step() != Onward::Stop {
            let transaction = if reads_rows {
                sqlite.settled(|| begin_at_once(sqlite))?
            } else {
                None
            };
            let begun = Instant::now();
            let mut statement = sqlite.connection.prepare_cached(&sql).map_err(&explain)?;
            for place in places.by_ref() {
                let id = chunk.id(chunk.rows[place]);
                let met = Met {
                    same: chunk.same[place] && !ties.is_first,
                    row: chunk.rows[place],
                };
                if id == NO_ID {
                    looked_at += 1;
                    let found =
                        statement.query_row([met.row], |row| selection.refill(row, &mut job));
                    let is_there = found.optional().map_err(&explain)?.is_some()
                        && (self.at_ease || self.filter.matches(&job));
                    ties.is_first = !is_there && !met.same;
                    if !is_there {
                        continue;
                    }
                } else {
                    let mut buffer = Uuid::encode_buffer();
                    let id = Uuid::from_u128(id).hyphenated().encode_lower(&mut buffer);
                    refill(job.value_mut(Column::Id), ValueRef::Text(id.as_bytes()));
                    ties.is_first = false;
                }
                let step = match &mut ties.ties {
                    Some(ties) => ties.take(&mut job, met, outlet)?,
                    None => {
                        outlet.give(&mut job)?;
                        outlet.step()
                    }
                };
                let is_late = transaction.is_some() && begun.elapsed() > sqlite.turns.hold;
                if step != Onward::On || is_late {
                    break;
                }
            }
            drop(statement);
            end_reading(sqlite, transaction)?;
            outlet.pass_on()?;
            if let Some(ties) = &mut ties.ties {
                self.give_due(ties, outlet)?;
                let alone = ties.wants_keys();
                ties.take_keys(alone);
            }
        }
        Ok(looked_at)
    }

    /// Reads rows of one value that are too many to be kept.
    fn give_due(&self, ties: &mut Ties, outlet: &mut Outlet<'_>) -> Result<()> {
        let due = ties.due();
        if due.is_empty() {
            return Ok(());
        }
        let filter = (!self.at_ease).then_some(self.filter);
        let columns = ID.union(self.filter.columns());
        let due = due.into_iter().map(Ok);
        fetch(self.sqlite, due, &self.selection(columns)?, filter, outlet)
    }

    fn selection(&self, columns: ColumnSet) -> Result<SelectedColumns> {
        self.sqlite
            .settled(|| SelectedColumns::of(self.sqlite, columns))
    }

    fn schema(&self) -> Result<i64> {
        self.sqlite.settled(|| {
            let schema = seen_columns::schema(&self.sqlite.connection);
            schema.map_err(self.sqlite.explain("reading jobs"))
        })
    }
}

/// Some jobs in their order.
#[derive(Default)]
struct Chunk {
    rows: Vec<i64>,
    /// Whether each has the same time as the one before.
    same: Vec<bool>,
    /// The least of `rows`.
    least: i64,
    /// A bit for each number from `least` on: whether it is one of `rows`.
    bits: Vec<u64>,
    /// How many of them lie before each word of `bits`.
    before: Vec<u32>,
    /// The ids by the numbers of the rows, as far as they are known; empty where none are.
    ids: Vec<u128>,
}

impl Chunk {
    fn clear(&mut self) {
        self.rows.clear();
        self.same.clear();
        self.bits.clear();
        self.before.clear();
        self.ids.clear();
    }

    /// Takes rows in the ascending order of their times.
    fn take(&mut self, found: TimeRows, descending: bool) {
        self.clear();
        (self.rows, self.same) = (found.rows, found.same);
        if descending {
            self.rows.reverse();
            // Each is told beside the one that is before it now.
            if !self.same.is_empty() {
                self.same.rotate_left(1);
            }
            self.same.reverse();
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= MOST
    }

    fn add(&mut self, met: Met) -> Onward {
        self.rows.push(met.row);
        self.same.push(met.same);
        if self.is_full() {
            Onward::PassOn
        } else {
            Onward::On
        }
    }

    /// Makes room for the ids; false where the numbers lie too far apart.
    fn number(&mut self) -> bool {
        let ends = self.rows.iter().min().zip(self.rows.iter().max());
        let Some((&least, &greatest)) = ends else {
            return false;
        };
        let width = greatest.abs_diff(least);
        if width >= WIDEST {
            return false;
        }
        self.least = least;
        self.bits.resize(width as usize / 64 + 1, 0);
        for row in &self.rows {
            let far = row.abs_diff(least) as usize;
            self.bits[far / 64] |= 1 << (far % 64);
        }
        let mut count = 0;
        for word in &self.bits {
            self.before.push(count);
            count += word.count_ones();
        }
        self.ids.resize(count as usize, NO_ID);
        true
    }

    /// The place of the id of a row, if it is one of these.
    #[inline]
    fn place(&self, row: i64) -> Option<usize> {
        let far = usize::try_from(row.checked_sub(self.least)?).ok()?;
        let word = self.bits.get(far / 64)?;
        let bit = 1 << (far % 64);
        (word & bit != 0).then(|| {
            let within = (word & (bit - 1)).count_ones();
            (self.before[far / 64] + within) as usize
        })
    }

    fn id(&self, row: i64) -> u128 {
        let place = self.place(row);
        place.map_or(NO_ID, |place| self.ids[place])
    }

    #[inline]
    fn note(&mut self, row: i64, text: &[u8]) {
        if let Some(place) = self.place(row)
            && let Some(id) = JobId::canonical(text)
        {
            self.ids[place] = id.as_u128();
        }
    }
}

impl IndexVisitor for Chunk {
    fn bounds(&self) -> [Option<&str>; 2] {
        [None, None]
    }

    fn leaf(&mut self, page: &Page<'_>, entries: Range<usize>) -> Option<()> {
        for index in entries {
            match page.text_and_row::<36>(index) {
                Some((text, row)) => self.note(row, text),
                None => self.entry(page.entry(index)?),
            }
        }
        Some(())
    }

    fn entry(&mut self, entry: IndexEntry<'_>) {
        if let IndexKey::Text(text) = entry.key {
            self.note(entry.row, text);
        }
    }
}
