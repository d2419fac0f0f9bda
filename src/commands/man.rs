//! `man`: the manual pages, made from the same texts as the help.

use anyhow::Result;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{
    backup, cleanup, completions, create, delete, diff, doctor, export, history, list, migrate,
    redact, redo, restore, show, stats, undo, update, wait,
};
use crate::context::Context;
use crate::error::{EXIT_STATUSES, Failure};
use crate::job::checkup::Check;
use crate::job::status::nearest;
use crate::settings::definition::Definition;

pub(crate) const EXAMPLES: &str = "\
Examples:
  jobctl man | man -l -
  jobctl man migrate > /usr/local/share/man/man1/jobctl-migrate.1";

/// Print a manual page
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The page of this command; without it, that of jobctl itself
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<()> {
    let page = page(args.command.as_deref(), &context.definition)?;
    context.terminal.data(&page)
}

/// The commands that have a page of their own.
fn commands(whole: &clap::Command) -> Vec<String> {
    let names = whole
        .get_subcommands()
        .map(|command| command.get_name().to_owned());
    names.filter(|name| name != "help").collect()
}

/// The page of a command, or of the program, as roff.
fn page(name: Option<&str>, definition: &Definition) -> Result<String> {
    let mut root = (definition.whole)();
    root.build();
    let command = match name {
        None => root,
        Some(name) => match root.find_subcommand(name) {
            Some(command) => {
                let full = format!("jobctl-{name}");
                command.clone().name(full.clone()).display_name(full)
            }
            None => {
                let known = commands(&(definition.whole)());
                let failure = Failure::usage(format!("there is no command \"{name}\""));
                return Err(match nearest(name, known.iter().map(String::as_str)) {
                    Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
                    None => failure.hint("jobctl --help lists the commands"),
                }
                .into());
            }
        },
    };
    let examples = name.map_or(Some(definition.examples), examples);
    render(command, name, examples, &commands(&(definition.whole)()))
}

fn examples(name: &str) -> Option<&'static str> {
    Some(match name {
        "create" => create::EXAMPLES,
        "show" => show::EXAMPLES,
        "update" => update::EXAMPLES,
        "list" => list::EXAMPLES,
        "wait" => wait::EXAMPLES,
        "delete" => delete::EXAMPLES,
        "migrate" => migrate::EXAMPLES,
        "cleanup" => cleanup::EXAMPLES,
        "backup" => backup::EXAMPLES,
        "restore" => restore::EXAMPLES,
        "export" => export::EXAMPLES,
        "history" => history::EXAMPLES,
        "redact" => redact::EXAMPLES,
        "redo" => redo::EXAMPLES,
        "undo" => undo::EXAMPLES,
        "stats" => stats::EXAMPLES,
        "diff" => diff::EXAMPLES,
        "doctor" => doctor::EXAMPLES,
        "completions" => completions::EXAMPLES,
        "man" => EXAMPLES,
        _ => return None,
    })
}

fn render(
    command: clap::Command,
    name: Option<&str>,
    examples: Option<&str>,
    names: &[String],
) -> Result<String> {
    // Examples get a section of their own here; the rest of what follows the help stays there.
    let command = command.after_long_help("").after_help("");
    let has_subcommands = command.has_subcommands();
    let man = Man::new(command)
        .title(name.map_or("jobctl".to_owned(), |name| format!("jobctl-{name}")))
        .section("1")
        .date("")
        .source(concat!("jobctl ", env!("CARGO_PKG_VERSION")))
        .manual("jobctl manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_subcommands {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    if let Some(examples) = examples {
        section(&mut roff, "EXAMPLES");
        for block in examples.split("\n\n") {
            let (heading, lines) = block.split_once('\n').unwrap_or(("", block));
            if heading != "Examples:" {
                roff.text([roman(heading)]);
            }
            roff.control("nf", []);
            for line in lines.lines() {
                roff.text([roman(line.trim_start())]);
            }
            roff.control("fi", []);
        }
    }
    if matches!(
        name,
        Some("create" | "update" | "delete" | "migrate" | "cleanup")
    ) {
        section(&mut roff, "NOTES");
        roff.text([roman(super::CACHE_NOTE.replace('\n', " "))]);
    }
    if name == Some("doctor") {
        section(&mut roff, "CHECKS");
        for check in Check::ALL {
            item(&mut roff, check.name(), check.about());
        }
        section(&mut roff, "CHECKS OF PostgreSQL ALONE");
        for check in Check::ON_SERVERS {
            item(&mut roff, check.name(), check.about());
        }
        section(&mut roff, "KINDS OF --for postgres");
        for kind in Check::FOR_POSTGRES {
            item(&mut roff, kind.name(), kind.about());
        }
    }
    section(&mut roff, "EXIT STATUS");
    for (status, meaning) in EXIT_STATUSES {
        item(&mut roff, &status.to_string(), meaning);
    }
    section(&mut roff, "ENVIRONMENT");
    for (variable, meaning) in ENVIRONMENT {
        item(&mut roff, variable, meaning);
    }
    section(&mut roff, "FILES");
    item(
        &mut roff,
        "$XDG_DATA_HOME/jobctl/jobs.db, else ~/.local/share/jobctl/jobs.db",
        "the database when none is named",
    );
    section(&mut roff, "SEE ALSO");
    let pages: Vec<String> = std::iter::once("jobctl(1)".to_owned())
        .chain(names.iter().map(|name| format!("jobctl-{name}(1)")))
        .filter(|page| {
            *page
                != format!(
                    "{}(1)",
                    name.map_or("jobctl".to_owned(), |n| format!("jobctl-{n}"))
                )
        })
        .chain(["sqlite3(1)".to_owned()])
        .collect();
    roff.text([roman(pages.join(", "))]);
    roff.to_writer(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("JOBCTL_DB", "the database, as for --db"),
    (
        "DATABASE_URL",
        "the service's own setting; read when neither --db nor JOBCTL_DB names a database",
    ),
    ("NO_COLOR, CLICOLOR_FORCE", "never, or always, use colour"),
    (
        "JOBCTL_PAGER, PAGER",
        "the command line that shows long output on a terminal, instead of less -FRX; empty for none",
    ),
    (
        "LESS",
        "the options of less; FRX where it is not set and less is named without any",
    ),
    (
        "TZ",
        "the time zone of times in flags and on the screen: a name, a file or a POSIX rule, as libc takes it",
    ),
    ("COLUMNS", "the width of a terminal that does not tell it"),
];

fn section(roff: &mut Roff, name: &str) {
    roff.control("SH", [name]);
}

fn item(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}
