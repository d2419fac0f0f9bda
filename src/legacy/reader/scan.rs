//! The structural scan, which finds the end of a value from its brackets and quotes alone.
//!
//! It is fed piece by piece, so that a value may be longer than the buffer, and it keeps its own list of open brackets, so
//! that no nesting exhausts the stack.

use memchr::{memchr, memchr2};

/// The depth up to which kinds of brackets are told apart; deeper ones are only counted, which limits the memory.
const TOLD_APART: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueForm {
    /// An object, an array or a string.
    Nest,
    /// A number or a word, up to the next delimiter.
    Scalar,
    /// The rest of the line.
    Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Square,
}

impl Bracket {
    pub(super) fn closer(self) -> u8 {
        match self {
            Bracket::Brace => b'}',
            Bracket::Square => b']',
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ScanStep {
    /// The value ends before this offset.
    End(usize),
    /// A line ends at this offset and the value does not; the scan goes on behind it.
    Newline(usize),
    /// The byte at this offset is behind a string, where it cannot be. Only where the scan is told to watch.
    Odd(usize),
    More,
}

#[derive(Debug)]
pub(super) struct ValueScan {
    form: ValueForm,
    parent: Option<Bracket>,
    open: Vec<Bracket>,
    squares: usize,
    deeper: usize,
    in_string: bool,
    escaped: bool,
    torn: bool,
    watching: bool,
    /// Whether a string has ended where the data did.
    behind_string: bool,
}

impl ValueScan {
    /// `parent` is the container of the value: its closing bracket ends a value that lacks its own.
    pub(super) fn new(form: ValueForm, parent: Option<Bracket>) -> Self {
        Self {
            form,
            parent,
            open: Vec::new(),
            squares: 0,
            deeper: 0,
            in_string: false,
            escaped: false,
            torn: false,
            watching: false,
            behind_string: false,
        }
    }

    /// Starts on another value.
    pub(super) fn begin(&mut self, form: ValueForm, parent: Option<Bracket>) {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        *self = Self {
            open,
            ..Self::new(form, parent)
        };
    }

    /// Sets whether `ScanStep::Odd` is given from now on.
    pub(super) fn watch(&mut self, watching: bool) {
        self.watching = watching;
    }

    pub(super) fn open(&self) -> &[Bracket] {
        &self.open
    }

    pub(super) fn watching(&self) -> bool {
        self.watching
    }

    /// Whether the brackets do not match.
    pub(super) fn torn(&self) -> bool {
        self.torn
    }

    /// Whether brackets are open, so that an end would be the container's.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn in_string(&self) -> bool {
        self.in_string
    }

    pub(super) fn innermost(&self) -> Option<Bracket> {
        self.open.last().copied()
    }

    /// Goes on at `at`, where the last step stopped.
    pub(super) fn step(&mut self, data: &[u8], at: usize) -> ScanStep {
        match self.form {
            ValueForm::Nest if self.watching => self.nest::<true>(data, at),
            ValueForm::Nest => self.nest::<false>(data, at),
            ValueForm::Scalar => ends(data[at..].iter().position(|&b| delimits(b)), at),
            ValueForm::Line => ends(memchr(b'\n', &data[at..]), at),
        }
    }

    fn nest<const WATCH: bool>(&mut self, data: &[u8], mut at: usize) -> ScanStep {
        if WATCH
            && std::mem::take(&mut self.behind_string)
            && data.get(at).is_some_and(|byte| !follows_string(*byte))
        {
            return ScanStep::Odd(at);
        }
        loop {
            if self.in_string {
                if self.escaped {
                    match data.get(at) {
                        None => return ScanStep::More,
                        Some(b'\n') => {}
                        Some(_) => at += 1,
                    }
                    self.escaped = false;
                }
                let Some(found) = quote_or_newline(data, at) else {
                    self.escaped = escapes(&data[at..]);
                    return ScanStep::More;
                };
                if data[found] == b'\n' {
                    return ScanStep::Newline(found);
                }
                let closes = !escapes(&data[at..found]);
                at = found + 1;
                if closes {
                    self.in_string = false;
                    if self.open.is_empty() {
                        return ScanStep::End(at);
                    }
                    if WATCH {
                        match data.get(at) {
                            None => {
                                self.behind_string = true;
                                return ScanStep::More;
                            }
                            Some(byte) if !follows_string(*byte) => return ScanStep::Odd(at),
                            Some(_) => {}
                        }
                    }
                }
                continue;
            }
            let Some(&byte) = data.get(at) else {
                return ScanStep::More;
            };
            match byte {
                b'"' => self.in_string = true,
                b'{' => self.push(Bracket::Brace),
                b'[' => self.push(Bracket::Square),
                b'}' | b']' => {
                    let kind = if byte == b'}' {
                        Bracket::Brace
                    } else {
                        Bracket::Square
                    };
                    if !self.pop(kind) {
                        return ScanStep::End(at);
                    }
                    if self.open.is_empty() {
                        return ScanStep::End(at + 1);
                    }
                }
                b'\n' => return ScanStep::Newline(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn push(&mut self, kind: Bracket) {
        if self.open.len() == TOLD_APART {
            self.deeper += 1;
            return;
        }
        self.squares += usize::from(kind == Bracket::Square);
        self.open.push(kind);
    }

    /// Closes the innermost bracket of that kind and all that are open inside; false when the bracket can only be the
    /// container's.
    fn pop(&mut self, kind: Bracket) -> bool {
        if self.deeper > 0 {
            self.deeper -= 1;
            return true;
        }
        self.torn |= self.open.last() != Some(&kind);
        let opened = match kind {
            Bracket::Square => self.squares,
            Bracket::Brace => self.open.len() - self.squares,
        };
        if opened == 0 {
            return self.parent != Some(kind);
        }
        while let Some(closed) = self.open.pop() {
            self.squares -= usize::from(closed == Bracket::Square);
            if closed == kind {
                break;
            }
        }
        true
    }
}

/// The end of the value that begins at `at`, when that is within `data`.
pub(super) fn end_of(data: &[u8], at: usize) -> Option<usize> {
    Some(sound_end_of(data, at)?.0)
}

/// As `end_of`, and whether all brackets in the value match.
pub(super) fn sound_end_of(data: &[u8], at: usize) -> Option<(usize, bool)> {
    let form = match data.get(at)? {
        b'"' | b'{' | b'[' => ValueForm::Nest,
        _ => ValueForm::Scalar,
    };
    let (mut scan, mut at) = (ValueScan::new(form, None), at);
    loop {
        match scan.step(data, at) {
            ScanStep::End(end) => return Some((end, !scan.torn)),
            ScanStep::Newline(found) => at = found + 1,
            ScanStep::Odd(found) => at = found,
            ScanStep::More => return None,
        }
    }
}

/// Whether the value that `data` begins with is still open at the end of the line, or its brackets do not match.
pub(super) fn leaves_line(data: &[u8]) -> bool {
    let mut scan = ValueScan::new(ValueForm::Nest, None);
    match scan.step(data, 0) {
        ScanStep::End(_) => scan.torn(),
        ScanStep::Newline(_) => true,
        ScanStep::Odd(_) | ScanStep::More => false,
    }
}

/// Whether an object or array on the next line may belong to the value that this line begins.
pub(super) fn goes_on(line: &[u8]) -> bool {
    let mut scan = ValueScan::new(ValueForm::Nest, None);
    if matches!(scan.step(line, 0), ScanStep::End(_)) {
        return false;
    }
    match line.trim_ascii_end().last() {
        _ if scan.in_string() => false,
        Some(b':' | b'[') => true,
        Some(b',') => scan.innermost() == Some(Bracket::Square),
        _ => false,
    }
}

pub(super) fn delimits(byte: u8) -> bool {
    matches!(
        byte,
        b',' | b'}' | b']' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\r' | b'\n'
    )
}

fn follows_string(byte: u8) -> bool {
    matches!(byte, b':' | b',' | b'}' | b']') || byte.is_ascii_whitespace()
}

fn ends(found: Option<usize>, at: usize) -> ScanStep {
    found.map_or(ScanStep::More, |n| ScanStep::End(at + n))
}

/// Whether the backslashes at the end of `text` escape the next byte.
fn escapes(text: &[u8]) -> bool {
    text.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1
}

/// The next `"` or line feed. Most strings of a dump are short, so a few machine words are searched before `memchr2` is.
#[inline(always)]
fn quote_or_newline(data: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..4 {
        let Some(word) = data
            .get(at..at + 8)
            .and_then(|w| <[u8; 8]>::try_from(w).ok())
        else {
            break;
        };
        let word = u64::from_le_bytes(word);
        let hits =
            zero_bytes(word ^ (ONES * b'"' as u64)) | zero_bytes(word ^ (ONES * b'\n' as u64));
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr2(b'"', b'\n', &data[at..]).map(|n| at + n)
}

const ONES: u64 = 0x0101_0101_0101_0101;

/// The high bit of every byte that is zero; above the lowest such byte the answer may be wrong.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}
