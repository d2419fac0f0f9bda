//! Free space in the file and how it goes back to the system. Space that jobs leave stays in the file and is
//! used again; a file that has grown too large can be made smaller, in steps where it was made for that.

use super::transactions::{self, Transactions};
use crate::repository::sqlite::connection::database::{self, Sqlite};
use crate::repository::{GiveBack, Result, Space, Storage};

const MEASURING: &str = "looking at the size of the file";
const GIVING: &str = "giving free room back";

/// The pages that go back between two checks of the clock.
const STEP: u32 = 16;

/// The size of the file.
pub(in crate::repository::sqlite) fn space(sqlite: &Sqlite) -> Result<Space> {
    let pragma = |name: &str| -> Result<u64> {
        let value: i64 = sqlite
            .connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(sqlite.explain(MEASURING))?;
        Ok(u64::try_from(value).unwrap_or(0))
    };
    let page = pragma("page_size")?;
    Ok(Space {
        bytes: pragma("page_count")? * page,
        free: Some(pragma("freelist_count")? * page),
        give_back: match pragma("auto_vacuum")? {
            0 => GiveBack::Rewritten,
            1 => GiveBack::Always,
            _ => GiveBack::Stepwise,
        },
    })
}

impl Storage for Sqlite {
    fn space(&mut self) -> Result<Space> {
        space(self)
    }

    fn give_back(&mut self, goes_on: &mut dyn FnMut() -> bool) -> Result<bool> {
        let mut transactions = Transactions::begin(self)?;
        loop {
            match give_in_one_go(self, &mut transactions) {
                Ok(true) if goes_on() => {}
                Ok(more) => return Ok(!more),
                Err(error) => {
                    transactions.abandon(self);
                    return Err(error);
                }
            }
        }
    }

    fn rewrite(&mut self) -> Result<()> {
        self.connection
            .execute_batch("VACUUM")
            .map_err(self.explain("rewriting the file"))?;
        database::make_safe(self)
    }

    fn use_alone(&mut self) -> Result<()> {
        transactions::use_alone(self)
    }
}

/// Gives space back in one transaction; false when there is none left.
fn give_in_one_go(sqlite: &Sqlite, transactions: &mut Transactions) -> Result<bool> {
    transactions.open(sqlite)?;
    let mut left = space(sqlite)?.known_free();
    while left > 0 && !transactions.is_over() {
        // A row comes back for each page, and the page goes when the row is stepped over.
        let mut statement = sqlite
            .connection
            .prepare_cached(&format!("PRAGMA incremental_vacuum({STEP})"))
            .map_err(sqlite.explain(GIVING))?;
        let mut rows = statement.query([]).map_err(sqlite.explain(GIVING))?;
        while rows.next().map_err(sqlite.explain(GIVING))?.is_some() {}
        drop(rows);
        let now = space(sqlite)?.known_free();
        if now >= left {
            break;
        }
        left = now;
    }
    transactions.commit(sqlite, GIVING)?;
    Ok(left > 0)
}
