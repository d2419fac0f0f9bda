//! SHA-256 of bytes on their way into a file, by which anybody can tell later whether it is still what was written.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

/// A writer that takes the sum of what goes through it.
pub struct Summed<W> {
    inner: W,
    sum: Sha256,
}

impl<W: Write> Summed<W> {
    pub fn new(inner: W) -> Self {
        Summed {
            inner,
            sum: Sha256::new(),
        }
    }

    /// The writer, and the sum of all that it took.
    pub fn end(self) -> (W, String) {
        (self.inner, hex(self.sum))
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.sum.update(bytes.get(..taken).unwrap_or(bytes));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A sum that grows as bytes come.
#[derive(Clone, Default)]
pub struct RunningSum(Sha256);

impl RunningSum {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all bytes, in hexadecimal digits.
    pub fn end(self) -> String {
        hex(self.0)
    }
}

/// The sum of all that is read.
pub fn sum_of(mut input: impl Read) -> io::Result<String> {
    let mut summed = Summed::new(io::sink());
    copy(&mut input, &mut summed)?;
    Ok(summed.end().1)
}

/// Copies all of it in large pieces.
pub fn copy(input: &mut impl Read, output: &mut impl Write) -> io::Result<u64> {
    let mut block = vec![0; 256 << 10];
    let mut copied = 0;
    loop {
        let count = match input.read(&mut block) {
            Ok(0) => return Ok(copied),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        output.write_all(block.get(..count).unwrap_or_default())?;
        copied += count as u64;
    }
}

fn hex(sum: Sha256) -> String {
    let digits = sum.finalize();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_other_programs() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sum_of(&b"abc"[..]).unwrap(), abc);
        let mut summed = Summed::new(Vec::new());
        summed.write_all(b"a").unwrap();
        summed.write_all(b"bc").unwrap();
        assert_eq!(summed.end(), (b"abc".to_vec(), abc.to_owned()));
    }
}
