//! The windows that are read ahead where pages are read in the order of the file, forwards or backwards: one system call for
//! a window, where SQLite makes one for each page.

use crate::window::{Disk, OK, WINDOW, empty, is_in_one, locate};

/// Windows that are kept. The remainder of a window's number is its index, so that this many in a row are all kept. A row
/// that was found is often read once more, by the statement that changes it.
const KEPT: usize = 24;

/// The least number of pieces of a window that must have been asked for, before one near it is read ahead as well. Rows
/// that lie further apart cost less when they are read alone.
const USED: u32 = 4;

/// The least number of pieces side by side before a window is read ahead: a row and its next page are two.
const IN_A_ROW: u32 = 3;

/// How many windows in a row with less than three quarters asked for show that the file is read in parts: to copy the others costs
/// more than the system calls. Then pieces are read alone, and after this many of them one window shows whether that still holds.
const SPARSE: u32 = 4;
const ALONE: u32 = 256;

#[derive(Default)]
pub(crate) struct Ahead {
    windows: Vec<Window>,
    /// The beginning and the end of the last piece that was read from the disk itself.
    begin: u64,
    end: u64,
    /// How many such pieces lie side by side, that one among them.
    in_a_row: u32,
    /// The last window that was read ahead.
    last: Option<u64>,
    /// How many pieces of that window have been asked for.
    used: u32,
    /// How many windows in a row were asked for in parts.
    sparse: u32,
    /// How many pieces are still read alone.
    alone: u32,
}

#[derive(Default)]
struct Window {
    number: Option<u64>,
    bytes: Box<[u8]>,
}

impl Ahead {
    /// Copies a piece if its window is kept, or is read now because it is the next one; else returns false. `read` gets a
    /// new window's bytes and their offset, and may change them before they are used.
    pub(crate) fn get(
        &mut self,
        disk: &mut impl Disk,
        into: &mut [u8],
        at: u64,
        read: impl FnOnce(&mut [u8], u64),
    ) -> bool {
        if !is_in_one(at, into.len()) {
            return false;
        }
        let (number, offset) = locate(at);
        if let Some(window) = self.window(number) {
            into.copy_from_slice(&window.bytes[offset..offset + into.len()]);
            if self.last == Some(number) {
                self.used += 1;
            }
            return true;
        }
        let end = at + into.len() as u64;
        if !self.is_next(number, at, end)
            || self.is_sparse(number, into.len())
            || !self.fetch(disk, number)
        {
            self.in_a_row = if self.is_beside(at, end) {
                self.in_a_row + 1
            } else {
                1
            };
            (self.begin, self.end) = (at, end);
            return false;
        }
        match self.window(number) {
            Some(window) => {
                read(&mut window.bytes, number * WINDOW as u64);
                into.copy_from_slice(&window.bytes[offset..offset + into.len()]);
                true
            }
            None => false,
        }
    }

    fn window(&mut self, number: u64) -> Option<&mut Window> {
        let window = self.windows.get_mut(number as usize % KEPT)?;
        (window.number == Some(number)).then_some(window)
    }

    fn is_beside(&self, at: u64, end: u64) -> bool {
        at != 0 && (at == self.end || end == self.begin)
    }

    /// Whether a piece lies beside the last ones, or near the last window that was read ahead, if that was of use: in one of
    /// the two on either side.
    fn is_next(&self, number: u64, at: u64, end: u64) -> bool {
        (self.in_a_row + 1 >= IN_A_ROW && self.is_beside(at, end))
            || (self.used >= USED && self.last.is_some_and(|last| last.abs_diff(number) <= 2))
    }

    /// Whether the pieces are to be read alone, although the next window could be read ahead.
    fn is_sparse(&mut self, number: u64, piece: usize) -> bool {
        if self.alone > 0 {
            self.alone -= 1;
            return true;
        }
        if self.last.is_some_and(|last| last.abs_diff(number) == 1) {
            let is_sparse = self.used as usize * piece * 4 < WINDOW * 3;
            self.sparse = if is_sparse { self.sparse + 1 } else { 0 };
        }
        if self.sparse < SPARSE {
            return false;
        }
        (self.sparse, self.alone) = (SPARSE - 1, ALONE);
        self.last = None;
        true
    }

    /// Reads a window; false where the file ends within it.
    fn fetch(&mut self, disk: &mut impl Disk, number: u64) -> bool {
        if self.windows.is_empty() {
            self.windows.resize_with(KEPT, Window::default);
        }
        let window = &mut self.windows[number as usize % KEPT];
        if window.bytes.is_empty() {
            window.bytes = empty();
        }
        let read = disk.read(&mut window.bytes, number * WINDOW as u64) == OK;
        window.number = read.then_some(number);
        self.last = read.then_some(number);
        self.used = 1;
        read
    }

    /// Copies a write into the windows that it touches.
    pub(crate) fn put(&mut self, from: &[u8], at: u64) {
        let mut at = at;
        let mut from = from;
        while !from.is_empty() {
            let (number, offset) = locate(at);
            let (now, rest) = from.split_at(from.len().min(WINDOW - offset));
            if let Some(window) = self.window(number) {
                window.bytes[offset..offset + now.len()].copy_from_slice(now);
            }
            at += now.len() as u64;
            from = rest;
        }
    }

    pub(crate) fn forget(&mut self) {
        for window in &mut self.windows {
            window.number = None;
        }
        self.last = None;
        (self.begin, self.end, self.in_a_row) = (0, 0, 0);
    }
}
