//! The packing and summing of a copy, and its way to the disk, while it is being checked.

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::repository::begin_copy;
use crate::system::compression::Codec;
use crate::system::new_file::NewFile;
use crate::system::open;
use crate::system::sha256::{Summed, copy, sum_of};

pub(super) struct Packed {
    /// The packed file; None where the copy stays as it is.
    pub(super) file: Option<NewFile>,
    pub(super) bytes: u64,
    pub(super) sum: String,
}

pub(super) fn pack(
    plain: &NewFile,
    packing: Codec,
    verify: bool,
    stopped: &AtomicBool,
) -> io::Result<Packed> {
    let read = |path: &Path| {
        Ok::<_, io::Error>(Stoppable {
            input: open::to_read(path)?,
            stopped,
        })
    };
    if packing == Codec::None {
        let (synced, sum) = thread::scope(|scope| {
            let synced = scope.spawn(|| plain.file().sync_all());
            let sum = read(plain.path()).and_then(sum_of);
            (synced.join(), sum)
        });
        synced.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        return Ok(Packed {
            file: None,
            bytes: plain.file().metadata()?.len(),
            sum: sum?,
        });
    }
    let packed = begin_copy(plain.target())?;
    let mut output = Summed::new(packing.begin(packed.file().try_clone()?)?);
    copy(&mut read(plain.path())?, &mut output)?;
    let (output, sum_of_plain) = output.end();
    output.end()?;
    if verify {
        let unpacked = Stoppable {
            input: packing.decompressed(open::to_read(packed.path())?)?,
            stopped,
        };
        if sum_of(unpacked)? != sum_of_plain {
            let message = "what was packed does not unpack to the same";
            return Err(io::Error::other(message));
        }
    }
    Ok(Packed {
        bytes: packed.file().metadata()?.len(),
        sum: sum_of(read(packed.path())?)?,
        file: Some(packed),
    })
}

/// A reader that ends with an error when the run is to end.
struct Stoppable<'a, R> {
    input: R,
    stopped: &'a AtomicBool,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        self.input.read(buffer)
    }
}
