//! The context of a command: the database, the clock, fresh ids, the time zone and the terminal. Nothing
//! below reads the environment or the time by itself, so that tests can fix both.

mod keeping;
mod new_ids;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Instant as Stopwatch;

use self::keeping::Keeping;
use self::new_ids::IdSource;
use crate::error::{Failure, Kind};
use crate::legacy::reader::MAX_RECORD;
use crate::render::bare_ids::BareIds;
use crate::render::format::{self, Format, RecordForm, Style};
use crate::repository::location::Sources;
use crate::repository::{self, Access, Location, Patience, Repository};
use crate::settings::definition::Definition;
use crate::settings::environment::Environment;
use crate::settings::options::Global;
use crate::system::access;
use crate::system::open::{self, Protection};
use crate::system::signals::EndingSignals;
use crate::terminal::Terminal;
use crate::text::size::spell_size;
use crate::text::visible::one_line;
use crate::time::{Clock, Instant, Zone, parse_stored};
use anyhow::Context as _;

/// The most bytes that are read for a flag, from a file or standard input: as many as a record of a dump may have.
const MOST_TEXT: usize = MAX_RECORD;

pub(crate) struct Context {
    pub terminal: Terminal,
    /// A table where none was asked for.
    pub format: Format,
    pub bare_ids: BareIds,
    pub clock: Clock,
    /// The zone of times in flags and on the screen.
    pub zone: Zone,
    /// The zone of this machine, whatever `--utc` says.
    pub machine_zone: Zone,
    pub global: Global,
    pub definition: Definition,
    /// Ctrl-C and its like.
    pub signals: EndingSignals,
    ids: IdSource,
    environment: Environment,
    /// The run as which it is kept in the history.
    pub keeping: Keeping,
    location: Result<Location, Failure>,
    /// The database that has been changed, to be said at the end.
    changed: Option<String>,
    /// Whether it was said that jobs may be hidden.
    told_hidden: bool,
    /// Nothing but SQLite opens the database, from before it does.
    _protection: Option<Protection>,
    started: Stopwatch,
}

impl Context {
    /// Makes the context; an error comes with a terminal to say it on.
    pub(crate) fn new(
        global: Global,
        environment: Environment,
        definition: Definition,
    ) -> Result<Self, Box<(Terminal, Failure)>> {
        let asked = global.output.as_deref().and_then(format::named);
        let format = asked.unwrap_or(format::TABLE);
        let json_errors = format.form() == RecordForm::Object;
        let terminal = Terminal::new(&global, &environment, json_errors);
        let clock = match environment.test_now.as_deref().map(parse_stored) {
            None => Clock::System,
            Some(Some(now)) => Clock::Stopped(now),
            Some(None) => {
                let failure = Failure::usage("JOBCTL_TEST_NOW is not a time");
                return Err(Box::new((terminal, failure)));
            }
        };
        let machine_zone = Zone::machine(environment.tz.as_deref(), open::read);
        let zone = if global.utc {
            Zone::UTC
        } else {
            machine_zone.clone()
        };
        let ids = IdSource::new(environment.test_seed.as_deref());
        let location = locate(&global, &environment);
        Ok(Context {
            terminal,
            format,
            bare_ids: BareIds::new(global.null),
            clock,
            zone,
            machine_zone,
            global,
            definition,
            signals: EndingSignals::of_process(),
            ids,
            environment,
            keeping: Keeping::default(),
            _protection: protect_all_of(&location),
            location,
            changed: None,
            told_hidden: false,
            started: Stopwatch::now(),
        })
    }

    /// The style of what is written to stdout, in any format.
    pub(crate) fn style(&self) -> Style {
        Style {
            harmless: self.terminal.width.is_some(),
            excel: self.global.excel,
            bare_ids: self.bare_ids.clone(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn new_id(&mut self) -> String {
        self.ids.next()
    }

    /// The zone of times on the screen. Where `TZ` names none it is UTC, and a note says so.
    pub(crate) fn shown_zone(&mut self) -> Zone {
        if let Zone::Unknown(why) = &self.zone {
            let warning = format!("times are told in UTC: {}", one_line(why));
            self.terminal.warn(&warning);
        }
        self.zone.clone()
    }

    /// The value of `TERM`.
    pub(crate) fn term(&self) -> Option<&str> {
        self.environment.term.as_deref()
    }

    pub(crate) fn home(&self) -> Option<&OsStr> {
        self.environment.home.as_deref()
    }

    /// The database that the command line and the environment name.
    pub(crate) fn location(&self) -> anyhow::Result<Location> {
        Ok(self.location.clone()?)
    }

    /// The database that an argument names, beside that of the options; `origin` says which argument.
    pub(crate) fn location_of(
        &self,
        value: &OsStr,
        origin: &'static str,
    ) -> Result<Location, Failure> {
        let location = Location::of_value(value, origin, &self.environment.postgres)?;
        repository::check(&location)?;
        Ok(location)
    }

    /// The databases that JOBCTL_DB and DATABASE_URL name, of which the first counts; None where they are not both set.
    pub(crate) fn both_named(&self) -> Option<[Result<Location, Failure>; 2]> {
        Location::by_variables(&sources(&self.global, &self.environment))
    }

    /// The list that stands for that of what is mounted, in tests.
    pub(crate) fn test_mounts(&self) -> Option<PathBuf> {
        self.environment.test_mounts.clone().map(PathBuf::from)
    }

    /// Replaces the database that `--db` of this process names.
    pub(crate) fn use_database(&mut self, db: PathBuf) {
        self.global.db = Some(db);
        self.location = locate(&self.global, &self.environment);
        self._protection = protect_all_of(&self.location);
    }

    pub(crate) fn open(&mut self, access: Access) -> anyhow::Result<Box<dyn Repository>> {
        let location = self.location()?;
        let stream = match (
            open::is_protected_descriptor(std::io::stdout()),
            open::is_protected_descriptor(std::io::stderr()),
        ) {
            (true, _) => Some("output"),
            // Nothing is said there either.
            (false, true) => Some("error"),
            (false, false) => None,
        };
        if let Some(stream) = stream {
            let database = location.name();
            let message = format!("standard {stream} is {}, the database", one_line(&database));
            return Err(Failure::usage(message)
                .hint("redirect it to another file")
                .into());
        }
        self.terminal.detail(&named_in_full(&location));
        let terms = if access.writes() {
            Some(self.keeping.terms(&self.environment, self.now())?)
        } else {
            None
        };
        let mut repository = repository::open(&location, access, self.patience())?;
        if let Some(terms) = terms {
            repository.begin_run(terms);
        }
        // One that follows a database opens it again.
        if access == Access::Read
            && !self.told_hidden
            && let Some(hidden) = repository.hides()
        {
            self.told_hidden = true;
            self.terminal.warn(&hidden);
        }
        Ok(repository)
    }

    /// The patience with locks that the command line asks for.
    pub(crate) fn patience(&self) -> Patience {
        Patience::new(self.global.busy_timeout, self.signals.clone())
    }

    /// Whether what is changed is kept in the history.
    pub(crate) fn keeps_history(&self) -> bool {
        self.keeping.is_on(&self.environment)
    }

    /// Says which database is about to be changed, and where its name came from: a script or a cron job may have another
    /// than it should.
    pub(crate) fn tell_database(&mut self) {
        let Some(database) = self.unseen_database() else {
            return;
        };
        if self.format.form() == RecordForm::Object {
            self.changed = Some(database)
        } else {
            self.terminal.note(&database)
        }
    }

    /// Ends a successful run.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        self.terminal.finish()?;
        if let Some(database) = self.changed.take() {
            self.terminal.note(&database);
        }
        if let Some(told) = self.keeping.told() {
            self.terminal.detail(&told);
        }
        Ok(())
    }

    /// The sentence that names the database, for a command that tells all in one line; None where it is seen otherwise.
    pub(crate) fn unseen_database(&self) -> Option<String> {
        let location = self.location.as_ref().ok()?;
        self.terminal.is_unseen().then(|| named_in_full(location))
    }

    /// Tells the time of the run, with `--verbose`.
    pub(crate) fn tell_time(&mut self) {
        let took = self.started.elapsed();
        self.terminal
            .detail(&format!("took {:.1} ms", took.as_secs_f64() * 1000.0));
    }

    /// The text of a flag: literal, `@FILE`, or `-` for standard input; `@@` begins a literal `@`.
    /// A byte order mark before the text of a file or of the input is not part of it, and neither is one line break behind it.
    pub(crate) fn flag_text(&self, flag: &str, value: &OsStr) -> anyhow::Result<String> {
        self.flag_text_or(flag, value, Kind::Usage)
    }

    /// The same, with the error for a text that is not UTF-8.
    pub(crate) fn flag_text_or(
        &self,
        flag: &str,
        value: &OsStr,
        no_text: Kind,
    ) -> anyhow::Result<String> {
        let literal = |bytes: &[u8]| utf8(flag, "the value", bytes.to_vec(), no_text);
        let text = match value.as_bytes() {
            [b'@', literal_at @ ..] if literal_at.starts_with(b"@") => {
                return Ok(literal(literal_at)?);
            }
            [b'@'] => {
                let message = format!("'{flag} @' names no file");
                return Err(Failure::usage(message).hint(takes(flag)).into());
            }
            [b'@', path @ ..] => {
                let path = Path::new(OsStr::from_bytes(path));
                let shown = one_line(&path.to_string_lossy()).into_owned();
                let bytes = open::read(path, MOST_TEXT).map_err(|error| {
                    let error = access::explained_reading(error, path);
                    let kind = match error.kind() {
                        std::io::ErrorKind::FileTooLarge => return too_long(flag, &shown),
                        _ if open::is_refusal(&error) => Kind::Usage,
                        std::io::ErrorKind::NotFound => Kind::NoInput,
                        _ => Kind::Io,
                    };
                    let message = format!("cannot read {shown} for '{flag}': {error}");
                    Failure::new(kind, message)
                        .hint(access::hint_of(&error).unwrap_or_else(|| takes(flag)))
                })?;
                utf8(flag, &shown, bytes, no_text)?
            }
            b"-" => {
                stdin_is_no_database(&format!("'{flag}'"))?;
                let bytes = match open::read_whole(std::io::stdin(), MOST_TEXT) {
                    Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                        return Err(too_long(flag, "standard input").into());
                    }
                    read => read.with_context(|| format!("reading standard input for '{flag}'"))?,
                };
                utf8(flag, "standard input", bytes, no_text)?
            }
            bytes => return Ok(literal(bytes)?),
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let text = text.strip_suffix('\n').unwrap_or(text);
        Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
    }
}

/// The error for an input longer than may be read, as a device without end is.
fn too_long(flag: &str, source: &str) -> Failure {
    let message = format!(
        "{source}, read for '{flag}', is longer than {} bytes ({})",
        MOST_TEXT,
        spell_size(MOST_TEXT as u64)
    );
    let hint =
        "a text of a job is at most so long, as in migrate; jobctl migrate FILE reads many jobs";
    Failure::new(Kind::BadData, message).hint(hint)
}

fn takes(flag: &str) -> String {
    format!("'{flag}' takes text, @FILE, or - for standard input")
}

fn sources(global: &Global, environment: &Environment) -> Sources {
    Sources {
        flag: global.db.clone(),
        jobctl_db: environment.jobctl_db.clone(),
        database_url: environment.database_url.clone(),
        xdg_data_home: environment.xdg_data_home.clone(),
        home: environment.home.clone(),
        postgres: environment.postgres.clone(),
    }
}

fn locate(global: &Global, environment: &Environment) -> Result<Location, Failure> {
    let location = Location::find(&sources(global, environment))?;
    repository::check(&location)?;
    Ok(location)
}

fn named_in_full(location: &Location) -> String {
    let database = location.name();
    format!("database: {} ({})", one_line(&database), location.origin)
}

fn protect_all_of(location: &Result<Location, Failure>) -> Option<Protection> {
    repository::protect(location.as_ref().ok()?)
}

fn utf8(flag: &str, source: &str, bytes: Vec<u8>, no_text: Kind) -> Result<String, Failure> {
    let utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    String::from_utf8(bytes).map_err(|error| {
        let hint = if utf_16 {
            "it is UTF-16; convert it with iconv -f UTF-16 -t UTF-8"
        } else {
            "convert it, as with iconv"
        };
        let offset = error.utf8_error().valid_up_to();
        let message = format!("{source}, read for '{flag}', is not UTF-8 text (byte {offset})");
        Failure::new(no_text, message).hint(hint)
    })
}

/// Refuses standard input where it is a file of the database.
pub(crate) fn stdin_is_no_database(purpose: &str) -> Result<(), Failure> {
    if !open::is_protected_descriptor(std::io::stdin()) {
        return Ok(());
    }
    let message = format!("standard input, read for {purpose}, belongs to the database");
    Err(Failure::usage(message).hint("redirect it from another file"))
}
