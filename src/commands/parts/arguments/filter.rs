//! The filter flags, the same for every command that selects jobs.

use std::time::Duration;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;

use super::window;
use crate::context::Context;
use crate::error::Failure;
use crate::job::filter::{NULL_WORD, Needle, Word};
use crate::job::status::{MODES, nearest};
use crate::job::{Column, Filter, Status};
use crate::repository::Repository;
use crate::text::visible::one_line;
use crate::time::{self, Instant, Zone};

/// Which jobs; several words of one flag mean any of them, several flags all of them
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// In this state: queued, processing, completed, failed, cancelled; null for none
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub status: Vec<String>,

    /// Not in this state
    #[arg(
        long,
        value_name = "STATUS",
        value_delimiter = ',',
        alias = "not_status"
    )]
    pub not_status: Vec<String>,

    /// Of this type: idea2video, script2video, conversational or another
    #[arg(long = Column::JobType.flag(), aliases = Column::JobType.aliases(), value_name = "TYPE", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub job_type: Vec<String>,

    /// Of this mode: idea, script; null for none
    #[arg(long, value_name = "MODE", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub mode: Vec<String>,

    /// Of this style
    #[arg(long, value_name = "STYLE", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub style: Vec<String>,

    /// Of this series; null for none
    #[arg(long = Column::SeriesId.flag(), aliases = Column::SeriesId.aliases(), value_name = "ID", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub series: Vec<String>,

    /// Of this episode; null for none
    #[arg(long = Column::EpisodeId.flag(), aliases = Column::EpisodeId.aliases(), value_name = "ID", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub episode: Vec<String>,

    /// Created at or after: a time, today, yesterday, or an age such as 36h
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// Created before: a time, today, yesterday, or an age such as 7d
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// Ended (or else last updated, or else created) longer ago than this
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration, alias = "older_than")]
    pub older_than: Option<Duration>,

    /// With this text in title, content or error, in upper or lower case
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub search: Option<String>,

    /// Processing, and not updated for at least this long (updated_at is the only sign of life there is)
    #[arg(long, value_name = "AGE", value_parser = time::parse_duration)]
    pub stuck: Option<Duration>,
}

impl FilterArgs {
    /// Whether any flag was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.describe().is_empty()
    }

    /// The flags as given, for prompts.
    pub(crate) fn describe(&self) -> String {
        let mut flags = Vec::new();
        for (flag, words) in self.words() {
            if !words.is_empty() {
                flags.push(format!("--{flag} {}", words.join(",")));
            }
        }
        let ages = [("older-than", self.older_than), ("stuck", self.stuck)];
        for (flag, age) in ages {
            if let Some(age) = age {
                flags.push(format!("--{flag} {}", time::spell_duration(age)));
            }
        }
        let texts = [
            ("since", &self.since),
            ("until", &self.until),
            ("search", &self.search),
        ];
        for (flag, text) in texts {
            if let Some(text) = text {
                flags.push(format!("--{flag} \"{text}\""));
            }
        }
        flags.join(" ")
    }

    fn words(&self) -> [(&'static str, &Vec<String>); 7] {
        [
            (Column::Status.flag(), &self.status),
            ("not-status", &self.not_status),
            (Column::JobType.flag(), &self.job_type),
            (Column::Mode.flag(), &self.mode),
            (Column::Style.flag(), &self.style),
            (Column::SeriesId.flag(), &self.series),
            (Column::EpisodeId.flag(), &self.episode),
        ]
    }

    /// The filter. A status or mode that is none of the known words is taken only when the file holds it.
    pub(crate) fn resolve(
        &self,
        context: &Context,
        repository: &mut dyn Repository,
    ) -> Result<Filter> {
        let statuses = Status::ALL.map(Status::word);
        for (flag, words, column, known) in [
            ("--status", &self.status, Column::Status, &statuses[..]),
            ("--not-status", &self.not_status, Column::Status, &statuses),
            ("--mode", &self.mode, Column::Mode, &MODES),
        ] {
            for word in words {
                check_word(flag, word, column, known, repository)?;
            }
        }
        let filter = self.at_present(context)?;
        let typed = window::Typed {
            since: self.since.as_deref(),
            until: self.until.as_deref(),
            older_than: self.older_than,
            stuck: self.stuck,
        };
        window::check(&typed, &filter, context)?;
        Ok(filter)
    }

    /// The filter of words that have been checked. Ages are counted from now, so it differs from one moment to the next.
    pub(crate) fn at_present(&self, context: &Context) -> Result<Filter> {
        let now = context.now();
        let any_of = [
            (Column::Status, &self.status),
            (Column::JobType, &self.job_type),
            (Column::Mode, &self.mode),
            (Column::Style, &self.style),
            (Column::SeriesId, &self.series),
            (Column::EpisodeId, &self.episode),
        ]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(column, words)| (column, words.iter().map(word).collect()))
        .collect();
        Ok(Filter {
            any_of,
            not_status: self.not_status.iter().map(word).collect(),
            since: point_before(context, now, "--since", self.since.as_deref())?,
            until: point_before(context, now, "--until", self.until.as_deref())?,
            aged_before: age(now, "--older-than", self.older_than)?,
            stuck_before: age(now, "--stuck", self.stuck)?,
            now: self.older_than.or(self.stuck).map(|_| now),
            search: self.search.as_deref().map(Needle::new),
        })
    }
}

fn word(word: &String) -> Word {
    (word != NULL_WORD).then(|| word.clone())
}

fn check_word(
    flag: &str,
    word: &str,
    column: Column,
    known: &[&str],
    repository: &mut dyn Repository,
) -> Result<()> {
    if word == NULL_WORD || known.contains(&word) || repository.holds(column, word)? {
        return Ok(());
    }
    Err(unknown_word(flag, word, known).into())
}

/// `invalid value 'faild' for '--status': …`, with the nearest known word as the hint.
pub(crate) fn unknown_word(flag: &str, word: &str, known: &[&str]) -> Failure {
    let why = format!("it is one of {}", known.join(", "));
    let failure = bad_value(flag, word, &why);
    match nearest(word, known.iter().copied()) {
        Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
        None => failure,
    }
}

/// The error of a bad flag value: the flag, the value, and why.
pub(crate) fn bad_value(flag: &str, value: &str, why: &str) -> Failure {
    let value = crate::text::visible::cut(value, 60).into_owned();
    Failure::usage(format!(
        "invalid value '{}' for '{flag}': {why}",
        one_line(&value)
    ))
}

/// A point in time from a flag.
pub(crate) fn point(context: &Context, flag: &str, text: Option<&str>) -> Result<Option<Instant>> {
    point_before(context, context.now(), flag, text)
}

/// The same, where several are counted back from one moment.
fn point_before(
    context: &Context,
    now: Instant,
    flag: &str,
    text: Option<&str>,
) -> Result<Option<Instant>> {
    let Some(text) = text else {
        return Ok(None);
    };
    match time::parse_point(text, now, &context.zone) {
        Ok(at) => Ok(Some(at)),
        Err(why) => {
            let failure = bad_value(flag, text, &why);
            Err(match context.zone.known() {
                Err(_) if time::parse_point(text, now, &Zone::UTC).is_ok() => {
                    failure.hint("--utc takes it as UTC; an age, or a time with Z, needs no zone")
                }
                _ => failure,
            }
            .into())
        }
    }
}

fn age(now: Instant, flag: &str, age: Option<Duration>) -> Result<Option<Instant>> {
    let Some(age) = age else {
        return Ok(None);
    };
    match time::before(now, age) {
        Some(at) => Ok(Some(at)),
        None => Err(bad_value(flag, &time::spell_duration(age), "too long ago").into()),
    }
}
