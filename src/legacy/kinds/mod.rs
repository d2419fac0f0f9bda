//! Names for what is no dump: a file of another kind that was given as one, or a dump with something before it. Each is told by its
//! content, with the line of shell that makes a dump of it where there is one.

mod binary;
mod code;
mod drawn;
mod frame;
mod json_start;
mod magic;
mod prefix;
mod shell;
mod table;
mod text;

use std::borrow::Cow;

pub use crate::text::shell::{quoted, word};
pub(super) use frame::Frame;
pub(super) use magic::{LONGEST as MAGIC, is_tar, of_magic};
pub(super) use shell::Origin;
pub(super) use text::{before_lines, is_suspicious, of_text, unlike_json};

/// What a file is instead of a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// A sentence that goes on behind the name of the file and a colon.
    pub what: String,
    pub cure: Cure,
}

/// What makes a dump of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cure {
    #[default]
    Nothing,
    /// The rest of it.
    Whole,
    /// A program that writes the dump.
    Program(Program),
    /// Something that is done elsewhere, in words.
    Advice(Cow<'static, str>),
}

/// A program for a shell, twice: `{}` is where the name of the file goes, and as it reads its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    named: Cow<'static, str>,
    /// Empty where it cannot.
    piped: Cow<'static, str>,
}

/// What is wanted where nothing can be made of the file itself.
const A_DUMP: &str = "a dump is JSON: what a store or its API wrote, or what jobctl export writes";

impl Kind {
    fn new(what: impl Into<String>) -> Kind {
        Kind {
            what: what.into(),
            cure: Cure::Advice(A_DUMP.into()),
        }
    }

    /// What ends with a block that was never written, behind its jobs.
    pub(super) fn ends_with_zeros(count: usize) -> Kind {
        Kind::new(format!(
            "it ends with {}; what stands before is imported, and jobs may be missing",
            zeros(count)
        ))
        .by_stdin(WITHOUT_ZEROS)
    }

    /// What begins with such a block.
    pub(super) fn begins_with_zeros(count: usize) -> Kind {
        Kind::new(format!("it begins with {}", zeros(count))).by_stdin(WITHOUT_ZEROS)
    }

    /// What has such a block elsewhere. `torn`: a line ends in it, and another begins.
    pub(super) fn has_zeros(count: usize, place: Place, torn: bool) -> Kind {
        let Place { position, line } = place;
        let what = format!(
            "it has {} (byte {position}, line {line}); jobs may be missing",
            zeros(count)
        );
        Kind::new(what).by_stdin(if torn {
            "tr -s '\\0' '\\n'"
        } else {
            WITHOUT_ZEROS
        })
    }

    /// A tar archive where no other may stand.
    pub(super) fn archive() -> Kind {
        Kind::new("it is a tar archive").by_either("tar -xOf {}", "tar -xO")
    }

    fn advice(mut self, advice: impl Into<Cow<'static, str>>) -> Kind {
        self.cure = Cure::Advice(advice.into());
        self
    }

    /// A program that takes the file's name as its last argument, or without it reads its standard input.
    fn by(self, program: impl Into<Cow<'static, str>>) -> Kind {
        let piped = program.into();
        let named = Cow::Owned(format!("{piped} {{}}"));
        self.by_either(named, piped)
    }

    /// A program that reads its standard input alone.
    fn by_stdin(self, program: impl Into<Cow<'static, str>>) -> Kind {
        let piped = program.into();
        let named = Cow::Owned(format!("{piped} <{{}}"));
        self.by_either(named, piped)
    }

    fn by_either(
        mut self,
        named: impl Into<Cow<'static, str>>,
        piped: impl Into<Cow<'static, str>>,
    ) -> Kind {
        self.cure = Cure::Program(Program {
            named: named.into(),
            piped: piped.into(),
        });
        self
    }
}

/// What takes zeros out of a text.
const WITHOUT_ZEROS: &str = "tr -d '\\0'";

/// So many zeros, in words.
pub(super) fn zeros(count: usize) -> String {
    match count {
        1 => "a NUL byte".to_owned(),
        _ => format!("{count} NUL bytes, a block that was never written"),
    }
}

/// Where a text stands in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Of its first byte, from 0.
    pub(super) position: u64,
    /// Of its first byte, from 1.
    pub(super) line: u64,
}
