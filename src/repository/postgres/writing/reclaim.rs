//! The room of the job table and of jobctl's own: what is clear of old rows is used by new ones, and the server itself gives back
//! what is free at the end of a table.

use super::vacuum::{tables, vacuum};
use crate::repository::postgres::connection::database::Postgres;
use crate::repository::{GiveBack, OutOfReach, Result, Space, Storage};

const MEASURING: &str = "looking at the size of the tables";
const CLEARING: &str = "giving free room back";
const REWRITING: &str = "rewriting the tables";

impl Storage for Postgres {
    fn space(&mut self) -> Result<Space> {
        let tables = tables(self, MEASURING)?;
        Ok(Space {
            bytes: tables.iter().map(|table| table.bytes).sum(),
            free: None,
            give_back: GiveBack::Cleared,
        })
    }

    fn out_of_reach(&mut self) -> Result<OutOfReach> {
        let tables = tables(self, MEASURING)?;
        let is_all = tables.iter().all(|table| !table.may_be);
        let denied = tables.into_iter().filter(|table| !table.may_be);
        Ok(OutOfReach {
            names: denied.map(|table| table.name).collect(),
            is_all,
        })
    }

    fn give_back(&mut self, goes_on: &mut dyn FnMut() -> bool) -> Result<bool> {
        for table in tables(self, CLEARING)? {
            if !goes_on() {
                return Ok(false);
            }
            if table.may_be {
                vacuum(self, CLEARING, &table.quoted, false)?;
            }
        }
        Ok(true)
    }

    fn rewrite(&mut self) -> Result<()> {
        let allowed = tables(self, REWRITING)?.into_iter();
        for table in allowed.filter(|table| table.may_be) {
            vacuum(self, REWRITING, &table.quoted, true)?;
        }
        Ok(())
    }

    fn use_alone(&mut self) -> Result<()> {
        self.is_unhurried = true;
        Ok(())
    }

    fn keeps_others_out(&self) -> bool {
        false
    }
}
