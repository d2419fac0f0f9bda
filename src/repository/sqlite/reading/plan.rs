//! The plan by which a filter and an order are read: along which key, and in how many walks. SQLite plans
//! each statement by itself; what is decided here is what a walk needs to be taken up again, and what the number of the
//! matches says.

use std::collections::HashSet;

use rusqlite::OptionalExtension as _;

use super::condition::{self, Condition};
use super::key::Route;
use crate::job::filter::Word;
use crate::job::order::Order;
use crate::job::{Column, Filter, Status};
use crate::repository::Result;
use crate::repository::sqlite::connection::database::Sqlite;
use crate::repository::sqlite::connection::schema::TABLE;

/// The share of all rows up to which the matches of an index are sorted here where the index of the order could be gone along
/// instead.
const SHARE_SORTED: u64 = 3;

/// The same where the filter asks for more than words: how soon a walk along the order finds a page is not known then.
const SHARE_SEARCHED: u64 = 8;

/// The share of all rows from which on a range of times is read by the times, and not by a state or a type.
const SHARE_RANGE: u64 = 16;

/// The share of all rows up to which rows that are not meant are read with the others, in the order of the file. Along an index each row
/// costs about half as much again, measured with 1,000,000 jobs of 3 KB.
const SHARE_LEFT_OUT: u64 = 3;

/// The most states that take the place of "not this state".
const MOST_WORDS: usize = 16;

pub(in crate::repository::sqlite) struct Plan {
    pub path: Route,
    /// Of one walk each; no row matches two of them.
    pub conditions: Vec<Condition>,
    /// The path is in the order that was asked for, but for rows of one value.
    pub in_order: bool,
    /// More is asked for than the path answers, so that many rows may be looked at for few that match.
    pub is_sparse: bool,
}

/// `wanted` is how many rows of the order are needed; None for all.
pub(in crate::repository::sqlite) fn plan(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Option<Order>,
    wanted: Option<u64>,
) -> Result<Plan> {
    sqlite.settled(|| {
        let explain = sqlite.explain("planning to read");
        make(sqlite, filter, order, wanted).map_err(explain)
    })
}

/// The plan by which the matches are counted.
pub(in crate::repository::sqlite) fn plan_count(sqlite: &Sqlite, filter: &Filter) -> Result<Plan> {
    sqlite.settled(|| {
        let explain = sqlite.explain("planning to count");
        make_count(sqlite, filter).map_err(explain)
    })
}

fn make_count(sqlite: &Sqlite, filter: &Filter) -> rusqlite::Result<Plan> {
    if filter.asks_for_left_out_states_alone() {
        // Their index counts the others without a look at a row, however many they are.
        let indexed = condition::indexed_columns(sqlite)?;
        if let Some(others) = others(sqlite, filter, &indexed)? {
            return Ok(along_states(&others));
        }
    }
    make(sqlite, filter, None, None)
}

fn make(
    sqlite: &Sqlite,
    filter: &Filter,
    order: Option<Order>,
    wanted: Option<u64>,
) -> rusqlite::Result<Plan> {
    if filter.is_empty() && order.is_none() {
        return Ok(along_file(vec![Condition::default()], false));
    }
    let indexed = condition::indexed_columns(sqlite)?;
    let is_indexed = |column: Column| indexed.contains(column.name());
    let words: Vec<(Column, Vec<Word>)> = words(filter)
        .into_iter()
        .filter(|(column, _)| is_indexed(*column))
        .collect();
    let has_range =
        (filter.since.is_some() || filter.until.is_some()) && is_indexed(Column::CreatedAt);
    let ordered = order.filter(|order| is_indexed(order.column));
    let rows = if words.is_empty() || (ordered.is_none() && !has_range) {
        0
    } else {
        last_row(sqlite)?
    };
    let most = match (ordered, wanted) {
        // Along the order about `wanted * rows / matches` rows are looked at, and by the words all matches.
        (Some(_), Some(wanted)) => {
            let most = (wanted as f64 * rows as f64).sqrt() as u64;
            if asks_more(filter) {
                most.max(rows / SHARE_SEARCHED)
            } else {
                most
            }
        }
        (Some(_), None) => rows / SHARE_SORTED,
        (None, _) => rows / SHARE_RANGE,
    };
    let mut narrow = None;
    if ordered.is_some() || has_range {
        for (column, words) in &words {
            if narrow.is_none() && matches(sqlite, *column, words, most)? <= most {
                narrow = Some(*column);
            }
        }
    } else {
        narrow = words.first().map(|(column, _)| *column);
    }
    if narrow.is_none() && ordered.is_some() && wanted.is_none() {
        let others = others(sqlite, filter, &indexed)?;
        let few = last_row(sqlite)? / SHARE_SORTED;
        if let Some(others) = others
            && let Some((column, states)) = others.any_of.last()
            && matches(sqlite, *column, states, few)? <= few
        {
            return Ok(along_states(&others));
        }
    }
    let unindexed: Vec<Column> = words.iter().map(|(column, _)| *column).collect();
    match (narrow, ordered) {
        (Some(column), _) => {
            let conditions = for_each_word(filter, column);
            Ok(along_file(conditions, asks_beside(filter, Some(column))))
        }
        (None, Some(order)) => Ok(Plan {
            path: Route::Index {
                column: order.column,
                descending: order.descending,
                nulls: !(has_range && order.column == Column::CreatedAt),
            },
            conditions: vec![Condition::of(filter, &unindexed)],
            in_order: true,
            is_sparse: asks_beside(filter, Some(order.column)),
        }),
        (None, None) if has_range => Ok(Plan {
            path: Route::Index {
                column: Column::CreatedAt,
                descending: false,
                nulls: false,
            },
            conditions: vec![Condition::of(filter, &unindexed)],
            in_order: false,
            is_sparse: asks_beside(filter, Some(Column::CreatedAt)),
        }),
        (None, None) => Ok(match others(sqlite, filter, &indexed)? {
            Some(others) if !leaves_out_few(sqlite, filter)? => along_states(&others),
            _ => along_file(vec![Condition::of(filter, &[])], asks_beside(filter, None)),
        }),
    }
}

/// Whether a filter asks for more than words and a range of times.
fn asks_more(filter: &Filter) -> bool {
    filter.search.is_some() || filter.aged_before.is_some() || filter.stuck_before.is_some()
}

/// Whether a filter asks for something that is no word of this column, and no time of creation where it is this one.
fn asks_beside(filter: &Filter, column: Option<Column>) -> bool {
    let asks_for_times = filter.since.is_some() || filter.until.is_some();
    let mut words = filter.any_of.iter();
    asks_more(filter)
        || !filter.not_status.is_empty()
        || words.any(|(asked, _)| Some(*asked) != column)
        || (asks_for_times && column != Some(Column::CreatedAt))
}

fn along_file(conditions: Vec<Condition>, is_sparse: bool) -> Plan {
    Plan {
        path: Route::File,
        conditions,
        in_order: false,
        is_sparse,
    }
}

/// Along the index of the states, one after another; they are words of the filter.
fn along_states(filter: &Filter) -> Plan {
    let conditions = for_each_word(filter, Column::Status);
    along_file(conditions, asks_beside(filter, Some(Column::Status)))
}

/// Whether so few rows have a state that is not meant that they are read with the others.
fn leaves_out_few(sqlite: &Sqlite, filter: &Filter) -> rusqlite::Result<bool> {
    let few = last_row(sqlite)? / SHARE_LEFT_OUT;
    Ok(matches(sqlite, Column::Status, &filter.not_status, few)? <= few)
}

/// The words that a filter asks for by column.
fn words(filter: &Filter) -> Vec<(Column, Vec<Word>)> {
    let mut words = filter.any_of.clone();
    if filter.stuck_before.is_some() {
        let processing = Some(Status::Processing.word().to_owned());
        words.push((Column::Status, vec![processing]));
    }
    words
}

/// A condition for each word of a column: the rows of each come in the order of the file.
fn for_each_word(filter: &Filter, column: Column) -> Vec<Condition> {
    let at = filter
        .any_of
        .iter()
        .position(|(key, words)| *key == column && words.len() > 1);
    let Some(at) = at else {
        return vec![Condition::of(filter, &[])];
    };
    let mut seen = HashSet::new();
    let words = filter.any_of[at].1.iter().filter(|word| seen.insert(*word));
    let one = |word: &Word| {
        let mut filter = filter.clone();
        filter.any_of[at].1 = vec![word.clone()];
        Condition::of(&filter, &[])
    };
    words.map(one).collect()
}

/// The filter with the states that are meant in place of those that are not; None where that is no help.
fn others(
    sqlite: &Sqlite,
    filter: &Filter,
    indexed: &HashSet<String>,
) -> rusqlite::Result<Option<Filter>> {
    let name = Column::Status.name();
    let asks = filter
        .any_of
        .iter()
        .any(|(column, _)| *column == Column::Status);
    if filter.not_status.is_empty() || asks || !indexed.contains(name) {
        return Ok(None);
    }
    let mut words: Vec<Word> = vec![None];
    let mut sql = format!("SELECT min({name}) FROM {TABLE}");
    let next = format!("SELECT min({name}) FROM {TABLE} WHERE {name} > ?");
    loop {
        let last = words.last().and_then(Option::as_ref);
        let found = sqlite.connection.prepare_cached(&sql)?.query_row(
            rusqlite::params_from_iter(last),
            |row| match row.get_ref(0)? {
                rusqlite::types::ValueRef::Null => Ok(None),
                found => Ok(Some(found.as_str().map(str::to_owned).ok())),
            },
        );
        match found.optional()?.flatten() {
            None => break,
            // A number or bytes: no word can ask for it.
            Some(None) => return Ok(None),
            Some(word) => words.push(word),
        }
        if words.len() > MOST_WORDS {
            return Ok(None);
        }
        sql.clone_from(&next);
    }
    words.retain(|word| !filter.not_status.contains(word));
    let mut filter = filter.clone();
    filter.not_status.clear();
    filter.any_of.push((Column::Status, words));
    Ok(Some(filter))
}

pub(super) fn last_row(sqlite: &Sqlite) -> rusqlite::Result<u64> {
    let sql = format!("SELECT coalesce(max({}), 0) FROM {TABLE}", sqlite.rowid);
    let mut statement = sqlite.connection.prepare_cached(&sql)?;
    let last: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(last.unsigned_abs())
}

/// How many rows have one of the words, counted up to one more than `most`.
fn matches(sqlite: &Sqlite, column: Column, words: &[Word], most: u64) -> rusqlite::Result<u64> {
    let condition = Condition::one_of(column, words);
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {TABLE}{} LIMIT {})",
        condition.clause(),
        i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1)
    );
    let mut statement = sqlite.connection.prepare_cached(&sql)?;
    let count: i64 = statement.query_row(condition.bound(), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
