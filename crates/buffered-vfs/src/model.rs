//! What the database's part does, beside a file without it.

use std::ffi::c_int;

use libsqlite3_sys::{
    SQLITE_FULL, SQLITE_IOERR_SHORT_READ, SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE,
    SQLITE_LOCK_SHARED,
};
use proptest::prelude::*;

use crate::database::Database;
use crate::tail::Tail;
use crate::window::{Disk, OK, WINDOW};

/// A file in memory, which may be full.
#[derive(Clone, Debug, Default, PartialEq)]
struct Memory {
    bytes: Vec<u8>,
    full: bool,
    reads: usize,
    writes: usize,
}

impl Disk for Memory {
    fn read(&mut self, into: &mut [u8], at: u64) -> c_int {
        self.reads += 1;
        let there = self.bytes.get(at as usize..).unwrap_or_default();
        let there = &there[..there.len().min(into.len())];
        into[..there.len()].copy_from_slice(there);
        into[there.len()..].fill(0);
        match there.len() == into.len() {
            true => OK,
            false => SQLITE_IOERR_SHORT_READ,
        }
    }

    fn write(&mut self, from: &[u8], at: u64) -> c_int {
        self.writes += 1;
        if self.full {
            return SQLITE_FULL;
        }
        let end = at as usize + from.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at as usize..end].copy_from_slice(from);
        OK
    }
}

#[derive(Clone, Debug)]
enum Step {
    Read(u64),
    /// So many pages in a row.
    Scan(u64, u64),
    Write(u64, u64),
    Header,
    Truncate(u64),
    Sync,
    Exclusive,
    Shared,
    Unlock,
}

/// Pages of the file at most: more than there are windows for.
const PAGES: u64 = 1500;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PAGES).prop_map(Step::Read),
        2 => (0..PAGES, 1..80u64).prop_map(|(from, count)| Step::Scan(from, count)),
        8 => (0..PAGES, 1..60u64).prop_map(|(from, count)| Step::Write(from, count)),
        1 => Just(Step::Header),
        1 => (0..PAGES).prop_map(Step::Truncate),
        1 => Just(Step::Sync),
        3 => Just(Step::Exclusive),
        1 => Just(Step::Shared),
        1 => Just(Step::Unlock),
    ]
}

fn same_read(
    database: &mut Database,
    disk: &mut Memory,
    model: &mut Memory,
    at: u64,
    length: usize,
) {
    let (mut ours, mut theirs) = (vec![1; length], vec![2; length]);
    let code = database.read(disk, &mut ours, at);
    let expected = model.read(&mut theirs, at);
    assert_eq!(ours, theirs, "{length} bytes at {at}");
    // A hole before pages that are held looks like the end of the file, which SQLite takes for zeros too.
    assert!(
        code == expected || code == SQLITE_IOERR_SHORT_READ,
        "{length} bytes at {at}: {code}, not {expected}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whoever_reads_finds_what_was_written(page in prop_oneof![Just(512usize), Just(4096), Just(WINDOW)],
                                            steps in proptest::collection::vec(step(), 1..80)) {
        let (mut database, mut disk, mut model) = (Database::default(), Memory::default(), Memory::default());
        let mut lock = SQLITE_LOCK_NONE;
        let pages = match page { WINDOW => 60, _ => PAGES };
        let mut stamp = 0u8;
        for step in steps {
            match step {
                Step::Read(at) => {
                    same_read(&mut database, &mut disk, &mut model, at % pages * page as u64, page);
                }
                Step::Scan(from, count) => for at in from % pages..from % pages + count {
                    same_read(&mut database, &mut disk, &mut model, at * page as u64, page);
                },
                Step::Write(from, count) => for at in from % pages..from % pages + count {
                    stamp = stamp.wrapping_add(1);
                    let bytes = vec![stamp; page];
                    prop_assert_eq!(database.write(&mut disk, &bytes, at * page as u64), OK);
                    model.write(&bytes, at * page as u64);
                },
                Step::Header => same_read(&mut database, &mut disk, &mut model, 24, 16),
                Step::Truncate(at) => {
                    let size = (at % pages) as usize * page;
                    prop_assert_eq!(database.end().max(disk.bytes.len() as u64), model.bytes.len() as u64);
                    if size < model.bytes.len() {
                        database.truncated(size as u64);
                        disk.bytes.resize(size, 0);
                        model.bytes.truncate(size);
                    }
                }
                Step::Sync => {
                    prop_assert_eq!(database.settle(&mut disk), OK);
                    prop_assert_eq!(&disk.bytes, &model.bytes);
                }
                Step::Exclusive => {
                    lock = SQLITE_LOCK_EXCLUSIVE;
                    database.locked(lock);
                }
                Step::Shared | Step::Unlock => {
                    lock = match step { Step::Shared => SQLITE_LOCK_SHARED, _ => SQLITE_LOCK_NONE };
                    prop_assert_eq!(database.settle(&mut disk), OK);
                    database.unlocking(lock);
                }
            }
            if lock < SQLITE_LOCK_EXCLUSIVE {
                prop_assert_eq!(&disk.bytes, &model.bytes, "held back without the lock");
            }
            if lock == SQLITE_LOCK_NONE {
                // Somebody else writes.
                stamp = stamp.wrapping_add(1);
                for memory in [&mut disk, &mut model] {
                    let middle = memory.bytes.len() / 2;
                    if let Some(byte) = memory.bytes.get_mut(middle) {
                        *byte = stamp;
                    }
                }
            }
        }
    }
}

const PAGE: usize = 4096;

fn locked() -> Database {
    let mut database = Database::default();
    database.locked(SQLITE_LOCK_EXCLUSIVE);
    database
}

#[test]
fn pages_in_a_row_go_to_the_file_together_though_others_come_between() {
    let (mut database, mut disk) = (locked(), Memory::default());
    for page in 0..320u64 {
        database.write(&mut disk, &[1; PAGE], page * PAGE as u64);
        let elsewhere = 1000 + page * 7919 % 1000 * 3;
        database.write(&mut disk, &[2; PAGE], elsewhere * PAGE as u64);
    }
    assert_eq!(database.settle(&mut disk), OK);
    assert!(
        disk.writes < 320 + 320 / 10,
        "{} writes of 640 pages, half of them in a row",
        disk.writes
    );
}

#[test]
fn what_is_held_again_is_there_before_it_is_read_ahead() {
    let (mut database, mut disk) = (locked(), Memory::default());
    let last = 2 * WINDOW / PAGE - 1;
    for page in [&(0..=last).collect::<Vec<_>>()[..], &[last], &[16, 17, 18]].concat() {
        // The first is written at once, those behind it are held.
        let at = (page * PAGE) as u64;
        assert_eq!(database.write(&mut disk, &[1; PAGE], at), OK);
    }
    for page in [16, 17, 18] {
        let at = (page * PAGE) as u64;
        assert_eq!(database.write(&mut disk, &[2; PAGE], at), OK);
    }
    let mut found = [0; PAGE];
    for page in 14..20 {
        assert_eq!(
            database.read(&mut disk, &mut found, (page * PAGE) as u64),
            OK
        );
        let expected = if (16..19).contains(&page) { 2 } else { 1 };
        assert_eq!(found, [expected; PAGE], "page {page}");
    }
    assert_eq!(database.settle(&mut disk), OK);
    assert_eq!(disk.bytes[17 * PAGE], 2);
}

#[test]
fn a_file_that_is_read_from_end_to_end_is_read_in_windows() {
    let (mut database, mut disk) = (Database::default(), Memory::default());
    disk.bytes = vec![7; 320 * PAGE];
    database.locked(SQLITE_LOCK_SHARED);
    let mut page = [0; PAGE];
    for place in 0..320u64 {
        assert_eq!(database.read(&mut disk, &mut page, place * PAGE as u64), OK);
        assert_eq!(page, [7; PAGE]);
    }
    assert!(disk.reads < 30, "{} reads of 320 pages", disk.reads);
}

#[test]
fn nothing_is_read_ahead_where_others_share_the_log() {
    let (mut database, mut disk) = (Database::default(), Memory::default());
    disk.bytes = vec![7; 100 * PAGE];
    database.locked(SQLITE_LOCK_SHARED);
    database.shares_log();
    let mut page = [0; PAGE];
    for place in 0..100u64 {
        database.read(&mut disk, &mut page, place * PAGE as u64);
    }
    assert_eq!(disk.reads, 100);
    disk.bytes.fill(8);
    database.read(&mut disk, &mut page, 50 * PAGE as u64);
    assert_eq!(page, [8; PAGE]);
}

#[test]
fn what_a_full_disk_did_not_take_is_told_and_not_written_after_the_lock() {
    let (mut database, mut disk) = (locked(), Memory::default());
    for page in 0..3u64 {
        assert_eq!(
            database.write(&mut disk, &[1; PAGE], page * PAGE as u64),
            OK
        );
    }
    disk.full = true;
    assert_eq!(database.settle(&mut disk), SQLITE_FULL);
    database.unlocking(SQLITE_LOCK_NONE);
    disk.full = false;
    let before = disk.bytes.clone();
    assert_eq!(database.settle(&mut disk), OK);
    assert_eq!(disk.bytes, before);
}

#[test]
fn a_journal_is_written_in_large_pieces_and_its_beginning_at_once() {
    let (mut tail, mut disk, mut at) = (Tail::default(), Memory::default(), 512);
    assert_eq!(tail.put(&mut disk, &[9; 512], 0), OK);
    assert_eq!(disk.bytes, [9; 512]);
    let mut expected = disk.bytes.clone();
    for page in 0..200u8 {
        for piece in [&[page; 4][..], &[page; PAGE], &[page; 4]] {
            assert_eq!(tail.put(&mut disk, piece, at), OK);
            at += piece.len() as u64;
            expected.extend_from_slice(piece);
        }
    }
    assert!(disk.writes < 10, "{} writes", disk.writes);
    assert_eq!(tail.end(), expected.len() as u64);
    assert_eq!(tail.write_all(&mut disk), OK);
    assert_eq!(disk.bytes, expected);
    // What is written over stands where it belongs.
    assert_eq!(tail.put(&mut disk, &[3; 4], 8), OK);
    assert_eq!(tail.put(&mut disk, &[4; 8], at), OK);
    assert_eq!(tail.write_all(&mut disk), OK);
    expected[8..12].fill(3);
    expected.extend_from_slice(&[4; 8]);
    assert_eq!(disk.bytes, expected);
}

#[test]
fn a_journal_goes_before_the_database_until_it_has_been_synced() {
    let (mut tail, mut disk) = (Tail::default(), Memory::default());
    let mut put = |tail: &mut Tail, at| tail.put(&mut disk, &[1; 512], at);
    assert_eq!(put(&mut tail, 0), OK);
    assert_eq!(put(&mut tail, 512), OK);
    assert_eq!(disk.bytes.len(), 512);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(disk.bytes.len(), 1024);
    assert_eq!(tail.write_all(&mut disk), OK);
    tail.synced();
    assert_eq!(tail.put(&mut disk, &[2; 512], 1024), OK);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(disk.bytes.len(), 1024);
    // The next transaction begins it anew.
    assert_eq!(tail.put(&mut disk, &[3; 512], 0), OK);
    assert_eq!(tail.put(&mut disk, &[3; 512], 512), OK);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(&disk.bytes[512..1024], [3; 512]);
}
