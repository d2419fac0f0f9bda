//! The sources of dumps: the bytes of a file or of a pipe, unpacked if their beginning says that they are packed, whatever
//! the name. An input that breaks off ends like any other, so that everything before is read; how it ended can be asked then.

pub(super) mod gaps;
pub(super) mod kept_bytes;
pub(super) mod packed_parts;
pub(super) mod part_decoder;
pub(super) mod quoted;
pub(super) mod sequence;
pub(super) mod tar;
pub(super) mod unpack;

use std::io::{self, Cursor, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::kinds::{self, FaultRemedy, InputFault, Origin, Program};
use super::source::tar::Tar;
use super::source::unpack::{Damage, PackedFormat};
use crate::system::open::is_refusal;

/// The most layers of packing of a file.
const LAYERS: usize = 3;

/// The number of first bytes by which formats are recognized.
const START: usize = 16;

/// A dump that has been found and not read yet.
pub struct Source {
    /// The name in messages.
    pub name: String,
    /// The path as it was given, of a file.
    path: Option<String>,
    input: Box<dyn Read + Send>,
    /// The length of a file when it was found.
    pub size: Option<u64>,
    taken: Arc<AtomicU64>,
}

/// The end of the bytes.
#[derive(Debug)]
pub enum Ending {
    Whole,
    /// The data are damaged or torn.
    Bad(InputFault),
    /// Something is missing in the middle; everything behind it has been read.
    Gaps(String),
    /// Reading failed.
    Failed(io::Error),
}

type Noted = Arc<Mutex<Ending>>;

impl Source {
    pub fn new(name: String, input: impl Read + Send + 'static, size: Option<u64>) -> Source {
        Source {
            name,
            path: None,
            input: Box::new(input),
            size,
            taken: Arc::default(),
        }
    }

    /// The path by which a shell finds the file.
    pub fn with_path(mut self, path: &str) -> Source {
        self.path = Some(path.to_owned());
        self
    }

    /// The count of bytes that have been read, before they are unpacked.
    pub fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }

    /// Reads the first bytes, which may have to be waited for, and gives those of the dump itself.
    pub(super) fn open(self) -> Opened {
        let ending = Noted::new(Mutex::new(Ending::Whole));
        let at_end = Arc::<AtomicBool>::default();
        let bytes = Box::new(Guard {
            input: CountingReader {
                input: self.input,
                taken: Arc::clone(&self.taken),
                at_end: Arc::clone(&at_end),
            },
            ended: false,
            ending: Arc::clone(&ending),
            fault: |error| {
                if is_refusal(&error) {
                    Ending::Bad(InputFault {
                        what: error.to_string(),
                        remedy: FaultRemedy::Nothing,
                    })
                } else {
                    Ending::Failed(error)
                }
            },
        });
        let origin = Origin {
            path: self.path,
            ..Origin::default()
        };
        Opened {
            content: unpacked(bytes, &ending, origin),
            ending,
            at_end,
            taken: self.taken,
            size: self.size,
        }
    }
}

/// The content of a file, or of a member of an archive.
pub(super) struct DumpContent {
    pub(super) bytes: Bytes,
    pub(super) origin: Origin,
    /// Its kind, if it is no dump.
    pub(super) kind: Option<InputFault>,
    pub(super) is_tar: bool,
    /// Whether the dump stands in a JSON text.
    pub(super) encoded: bool,
}

pub(super) type Bytes = Box<dyn Read + Send>;

/// Unpacks the bytes, layer by layer. An error in that is noted as their end.
fn unpacked(mut bytes: Bytes, ending: &Noted, mut origin: Origin) -> DumpContent {
    let mut encoded = false;
    for layer in 0..=LAYERS {
        let start = beginning(&mut bytes);
        let kind = kinds::of_magic(&start);
        let packing = PackedFormat::of(&start).filter(|_| layer < LAYERS);
        let is_tar = kinds::is_tar(&start);
        let is_sequence = sequence::begins(&start);
        let is_quoted = quoted::begins(&start) && layer < LAYERS;
        let whole = Cursor::new(start).chain(bytes);
        if is_quoted {
            encoded = true;
            bytes = Box::new(quoted::Unquoted::new(whole));
            continue;
        }
        let Some(packing) = packing else {
            return DumpContent {
                bytes: if is_sequence {
                    Box::new(sequence::Records::new(whole))
                } else {
                    Box::new(whole)
                },
                origin,
                kind,
                is_tar,
                encoded,
            };
        };
        origin.unpackers.push(packing.name());
        let packed_in = origin.clone();
        bytes = match packing.unpack(whole) {
            Ok(input) => Box::new(Guard {
                input,
                ended: false,
                ending: Arc::clone(ending),
                fault: move |error| match packing.damage(&error) {
                    Damage::Gaps(what) => Ending::Gaps(what),
                    damage => Ending::Bad(damaged(damage, &packed_in)),
                },
            }),
            Err(error) => {
                note(ending, Ending::Failed(error));
                Box::new(io::empty())
            }
        };
    }
    DumpContent {
        bytes,
        origin,
        kind: None,
        is_tar: false,
        encoded,
    }
}

fn damaged(damage: Damage, origin: &Origin) -> InputFault {
    match damage {
        Damage::CutOff(what) => InputFault {
            what,
            remedy: FaultRemedy::Whole,
        },
        Damage::TooLarge { what, program } => {
            // The last of the programs is the one that unpacks it here.
            let mut around = origin.clone();
            around.unpackers.pop();
            let line = around.line(&Program::unpacking(program));
            InputFault {
                what,
                remedy: line.map_or(FaultRemedy::Nothing, |line| {
                    FaultRemedy::Advice(line.into())
                }),
            }
        }
        Damage::Other(what) | Damage::Gaps(what) => InputFault {
            what,
            remedy: FaultRemedy::Nothing,
        },
    }
}

/// The first bytes, as far as there are any, and more where they are not of JSON. An error has been noted as the end.
fn beginning(input: &mut impl Read) -> Vec<u8> {
    let mut start = vec![0; kinds::MAGIC];
    let mut length = 0;
    let mut wanted = START;
    while length < wanted {
        match input.read(&mut start[length..wanted]) {
            Ok(0) => break,
            Ok(count) => length += count,
            // Only an interruption is left as an error.
            Err(_) => {}
        }
        if length == START {
            let first = start[..START].trim_ascii_start().first();
            let is_json = matches!(first, Some(b'{' | b'[')) && !start[..START].contains(&0);
            // The magic number of an archive lies further on.
            wanted = if is_json { START } else { kinds::MAGIC };
        }
    }
    start.truncate(length);
    start
}

/// A dump that is being read, or an archive of several.
pub(super) struct Opened {
    pub(super) content: DumpContent,
    ending: Noted,
    /// Whether the input has ended.
    at_end: Arc<AtomicBool>,
    taken: Arc<AtomicU64>,
    size: Option<u64>,
}

impl Opened {
    /// The end of the bytes, once all have been read.
    pub(super) fn ending(&self) -> Ending {
        let ended = std::mem::replace(&mut *lock(&self.ending), Ending::Whole);
        let taken = self.taken.load(Ordering::Relaxed);
        let at_end = self.at_end.load(Ordering::Relaxed);
        match (ended, self.size) {
            (Ending::Whole, Some(size)) if at_end && taken < size => Ending::Bad(InputFault {
                what: format!(
                    "it ended early, after {taken} of {size} bytes: it grew shorter while it was read"
                ),
                remedy: FaultRemedy::Whole,
            }),
            (ended, _) => ended,
        }
    }
}

/// An archive that is being read member by member.
pub(super) struct TarArchive {
    tar: Arc<Mutex<Tar<Bytes>>>,
    origin: Origin,
}

impl TarArchive {
    pub(super) fn new(bytes: Bytes, origin: Origin) -> TarArchive {
        TarArchive {
            tar: Arc::new(Mutex::new(Tar::new(bytes))),
            origin,
        }
    }

    pub(super) fn next(&self) -> Result<Option<super::source::tar::Member>, InputFault> {
        let next = lock(&self.tar).next();
        next.map_err(|error| damage_of_tar(&error))
    }

    /// Whether it ended in the middle of the member that was read last, whose end says so.
    pub(super) fn is_cut_off(&self) -> bool {
        lock(&self.tar).is_cut_off()
    }

    /// The content of the member of this name, which `next` gave last.
    pub(super) fn open(&self, name: &str) -> MemberContent {
        let ending = Noted::new(Mutex::new(Ending::Whole));
        let bytes = Box::new(Guard {
            input: InArchive(Arc::clone(&self.tar)),
            ended: false,
            ending: Arc::clone(&ending),
            fault: |error: io::Error| Ending::Bad(damage_of_tar(&error)),
        });
        let mut origin = self.origin.clone();
        origin.member = Some((origin.unpackers.len(), name.to_owned()));
        MemberContent {
            content: unpacked(bytes, &ending, origin),
            ending,
        }
    }
}

fn damage_of_tar(error: &io::Error) -> InputFault {
    match error.kind() {
        ErrorKind::UnexpectedEof => InputFault {
            what: "its tar data are cut off".to_owned(),
            remedy: FaultRemedy::Whole,
        },
        _ => InputFault {
            what: format!("its tar data are damaged: {error}"),
            remedy: FaultRemedy::Nothing,
        },
    }
}

pub(super) struct MemberContent {
    pub(super) content: DumpContent,
    ending: Noted,
}

impl MemberContent {
    pub(super) fn ending(&self) -> Ending {
        std::mem::replace(&mut *lock(&self.ending), Ending::Whole)
    }
}

struct InArchive(Arc<Mutex<Tar<Bytes>>>);

impl Read for InArchive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        lock(&self.0).read(buffer)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes an end; the first one counts.
fn note(noted: &Noted, ending: Ending) {
    let mut noted = lock(noted);
    if matches!(*noted, Ending::Whole) {
        *noted = ending;
    }
}

/// A reader that takes an error for the end, and notes it.
struct Guard<R, F> {
    input: R,
    ended: bool,
    ending: Noted,
    fault: F,
}

impl<R: Read, F: Fn(io::Error) -> Ending> Read for Guard<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || !matches!(*lock(&self.ending), Ending::Whole) {
            return Ok(0);
        }
        match self.input.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                note(&self.ending, (self.fault)(error));
                Ok(0)
            }
            Ok(count) => {
                self.ended = count == 0 && !buffer.is_empty();
                Ok(count)
            }
        }
    }
}

struct CountingReader {
    input: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    at_end: Arc<AtomicBool>,
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        if count == 0 && !buffer.is_empty() {
            self.at_end.store(true, Ordering::Relaxed);
        }
        Ok(count)
    }
}
