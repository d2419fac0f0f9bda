//! What depends on who runs it, and on what is mounted. Another user and other mounts are one thread's own.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;

use rustix::mount::{MountPropagationFlags, mount_bind, mount_change};
use rustix::process::{Uid, geteuid};
use rustix::thread::set_thread_res_uid;

use super::{ID, Place, failed, gone, own};
use crate::folders::Removal;

const NOBODY: u32 = 65_534;

pub(super) fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// Runs it in a thread of its own, as a user whom file modes stop.
fn powerless<T: Send>(place: &Place, run: impl Fn() -> T + Sync) -> T {
    let mode = |mode| fs::set_permissions(place.0.path(), Permissions::from_mode(mode)).unwrap();
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

/// Everything belongs to the user who will remove it.
fn hand_over(place: &Place) {
    if is_root() {
        for entry in walk(&place.path("service")) {
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
    let place = Place::new();
    place.fill(&own("service/a"));
    hand_over(&place);
    let folder = place.path(format!("service/a/{ID}/shots/0"));
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let (path, why) = failed(powerless(&place, || place.remove(own("a"))));
    assert!(path.starts_with(folder.to_str().unwrap()), "{path}");
    assert!(why.contains("ermission denied"), "{why}");
    assert_eq!(
        folder.metadata().unwrap().permissions().mode() & 0o777,
        0o555
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);

    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    gone(powerless(&place, || place.remove(own("a"))));
}

#[test]
fn a_parent_that_may_not_be_written_keeps_the_emptied_folder() {
    let place = Place::new();
    place.fill(&own("service/a"));
    hand_over(&place);
    let parent = place.path("service/a");
    fs::set_permissions(&parent, Permissions::from_mode(0o555)).unwrap();
    let (path, why) = failed(powerless(&place, || place.remove(own("a"))));
    assert_eq!(path, place.text(&own("service/a")));
    assert!(why.contains("ermission denied"), "{why}");
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_parent_that_may_not_be_entered_is_a_failure_and_not_nothing() {
    let place = Place::new();
    place.fill(&own("service/a"));
    hand_over(&place);
    let parent = place.path("service/a");
    fs::set_permissions(&parent, Permissions::from_mode(0o000)).unwrap();
    let (path, why) = failed(powerless(&place, || place.remove(own("a"))));
    fs::set_permissions(&parent, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(path, place.text("service/a"));
    assert!(why.contains("ermission denied"), "{why}");
    assert!(place.is_whole(&own("service/a")));
}

#[test]
fn an_empty_folder_that_may_not_be_read_goes() {
    let place = Place::new();
    let shut = place.path(format!("service/a/{ID}/shut"));
    fs::create_dir_all(&shut).unwrap();
    hand_over(&place);
    fs::set_permissions(&shut, Permissions::from_mode(0o000)).unwrap();
    gone(powerless(&place, || place.remove(own("a"))));
    assert!(!place.exists(&own("service/a")));
}

/// Runs it in a thread with mounts of its own: the victim, bound to that name. The same file system, so no device tells.
fn bound<T: Send>(place: &Place, name: &str, run: impl Fn() -> T + Sync) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // Unsound only where a thread gets file descriptors of its own.
            #[allow(deprecated)]
            rustix::thread::unshare(rustix::thread::UnshareFlags::NEWNS).ok()?;
            let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
            mount_change("/", private).ok()?;
            mount_bind(place.path("victim"), place.path(name)).ok()?;
            Some(run())
        });
        thread.join().unwrap()
    })
}

#[test]
fn what_is_mounted_in_the_folder_stays() {
    let place = Place::new();
    let name = format!("service/a/{ID}/mounted");
    fs::create_dir_all(place.path(&name)).unwrap();
    let Some(removal) = bound(&place, &name, || place.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    let (path, why) = failed(removal);
    assert_eq!(path, place.text(&name));
    assert!(why.contains("mounted"), "{why}");
    place.victim_is_whole();
}

#[test]
fn a_folder_on_which_something_is_mounted_is_not_touched() {
    let place = Place::new();
    fs::create_dir_all(place.path(own("service/a"))).unwrap();
    let Some(removal) = bound(&place, &own("service/a"), || place.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    let (path, why) = failed(removal);
    assert_eq!(path, place.text(&own("service/a")));
    assert!(why.contains("mounted"), "{why}");
    place.victim_is_whole();
}

#[test]
fn a_folder_below_a_mount_goes() {
    let place = Place::new();
    fs::create_dir_all(place.path("service/a")).unwrap();
    let Some(removal) = bound(&place, "service/a", || place.remove(own("a"))) else {
        return skipped("nothing can be mounted here");
    };
    assert!(
        matches!(removal, Removal::Gone { files: 3, .. }),
        "{removal:?}"
    );
    assert!(!place.exists(&own("victim")) && place.is_whole("victim/kept"));
}
