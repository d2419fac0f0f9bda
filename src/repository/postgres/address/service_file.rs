//! The file that gives a set of parameters a name, pg_service.conf: the user's own, then the system's.

use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::keywords::keyword;
use super::settings::Settings;
use super::surroundings::Surroundings;
use crate::error::{Failure, Kind};
use crate::system::open;
use crate::text::visible::one_line;

/// More than any such file has.
const MOST: usize = 16 << 20;

/// Supplies what a service names, if `service=` or PGSERVICE names one.
pub(super) fn supply(settings: &mut Settings, around: &Surroundings<'_>) -> Result<(), Failure> {
    if settings.given("service").is_none()
        && let Some(name) = around.variable("PGSERVICE")
    {
        settings.store("service", name.as_bytes(), "from PGSERVICE");
    }
    let Some(setting) = settings.get("service") else {
        return Ok(());
    };
    let service = setting.value.clone();
    let own = around.variable("PGSERVICEFILE");
    let mut files: Vec<(PathBuf, bool)> = match own {
        Some(file) => vec![(PathBuf::from(file), true)],
        None => around
            .at_home(".pg_service.conf")
            .map(|file| (file, false))
            .into_iter()
            .collect(),
    };
    let system = around.system_files("pg_service.conf").into_iter();
    files.extend(system.map(|file| (file, false)));
    let looked_at: Vec<String> = files.iter().map(|(file, _)| shown(file)).collect();
    let missing = setting
        .refused(&format!("no service is called \"{}\"", setting.shown()))
        .hint(format!("it was looked for in {}", looked_at.join(", ")));
    for (file, must_be_there) in files {
        if read(&file, must_be_there, &service, settings)? {
            return Ok(());
        }
    }
    Err(missing)
}

/// Supplies what a file has about the service; whether it has it.
fn read(
    file: &Path,
    must_be_there: bool,
    service: &[u8],
    settings: &mut Settings,
) -> Result<bool, Failure> {
    let text = match open::read(file, MOST) {
        Ok(text) => text,
        Err(error) if !must_be_there && error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => {
            let kind = match error.kind() {
                ErrorKind::NotFound => Kind::NoInput,
                _ => Kind::Io,
            };
            let message = format!("the service file {} cannot be read: {error}", shown(file));
            return Err(Failure::new(kind, message).hint("PGSERVICEFILE names another"));
        }
    };
    let origin = format!("from {}", shown(file));
    let header = [b"[", service, b"]"].concat();
    let mut is_there = false;
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        match line.first() {
            None | Some(b'#') => {}
            Some(b'[') if is_there => break,
            Some(b'[') => is_there = line.starts_with(&header),
            Some(_) if !is_there => {}
            Some(_) => supply_line(line, settings, &origin, index + 1)?,
        }
    }
    Ok(is_there)
}

fn supply_line(
    line: &[u8],
    settings: &mut Settings,
    origin: &str,
    number: usize,
) -> Result<(), Failure> {
    let at = line.iter().position(|byte| *byte == b'=');
    let refused = |why: &str, hint: &str| {
        Err(Failure::usage(format!("line {number} {why} ({origin})")).hint(hint))
    };
    let Some(at) = at else {
        return refused(
            "of the service file is no parameter",
            "a line is NAME=VALUE, without blanks around the =",
        );
    };
    match keyword(&line[..at]) {
        Some(keyword) if keyword.name == "service" => refused(
            "of the service file names a service",
            "a service names no other",
        ),
        Some(keyword) => {
            settings.supply(keyword.name, &line[at + 1..], origin);
            Ok(())
        }
        None => refused(
            "of the service file names no parameter of libpq",
            "a line is NAME=VALUE, without blanks around the =",
        ),
    }
}

fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy()).into_owned()
}
