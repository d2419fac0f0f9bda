//! The members of an archive, of which each is a dump of its own or is named as none, and the end of a dump in words.

use std::io;

use super::messages::{NAMED, spelled};
use crate::legacy::kinds::{FaultRemedy, InputFault};
use crate::legacy::source::tar::What;
use crate::legacy::source::{Ending, Opened, TarArchive};
use crate::legacy::threads::messages::{DumpEnd, DumpPart, Problem, ReceiverGone, Remedy};
use crate::legacy::threads::split::Splitter;

impl Splitter {
    /// Reads the members of an archive.
    pub(in crate::legacy) fn members(
        &self,
        mut opened: Opened,
        ended: &mut DumpEnd,
    ) -> Result<(), ReceiverGone> {
        let bytes = std::mem::replace(&mut opened.content.bytes, Box::new(io::empty()));
        let archive = TarArchive::new(bytes, opened.content.origin.clone());
        let (mut dumps, mut unsaid) = (0_u64, 0_u64);
        let bad = loop {
            let member = match archive.next() {
                Ok(Some(member)) => member,
                Ok(None) => break None,
                Err(bad) => break Some(bad),
            };
            match member.what {
                What::File => {}
                // Most archives have folders, which need no mention.
                What::Folder => continue,
                What::Other(what) => {
                    ended.passed_over.add(member.name, what.to_owned());
                    continue;
                }
            }
            let part = DumpPart {
                source: ended.source,
                member: Some(member.name.as_str().into()),
            };
            let mut inner = archive.open(&member.name);
            if inner.content.is_tar {
                inner.content.kind = Some(InputFault::archive());
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
            read.report(part.member, ending, &inner.content.origin, ended);
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
            (Ending::Gaps(what), _) => Some(InputFault {
                what,
                remedy: FaultRemedy::Nothing,
            }),
        };
        if let Some(kind) = found {
            let remedy = spelled(&kind.remedy, &opened.content.origin);
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

impl DumpEnd {
    fn problem(&mut self, what: String, remedy: Remedy) {
        self.problems.push(Problem {
            member: None,
            what,
            remedy,
        });
    }
}

/// Whether a member is a dump by its name, so that a message says when it is none.
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
