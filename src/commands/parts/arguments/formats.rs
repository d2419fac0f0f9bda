//! The check of `-o`: a format that cannot show what a command prints is refused.

use anyhow::Result;

use super::filter::bad_value;
use crate::error::Failure;
use crate::render::format::{self, Format, Output};

/// The hint at the format in which `--watch` needs no terminal.
pub(crate) const WATCH_LINES: &str =
    "-o jsonl --watch prints a line for each job that appears, changes or goes";

/// Refuses a format in which this cannot be printed.
pub(crate) fn check(format: Format, output: Output) -> Result<()> {
    if format.takes(output) {
        return Ok(());
    }
    let word = format.word();
    let (failure, hint) = match output {
        Output::Jobs => (
            Failure::usage(format!("only stats is told in the format {word}")),
            format!("jobctl stats -o {word}"),
        ),
        Output::Folders => (
            Failure::usage("'--scan' is for the page, and for json and jsonl"),
            "add -o json".to_owned(),
        ),
        Output::Rows => {
            let formats = format::told(output, format::JSONL);
            (
                bad_value("--output", word, &format!("an export is {formats}")),
                "leave it out for jsonl; jobctl list --all prints tables and ids".to_owned(),
            )
        }
        Output::Statistics => (
            Failure::usage(format!("statistics have no {word}")),
            format!("jobctl list -o {word}, with the same filters"),
        ),
        Output::Findings => (
            Failure::usage("findings are told as table, json or jsonl"),
            "add -o json".to_owned(),
        ),
        Output::Differences => (
            Failure::usage("differences are told as table, json or jsonl"),
            "add -o json".to_owned(),
        ),
        Output::Events => (
            Failure::usage("'--watch' cannot print this format"),
            WATCH_LINES.to_owned(),
        ),
    };
    Err(failure.hint(hint).into())
}
