//! Reading an input in any pieces, and what holds for the items of any input whatever.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

use jobctl::legacy::reader::{DumpReader, Item, MAX_RECORD};

/// An item with text of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Record {
        store: Option<String>,
        key: Option<String>,
        place: Place,
    },
    Bad {
        store: Option<String>,
        key: Option<String>,
        place: Place,
        reason: String,
    },
    Broken {
        place: Place,
        reason: String,
    },
}

#[derive(Clone, PartialEq)]
pub struct Place {
    pub bytes: Vec<u8>,
    pub position: usize,
    pub line: u64,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        write!(f, "byte {}, line {}: {text}", self.position, self.line)
    }
}

impl Seen {
    pub fn place(&self) -> &Place {
        match self {
            Seen::Record { place, .. } | Seen::Bad { place, .. } | Seen::Broken { place, .. } => {
                place
            }
        }
    }

    /// Without its key.
    pub fn without_key(mut self) -> Seen {
        if let Seen::Record { key, .. } | Seen::Bad { key, .. } = &mut self {
            *key = None;
        }
        self
    }

    pub fn set_line(&mut self, to: u64) {
        match self {
            Seen::Record { place, .. } | Seen::Bad { place, .. } | Seen::Broken { place, .. } => {
                place.line = to;
            }
        }
    }

    fn of(item: Item<'_>) -> Seen {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let place = |bytes: &[u8], position: u64, line| Place {
            bytes: bytes.to_vec(),
            position: usize::try_from(position).unwrap(),
            line,
        };
        match item {
            Item::Record(raw) => Seen::Record {
                store: owned(raw.store),
                key: owned(raw.key),
                place: place(raw.bytes, raw.position, raw.line),
            },
            Item::Bad { raw, reason } => Seen::Bad {
                store: owned(raw.store),
                key: owned(raw.key),
                place: place(raw.bytes, raw.position, raw.line),
                reason,
            },
            Item::Broken {
                position,
                line,
                reason,
            } => Seen::Broken {
                place: place(b"", position, line),
                reason,
            },
        }
    }
}

/// How an input is handed out: in pieces of these sizes, interrupted now and then.
#[derive(Clone, Debug)]
pub struct Cuts {
    pub sizes: Vec<usize>,
    pub buffer: usize,
    pub max_record: usize,
}

/// All at once, into a buffer that holds nearly any dump that is made here.
pub fn whole(max_record: usize) -> Cuts {
    Cuts {
        sizes: vec![usize::MAX],
        buffer: 1 << 16,
        max_record,
    }
}

/// What was asked of an input.
#[derive(Default)]
struct Asked {
    /// The bytes handed out so far.
    given: Cell<usize>,
    /// The largest room there was to read into.
    room: Cell<usize>,
}

struct Pieces<'a> {
    rest: &'a [u8],
    sizes: &'a [usize],
    reads: usize,
    asked: Rc<Asked>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(
            !buffer.is_empty(),
            "a read of nothing would be taken for the end"
        );
        self.reads += 1;
        if self.sizes.len() > 1 && self.reads % 5 == 2 {
            return Err(ErrorKind::Interrupted.into());
        }
        self.asked.room.set(self.asked.room.get().max(buffer.len()));
        let size = self.sizes[self.reads % self.sizes.len()]
            .min(buffer.len())
            .min(self.rest.len());
        buffer[..size].copy_from_slice(&self.rest[..size]);
        self.rest = &self.rest[size..];
        self.asked.given.set(self.asked.given.get() + size);
        Ok(size)
    }
}

/// What the reader may look ahead by: it is the least that it holds, whatever `max_record` is.
const AHEAD: usize = 64 << 10;
/// Two looks ahead, for a key that does not end, and some room.
const HELD: usize = (2 * AHEAD) + (8 << 10);

/// Reads to the end, and checks what must hold for any input.
#[track_caller]
pub fn read_with(input: &[u8], cuts: &Cuts) -> Vec<Seen> {
    let asked = Rc::new(Asked::default());
    let pieces = Pieces {
        rest: input,
        sizes: &cuts.sizes,
        reads: 0,
        asked: Rc::clone(&asked),
    };
    let mut reader = DumpReader::with_limits(pieces, cuts.buffer, cuts.max_record);
    let most_held = cuts.buffer.max(cuts.max_record.saturating_mul(2)).max(HELD);
    let mut seen = Vec::new();
    let mut end = 0;
    while let Some(item) = reader.next().unwrap() {
        let item = Seen::of(item);
        // A job that does not end is told, and then that nothing behind it was read.
        let behind = match seen.last() {
            Some(Seen::Bad { place, .. }) if matches!(item, Seen::Broken { .. }) => place.position,
            _ => end,
        };
        check_place(input, &item, behind, cuts.max_record);
        end = item.place().position + item.place().bytes.len();
        let ended = matches!(item, Seen::Broken { .. });
        seen.push(item);
        assert!(seen.len() <= input.len(), "more items than bytes: {seen:?}");
        let passed = usize::try_from(reader.bytes_read()).unwrap();
        assert!(passed >= end || ended, "{passed} bytes read at {end}");
        let held = asked.given.get() - passed;
        assert!(held <= most_held, "{held} bytes are held");
        assert!(!ended || reader.next().unwrap().is_none());
    }
    assert!(reader.next().unwrap().is_none(), "it goes on after its end");
    assert!(
        asked.room.get() <= most_held,
        "a buffer of {} bytes",
        asked.room.get()
    );
    if !matches!(seen.last(), Some(Seen::Broken { .. })) {
        assert_eq!(usize::try_from(reader.bytes_read()).unwrap(), input.len());
        let text = String::from_utf8_lossy(input);
        let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}');
        assert_eq!(reader.saw_value(), !text.chars().all(blank));
    }
    seen
}

pub fn read(input: &[u8]) -> Vec<Seen> {
    read_with(input, &whole(MAX_RECORD))
}

/// The item is really what stands there, and behind the item before it.
#[track_caller]
fn check_place(input: &[u8], item: &Seen, behind: usize, max_record: usize) {
    let place = item.place();
    let end = place.position + place.bytes.len();
    assert!(
        place.position >= behind,
        "{item:?} stands before byte {behind}"
    );
    assert_eq!(
        input.get(place.position..end),
        Some(place.bytes.as_slice()),
        "other bytes than {item:?}"
    );
    let newlines = input[..place.position].iter().filter(|b| **b == b'\n');
    assert_eq!(
        place.line,
        1 + newlines.count() as u64,
        "the line of {item:?}"
    );
    match item {
        Seen::Record { .. } => {
            assert!(place.bytes.len() <= max_record, "{item:?} is too long");
            assert_eq!(place.bytes.first(), Some(&b'{'), "{item:?}");
        }
        _ => assert!(
            place.bytes.len() <= max_record.max(AHEAD),
            "{item:?} is too long"
        ),
    }
}
