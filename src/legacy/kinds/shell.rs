//! The line of shell that makes a dump of a file: it unpacks the file, converts it, and pipes it into `jobctl migrate -`.

use super::Program;
use crate::text::shell::word;

impl Program {
    /// A program that unpacks the file named behind it, or its standard input.
    pub(in crate::legacy) fn unpacking(tool: &str) -> Program {
        Program {
            named: format!("{tool} {{}}").into(),
            piped: tool.to_owned().into(),
        }
    }
}

/// The origin of the bytes that are read: a file, and what it is packed with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The path as it was given; None for standard input.
    pub path: Option<String>,
    /// The programs that unpack it, the outermost first.
    pub unpackers: Vec<&'static str>,
    /// For a member of a tar archive, the number of programs that unpack the archive itself.
    pub member: Option<(usize, String)>,
}

impl Origin {
    /// The line of shell; None where the program would have to read a pipe and cannot.
    pub(crate) fn line(&self, program: &Program) -> Option<String> {
        let (first, steps) = self.steps();
        let is_first = first.is_none() && steps.is_empty();
        let mut line = match (&self.path, first) {
            (_, Some(first)) => first,
            (Some(path), None) if is_first => program.named.replace("{}", &word(path)),
            _ if is_first && !program.piped.is_empty() => format!("... | {}", program.piped),
            _ => return None,
        };
        if !is_first {
            if program.piped.is_empty() {
                return None;
            }
            for step in steps
                .iter()
                .map(String::as_str)
                .chain([program.piped.as_ref()])
            {
                line.push_str(" | ");
                line.push_str(step);
            }
        }
        line.push_str(" | jobctl migrate -");
        Some(line)
    }

    /// The line that lists the members of the archive.
    pub(crate) fn listing(&self) -> Option<String> {
        Some(format!("tar -tvf {}", word(self.path.as_deref()?)))
    }

    /// The programs of the line, the first with the name of the file.
    fn steps(&self) -> (Option<String>, Vec<String>) {
        let mut steps: Vec<String> = Vec::new();
        let (before, member) = match &self.member {
            Some((before, member)) => (*before, Some(word(member))),
            None => (self.unpackers.len(), None),
        };
        let (outer, inner) = self.unpackers.split_at(before.min(self.unpackers.len()));
        let unpack = |tool: &&str| format!("{tool} -dc");
        let first = match (&self.path, &member) {
            // tar recognizes the packing itself.
            (Some(path), Some(member)) => Some(format!("tar -xOf {} {member}", word(path))),
            (Some(path), None) => {
                let mut tools = outer.iter();
                let first = tools
                    .next()
                    .map(|tool| format!("{tool} -dc {}", word(path)));
                steps.extend(tools.map(unpack));
                first
            }
            (None, _) => {
                steps.extend(outer.iter().map(unpack));
                steps.extend(member.map(|member| format!("tar -xO {member}")));
                let is_packed = !steps.is_empty() || !inner.is_empty();
                is_packed.then(|| "...".to_owned())
            }
        };
        steps.extend(inner.iter().map(unpack));
        (first, steps)
    }
}
