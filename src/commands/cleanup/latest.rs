//! The last time at which anything happened to any job. When that is longer ago than jobs are kept, all that have ended go
//! at once: the service has been idle, or the clock is wrong, and somebody should know.

use std::time::Duration;

use super::survey::CleanupSelection;
use crate::job::{Column, Job};
use crate::text::json::Object;
use crate::time::{self, Instant, Zone};

/// The bound of likely times. It is not one itself, so that nothing is said where there is no other.
const UNLIKELY_BEFORE: &str = "2000";

/// The newest time of all jobs that were looked at. Times are compared as they are stored; only the last is read.
pub(super) struct Latest {
    now: Instant,
    now_stored: String,
    text: String,
    /// The shortest age that the policy asks for; None where it asks for none.
    age: Option<Duration>,
}

impl Latest {
    pub(super) fn new(selection: &CleanupSelection) -> Latest {
        Latest {
            now: selection.now(),
            now_stored: time::stored(selection.now()),
            text: UNLIKELY_BEFORE.to_owned(),
            age: selection.policy.shortest_age(),
        }
    }

    pub(super) fn see(&mut self, job: &Job) {
        for column in [Column::UpdatedAt, Column::CreatedAt, Column::CompletedAt] {
            let Some(text) = job.get(column).as_str() else {
                continue;
            };
            // A time in the future tells nothing of the present, and neither does a text that is no time.
            if text > self.text.as_str()
                && text <= self.now_stored.as_str()
                && text.starts_with(|c: char| c.is_ascii_digit())
            {
                self.text.clear();
                self.text.push_str(text);
            }
        }
    }

    /// Whether `words` has nothing to say, whatever else there is.
    pub(super) fn is_settled(&self) -> bool {
        self.age.is_none_or(|age| age.is_zero())
            || self.at().is_some_and(|at| at <= self.now) && self.silence().is_none()
    }

    fn at(&self) -> Option<Instant> {
        time::parse_stored(&self.text)
    }

    /// The time without any change, where that is longer than the age.
    fn silence(&self) -> Option<(Instant, Duration, Duration)> {
        let at = self.at()?;
        let silence = (self.now - at).to_std().ok()?;
        let age = self.age.filter(|age| !age.is_zero())?;
        (silence > age).then_some((at, silence, age))
    }

    pub(super) fn words(&self, zone: &Zone) -> Option<String> {
        let (at, silence, age) = self.silence()?;
        let silence = chrono::TimeDelta::from_std(silence).unwrap_or_default();
        Some(format!(
            "nothing has happened to any job for {}, longer than {}: the service is idle, or the clock is wrong (the newest time is {}, the clock says {})",
            time::brief(silence),
            time::spell_duration(age),
            time::to_the_second(at, zone),
            time::to_the_second(self.now, zone)
        ))
    }

    pub(super) fn json(&self, object: &mut Object) {
        match self.at() {
            Some(at) => object.string("newest_time", &time::rfc3339(at)),
            None => object.literal("newest_time", "null"),
        }
        object.literal("idle_or_wrong_clock", self.silence().is_some());
    }
}
