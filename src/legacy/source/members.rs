//! How the reading of a dump ended, in words, and the members of an archive: each is a dump of its own, and what is none is
//! passed over and named.

use std::io;
use std::sync::Arc;

use super::tar::What;
use super::{Archive, Ending, Opened};
use crate::legacy::kinds::{Cure, Kind, Origin};
use crate::legacy::reader::Page;
use crate::legacy::threads::decode::{Ended, Problem, Remedy};
use crate::legacy::threads::split::{Closed, Part, Splitter};

/// Members and problems that are named of an archive; the others are counted.
const NAMED: usize = 10;

/// What stands in an archive and is no dump.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// The first of them: the name, and what it is.
    pub named: Vec<(String, String)>,
    pub count: u64,
}

impl PassedOver {
    fn add(&mut self, name: String, what: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((name, what));
        }
    }
}

/// What came of reading a dump, besides its records.
#[derive(Debug, Default)]
pub(in crate::legacy) struct PartRead {
    pub(in crate::legacy) kind: Option<Kind>,
    /// The structure ends before it should.
    pub(in crate::legacy) cut_off: bool,
    /// Why nothing more could be read, and from which byte and line on.
    pub(in crate::legacy) broken: Option<(String, u64, u64)>,
    pub(in crate::legacy) failure: Option<io::Error>,
    pub(in crate::legacy) has_records: bool,
    pub(in crate::legacy) saw_value: bool,
    /// The byte and line where reading ended.
    pub(in crate::legacy) end: (u64, u64),
    /// Members beside the jobs that were passed over, and pages of a listing.
    pub(in crate::legacy) left_out: u64,
    pub(in crate::legacy) pages: Vec<Page>,
}

fn with_place(problem: &str, (position, line): (u64, u64)) -> String {
    format!("{problem} (byte {position}, line {line}); nothing behind it was read")
}

fn remedy(cure: &Cure, origin: &Origin) -> Remedy {
    match cure {
        Cure::Nothing => Remedy::Nothing,
        Cure::Whole => Remedy::Whole,
        Cure::Advice(advice) => Remedy::Line(advice.clone().into_owned()),
        Cure::Program(program) => origin.line(program).map_or(Remedy::Nothing, Remedy::Line),
    }
}

impl PartRead {
    /// Whether it is no dump at all.
    fn is_none(&self) -> bool {
        !self.has_records && (!self.saw_value || self.kind.is_some())
    }

    /// What it is if it is none.
    fn what(&self) -> String {
        match (&self.kind, self.end.0) {
            (Some(kind), _) => kind.what.clone(),
            (None, 0) => "it is empty".to_owned(),
            (None, bytes) => format!("it is empty, but for {bytes} bytes of white space"),
        }
    }

    /// Adds what is wrong with the dump, which came from there and ended so.
    pub(in crate::legacy) fn tell(
        self,
        member: Option<Arc<str>>,
        ending: Ending,
        origin: &Origin,
        ended: &mut Ended,
    ) {
        ended.left_out += self.left_out;
        ended.pages.extend_from_slice(&self.pages);
        let (broken, cure) = match (&self.kind, &self.broken) {
            (Some(kind), Some((reason, position, line))) if *reason != kind.what => {
                let broken = with_place(reason, (*position, *line));
                (Some(format!("{}; {broken}", kind.what)), kind.cure.clone())
            }
            (Some(kind), _) => (Some(kind.what.clone()), kind.cure.clone()),
            (None, Some((reason, position, line))) => {
                let cure = if self.cut_off {
                    Cure::Whole
                } else {
                    Cure::Nothing
                };
                (Some(with_place(reason, (*position, *line))), cure)
            }
            (None, None) => (None, Cure::Nothing),
        };
        let found = match ending {
            Ending::Whole if !self.saw_value && self.kind.is_none() && self.failure.is_none() => {
                let advice = "nothing was written to it; look at what should have";
                Some((self.what(), Cure::Advice(advice.into())))
            }
            Ending::Whole => broken.map(|what| (what, cure)),
            Ending::Bad(bad) => {
                let what = match broken {
                    Some(broken) => format!("{}; {broken}", bad.what),
                    None if self.end.0 > 0 => with_place(&bad.what, self.end),
                    None => bad.what,
                };
                Some((what, bad.cure))
            }
            Ending::Gaps(gaps) => {
                let what = match broken {
                    Some(broken) => format!("{gaps}; {broken}"),
                    None => gaps,
                };
                Some((what, cure))
            }
            Ending::Failed(error) => {
                ended.failure = Some(error);
                broken.map(|what| (what, cure))
            }
        };
        if self.failure.is_some() {
            ended.failure = self.failure;
        }
        if let Some((what, cure)) = found {
            ended.problems.push(Problem {
                member,
                what,
                remedy: remedy(&cure, origin),
            });
        }
    }
}

impl Splitter {
    /// Reads what stands in an archive.
    pub(in crate::legacy) fn members(
        &self,
        mut opened: Opened,
        ended: &mut Ended,
    ) -> Result<(), Closed> {
        let bytes = std::mem::replace(&mut opened.content.bytes, Box::new(io::empty()));
        let archive = Archive::new(bytes, opened.content.origin.clone());
        let (mut dumps, mut unsaid) = (0_u64, 0_u64);
        let bad = loop {
            let member = match archive.next() {
                Ok(Some(member)) => member,
                Ok(None) => break None,
                Err(bad) => break Some(bad),
            };
            match member.what {
                What::File => {}
                // Most archives have folders.
                What::Folder => continue,
                What::Other(what) => {
                    ended.passed_over.add(member.name, what.to_owned());
                    continue;
                }
            }
            let part = Part {
                source: ended.source,
                member: Some(member.name.as_str().into()),
            };
            let mut inner = archive.open(&member.name);
            if inner.content.is_tar {
                inner.content.kind = Some(Kind::archive());
            }
            let read = self.part(&part, &mut inner.content)?;
            let inner_ending = inner.ending();
            if read.is_none()
                && matches!(inner_ending, Ending::Whole)
                && !is_called_json(&member.name)
            {
                ended.passed_over.add(member.name, read.what());
                continue;
            }
            dumps += 1;
            ended.encoded += u64::from(inner.content.encoded && read.has_records);
            let (ending, is_last) = match opened.ending() {
                Ending::Whole => (inner_ending, archive.is_cut_off()),
                outer => (outer, true),
            };
            let said = ended.problems.len();
            read.tell(part.member, ending, &inner.content.origin, ended);
            if said >= NAMED && ended.problems.len() > said {
                ended.problems.truncate(said);
                unsaid += 1;
            }
            if ended.failure.is_some() {
                return Ok(());
            }
            if is_last {
                // Why has been said.
                return Ok(());
            }
        };
        if unsaid > 0 {
            ended.problem(
                format!("{unsaid} more of its members are bad"),
                Remedy::Nothing,
            );
        }
        let found = match (opened.ending(), bad) {
            (Ending::Bad(kind), _) | (Ending::Whole, Some(kind)) => Some(kind),
            (Ending::Failed(error), _) => {
                ended.failure = Some(error);
                None
            }
            (Ending::Whole, None) => None,
            (Ending::Gaps(what), _) => Some(Kind {
                what,
                cure: Cure::Nothing,
            }),
        };
        if let Some(kind) = found {
            let remedy = remedy(&kind.cure, &opened.content.origin);
            ended.problem(kind.what, remedy);
        } else if dumps == 0 && ended.failure.is_none() {
            let remedy = match opened.content.origin.listing() {
                Some(line) => Remedy::Line(line),
                None => Remedy::Nothing,
            };
            ended.problem(
                "it is a tar archive without a dump in it".to_owned(),
                remedy,
            );
        }
        Ok(())
    }
}

impl Ended {
    fn problem(&mut self, what: String, remedy: Remedy) {
        self.problems.push(Problem {
            member: None,
            what,
            remedy,
        });
    }
}

/// Whether a member is a dump by its name, so that it is missed when it is none.
fn is_called_json(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let mut name = name.as_str();
    for packed in [".gz", ".zst", ".xz", ".bz2"] {
        name = name.strip_suffix(packed).unwrap_or(name);
    }
    !name.starts_with('.')
        && [".json", ".jsonl", ".ndjson"]
            .iter()
            .any(|end| name.ends_with(end))
}
