//! The error messages of failed jobs, counted by their shape.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::shape::fold;
use crate::job::{Column, Job, JobId, Value};
use crate::time::Instant;

/// The most shapes that are told apart. Messages of further ones are counted without their shape.
const MOST: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Errors {
    shapes: HashMap<String, ShapeCount>,
    without_message: Option<ShapeCount>,
    others: u64,
}

/// The count of a shape, and the newest of its jobs, whose traces are likeliest still there.
#[derive(Clone, Debug)]
struct ShapeCount {
    count: u64,
    created: Option<Instant>,
    example: JobId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopError {
    pub count: u64,
    /// None: the jobs failed without a message.
    pub message: Option<String>,
    pub example: JobId,
}

impl Errors {
    pub(super) fn push(&mut self, job: &Job, created: Option<Instant>) {
        let message = job.get(Column::Error);
        let shape = match message {
            Value::Null => String::new(),
            message => fold(&message.display()),
        };
        let first = || ShapeCount {
            count: 0,
            created,
            example: job.id(),
        };
        let count = self.shapes.len();
        let seen = if shape.is_empty() {
            self.without_message.get_or_insert_with(first)
        } else {
            match self.shapes.entry(shape) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(free) if count < MOST => free.insert(first()),
                Entry::Vacant(_) => {
                    self.others += 1;
                    return;
                }
            }
        };
        seen.count += 1;
        if created > seen.created || (created == seen.created && job.id() < seen.example) {
            seen.created = created;
            seen.example = job.id();
        }
    }

    /// At most this number of the most frequent shapes, and the count of all other failures.
    pub(super) fn top(self, most: usize) -> (Vec<TopError>, u64) {
        let without = self.without_message.map(|seen| (None, seen));
        let shapes = self.shapes.into_iter();
        let mut errors: Vec<TopError> = shapes
            .map(|(shape, seen)| (Some(shape), seen))
            .chain(without)
            .map(|(message, seen)| TopError {
                count: seen.count,
                message,
                example: seen.example,
            })
            .collect();
        errors.sort_by(|a, b| {
            b.count
                .cmp(&a.count)
                .then_with(|| a.message.cmp(&b.message))
        });
        let rest = errors.iter().skip(most).map(|error| error.count);
        let rest = self.others + rest.sum::<u64>();
        errors.truncate(most);
        (errors, rest)
    }
}
