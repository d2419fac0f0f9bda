//! A map with an entry for each value of a column. The service's columns hold a few words, but nothing keeps others from
//! writing a new one into every row, and that must not fill the memory.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::shape::head;
use crate::job::filter::NULL_WORD;
use crate::job::{Status, Value};

/// The most values that are told apart.
const MOST: usize = 10_000;

/// The longest key, in bytes.
const LONGEST: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Word(String),
    Null,
    /// All values beyond the most that are told apart.
    Others,
}

impl Key {
    /// The key as a filter spells it.
    pub fn text(&self) -> &str {
        match self {
            Key::Word(word) => word,
            Key::Null => NULL_WORD,
            Key::Others => "(others)",
        }
    }

    /// The status, if it is a known one.
    pub fn status(&self) -> Option<Status> {
        match self {
            Key::Word(word) => Status::parse(word),
            Key::Null | Key::Others => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct ByKey<T> {
    words: HashMap<String, T>,
    null: Option<T>,
    others: Option<T>,
}

impl<T> Default for ByKey<T> {
    fn default() -> Self {
        ByKey {
            words: HashMap::new(),
            null: None,
            others: None,
        }
    }
}

impl<T: Default> ByKey<T> {
    /// A map with all statuses that the service writes.
    pub(super) fn of_statuses() -> ByKey<T> {
        let words = Status::ALL.map(|status| (status.word().to_owned(), T::default()));
        ByKey {
            words: words.into(),
            ..ByKey::default()
        }
    }

    pub(super) fn of(&mut self, value: &Value) -> &mut T {
        match value {
            Value::Null => self.null.get_or_insert_default(),
            value => self.word(&value.display()),
        }
    }

    pub(super) fn word(&mut self, word: &str) -> &mut T {
        let count = self.words.len();
        match self.words.entry(shortened(word)) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(free) if count < MOST => free.insert(T::default()),
            Entry::Vacant(_) => self.others.get_or_insert_default(),
        }
    }

    /// All keys, in no order.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (Key, T)> {
        let null = self.null.map(|value| (Key::Null, value));
        let others = self.others.map(|value| (Key::Others, value));
        let words = self.words.into_iter();
        words
            .map(|(word, value)| (Key::Word(word), value))
            .chain(null)
            .chain(others)
    }
}

fn shortened(word: &str) -> String {
    if word.len() > LONGEST {
        format!("{}…", head(word, LONGEST))
    } else {
        word.to_owned()
    }
}

/// The order in which keys are told: the known statuses in the order of a job's life, then what most jobs have.
pub(super) fn told_before(a: (&Key, u64), b: (&Key, u64)) -> Ordering {
    let rank = |key: &Key| {
        let status = key.status();
        let known = status.and_then(|status| Status::ALL.iter().position(|one| *one == status));
        (known.unwrap_or(Status::ALL.len()), *key == Key::Others)
    };
    (rank(a.0).cmp(&rank(b.0)))
        .then_with(|| b.1.cmp(&a.1))
        .then_with(|| a.0.text().cmp(b.0.text()))
}

#[cfg(test)]
mod tests {
    use super::{ByKey, Key, MOST};

    #[test]
    fn endless_words_are_counted_together() {
        let mut counts: ByKey<u64> = ByKey::default();
        for number in 0..MOST + 5 {
            *counts.word(&number.to_string()) += 1;
        }
        *counts.word("7") += 1;
        let entries: Vec<(Key, u64)> = counts.into_entries().collect();
        assert_eq!(entries.len(), MOST + 1);
        assert_eq!(
            entries.iter().map(|(_, count)| count).sum::<u64>(),
            MOST as u64 + 6
        );
        assert!(entries.contains(&(Key::Others, 5)));
        assert!(entries.contains(&(Key::Word("7".into()), 2)));
    }

    #[test]
    fn a_long_word_is_cut_between_two_characters() {
        let mut counts: ByKey<u64> = ByKey::default();
        *counts.word(&"海".repeat(10_000)) += 1;
        let words: Vec<Key> = counts.into_entries().map(|(key, _)| key).collect();
        assert!(words[0].text().len() < 1010 && words[0].text().ends_with("海…"));
    }
}
