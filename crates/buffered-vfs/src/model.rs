//! A model of the database's part: the same steps beside a file without it, over files in memory.

use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard};

use libsqlite3_sys::{
    SQLITE_FULL, SQLITE_IOERR_SHORT_READ, SQLITE_LOCK_EXCLUSIVE, SQLITE_LOCK_NONE,
    SQLITE_LOCK_SHARED,
};
use proptest::prelude::*;

use crate::database::Database;
use crate::tail::Tail;
use crate::window::{Disk, OK, WINDOW};

/// A file in memory, which may be full.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    full: bool,
    pub(crate) reads: usize,
    pub(crate) bytes_read: usize,
    writes: usize,
}

/// A file in memory that the writer shares. While the gate is held, nothing is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Arc<Mutex<Content>>, Arc<Mutex<()>>);

impl Memory {
    pub(crate) fn of(bytes: Vec<u8>) -> Memory {
        let memory = Memory::default();
        memory.get().bytes = bytes;
        memory
    }

    pub(crate) fn get(&self) -> MutexGuard<'_, Content> {
        self.0.lock().expect("nobody panicked with it")
    }

    fn bytes(&self) -> Vec<u8> {
        self.get().bytes.clone()
    }

    fn size(&self) -> u64 {
        self.get().bytes.len() as u64
    }
}

impl Disk for Memory {
    fn read(&mut self, into: &mut [u8], at: u64) -> c_int {
        let mut content = self.get();
        content.reads += 1;
        content.bytes_read += into.len();
        let there = content.bytes.get(at as usize..).unwrap_or_default();
        let there = &there[..there.len().min(into.len())];
        into[..there.len()].copy_from_slice(there);
        into[there.len()..].fill(0);
        if there.len() == into.len() {
            OK
        } else {
            SQLITE_IOERR_SHORT_READ
        }
    }

    fn write(&mut self, from: &[u8], at: u64) -> c_int {
        // As the system's VFS has it.
        assert!((1..1 << 17).contains(&from.len()), "{} bytes", from.len());
        let _open = self.1.lock().expect("nobody panicked with it");
        let mut content = self.get();
        content.writes += 1;
        if content.full {
            return SQLITE_FULL;
        }
        let end = at as usize + from.len();
        if content.bytes.len() < end {
            content.bytes.resize(end, 0);
        }
        content.bytes[at as usize..end].copy_from_slice(from);
        OK
    }
}

#[derive(Clone, Debug)]
enum Step {
    Read(u64),
    /// The first page, and how many in a row are read.
    Scan(u64, u64),
    Write(u64, u64),
    Header,
    Truncate(u64),
    Sync,
    Exclusive,
    Shared,
    Unlock,
}

/// The most pages of the file: more than there are windows for.
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
                    prop_assert_eq!(database.end().max(disk.size()), model.size());
                    if (size as u64) < model.size() {
                        prop_assert_eq!(database.truncated(size as u64), OK);
                        disk.get().bytes.resize(size, 0);
                        model.get().bytes.truncate(size);
                    }
                }
                Step::Sync => {
                    prop_assert_eq!(database.settle(&mut disk), OK);
                    prop_assert_eq!(disk.bytes(), model.bytes());
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
                prop_assert_eq!(disk.bytes(), model.bytes(), "held back without the lock");
            }
            if lock == SQLITE_LOCK_NONE {
                // Somebody else writes.
                stamp = stamp.wrapping_add(1);
                for memory in [&mut disk, &mut model] {
                    let mut content = memory.get();
                    let middle = content.bytes.len() / 2;
                    if let Some(byte) = content.bytes.get_mut(middle) {
                        *byte = stamp;
                    }
                }
            }
        }
    }
}

pub(crate) const PAGE: usize = 4096;

fn locked() -> Database {
    let mut database = Database::default();
    database.locked(SQLITE_LOCK_EXCLUSIVE);
    database
}

#[test]
fn pages_in_a_row_go_to_the_file_together_though_others_come_between() {
    let (mut database, mut disk) = (locked(), Memory::default());
    for page in 0..1280u64 {
        database.write(&mut disk, &[1; PAGE], page * PAGE as u64);
        let elsewhere = 2000 + page * 7919 % 2000 * 3;
        database.write(&mut disk, &[2; PAGE], elsewhere * PAGE as u64);
    }
    assert_eq!(database.settle(&mut disk), OK);
    let writes = disk.get().writes;
    assert!(
        writes < 1280 + 1280 / 10,
        "{writes} writes of 2560 pages, half of them in a row"
    );
}

#[test]
fn what_the_writer_has_is_read_as_it_will_be() {
    // Half of them are a batch that cannot be written yet, and some more; all of them can be kept when they are read ahead.
    let pages = 356;
    let expected = |page: u64| [7 - 6 * (page / 2 % 2) as u8; PAGE];
    let mut disk = Memory::of(vec![7; pages as usize * PAGE]);
    let mut database = locked();
    let mut found = [0; PAGE];
    let gate = Arc::clone(&disk.1);
    let closed = gate.lock().expect("nobody panicked with it");
    for page in (0..pages).filter(|page| page / 2 % 2 == 1) {
        assert_eq!(
            database.write(&mut disk, &[1; PAGE], page * PAGE as u64),
            OK
        );
    }
    for page in (0..pages).rev().chain(0..pages) {
        let code = database.read(&mut disk, &mut found, page * PAGE as u64);
        assert_eq!((code, found), (OK, expected(page)), "page {page}");
    }
    assert_eq!(disk.get().writes, 0);
    drop(closed);
    assert_eq!(database.settle(&mut disk), OK);
    // What was read ahead before the writes reached the file.
    for page in 0..pages {
        let code = database.read(&mut disk, &mut found, page * PAGE as u64);
        assert_eq!((code, found), (OK, expected(page)), "page {page}");
    }
    assert_eq!(disk.bytes()[2 * PAGE..3 * PAGE], [1; PAGE]);
}

#[test]
fn what_a_full_disk_did_not_take_is_told_and_not_written_after_the_lock() {
    for pages in [3u64, 2000] {
        let (mut database, mut disk) = (locked(), Memory::default());
        disk.get().full = true;
        let mut failed = OK;
        for page in 0..pages {
            failed = database.write(&mut disk, &[1; PAGE], page * PAGE as u64);
        }
        // Little is told when it is synced, much before.
        assert_eq!(failed, if pages == 3 { OK } else { SQLITE_FULL });
        assert_eq!(database.settle(&mut disk), SQLITE_FULL);
        let mut page = [0; PAGE];
        assert_eq!(database.read(&mut disk, &mut page, 0), SQLITE_FULL);
        database.unlocking(SQLITE_LOCK_NONE);
        disk.get().full = false;
        assert_eq!(database.settle(&mut disk), OK);
        assert_eq!(disk.bytes(), []);
    }
}

#[test]
fn an_error_of_a_checkpoint_is_told_when_the_file_is_cut() {
    // SQLite passes over what it is told when the pages of a log are in the file, and cuts that next.
    let (mut database, mut disk) = (locked(), Memory::default());
    assert_eq!(database.write(&mut disk, &[1; PAGE], 0), OK);
    disk.get().full = true;
    assert_eq!(database.settle(&mut disk), SQLITE_FULL);
    assert_eq!(database.truncated(PAGE as u64), SQLITE_FULL);
}

#[test]
fn nothing_is_on_its_way_to_a_file_that_is_closed() {
    for _ in 0..20 {
        let (mut database, mut disk) = (locked(), Memory::default());
        let gate = Arc::clone(&disk.1);
        let closed = gate.lock().expect("nobody panicked with it");
        // Not side by side, so that each is a write of its own.
        for page in 0..130u64 {
            assert_eq!(
                database.write(&mut disk, &[1; PAGE], page * 2 * PAGE as u64),
                OK
            );
        }
        drop(closed);
        database.closing();
        // The batch that the writer had; what it did not have is dropped.
        assert_eq!(disk.get().writes, 128);
    }
}

#[test]
fn a_journal_is_written_in_large_pieces_and_its_beginning_at_once() {
    let (mut tail, mut disk, mut at) = (Tail::default(), Memory::default(), 512);
    assert_eq!(tail.put(&mut disk, &[9; 512], 0), OK);
    assert_eq!(disk.bytes(), [9; 512]);
    let mut expected = disk.bytes();
    for page in 0..200u8 {
        for piece in [&[page; 4][..], &[page; PAGE], &[page; 4]] {
            assert_eq!(tail.put(&mut disk, piece, at), OK);
            at += piece.len() as u64;
            expected.extend_from_slice(piece);
        }
    }
    let writes = disk.get().writes;
    assert!(writes < 20, "{writes} writes");
    assert_eq!(tail.end(), expected.len() as u64);
    assert_eq!(tail.write_all(&mut disk), OK);
    assert_eq!(disk.bytes(), expected);
    // What is written over stands where it belongs.
    assert_eq!(tail.put(&mut disk, &[3; 4], 8), OK);
    assert_eq!(tail.put(&mut disk, &[4; 8], at), OK);
    assert_eq!(tail.write_all(&mut disk), OK);
    expected[8..12].fill(3);
    expected.extend_from_slice(&[4; 8]);
    assert_eq!(disk.bytes(), expected);
}

#[test]
fn a_journal_goes_before_the_database_until_it_has_been_synced() {
    let (mut tail, mut disk) = (Tail::default(), Memory::default());
    let mut put = |tail: &mut Tail, at| tail.put(&mut disk, &[1; 512], at);
    assert_eq!(put(&mut tail, 0), OK);
    assert_eq!(put(&mut tail, 512), OK);
    assert_eq!(disk.size(), 512);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(disk.size(), 1024);
    assert_eq!(tail.write_all(&mut disk), OK);
    tail.synced();
    assert_eq!(tail.put(&mut disk, &[2; 512], 1024), OK);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(disk.size(), 1024);
    // The next transaction begins it anew.
    assert_eq!(tail.put(&mut disk, &[3; 512], 0), OK);
    assert_eq!(tail.put(&mut disk, &[3; 512], 512), OK);
    assert_eq!(tail.before_database(&mut disk), OK);
    assert_eq!(&disk.bytes()[512..1024], [3; 512]);
}
