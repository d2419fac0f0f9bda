//! Unknown words for the states of a job: the status that each seems to mean, and `--map-status`, which takes it for that.

use std::collections::BTreeMap;

use crate::commands::parts::arguments::filter::unknown_word;
use crate::error::Failure;
use crate::job::{Column, Job, Status, Value};
use crate::text::visible::{cut, grouped, one_line};

/// The most words that are counted apart; further ones count together.
const MOST_WORDS: usize = 1000;

/// The most words that the summary names.
const NAMED: usize = 10;

/// The longest word in bytes: a longer one is counted by its beginning.
const LONGEST: usize = 100;

const FLAG: &str = "--map-status";

/// The status for which each word is taken. A word is compared as it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusMap(Vec<(String, Status)>);

impl StatusMap {
    /// Reads `WORD=STATUS`, several with commas between them; a comma may also be part of a word.
    pub(super) fn parse(values: &[String]) -> Result<StatusMap, Failure> {
        let mut map: Vec<(String, Status)> = Vec::new();
        for value in values {
            let mut before = String::new();
            for part in value.split(',') {
                before.push_str(part);
                let Some((word, status)) = before.rsplit_once('=') else {
                    before.push(',');
                    continue;
                };
                let known = Status::ALL.map(Status::word);
                let status =
                    Status::parse(status).ok_or_else(|| unknown_word(FLAG, status, &known))?;
                match map.iter().find(|(other, _)| other == word) {
                    Some((_, other)) if *other != status => {
                        let message = format!(
                            "'{FLAG}' takes \"{}\" for {} and for {}",
                            one_line(word),
                            other.word(),
                            status.word()
                        );
                        return Err(Failure::usage(message));
                    }
                    Some(_) => {}
                    None => map.push((word.to_owned(), status)),
                }
                before.clear();
            }
            if !before.is_empty() || value.is_empty() {
                let message = format!("bad value \"{}\" of '{FLAG}'", one_line(value));
                return Err(Failure::usage(message).hint(
                    "it is WORD=STATUS, such as done=completed; several have commas between them",
                ));
            }
        }
        Ok(StatusMap(map))
    }

    /// Gives a job the status that its word is taken for, and what follows from it. Whether it did.
    pub(super) fn apply(&self, job: &mut Job) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let word = job.get(Column::Status).as_str();
        let found = self
            .0
            .iter()
            .find(|(other, _)| Some(other.as_str()) == word);
        let Some((_, status)) = found else {
            return false;
        };
        job.set(Column::Status, status.word());
        if status.is_end() && job.get(Column::CompletedAt).is_null() {
            let updated: Value = job.get(Column::UpdatedAt).clone();
            job.set(Column::CompletedAt, updated);
        }
        if *status == Status::Completed {
            job.set(Column::Progress, 100.0);
        }
        true
    }
}

/// The number of jobs with each unknown word.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusWords {
    words: BTreeMap<String, WordCount>,
    /// The number of jobs with further words.
    others: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct WordCount {
    jobs: u64,
    /// True when some of these jobs are not rows of jobctl's own, which are restored as they were.
    may_be_mapped: bool,
}

impl StatusWords {
    pub(super) fn add(&mut self, word: &str, may_be_mapped: bool) {
        let word = match word.char_indices().nth(LONGEST) {
            Some((end, _)) => &word[..end],
            None => word,
        };
        if !self.words.contains_key(word) {
            if self.words.len() == MOST_WORDS {
                self.others += 1;
                return;
            }
            self.words.insert(word.to_owned(), WordCount::default());
        }
        if let Some(counted) = self.words.get_mut(word) {
            counted.jobs += 1;
            counted.may_be_mapped |= may_be_mapped;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.words().map(|(_, jobs)| jobs).sum::<u64>() + self.others
    }

    pub(super) fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        self.words
            .iter()
            .map(|(word, counted)| (word.as_str(), counted.jobs))
    }

    /// The most frequent words with their counts.
    pub(super) fn named(&self) -> String {
        let mut words: Vec<(&str, u64)> = self.words().collect();
        words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named: Vec<String> = words
            .iter()
            .take(NAMED)
            .map(|(word, count)| format!("\"{}\" {}", cut(&one_line(word), 40), grouped(*count)))
            .collect();
        let more = match (words.len() > NAMED, self.others) {
            (false, _) => String::new(),
            (true, 0) => format!(", and {} more words", grouped((words.len() - NAMED) as u64)),
            (true, _) => format!(
                ", and more than {} more words",
                grouped((MOST_WORDS - NAMED) as u64)
            ),
        };
        format!("{}{more}", named.join(", "))
    }

    /// The flag that takes all words whose meaning is plain.
    pub(super) fn flag(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .words
            .iter()
            .filter(|(_, counted)| counted.may_be_mapped)
            .filter_map(|(word, _)| Some(format!("{word}={}", Status::meant_by(word)?.word())))
            .take(50)
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let value = crate::legacy::kinds::word(&pairs.join(","));
        Some(format!("{FLAG} {value}"))
    }
}
