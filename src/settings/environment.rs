//! The environment: the variables that mean something here, read once.

use std::ffi::OsString;

use super::postgres_variables::PostgresVariables;

/// The environment variables that mean something here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub jobctl_db: Option<OsString>,
    pub database_url: Option<OsString>,
    pub xdg_data_home: Option<OsString>,
    pub home: Option<OsString>,
    /// What the clients of PostgreSQL read.
    pub postgres: PostgresVariables,
    /// Whether changes are kept in the history: auto, off or required.
    pub jobctl_history: Option<String>,
    /// The name of the user.
    pub user: Option<String>,
    /// The zone; UTC where it is set and empty.
    pub tz: Option<String>,
    pub no_color: bool,
    pub clicolor_force: bool,
    pub term: Option<String>,
    /// The locale of characters.
    pub locale: Option<String>,
    pub columns: Option<usize>,
    /// The pagers; no pager where one is set and empty.
    pub jobctl_pager: Option<String>,
    pub pager: Option<String>,
    /// Whether these pagers' own variables are set.
    pub less: bool,
    pub less_charset: bool,
    pub lv: bool,
    /// Stops the clock, for tests.
    pub test_now: Option<String>,
    /// A list that stands for that of what is mounted, for tests.
    pub test_mounts: Option<OsString>,
    /// Makes new ids predictable, for tests.
    pub test_seed: Option<String>,
}

impl Environment {
    /// Whether the terminal can show text alone, as one without a name is taken to.
    pub(crate) fn term_is_dumb(&self) -> bool {
        matches!(self.term.as_deref(), None | Some("dumb" | "unknown"))
    }

    pub(crate) fn of_process() -> Environment {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let is_set = |name: &str| std::env::var_os(name).is_some();
        Environment {
            jobctl_db: path("JOBCTL_DB"),
            database_url: path("DATABASE_URL"),
            xdg_data_home: path("XDG_DATA_HOME"),
            home: path("HOME"),
            postgres: PostgresVariables::of(std::env::vars_os()),
            jobctl_history: text("JOBCTL_HISTORY"),
            user: text("USER").or_else(|| text("LOGNAME")),
            tz: std::env::var_os("TZ").map(|value| value.to_string_lossy().into_owned()),
            no_color: text("NO_COLOR").is_some(),
            clicolor_force: text("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            term: text("TERM"),
            locale: text("LC_ALL")
                .or_else(|| text("LC_CTYPE"))
                .or_else(|| text("LANG")),
            columns: text("COLUMNS").and_then(|value| value.parse().ok()),
            jobctl_pager: std::env::var("JOBCTL_PAGER").ok(),
            pager: std::env::var("PAGER").ok(),
            less: is_set("LESS"),
            less_charset: is_set("LESSCHARSET"),
            lv: is_set("LV"),
            test_now: text("JOBCTL_TEST_NOW"),
            test_mounts: path("JOBCTL_TEST_MOUNTS"),
            test_seed: text("JOBCTL_TEST_SEED"),
        }
    }
}
