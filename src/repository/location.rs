//! Which database is meant: a flag, two environment variables, a default, in that order.

use std::path::{Path, PathBuf};

use crate::error::Failure;

/// A SQLite file, and where its path came from (said in error messages: a cron job in the wrong folder
/// should see at once why).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub path: PathBuf,
    pub origin: &'static str,
}

/// What `find` looks at of the environment.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub flag: Option<String>,
    pub jobctl_db: Option<String>,
    pub database_url: Option<String>,
    pub xdg_data_home: Option<String>,
    pub home: Option<String>,
}

impl Location {
    /// The error says what is wrong with the value and what would be right.
    pub fn find(sources: &Sources) -> Result<Location, Failure> {
        let given = [
            (&sources.flag, "from --db"),
            (&sources.jobctl_db, "from JOBCTL_DB"),
            (&sources.database_url, "from DATABASE_URL"),
        ];
        for (value, origin) in given {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                let path = path_of(value)
                    .map_err(|why| Failure::usage(format!("{why} ({origin})")).hint(SUPPORTED))?;
                return Ok(Location { path, origin });
            }
        }
        let absolute = |value: &Option<String>| {
            value
                .as_deref()
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let data = absolute(&sources.xdg_data_home)
            .or_else(|| absolute(&sources.home).map(|home| home.join(".local/share")))
            .ok_or_else(|| {
                Failure::usage("no database is named, and HOME is not set").hint(NAME_IT)
            })?;
        Ok(Location {
            path: data.join("jobctl/jobs.db"),
            origin: "the default",
        })
    }
}

const SUPPORTED: &str = "name a SQLite file: a path, sqlite:///relative or sqlite:////absolute";
const NAME_IT: &str = "name the file with --db PATH, or JOBCTL_DB";

/// A path as it is, or the file of a URL as SQLAlchemy reads it: `sqlite:///relative`, `sqlite:////absolute`.
fn path_of(value: &str) -> Result<PathBuf, String> {
    let Some((scheme, rest)) = value.split_once("://") else {
        if value == ":memory:" || value.starts_with("file:") || value.starts_with("sqlite:") {
            return Err(format!("\"{value}\" names no file"));
        }
        return Ok(PathBuf::from(value));
    };
    if Path::new(value).exists() {
        return Ok(PathBuf::from(value));
    }
    let dialect = scheme.split('+').next().unwrap_or(scheme);
    if dialect != "sqlite" {
        // The rest of the URL may hold a password, and is not repeated.
        return Err(format!("{scheme}:// databases are not supported"));
    }
    let path = rest.split('?').next().unwrap_or(rest);
    match path.strip_prefix('/') {
        Some("" | ":memory:") | None => Err(format!("\"{value}\" names no file")),
        Some(file) if file.starts_with("file:") => Err(format!("\"{value}\" is a file: URI")),
        Some(file) => Ok(PathBuf::from(file)),
    }
}
