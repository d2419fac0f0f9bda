//! Trees deeper than a stack or a list of open files.

use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::fs::{Mode, OFlags, mkdirat, openat};

use super::{ID, Place, failed, gone};

const DEPTH: usize = 10_000;

/// Folders in folders, with a file and a folder beside each tenth; a path would be too long to make them.
fn dig(place: &Place, depth: usize) -> OwnedFd {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = |parent: &OwnedFd, name: &str| openat(parent, name, flags, Mode::empty()).unwrap();
    let mut folder = rustix::fs::open(place.path("service"), flags, Mode::empty()).unwrap();
    mkdirat(&folder, ID, Mode::RWXU).unwrap();
    folder = open(&folder, ID);
    for level in 0..depth {
        let name = if level % 2 == 0 { "a folder" } else { "folder" };
        mkdirat(&folder, name, Mode::RWXU).unwrap();
        if level % 10 == 0 {
            mkdirat(&folder, "beside", Mode::RWXU).unwrap();
            let file = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
            openat(&folder, "file", file, Mode::RUSR).unwrap();
        }
        folder = open(&folder, name);
    }
    folder
}

/// Run by the test below.
#[test]
#[ignore = "it is the next one that counts"]
fn ten_thousand_levels() {
    let place = Place::new();
    dig(&place, DEPTH);
    assert_eq!(gone(place.remove(ID)).1, DEPTH as u64 / 10);
    assert!(!place.exists(&format!("service/{ID}")));
}

/// With few files that may be open at a time, and a small stack.
#[test]
fn a_tree_of_any_depth_goes() {
    let script = "ulimit -n 64 && exec \"$0\" --ignored --exact \"$1\"";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .arg("folders::tests::limits::ten_thousand_levels")
        .env("RUST_MIN_STACK", "262144")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("1 passed"), "{output:?}");
}

#[test]
fn a_deep_failure_is_named_shortly() {
    let place = Place::new();
    if !super::machine::is_root() {
        return super::machine::skipped("only root can make a file that nobody removes");
    }
    let deepest = dig(&place, 300);
    // Kept by the one thing that stops root as well.
    let file = openat(
        &deepest,
        "kept",
        OFlags::CREATE | OFlags::WRONLY,
        Mode::RUSR,
    )
    .unwrap();
    let flags = rustix::fs::ioctl_getflags(&file);
    let immutable = flags
        .and_then(|flags| rustix::fs::ioctl_setflags(&file, flags | rustix::fs::IFlags::IMMUTABLE));
    if immutable.is_err() {
        return super::machine::skipped("no file can be made immutable here");
    }
    let removal = place.remove(ID);
    let flags = rustix::fs::ioctl_getflags(&file).unwrap();
    rustix::fs::ioctl_setflags(&file, flags - rustix::fs::IFlags::IMMUTABLE).unwrap();
    let (path, why) = failed(removal);
    assert!(
        path.starts_with(&place.text(&format!("service/{ID}/.../"))),
        "{path}"
    );
    assert!(path.ends_with("/folder/kept") && path.len() < 500, "{path}");
    assert!(why.contains("not permitted"), "{why}");
    // The next run goes on from there.
    gone(place.remove(ID));
}
