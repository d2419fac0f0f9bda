//! Bounds in time between which nothing can lie: a slip of who wrote them, and no filter.

use std::time::Duration;

use anyhow::Result;

use crate::context::Context;
use crate::error::Failure;
use crate::job::Filter;
use crate::text::visible::one_line;
use crate::time;

/// The bounds as they were typed.
pub(super) struct Typed<'a> {
    pub(super) since: Option<&'a str>,
    pub(super) until: Option<&'a str>,
    pub(super) older_than: Option<Duration>,
    pub(super) stuck: Option<Duration>,
}

pub(super) fn check(args: &Typed, filter: &Filter, context: &Context) -> Result<()> {
    let Some(begin) = filter.since else {
        return Ok(());
    };
    let since = one_line(args.since.unwrap_or_default());
    let until = one_line(args.until.unwrap_or_default());
    let told = |at| time::to_the_second(at, &context.zone);
    match filter.until {
        Some(end) if end == begin => {
            let message = format!(
                "'--since {since}' and '--until {until}' are the same moment ({}), and nothing lies between",
                told(begin)
            );
            let hint = "--until is the end of the window, and not in it; leave one of them out";
            return Err(Failure::usage(message).hint(hint).into());
        }
        Some(end) if end < begin => {
            let message = format!(
                "'--since {since}' ({}) is later than '--until {until}' ({}), and nothing lies between",
                told(begin),
                told(end)
            );
            let hint = format!("the other way round: --since '{until}' --until '{since}'");
            return Err(Failure::usage(message).hint(hint).into());
        }
        _ => {}
    }
    // A job ends, and gives signs of life, after it was created.
    let ages = [
        ("--older-than", args.older_than, filter.aged_before),
        ("--stuck", args.stuck, filter.stuck_before),
    ];
    for (flag, age, before) in ages {
        if let (Some(age), Some(before)) = (age, before)
            && before <= begin
        {
            let message = format!(
                "no job since '{since}' ({}) can be as old as '{flag} {}' ({})",
                told(begin),
                time::spell_duration(age),
                told(before)
            );
            let hint = "--since is the beginning of the window; the end of it is --until";
            return Err(Failure::usage(message).hint(hint).into());
        }
    }
    Ok(())
}
