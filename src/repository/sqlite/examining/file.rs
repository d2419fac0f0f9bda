//! The checks of the file from outside, before it is opened: names, rights and owners, the file system and its free space.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{journal, locks};
use crate::job::checkup::{Check, Finding, Occurrences, Severity, Wanted};
use crate::repository::sqlite::COMPANIONS;
use crate::system::mounts::{Mounts, free_space};
use crate::system::open::{folder_of, with_suffix};
use crate::text::shell::word;
use crate::text::size::about;

/// The free space below which the service can hardly go on, and that below which somebody should know.
const NO_SPACE: u64 = 32 << 20;
const LITTLE_SPACE: u64 = 256 << 20;

/// What can be found out about a file without opening it by SQLite; `mounts` is another list of what is mounted, for tests.
pub(in crate::repository) fn unopened(
    path: &Path,
    wanted: Wanted,
    mounts: Option<&Path>,
) -> Vec<Finding> {
    // SQLite follows links, and keeps its other files beside the last one.
    let Ok(path) = fs::canonicalize(path) else {
        return Vec::new();
    };
    let Ok(found) = fs::metadata(&path) else {
        return Vec::new();
    };
    if !found.is_file() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut ask = |check: Check, find: &dyn Fn() -> Option<Finding>| {
        if wanted.has(check) {
            findings.extend(find());
        }
    };
    ask(Check::TwoNames, &|| two_names(&path, &found));
    ask(Check::NetworkFiles, &|| network(&path, mounts));
    ask(Check::Permissions, &|| permissions(&path, &found));
    ask(Check::Owners, &|| owners(&path, &found));
    ask(Check::DiskSpace, &|| disk_space(&path, &found));
    ask(Check::HotJournal, &|| journal::hot(&path));
    ask(Check::LogSize, &|| journal::log(&path));
    ask(Check::Locks, &|| locks::check(&path));
    findings
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn two_names(path: &Path, found: &Metadata) -> Option<Finding> {
    let names = found.nlink();
    (names > 1).then(|| {
        Finding::new(Check::TwoNames, Severity::Error)
            .example(format!("{} has {names} names", shown(path)))
            .means(
                "The file has a second name (a hard link). SQLite keeps what it needs after a crash beside the name by which a program opened the file, and who opens it by the \
                 other name does not see that: the database can be destroyed.",
            )
            .mend(format!(
                "find {} -xdev -samefile {} shows the names: remove all but one",
                word(&shown(folder_of(path))),
                word(&shown(path))
            ))
    })
}

fn network(path: &Path, list: Option<&Path>) -> Option<Finding> {
    let mounts = Mounts::now(list);
    let kind = mounts.network_of(path)?;
    let finding = Finding::new(Check::NetworkFiles, Severity::Warning)
        .example(format!("{} is on {kind}", shown(path)))
        .means(
            "The file lies on another machine. Locks on network file systems often do not work, and two programs that write at once then destroy the database.",
        )
        .mend("stop the service, move the file to a disk of the machine that the service runs on, and give the service the new path");
    Some(finding)
}

/// The rights of a user on a file or folder, of which these bits (4 read, 2 write, 1 execute) are wanted. Only the user's
/// own group is known here.
fn may(found: &Metadata, user: u32, group: u32, bits: u32) -> bool {
    let mode = found.mode();
    let granted = if user == found.uid() {
        mode >> 6
    } else if group == found.gid() {
        mode >> 3
    } else {
        mode
    };
    user == 0 || granted & bits == bits
}

const STICKY: u32 = 0o1000;

fn permissions(path: &Path, found: &Metadata) -> Option<Finding> {
    let folder = folder_of(path);
    let of_folder = fs::metadata(folder).ok()?;
    let (user, group) = (found.uid(), found.gid());
    let (mut cannot, mut anybody) = (Occurrences::default(), Occurrences::default());
    let mode = |found: &Metadata| format!("mode {:04o}", found.mode() & 0o7777);
    if !may(found, user, group, 6) {
        cannot.add(|| format!("{} ({})", shown(path), mode(found)));
    }
    if !may(&of_folder, user, group, 3) {
        cannot.add(|| {
            let owner = of_folder.uid();
            format!("{} (user {owner}, {})", shown(folder), mode(&of_folder))
        });
    }
    if found.mode() & 0o002 != 0 {
        anybody.add(|| format!("{} ({})", shown(path), mode(found)));
    }
    if of_folder.mode() & 0o002 != 0 && of_folder.mode() & STICKY == 0 {
        anybody.add(|| format!("{} ({})", shown(folder), mode(&of_folder)));
    }
    let (path, folder) = (word(&shown(path)), word(&shown(folder)));
    let cannot = cannot.finding(
        Check::Permissions,
        Severity::Error,
        format!(
            "The owner of the file (user {user}) may not write it, or make the files beside it that each write needs. If the service runs as that user, every change of a job fails."
        ),
        format!("chown {user} {folder}; chmod u+rw {path}; chmod u+rwx {folder}"),
    );
    cannot.or_else(|| {
        anybody.finding(
            Check::Permissions,
            Severity::Warning,
            "Every user of this machine may change the jobs, or put another file in the place of the database.",
            format!("chmod o-w {path} {folder}"),
        )
    })
}

fn owners(path: &Path, found: &Metadata) -> Option<Finding> {
    let (user, group) = (found.uid(), found.gid());
    let mut tally = Occurrences::default();
    let mut files = Vec::new();
    for suffix in COMPANIONS {
        let beside = with_suffix(path, suffix);
        let Ok(its) = fs::metadata(&beside) else {
            continue;
        };
        if !may(&its, user, group, 6) || (user == 0 && its.mode() & 0o600 != 0o600) {
            tally.add(|| {
                let mode = its.mode() & 0o7777;
                format!("{} (user {}, mode {mode:04o})", shown(&beside), its.uid())
            });
            files.push(word(&shown(&beside)));
        }
    }
    tally.finding(
        Check::Owners,
        Severity::Error,
        format!(
            "A file that SQLite keeps beside the database was made by another user, as when somebody ran a command as root. The owner of the database (user {user}) may not use it, \
             so the service fails."
        ),
        format!(
            "chown --reference={path} {files}; chmod --reference={path} {files}",
            path = word(&shown(path)),
            files = files.join(" ")
        ),
    )
}

fn disk_space(path: &Path, found: &Metadata) -> Option<Finding> {
    let free = free_space(folder_of(path)).ok()?;
    let severity = if free < NO_SPACE {
        Severity::Error
    } else if free < LITTLE_SPACE.max(found.size() / 10) {
        Severity::Warning
    } else {
        return None;
    };
    let finding = Finding::new(Check::DiskSpace, severity)
        .example(format!(
            "{} free, database {}",
            about(free),
            about(found.size())
        ))
        .means("The disk is nearly full. When it is, no job can be made or changed any more, and the service fails.")
        .mend("df -h shows the disks: free some of it; jobctl cleanup --older-than 30d --reclaim takes old jobs out");
    Some(finding)
}
