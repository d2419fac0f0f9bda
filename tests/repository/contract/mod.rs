//! What every backend promises. A case is a function over a `Backend`; `exercise!` makes a test of each.

pub mod backups;
pub mod history;
pub mod imports;
pub mod odd_times;
pub mod properties;
pub mod reads;
pub mod storage;
pub mod suggestions;
pub mod sweeps;
pub mod versions;
pub mod writes;

use jobctl::job::order::Order;
use jobctl::job::{Column, ColumnSet, Filter, Job};
use jobctl::repository::{Access, Query, Repository};

use crate::backend::Place;

/// All cases for one backend, in a module of this name.
macro_rules! exercise {
    ($name:ident, $backend:expr) => {
        mod $name {
            $crate::contract::each! {
                $backend;
                reads {
                    find_answers_in_the_order_asked_with_gaps
                    find_reads_only_the_columns_asked_for
                    resolve_gives_an_exact_id_alone_though_it_is_a_prefix_of_another
                    list_pages_meet_without_gap_or_overlap_whatever_is_null
                    offset_counts_across_rows_with_and_without_a_time
                    stream_gives_the_order_of_list_with_and_without_an_index
                    ids_alone_come_in_the_same_order
                    stream_ends_with_the_error_of_its_sink
                    holds_and_count_see_what_is_there
                    jobs_without_an_id_have_names
                    a_place_is_the_same_for_all_who_open_it
                    columns_that_a_neighbour_adds_belong_to_the_row
                }
                writes {
                    insert_is_all_or_nothing_when_an_id_is_in_use
                    update_touches_only_its_columns_and_gives_before_and_after
                    update_changes_nothing_when_one_job_is_refused_or_gone
                    delete_is_all_or_nothing
                    purge_looks_again_at_each_job_and_gives_those_that_went
                    purge_passes_over_what_the_table_keeps
                    a_parent_that_is_not_there_is_named
                    parents_of_which_there_is_none_are_told
                    a_lock_that_stays_is_said_after_the_wait
                    a_claim_keeps_others_of_its_kind_away_as_long_as_it_is_held
                }
                backups {
                    a_copy_holds_what_was_there_when_it_was_begun
                    a_copy_that_lacks_rows_is_told
                    a_copy_keeps_neighbours_from_nothing_afterwards
                }
                history {
                    what_a_run_changed_is_taken_back_and_done_again
                    a_job_that_a_neighbour_changed_is_a_conflict
                    the_changes_of_a_job_are_told_with_their_columns
                    a_redaction_reaches_rows_and_what_is_kept_of_them
                    a_run_that_would_keep_too_much_is_known_beforehand
                    any_sequence_is_taken_back_and_done_again
                    what_a_sweep_removes_is_counted_and_not_kept
                    runs_from_before_a_time_go_but_for_the_newest
                }
                imports {
                    an_import_follows_its_policy
                    an_import_that_fails_on_a_conflict_keeps_what_came_before
                    a_preview_remembers_what_it_would_have_inserted
                    a_preview_begins_anew_each_time
                    of_one_import_the_newest_record_counts
                    an_atomic_import_is_all_or_nothing
                    an_import_that_is_dropped_is_taken_back
                    what_was_paused_stays_when_an_import_is_taken_back
                    only_what_is_there_is_known_to_be_skipped
                    an_import_tells_parents_that_are_missing_and_writes_all_the_same
                }
                sweeps {
                    it_gives_what_goes_and_removes_it
                    a_column_that_comes_meanwhile_keeps_its_rows
                    the_place_is_free_between_reading_and_removing_and_after_a_pause
                    a_job_whose_status_was_changed_stays
                    a_job_of_which_any_column_was_changed_stays
                    a_job_of_which_a_value_changed_its_kind_alone_stays
                    a_job_that_others_removed_is_none_that_it_removed
                    a_job_that_was_removed_and_made_again_stays
                    a_job_that_took_the_place_of_another_stays
                    a_job_that_came_after_the_beginning_is_left
                    it_goes_on_page_after_page_to_the_end
                    what_the_table_keeps_is_not_removed_and_stops_nothing
                    what_the_table_would_keep_is_found_by_trying
                    what_an_error_stopped_is_not_removed
                    what_a_lock_stopped_is_not_removed
                    a_sweep_that_is_dropped_keeps_what_it_did_not_tell
                }
                versions {
                    the_version_changes_with_what_others_write_and_with_nothing_else
                }
                storage {
                    the_size_grows_and_its_free_part_too
                    room_that_is_given_back_takes_no_job_with_it
                    a_place_that_is_used_alone_tells_whether_neighbours_are_kept_from_writing
                }
                odd_times {
                    times_of_any_spelling_are_filtered_as_in_memory
                }
                suggestions {
                    the_newest_wanted_jobs_come_with_both_ends
                    words_are_sorted_and_begin_with_the_prefix
                }
                properties {
                    what_is_written_is_read
                    a_filter_of_the_place_equals_the_same_filter_in_memory
                    an_update_touches_only_its_columns
                }
            }
        }
    };
}

macro_rules! each {
    ($backend:expr; $($room:ident { $($case:ident)* })*) => {
        $(mod $room {
            $(#[test]
            fn $case() {
                let backend = $backend;
                if $crate::backend::Backend::is_there(&backend) {
                    $crate::contract::$room::$case(&backend);
                }
            })*
        })*
    };
}

pub(crate) use {each, exercise};

pub const BY_ID: Order = Order {
    column: Column::Id,
    descending: false,
};

/// A job with an id made of a number, created that many minutes after midnight.
pub fn job(number: u32) -> Job {
    let at = format!(
        "2026-01-01 {:02}:{:02}:00.000000",
        number / 60 % 24,
        number % 60
    );
    Job::default()
        .with(
            Column::Id,
            format!("{number:08x}-0000-4000-8000-000000000000"),
        )
        .with(Column::JobType, "idea2video")
        .with(Column::Status, "queued")
        .with(Column::CreatedAt, at.as_str())
        .with(Column::UpdatedAt, at.as_str())
}

/// A database with the first `count` of them, opened to be written.
pub fn filled(place: &dyn Place, count: u32) -> Box<dyn Repository> {
    let mut repository = place.open(Access::Write);
    let jobs: Vec<Job> = (0..count).map(job).collect();
    repository.insert(&jobs).unwrap();
    repository
}

/// All jobs that are there, by id.
pub fn all(repository: &mut dyn Repository) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut sink = |job: &mut Job| {
        jobs.push(std::mem::take(job));
        Ok(())
    };
    let everything = Filter::default();
    repository
        .stream(&everything, Some(BY_ID), ColumnSet::ALL, &mut sink)
        .unwrap();
    jobs
}

/// The ids that somebody else sees there, sorted.
pub fn ids(place: &dyn Place) -> Vec<String> {
    let jobs = all(place.open(Access::Read).as_mut());
    jobs.iter().map(|job| job.id().to_string()).collect()
}

pub fn query(filter: &Filter, order: Order, limit: u64) -> Query<'_> {
    Query {
        filter,
        order,
        after: None,
        offset: 0,
        limit,
        columns: ColumnSet::ALL,
    }
}
