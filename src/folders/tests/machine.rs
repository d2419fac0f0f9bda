//! Removal as another user, and across mounts. Only one thread has that user and those mounts.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;

use rustix::mount::{MountPropagationFlags, mount_bind, mount_change};
use rustix::process::{Uid, geteuid};
use rustix::thread::set_thread_res_uid;

use super::{Disk, ID, failed, gone, own};
use crate::folders::Removal;

const NOBODY: u32 = 65_534;

pub(super) fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs a closure in a thread of its own, as a user whom file modes stop.
fn powerless<T: Send>(disk: &Disk, run: impl Fn() -> T + Sync) -> T {
    let mode = |mode| fs::set_permissions(disk.0.path(), Permissions::from_mode(mode)).unwrap();
    mode(0o755);
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let nobody = Uid::from_raw(NOBODY);
            if is_root() {
                set_thread_res_uid(nobody, nobody, nobody).unwrap();
            }
            run()
        });
        thread.join().unwrap()
    })
}

/// Gives everything to the user who will remove it.
fn hand_over(disk: &Disk) {
    if is_root() {
        for entry in walk(&disk.path("service")) {
            std::os::unix::fs::lchown(entry, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
}

fn walk(path: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![path.to_owned()];
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            all.extend(walk(&entry.unwrap().path()));
        }
    }
    all
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_its_mode_is_kept() {
    let disk = Disk::new();
    disk.fill(&own("service/a"));
    hand_over(&disk);
    let folder = disk.path(format!("service/a/{ID}/shots/0"));
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let (path, why) = failed(powerless(&disk, || disk.remove(own("a"))));
    assert!(path.starts_with(folder.to_str().unwrap()), "{path}");
    assert!(why.contains("ermission denied"), "{why}");
    assert_eq!(
        folder.metadata().unwrap().permissions().mode() & 0o777,
        0o555
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);

    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    gone(powerless(&disk, || disk.remove(own("a"))));
}

#[test]
fn a_parent_that_may_not_be_written_keeps_the_emptied_folder() {
    let disk = Disk::new();
    disk.fill(&own("service/a"));
    hand_over(&disk);
    let parent = disk.path("service/a");
    fs::set_permissions(&parent, Permissions::from_mode(0o555)).unwrap();
    let (path, why) = failed(powerless(&disk, || disk.remove(own("a"))));
    assert_eq!(path, disk.text(&own("service/a")));
    assert!(why.contains("ermission denied"), "{why}");
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_parent_that_may_not_be_entered_is_a_failure_and_not_nothing() {
    let disk = Disk::new();
    disk.fill(&own("service/a"));
    hand_over(&disk);
    let parent = disk.path("service/a");
    fs::set_permissions(&parent, Permissions::from_mode(0o000)).unwrap();
    let (path, why) = failed(powerless(&disk, || disk.remove(own("a"))));
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(path, disk.text("service/a"));
    assert!(why.contains("ermission denied"), "{why}");
    assert!(disk.is_whole(&own("service/a")));
}

#[test]
fn an_empty_folder_that_may_not_be_read_goes() {
    let disk = Disk::new();
    let shut = disk.path(format!("service/a/{ID}/shut"));
    fs::create_dir_all(&shut).unwrap();
    hand_over(&disk);
    fs::set_permissions(&shut, Permissions::from_mode(0o000)).unwrap();
    gone(powerless(&disk, || disk.remove(own("a"))));
    assert!(!disk.exists(&own("service/a")));
}

/// Runs a closure in a thread with a mount of its own: the victim, bound to that name, on the same device.
fn bound<T: Send>(disk: &Disk, name: &str, run: impl Fn() -> T + Sync) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // Unsound only where a thread gets file descriptors of its own.
            #[allow(deprecated)]
            rustix::thread::unshare(rustix::thread::UnshareFlags::NEWNS).ok()?;
            let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
            mount_change("/", private).ok()?;
            mount_bind(disk.path("victim"), disk.path(name)).ok()?;
            Some(run())
        });
        thread.join().unwrap()
    })
}

#[test]
fn what_is_mounted_in_the_folder_stays() {
    let disk = Disk::new();
    let name = format!("service/a/{ID}/mounted");
    fs::create_dir_all(disk.path(&name)).unwrap();
    let Some(removal) = bound(&disk, &name, || disk.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    let (path, why) = failed(removal);
    assert_eq!(path, disk.text(&name));
    assert!(why.contains("mounted"), "{why}");
    disk.victim_is_whole();
}

#[test]
fn a_folder_on_which_something_is_mounted_is_not_touched() {
    let disk = Disk::new();
    fs::create_dir_all(disk.path(own("service/a"))).unwrap();
    let Some(removal) = bound(&disk, &own("service/a"), || disk.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    let (path, why) = failed(removal);
    assert_eq!(path, disk.text(&own("service/a")));
    assert!(why.contains("mounted"), "{why}");
    disk.victim_is_whole();
}

#[test]
fn a_folder_below_a_mount_goes() {
    let disk = Disk::new();
    fs::create_dir_all(disk.path("service/a")).unwrap();
    let Some(removal) = bound(&disk, "service/a", || disk.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    assert!(
        matches!(removal, Removal::Gone { files: 3, .. }),
        "{removal:?}"
    );
    assert!(!disk.exists(&own("victim")) && disk.is_whole("victim/kept"));
}
