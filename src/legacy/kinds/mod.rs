//! Files that are no dumps: of another kind, or with something before the JSON. Each is recognized by its content, and named
//! with the line of shell that makes a dump of it, where there is one.

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

use super::position::Position;
pub use crate::text::shell::{quoted, word};
pub(super) use frame::JsonTable;
pub(super) use magic::{LONGEST as MAGIC, is_tar, of_magic};
pub(super) use shell::Origin;
pub(super) use text::{before_lines, is_suspicious, of_text, unlike_json};

/// The kind of a file that is no dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFault {
    /// A sentence about the file, to follow its name and a colon.
    pub what: String,
    pub remedy: FaultRemedy,
}

/// The remedy for a file that is no dump.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FaultRemedy {
    #[default]
    Nothing,
    /// Another run, once the file is whole.
    Whole,
    /// A program that makes a dump of it.
    Program(Program),
    /// Steps to be taken elsewhere, in words.
    Advice(Cow<'static, str>),
}

/// A program as words of a shell, in two forms: for a named file and for its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// `{}` stands for the name of the file.
    named: Cow<'static, str>,
    /// Empty where the program cannot read standard input.
    piped: Cow<'static, str>,
}

/// The advice where nothing can be made of the file itself.
const A_DUMP: &str = "a dump is JSON: what a store or its API wrote, or what jobctl export writes";

impl InputFault {
    fn new(what: impl Into<String>) -> InputFault {
        InputFault {
            what: what.into(),
            remedy: FaultRemedy::Advice(A_DUMP.into()),
        }
    }

    /// The kind of a dump that ends with zeros behind its jobs: a block that was never written.
    pub(super) fn ends_with_zeros(count: usize) -> InputFault {
        InputFault::new(format!(
            "it ends with {}; what stands before is imported, and jobs may be missing",
            zeros(count)
        ))
        .by_stdin(WITHOUT_ZEROS)
    }

    /// The kind of a dump that begins with such a block.
    pub(super) fn begins_with_zeros(count: usize) -> InputFault {
        InputFault::new(format!("it begins with {}", zeros(count))).by_stdin(WITHOUT_ZEROS)
    }

    /// The kind of a dump with such a block elsewhere. `torn`: one line ends in it, and another begins.
    pub(super) fn has_zeros(count: usize, at: Position, torn: bool) -> InputFault {
        let Position { byte, line } = at;
        let what = format!(
            "it has {} (byte {byte}, line {line}); jobs may be missing",
            zeros(count)
        );
        InputFault::new(what).by_stdin(if torn {
            "tr -s '\\0' '\\n'"
        } else {
            WITHOUT_ZEROS
        })
    }

    /// The kind of a tar archive within another archive.
    pub(super) fn archive() -> InputFault {
        InputFault::new("it is a tar archive").by_either("tar -xOf {}", "tar -xO")
    }

    fn advice(mut self, advice: impl Into<Cow<'static, str>>) -> InputFault {
        self.remedy = FaultRemedy::Advice(advice.into());
        self
    }

    /// Sets a program that takes the file's name as its last argument, or without it reads its standard input.
    fn by(self, program: impl Into<Cow<'static, str>>) -> InputFault {
        let piped = program.into();
        let named = Cow::Owned(format!("{piped} {{}}"));
        self.by_either(named, piped)
    }

    /// Sets a program that only reads its standard input.
    fn by_stdin(self, program: impl Into<Cow<'static, str>>) -> InputFault {
        let piped = program.into();
        let named = Cow::Owned(format!("{piped} <{{}}"));
        self.by_either(named, piped)
    }

    fn by_either(
        mut self,
        named: impl Into<Cow<'static, str>>,
        piped: impl Into<Cow<'static, str>>,
    ) -> InputFault {
        self.remedy = FaultRemedy::Program(Program {
            named: named.into(),
            piped: piped.into(),
        });
        self
    }
}

/// The command that removes zeros from a text.
const WITHOUT_ZEROS: &str = "tr -d '\\0'";

/// A number of zeros in words.
pub(super) fn zeros(count: usize) -> String {
    match count {
        1 => "a NUL byte".to_owned(),
        _ => format!("{count} NUL bytes, a block that was never written"),
    }
}
