//! The states of a job, and the words for the kinds of jobs.

use super::value::Value;

/// The five states that the service writes. The column is free text; other words are foreign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Queued,
    Processing,
    Completed,
    Failed,
    Cancelled,
}

impl Status {
    pub const ALL: [Status; 5] = [
        Status::Queued,
        Status::Processing,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
    ];

    /// The states in which nothing more happens to a job.
    pub const END: [Status; 3] = [Status::Completed, Status::Failed, Status::Cancelled];

    pub const fn word(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Processing => "processing",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    pub fn parse(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    pub fn of(value: &Value) -> Option<Status> {
        Status::parse(value.as_str()?)
    }

    /// The status that a foreign word seems to mean: spelled as in a program's enumeration, in capitals, or by another name.
    pub fn meant_by(word: &str) -> Option<Status> {
        let word = word.trim().trim_matches(['<', '>', '"', '\'']);
        let word = word.split(':').next().unwrap_or(word);
        let word = word.rsplit('.').next().unwrap_or(word).trim();
        let word = word.to_ascii_lowercase().replace(['-', ' '], "_");
        Some(match word.as_str() {
            "completed" | "complete" | "done" | "success" | "successful" | "succeeded"
            | "finished" => Status::Completed,
            "failed" | "fail" | "failure" | "error" | "errored" | "timeout" | "timed_out"
            | "crashed" => Status::Failed,
            "cancelled" | "canceled" | "cancel" | "aborted" | "revoked" => Status::Cancelled,
            "processing" | "running" | "in_progress" | "started" | "active" => Status::Processing,
            "queued" | "pending" | "waiting" | "scheduled" | "submitted" => Status::Queued,
            _ => return None,
        })
    }

    pub fn is_end(self) -> bool {
        Status::END.contains(&self)
    }

    /// The symbol that tells a status apart without colour.
    pub const fn symbol(self) -> &'static str {
        match self {
            Status::Queued => "·",
            Status::Processing => "▶",
            Status::Completed => "✓",
            Status::Failed => "✗",
            Status::Cancelled => "⊘",
        }
    }
}

/// The types that the service writes today; the column takes others.
pub const TYPES: [&str; 3] = ["idea2video", "script2video", "conversational"];

pub const MODES: [&str; 2] = ["idea", "script"];

/// The mode that a type implies.
pub fn mode_of_type(job_type: &str) -> Option<&'static str> {
    match job_type {
        "idea2video" => Some("idea"),
        "script2video" => Some("script"),
        _ => None,
    }
}

/// The type that a mode implies, for records that name the mode alone.
pub fn type_of_mode(mode: &str) -> Option<&'static str> {
    match mode {
        "idea" => Some("idea2video"),
        "script" => Some("script2video"),
        _ => None,
    }
}

/// The word of a list that a mistyped one most likely means.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
