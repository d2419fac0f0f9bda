//! The tables of all stores, and the names that follow from them.

use super::fields::{FieldContent, StoreField, StoreFields, is_same};
use super::{api_server, direct_pipeline, job_manager};
use crate::job::row::write::MARK;
use crate::legacy::Store;
use crate::legacy::rejects;

pub(in crate::legacy) const API_SERVER: &StoreFields = &api_server::TABLE;
pub(in crate::legacy) const DIRECT_PIPELINE: &StoreFields = &direct_pipeline::TABLE;
pub(in crate::legacy) const JOB_MANAGER: &StoreFields = &job_manager::TABLE;

const ALL: [&StoreFields; 3] = [API_SERVER, DIRECT_PIPELINE, JOB_MANAGER];

/// The table of a store; None for rows of jobctl's own, which are restored as they were.
pub(in crate::legacy) fn of(store: Store) -> Option<&'static StoreFields> {
    match store {
        Store::ApiServer => Some(API_SERVER),
        Store::DirectPipeline => Some(DIRECT_PIPELINE),
        Store::JobManager => Some(JOB_MANAGER),
        Store::Jobctl | Store::Unknown => None,
    }
}

/// Whether a field of this name holds JSON in any of the stores.
pub(in crate::legacy) fn is_json(name: &str) -> bool {
    let holds =
        |table: &&StoreFields| (table.field)(name).is_some_and(|field| field.holds.is_json());
    ALL.iter().any(holds)
}

/// The names that a job has in any of the stores, in the API, in the table and in a file of rejects.
pub const RECORD_FIELDS: &[&str] = {
    const NAMES: Names = Names::of(Which::All).with(MARK).and(&rejects::MEMBERS);
    NAMES.list()
};

/// The names among these that make an object a job wherever it is. Other names may also be beside jobs, as in the response of
/// a server.
pub(in crate::legacy) const MARKS: &[&str] = {
    const NAMES: Names = Names::of(Which::Marks).with(MARK).with(rejects::RECORD);
    NAMES.list()
};

/// The names that tell the kind of a job.
pub(in crate::legacy) const KINDS: &[&str] = {
    const NAMES: Names = Names::of(Which::Kinds);
    NAMES.list()
};

/// The names that hold the type of a job.
pub(in crate::legacy) const TYPES: &[&str] = {
    const NAMES: Names = Names::of(Which::Types);
    NAMES.list()
};

/// The names that make an object a job even after a member of an unknown name that could hold jobs.
pub(in crate::legacy) const IDENTITY: &[&str] = {
    const NAMES: Names = Names::of(Which::Identity).with(MARK);
    NAMES.list()
};

#[derive(Clone, Copy)]
enum Which {
    All,
    Marks,
    Kinds,
    Types,
    Identity,
}

impl Which {
    const fn has(self, field: StoreField, table: &StoreFields) -> bool {
        let is_kind = is_same(field.name, table.marks[0]) || is_same(field.name, table.marks[1]);
        let is_id = matches!(field.holds, FieldContent::Id);
        match self {
            Which::All => true,
            Which::Marks => is_kind || is_id || matches!(field.holds, FieldContent::Request(_)),
            Which::Kinds => is_kind,
            Which::Types => field.holds.is_type(),
            // Users, events and schemas have a type too.
            Which::Identity => is_id || field.holds.is_type() && !is_same(field.name, "type"),
        }
    }
}

/// A set of names, put together while jobctl is built.
struct Names {
    names: [&'static str; Names::MOST],
    count: usize,
}

impl Names {
    const MOST: usize = 64;

    const fn of(which: Which) -> Names {
        let mut names = Names {
            names: [""; Names::MOST],
            count: 0,
        };
        let mut index = 0;
        while index < ALL.len() {
            let (table, mut at) = (ALL[index], 0);
            while at < table.fields.len() {
                if which.has(table.fields[at], table) {
                    names = names.with(table.fields[at].name);
                }
                at += 1;
            }
            index += 1;
        }
        names
    }

    const fn with(mut self, name: &'static str) -> Names {
        let mut index = 0;
        while index < self.count {
            if is_same(self.names[index], name) {
                return self;
            }
            index += 1;
        }
        self.names[self.count] = name;
        self.count += 1;
        self
    }

    const fn and(mut self, names: &[&'static str]) -> Names {
        let mut index = 0;
        while index < names.len() {
            self = self.with(names[index]);
            index += 1;
        }
        self
    }

    const fn list(&self) -> &[&'static str] {
        self.names.split_at(self.count).0
    }
}

#[cfg(test)]
mod tests {
    use super::{IDENTITY, KINDS, MARKS, RECORD_FIELDS, TYPES};

    /// The names by which dumps are read: one more or less, and other records are found.
    #[test]
    fn the_names_of_records_follow_from_the_tables() {
        let sorted = |names: &[&str]| {
            let mut names = names.to_vec();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(sorted(TYPES), "job_type pipeline_type type");
        assert_eq!(sorted(KINDS), "job_type mode pipeline_type request type");
        assert_eq!(sorted(IDENTITY), "$row id job_id job_type pipeline_type");
        assert_eq!(
            sorted(MARKS),
            "$row id job_id job_type mode pipeline_type record request request_data type"
        );
        assert_eq!(
            sorted(RECORD_FIELDS),
            "$row completed_at completed_shots content context created_at current_stage episode_id error error_details \
             error_message id job_id job_type key line mode pipeline_type position progress project_title reason record \
             request request_data result result_data series_id shots source started_at status style title total_shots \
             type updated_at user_requirement video_path working_dir"
        );
    }
}
