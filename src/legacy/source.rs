//! What a dump comes from: the bytes of a file or of a pipe, unpacked when they are compressed, which their
//! beginning says and never a name. An input that breaks off ends here like any other, so that what came before is
//! read to its end; how it ended is told afterwards.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::system::open::is_refusal;

/// How often a file is taken to have been packed, one way in another.
const LAYERS: usize = 3;

/// What is read at once of a compressed file.
const BLOCK: usize = 256 << 10;

/// The largest window of a zstd frame that is unpacked, as a power of two: 16 MiB. Levels up to 19 use 8 MiB; what
/// `--ultra` and `--long` make can need 128 MiB and more.
const ZSTD_WINDOW: u32 = 24;

/// A dump that has been found and not read.
pub struct Source {
    /// As messages name it.
    pub name: String,
    input: Box<dyn Read + Send>,
    /// The length that the file had, where it is one.
    pub size: Option<u64>,
    taken: Arc<AtomicU64>,
}

/// How the bytes ended.
#[derive(Debug)]
pub enum Ending {
    Whole,
    /// The data are not what they should be, or not all of them.
    Bad(String),
    /// Nothing more could be read.
    Failed(io::Error),
}

type Noted = Arc<Mutex<Ending>>;

impl Source {
    pub fn new(name: String, input: impl Read + Send + 'static, size: Option<u64>) -> Source {
        Source {
            name,
            input: Box::new(input),
            size,
            taken: Arc::default(),
        }
    }

    /// Counts the bytes that have been read, compressed as they are.
    pub fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }

    /// Looks at the first bytes, which may have to be waited for. Gives the bytes of the dump itself.
    pub(super) fn open(self) -> Opened {
        let ending = Noted::new(Mutex::new(Ending::Whole));
        let at_end = Arc::<AtomicBool>::default();
        let mut bytes: Box<dyn Read + Send> = Box::new(Guard {
            input: Counted {
                input: self.input,
                taken: Arc::clone(&self.taken),
                at_end: Arc::clone(&at_end),
            },
            ending: Arc::clone(&ending),
            fault: |error| match is_refusal(&error) {
                true => Ending::Bad(error.to_string()),
                false => Ending::Failed(error),
            },
        });
        for _ in 0..LAYERS {
            let start = beginning(&mut bytes);
            let packing = Packing::of(&start);
            let whole = Cursor::new(start).chain(bytes);
            let unpacked = |input: Box<dyn Read + Send>, what: &'static str| {
                let ending = Arc::clone(&ending);
                let fault = move |error| Ending::Bad(damage(what, &error));
                Box::new(Guard {
                    input,
                    ending,
                    fault,
                })
            };
            bytes = match packing {
                Packing::None => {
                    bytes = Box::new(whole);
                    break;
                }
                Packing::Gzip => {
                    let input = BufReader::with_capacity(BLOCK, whole);
                    unpacked(Box::new(Gunzip::new(input)), "gzip")
                }
                Packing::Zstd => match unzstd(whole) {
                    Ok(input) => unpacked(input, "zstd"),
                    Err(error) => {
                        note(&ending, Ending::Failed(error));
                        Box::new(io::empty())
                    }
                },
                Packing::Foreign(what) => {
                    note(&ending, Ending::Bad(what.to_owned()));
                    Box::new(io::empty())
                }
            };
        }
        Opened {
            bytes,
            ending,
            at_end,
            taken: self.taken,
            size: self.size,
        }
    }
}

/// The first bytes, as far as there are any; what goes wrong has been noted as the end.
fn beginning(input: &mut impl Read) -> Vec<u8> {
    let mut start = [0; 16];
    let mut length = 0;
    while length < start.len() {
        match input.read(&mut start[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            // Only an interruption comes through.
            Err(_) => {}
        }
    }
    start[..length].to_vec()
}

/// A dump that is being read.
pub(super) struct Opened {
    pub(super) bytes: Box<dyn Read + Send>,
    ending: Noted,
    /// Nothing more was there to be read.
    at_end: Arc<AtomicBool>,
    taken: Arc<AtomicU64>,
    size: Option<u64>,
}

impl Opened {
    /// How the bytes ended, after the last of them.
    pub(super) fn ending(&self) -> Ending {
        let ended = std::mem::replace(&mut *lock(&self.ending), Ending::Whole);
        let taken = self.taken.load(Ordering::Relaxed);
        let at_end = self.at_end.load(Ordering::Relaxed);
        match (ended, self.size) {
            (Ending::Whole, Some(size)) if at_end && taken < size => Ending::Bad(format!(
                "it ended early, after {taken} of {size} bytes: it grew shorter while it was read"
            )),
            (ended, _) => ended,
        }
    }
}

fn lock(ending: &Mutex<Ending>) -> std::sync::MutexGuard<'_, Ending> {
    ending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first thing that went wrong is what counts.
fn note(noted: &Noted, ending: Ending) {
    let mut noted = lock(noted);
    if matches!(*noted, Ending::Whole) {
        *noted = ending;
    }
}

fn damage(what: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => format!("its {what} data are cut off"),
        _ if error.to_string().contains("too much memory") => format!(
            "its {what} window is larger than {} MiB; unpack it on the way: zstd -dc --long=31 FILE | jobctl migrate -",
            1 << (ZSTD_WINDOW - 20)
        ),
        _ => format!("its {what} data are damaged: {error}"),
    }
}

/// Takes an error for the end, and notes it.
struct Guard<R, F> {
    input: R,
    ending: Noted,
    fault: F,
}

impl<R: Read, F: Fn(io::Error) -> Ending> Read for Guard<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !matches!(*lock(&self.ending), Ending::Whole) {
            return Ok(0);
        }
        match self.input.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                note(&self.ending, (self.fault)(error));
                Ok(0)
            }
            Ok(count) => Ok(count),
        }
    }
}

struct Counted {
    input: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    at_end: Arc<AtomicBool>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        if count == 0 && !buffer.is_empty() {
            self.at_end.store(true, Ordering::Relaxed);
        }
        Ok(count)
    }
}

/// What the first bytes of a file say.
enum Packing {
    None,
    Gzip,
    Zstd,
    /// Something that is no dump, and what can be done about it.
    Foreign(&'static str),
}

impl Packing {
    fn of(start: &[u8]) -> Packing {
        match start {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            // A frame, or one to be skipped, which parallel compressors put first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
                Packing::Foreign("it is packed with xz: xz -dc FILE | jobctl migrate -")
            }
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
                Packing::Foreign("it is packed with bzip2: bzip2 -dc FILE | jobctl migrate -")
            }
            [b'P', b'K', 3, 4, ..] => {
                Packing::Foreign("it is a zip archive: unzip -p FILE | jobctl migrate -")
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..] => {
                Packing::Foreign("it is UTF-16: iconv -f UTF-16 -t UTF-8 FILE | jobctl migrate -")
            }
            [b'S', b'Q', b'L', b'i', b't', b'e', b' ', b'f', ..] => {
                Packing::Foreign("it is a SQLite database and no dump; --db names a database")
            }
            _ => Packing::None,
        }
    }
}

/// The members of a gzip file one after the other, with the zeros that tapes leave behind them.
struct Gunzip<R> {
    /// None only while a member follows another.
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    fn new(input: R) -> Self {
        Gunzip {
            decoder: Some(GzDecoder::new(input)),
        }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Some(mut input) = self.decoder.take().map(GzDecoder::into_inner) else {
                return Ok(0);
            };
            match next_but_zeros(&mut input)? {
                None => return Ok(0),
                Some(0x1f) => self.decoder = Some(GzDecoder::new(input)),
                Some(_) => {
                    let message = "something else follows its end";
                    return Err(io::Error::new(ErrorKind::InvalidData, message));
                }
            }
        }
    }
}

fn next_but_zeros(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let block = input.fill_buf()?;
        let Some(first) = block.first().copied() else {
            return Ok(None);
        };
        if first != 0 {
            return Ok(Some(first));
        }
        let zeros = block.iter().take_while(|byte| **byte == 0).count();
        input.consume(zeros);
    }
}

fn unzstd(input: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let input = BufReader::with_capacity(BLOCK, input);
    let mut decoder = ZstdDecoder::with_buffer(input)?;
    decoder.window_log_max(ZSTD_WINDOW)?;
    Ok(Box::new(decoder))
}
