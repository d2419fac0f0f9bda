//! The checks of what is around the program: two variables that name databases, of which the service reads one and `jobctl`
//! another.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::job::checkup::{Check, Finding, Severity, Wanted};
use crate::repository::is_same_on_server;
use crate::system::identity::same_file;
use crate::system::open::folder_of;

pub(super) fn check(context: &Context, wanted: Wanted) -> Vec<Finding> {
    let Some([ours, services]) = context.both_named() else {
        return Vec::new();
    };
    let ours = match ours {
        Ok(ours) => ours,
        // That is an error of every command.
        Err(_) => return Vec::new(),
    };
    let both = |services: &str| {
        [
            format!("JOBCTL_DB: {}", ours.name()),
            format!("DATABASE_URL: {services}"),
        ]
    };
    let found = match services {
        Ok(services) => match (ours.file(), services.file()) {
            (Some(one), Some(other)) if is_same(one, other) => spellings(one, other),
            (None, None) if is_same_on_server(&ours, &services) => None,
            (Some(_), Some(_)) => Some(two_databases(both(&services.name()))),
            _ => Some(
                two_databases(both(&services.name()))
                    .mend("unset JOBCTL_DB, or set it to what DATABASE_URL says"),
            ),
        },
        Err(failure) => Some(two_databases(both(&failure.message))),
    };
    found
        .into_iter()
        .filter(|it| wanted.has(it.check))
        .collect()
}

fn two_databases(examples: [String; 2]) -> Finding {
    Finding {
        check: Check::TwoDatabases,
        severity: Severity::Warning,
        count: 1,
        examples: examples.into(),
        means: "The two variables name different databases. jobctl takes JOBCTL_DB; the service takes DATABASE_URL. What you see here may then not be what the service works on.".to_owned(),
        mend: "unset JOBCTL_DB, or set it to the file of DATABASE_URL".to_owned(),
    }
}

/// Whether both paths lead to one file, or would if it were there.
fn is_same(one: &Path, other: &Path) -> bool {
    same_file(one, other) || in_folder(one) == in_folder(other)
}

/// The path with its folder's links followed, and the file's own not.
fn in_folder(path: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder_of(path)).ok()?;
    Some(folder.join(path.file_name()?))
}

fn spellings(one: &Path, other: &Path) -> Option<Finding> {
    if in_folder(one) == in_folder(other) {
        return None;
    }
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let finding = Finding::new(Check::TwoSpellings, Severity::Info)
        .example(format!("JOBCTL_DB: {}", shown(one)))
        .example(format!("DATABASE_URL: {}", shown(other)))
        .means("Both variables lead to one and the same file, by different names (a link). Who copies, moves or replaces one of them may take it for another database than the other.")
        .mend("set both to the same path");
    Some(finding)
}
