//! Tests of reading ahead: how often the disk is read, and that what is kept is not older than it may be.

use libsqlite3_sys::SQLITE_LOCK_SHARED;

use crate::database::Database;
use crate::model::{Memory, PAGE};
use crate::window::OK;

#[test]
fn a_file_that_is_read_from_end_to_end_or_backwards_is_read_in_windows() {
    for backwards in [false, true] {
        let mut database = Database::default();
        let mut disk = Memory::of(vec![7; 320 * PAGE]);
        database.locked(SQLITE_LOCK_SHARED);
        let mut page = [0; PAGE];
        for number in 0..320u64 {
            let number = if backwards { 319 - number } else { number };
            assert_eq!(
                database.read(&mut disk, &mut page, number * PAGE as u64),
                OK
            );
            assert_eq!(page, [7; PAGE]);
        }
        let reads = disk.get().reads;
        assert!(reads < 30, "{reads} reads of 320 pages");
    }
}

#[test]
fn a_file_of_which_every_other_page_is_passed_over_is_read_page_by_page() {
    let mut database = Database::default();
    let mut disk = Memory::of(vec![7; 3200 * PAGE]);
    database.locked(SQLITE_LOCK_SHARED);
    let mut page = [0; PAGE];
    for number in (0..3200).filter(|number| number % 8 < 5) {
        let code = database.read(&mut disk, &mut page, number * PAGE as u64);
        assert_eq!((code, page), (OK, [7; PAGE]));
    }
    let reads = disk.get().reads;
    assert!(reads > 1500, "{reads} reads of 2000 pages");
    disk.get().reads = 0;
    for number in 0..3200 {
        let code = database.read(&mut disk, &mut page, number * PAGE as u64);
        assert_eq!(code, OK);
    }
    let reads = disk.get().reads;
    assert!(reads < 500, "{reads} reads of 3200 pages side by side");
}

#[test]
fn nothing_is_read_ahead_where_others_share_the_log() {
    let mut database = Database::default();
    let mut disk = Memory::of(vec![7; 100 * PAGE]);
    database.locked(SQLITE_LOCK_SHARED);
    database.shares_log();
    assert_eq!(reads_of_all(&mut database, &mut disk, 7), 100);
    disk.get().bytes.fill(8);
    assert_eq!(reads_of_all(&mut database, &mut disk, 8), 200);
}

/// How often the disk has been read when all 100 pages have been, each of which is full of this byte.
fn reads_of_all(database: &mut Database, disk: &mut Memory, byte: u8) -> usize {
    let mut page = [0; PAGE];
    for number in 0..100u64 {
        assert_eq!(database.read(disk, &mut page, number * PAGE as u64), OK);
        assert_eq!(page, [byte; PAGE]);
    }
    disk.get().reads
}

#[test]
fn what_one_snapshot_of_a_log_has_read_ahead_is_not_there_for_the_next() {
    let mut database = Database::default();
    let mut disk = Memory::of(vec![7; 100 * PAGE]);
    database.locked(SQLITE_LOCK_SHARED);
    database.shares_log();
    for byte in [7, 8] {
        disk.get().bytes.fill(byte);
        disk.get().reads = 0;
        database.reads_log(true);
        let reads = reads_of_all(&mut database, &mut disk, byte);
        assert!(reads < 20, "{reads} reads of 100 pages");
        database.reads_log(false);
    }
}

#[test]
fn pages_that_lie_apart_are_read_alone() {
    let mut database = Database::default();
    let mut disk = Memory::of(vec![7; 2000 * PAGE]);
    database.locked(SQLITE_LOCK_SHARED);
    let mut page = [0; PAGE];
    // Two pages side by side each time, as rows of a state lie.
    for number in (0..2000u64).filter(|number| number % 20 < 2) {
        assert_eq!(
            database.read(&mut disk, &mut page, number * PAGE as u64),
            OK
        );
    }
    // All windows would be 2,000 pages.
    let pages = disk.get().bytes_read / PAGE;
    assert_eq!(pages, 200);
}
