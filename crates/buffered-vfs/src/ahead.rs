//! Reading ahead where pages are read in the order of the file. A page that a transaction reads once costs a system call
//! each; a window of them costs one.

use crate::window::{Disk, OK, WINDOW, empty, is_in_one, place};

/// Windows that are kept, each in the place of its number, so that as many in a row are all there. What has been looked
/// at is often read once more, by the statement that changes it.
const KEPT: usize = 24;

#[derive(Default)]
pub(crate) struct Ahead {
    windows: Vec<Window>,
    /// The end of the last piece that was not read ahead.
    end: u64,
    /// The last window that was.
    last: Option<u64>,
}

#[derive(Default)]
struct Window {
    number: Option<u64>,
    bytes: Box<[u8]>,
}

impl Ahead {
    /// Copies a piece if it has been read, or reads its window if that is next. `read` changes what was read before it
    /// counts, and is told where it begins.
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
        let (number, offset) = place(at);
        if let Some(window) = self.window(number) {
            into.copy_from_slice(&window.bytes[offset..offset + into.len()]);
            return true;
        }
        if !self.is_next(number, at) || !self.fetch(disk, number) {
            self.end = at + into.len() as u64;
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

    /// Behind what was read last, or in one of the two windows behind the last that was read ahead.
    fn is_next(&self, number: u64, at: u64) -> bool {
        (at != 0 && at == self.end)
            || self
                .last
                .is_some_and(|last| (last + 1..=last + 2).contains(&number))
    }

    /// False where the file ends: there it is not read ahead.
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
        read
    }

    /// Takes note of a write.
    pub(crate) fn put(&mut self, from: &[u8], at: u64) {
        let mut at = at;
        let mut from = from;
        while !from.is_empty() {
            let (number, offset) = place(at);
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
        self.end = 0;
    }
}
