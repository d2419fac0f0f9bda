//! Writes that are held back, so that neighbours in the file go to it together.

use std::ffi::c_int;

use crate::window::{Disk, OK, WINDOW, empty, place};

/// SQLite writes whole pages, the smallest of which has so many bytes.
const UNIT: usize = 512;

/// Windows that are open at a time. Pages that are written in a row come between others that lie anywhere.
const OPEN: usize = 16;

/// Ends of the last writes that no window holds: what goes on there is one of a row.
const ENDS: usize = 16;

#[derive(Default)]
pub(crate) struct Held {
    windows: Vec<Window>,
    /// Counts the writes.
    clock: u64,
    ends: [u64; ENDS],
    next_end: usize,
}

struct Window {
    number: u64,
    /// A bit for each unit that is held.
    units: u128,
    /// When it was last written into.
    used: u64,
    bytes: Box<[u8]>,
}

/// What is held of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    Nothing,
    Part,
    /// All of it, and it has been copied.
    All,
}

/// The bits of a piece; None when it does not consist of whole units.
fn units(offset: usize, length: usize) -> Option<u128> {
    if !offset.is_multiple_of(UNIT) || !length.is_multiple_of(UNIT) || length == 0 {
        return None;
    }
    let count = length / UNIT;
    let bits = u128::MAX >> (u128::BITS as usize - count);
    Some(bits << (offset / UNIT))
}

impl Held {
    /// Whether a write may be held: it consists of whole units.
    pub(crate) fn takes(offset: usize, length: usize) -> bool {
        units(offset, length).is_some()
    }

    /// Holds a write that lies in one window. What has to go for it is written.
    pub(crate) fn put(&mut self, disk: &mut impl Disk, from: &[u8], at: u64) -> c_int {
        let (number, offset) = place(at);
        let Some(bits) = units(offset, from.len()) else {
            return disk.write(from, at);
        };
        self.clock += 1;
        let found = self.holding(number);
        if found.is_none() && !self.ends.contains(&at) {
            self.note_end(at + from.len() as u64);
            return disk.write(from, at);
        }
        if offset + from.len() == WINDOW {
            self.note_end(at + from.len() as u64);
        }
        let found = match found.map_or_else(|| self.open(disk, number), Ok) {
            Ok(found) => found,
            Err(code) => return code,
        };
        let window = &mut self.windows[found];
        window.bytes[offset..offset + from.len()].copy_from_slice(from);
        window.units |= bits;
        window.used = self.clock;
        match window.units {
            u128::MAX => window.write_out(disk),
            _ => OK,
        }
    }

    /// The window that holds something of a number. One that has been written keeps its number, and counts no more.
    fn holding(&self, number: u64) -> Option<usize> {
        let holds = |one: &Window| one.number == number && one.units != 0;
        self.windows.iter().position(holds)
    }

    fn note_end(&mut self, end: u64) {
        self.ends[self.next_end] = end;
        self.next_end = (self.next_end + 1) % ENDS;
    }

    /// A window for another number: a new one, or the one that has not been written into for longest.
    fn open(&mut self, disk: &mut impl Disk, number: u64) -> Result<usize, c_int> {
        let by_use = |(_, one): &(usize, &Window)| match one.units {
            0 => 0,
            _ => one.used,
        };
        let oldest = self.windows.iter().enumerate().min_by_key(by_use);
        let (oldest, is_empty) = oldest.map_or((0, false), |(place, one)| (place, one.units == 0));
        if !is_empty && self.windows.len() < OPEN {
            self.windows.push(Window {
                number,
                units: 0,
                used: 0,
                bytes: empty(),
            });
            return Ok(self.windows.len() - 1);
        }
        match self.windows[oldest].write_out(disk) {
            OK => self.windows[oldest].number = number,
            code => return Err(code),
        }
        Ok(oldest)
    }

    /// Copies what is held.
    pub(crate) fn get(&self, into: &mut [u8], at: u64) -> Holding {
        let (number, offset) = place(at);
        let Some(window) = self.holding(number).map(|place| &self.windows[place]) else {
            return Holding::Nothing;
        };
        let Some(bits) = units(offset, into.len()) else {
            return Holding::Part;
        };
        match window.units & bits {
            0 => Holding::Nothing,
            all if all == bits => {
                into.copy_from_slice(&window.bytes[offset..offset + into.len()]);
                Holding::All
            }
            _ => Holding::Part,
        }
    }

    /// Writes what is held of one window.
    pub(crate) fn write_window(&mut self, disk: &mut impl Disk, number: u64) -> c_int {
        match self.holding(number) {
            Some(place) => self.windows[place].write_out(disk),
            None => OK,
        }
    }

    /// Writes all that is held. After an error some still is.
    pub(crate) fn write_all(&mut self, disk: &mut impl Disk) -> c_int {
        self.windows.sort_unstable_by_key(|one| one.number);
        let codes = self.windows.iter_mut().map(|one| one.write_out(disk));
        codes.into_iter().find(|code| *code != OK).unwrap_or(OK)
    }

    /// The end of what is held; 0 when nothing is.
    pub(crate) fn end(&self) -> u64 {
        let end = |one: &Window| {
            let units = (u128::BITS - one.units.leading_zeros()) as u64;
            one.number * WINDOW as u64 + units * UNIT as u64
        };
        let holding = self.windows.iter().filter(|one| one.units != 0);
        holding.map(end).max().unwrap_or(0)
    }

    /// Forgets what lies behind the new end of the file.
    pub(crate) fn cut(&mut self, size: u64) {
        for window in &mut self.windows {
            let begin = window.number * WINDOW as u64;
            let left = (size.saturating_sub(begin) as usize).min(WINDOW) / UNIT;
            window.units &= match left {
                0 => 0,
                left => u128::MAX >> (u128::BITS as usize - left),
            };
        }
    }

    pub(crate) fn forget(&mut self) {
        self.windows.clear();
    }
}

impl Window {
    /// Each run of units at once.
    fn write_out(&mut self, disk: &mut impl Disk) -> c_int {
        while self.units != 0 {
            let from = self.units.trailing_zeros() as usize;
            let count = (self.units >> from).trailing_ones() as usize;
            let begin = from * UNIT;
            let length = count * UNIT;
            let at = self.number * WINDOW as u64 + begin as u64;
            let code = disk.write(&self.bytes[begin..begin + length], at);
            if code != OK {
                return code;
            }
            self.units &= !(units(begin, length).unwrap_or_default());
        }
        OK
    }
}
