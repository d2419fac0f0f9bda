//! The backups of one database in one folder: each has the time in its name, so that they sort by it. Older ones go when
//! newer ones are there.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::repository::BESIDE;
use crate::system::new_file::remove_abandoned;
use crate::system::open::folder_of;
use crate::time::Instant;

/// The endings of backups, by which packed ones are of the series too.
const ENDINGS: [&str; 3] = [".db", ".db.zst", ".db.gz"];

/// The time in a name, in UTC: `20260115T120000Z`.
const TIME: &str = "%Y%m%dT%H%M%SZ";

#[derive(Debug)]
pub(crate) struct Series {
    folder: PathBuf,
    /// The name of the database without its ending.
    name: String,
}

/// The older backups that were removed, and the first that could not be.
pub(crate) struct Pruned {
    pub(crate) removed: usize,
    pub(crate) failed: Option<(PathBuf, io::Error)>,
}

/// The place of a backup in its series: its time, and its number among those of the same second.
type Order = (String, u32);

impl Series {
    pub(super) fn of(database: &Path, folder: &Path) -> Series {
        let name = database.file_stem().unwrap_or_default();
        Series {
            folder: folder.to_owned(),
            name: name.to_string_lossy().into_owned(),
        }
    }

    /// Those that were kept when a database was replaced, which are no backups of the series.
    pub(crate) fn of_replaced(database: &Path) -> Series {
        let mut series = Series::of(database, folder_of(database));
        series.name.push_str("-replaced");
        series
    }

    /// A name at which nothing is yet.
    pub(crate) fn next(&self, now: Instant, ending: &str) -> PathBuf {
        let time = now.format(TIME);
        let mut number = 1;
        loop {
            let behind = match number {
                1 => String::new(),
                number => format!("-{number}"),
            };
            let name = format!("{}-{time}{behind}.db", self.name);
            let is_free = |ending: &&str| {
                let other = name.replace(".db", "") + ending;
                self.folder.join(other).symlink_metadata().is_err()
            };
            if ENDINGS.iter().all(is_free) {
                let name = name + ending;
                return if self.folder == Path::new(".") {
                    PathBuf::from(name)
                } else {
                    self.folder.join(name)
                };
            }
            number += 1;
        }
    }

    /// The place in the series that a name tells.
    fn order(&self, name: &str) -> Option<Order> {
        let stem = name.strip_prefix(&self.name)?.strip_prefix('-')?;
        let stem = ENDINGS
            .iter()
            .find_map(|ending| stem.strip_suffix(ending))?;
        let (time, number) = match stem.split_once('-') {
            Some((time, number)) => (time, number.parse().ok().filter(|number| *number > 1)?),
            None => (stem, 1),
        };
        let form = time.bytes().map(|byte| match byte {
            b'0'..=b'9' => b'0',
            other => other,
        });
        form.eq(*b"00000000T000000Z")
            .then(|| (time.to_owned(), number))
    }

    /// Removes all but the newest `keep`, of which `newest` is one, whatever the clock said when the others were made.
    pub(crate) fn prune(&self, keep: usize, newest: &Path) -> io::Result<Pruned> {
        let mut others = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file
                && Some(name.as_os_str()) != newest.file_name()
                && let Some(order) = self.order(&name.to_string_lossy())
            {
                others.push((Reverse(order), entry.path()));
            }
        }
        others.sort();
        let mut pruned = Pruned {
            removed: 0,
            failed: None,
        };
        for (_, path) in others.into_iter().skip(keep.saturating_sub(1)) {
            match fs::remove_file(&path) {
                Ok(()) => pruned.removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => pruned.failed = pruned.failed.or(Some((path, error))),
            }
        }
        Ok(pruned)
    }

    /// Removes what killed runs left behind, under whichever name of the series.
    pub(crate) fn clear_left(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            for ending in ENDINGS {
                // `jobs-20260115T120000Z.db.zst.4711.new`
                let whole = name.rfind(ending).map(|at| at + ending.len());
                let Some(whole) = whole.and_then(|end| name.get(..end)) else {
                    continue;
                };
                if whole.len() < name.len() && self.order(whole).is_some() {
                    remove_abandoned(&self.folder.join(whole), BESIDE);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_series_are_of_it() {
        let series = Series::of(Path::new("/srv/jobs.db"), Path::new("/backup"));
        let of = |name: &str| series.order(name);
        let time = "20260115T120000Z".to_owned();
        assert_eq!(of("jobs-20260115T120000Z.db"), Some((time.clone(), 1)));
        assert_eq!(of("jobs-20260115T120000Z.db.gz"), Some((time.clone(), 1)));
        assert_eq!(of("jobs-20260115T120000Z-10.db.zst"), Some((time, 10)));
        for other in [
            "jobs.db",
            "jobs-20260115T120000Z",
            "jobs-20260115T120000Z.db.old",
            "jobs-20260115T120000Z-x.db",
            "jobs-20260115T12000Z.db",
            "jobs-replaced-20260115T120000Z.db",
            "other-20260115T120000Z.db",
            "morejobs-20260115T120000Z.db",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
