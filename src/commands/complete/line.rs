//! An unfinished command line, read by the definitions of the commands: which database it names, and what its last word is to be.

use clap::Arg;

use crate::job::status::{MODES, TYPES};
use crate::job::{Column, Status};
use crate::settings::definition::Definition;

/// The kind of values from the database that an argument takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueSource {
    Ids,
    /// Runs that stand, or that are undone.
    Runs {
        undone: bool,
    },
    /// The names of the checks of doctor, which need no database.
    Checks,
    /// The names of columns.
    Fields,
    /// The values of a column, and these words in any case.
    Words(Column, Vec<&'static str>),
}

/// The last word of a line, where its value comes from the database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blank {
    pub holds: ValueSource,
    /// The part of a list that has been typed, with the comma behind it.
    pub listed: String,
    /// The part of the value that has been typed.
    pub prefix: String,
    /// The values that need not be named again.
    pub given: Vec<String>,
}

/// Reads the words of a line, up to the one that is being typed: gives what `--db` names, and the last word.
pub(super) fn read(words: &[String], definition: &Definition) -> (Option<String>, Option<Blank>) {
    let Some((last, [_program, before @ ..])) = words.split_last() else {
        return (None, None);
    };
    let mut reader = LineReader {
        definition,
        arguments: (definition.options)().get_arguments().cloned().collect(),
        command: None,
        given: Vec::new(),
        waiting: None,
        is_literal: false,
        db: None,
    };
    for word in before {
        reader.take(word);
    }
    let blank = reader.blank(last);
    (reader.db, blank)
}

/// The kind of values from the database that an argument of a command takes.
pub(crate) fn holds(command: &str, argument: &Arg) -> Option<ValueSource> {
    let Some(long) = argument.get_long() else {
        let undone = command == "redo";
        return match argument.get_id().as_str() {
            "checks" => Some(ValueSource::Checks),
            "ids" => Some(ValueSource::Ids),
            "run" => Some(ValueSource::Runs { undone }),
            _ => None,
        };
    };
    let is_new = ["create", "update"].contains(&command);
    let known = |words: &[&'static str]| if is_new { words.to_vec() } else { Vec::new() };
    if long == "fields" {
        return Some(ValueSource::Fields);
    }
    if ["status", "not-status", "if-status"].contains(&long) {
        let known = Status::ALL.map(Status::word).to_vec();
        return Some(ValueSource::Words(Column::Status, known));
    }
    let column = [Column::JobType, Column::Mode, Column::Style]
        .into_iter()
        .find(|column| column.flag() == long)?;
    let known = match column {
        Column::JobType => known(&TYPES),
        Column::Mode => known(&MODES),
        _ => Vec::new(),
    };
    Some(ValueSource::Words(column, known))
}

struct LineReader<'a> {
    definition: &'a Definition,
    /// The arguments of the program, and then those of the command too.
    arguments: Vec<Arg>,
    command: Option<String>,
    /// The words that the command has been given beside flags.
    given: Vec<String>,
    /// The flag whose value comes next.
    waiting: Option<Arg>,
    /// True after `--`.
    is_literal: bool,
    db: Option<String>,
}

impl LineReader<'_> {
    fn take(&mut self, word: &str) {
        let is_flag = word.len() > 1 && word.starts_with('-') && !self.is_literal;
        if let Some(flag) = self.waiting.take()
            && !(is_flag && is_optional(&flag))
        {
            return self.value(&flag, word);
        }
        if !is_flag {
            return self.free(word);
        }
        if word == "--" {
            self.is_literal = true;
            return;
        }
        let (flag, value) = match word.strip_prefix("--") {
            Some(long) => self.long(long),
            None => self.shorts(&word[1..]),
        };
        match (flag, value) {
            (Some(flag), Some(value)) => self.value(&flag, &value),
            (flag, _) => self.waiting = flag,
        }
    }

    /// A word that is no flag.
    fn free(&mut self, word: &str) {
        if self.command.is_some() {
            self.given.push(word.to_owned());
            return;
        }
        self.command = Some(word.to_owned());
        if let Some(command) = (self.definition.command)(word) {
            self.arguments.extend(command.get_arguments().cloned());
        }
    }

    fn value(&mut self, flag: &Arg, value: &str) {
        if flag.get_long() == Some("db") {
            self.db = Some(value.to_owned());
        }
    }

    /// The flag of `name` or `name=value`, if it takes a value.
    fn long(&self, text: &str) -> (Option<Arg>, Option<String>) {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let is_it = |argument: &&Arg| {
            argument.get_long() == Some(name)
                || argument
                    .get_all_aliases()
                    .is_some_and(|aliases| aliases.contains(&name))
        };
        let flag = self.arguments.iter().find(is_it);
        (flag.filter(|flag| takes_value(flag)).cloned(), value)
    }

    /// The one of several short flags that takes a value, which is the rest of them.
    fn shorts(&self, text: &str) -> (Option<Arg>, Option<String>) {
        for (at, short) in text.char_indices() {
            let found = self
                .arguments
                .iter()
                .find(|argument| argument.get_short() == Some(short));
            if let Some(flag) = found.filter(|flag| takes_value(flag)) {
                let rest = &text[at + short.len_utf8()..];
                return (
                    Some(flag.clone()),
                    (!rest.is_empty()).then(|| rest.to_owned()),
                );
            }
        }
        (None, None)
    }

    fn blank(&self, word: &str) -> Option<Blank> {
        let command = self.command.as_deref()?;
        if word.starts_with('-') && !self.is_literal {
            let (name, value) = self.long(word.strip_prefix("--")?);
            return listed(command, &name?, &value?);
        }
        if let Some(flag) = &self.waiting {
            return listed(command, flag, word);
        }
        let mut free = self.arguments.iter().filter(|it| it.is_positional());
        let holds = free.find_map(|argument| holds(command, argument))?;
        Some(Blank {
            holds,
            listed: String::new(),
            prefix: word.to_owned(),
            given: self.given.clone(),
        })
    }
}

/// The word to be completed as the value of a flag, perhaps after other words of a list.
fn listed(command: &str, flag: &Arg, text: &str) -> Option<Blank> {
    let holds = holds(command, flag)?;
    let comma = flag.get_value_delimiter().and_then(|mark| text.rfind(mark));
    let (listed, prefix) = text.split_at(comma.map_or(0, |at| at + 1));
    Some(Blank {
        holds,
        listed: listed.to_owned(),
        prefix: prefix.to_owned(),
        given: listed.split(',').map(str::to_owned).collect(),
    })
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

fn is_optional(flag: &Arg) -> bool {
    flag.get_num_args()
        .is_some_and(|count| count.min_values() == 0)
}
