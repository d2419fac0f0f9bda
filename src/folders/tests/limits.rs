//! Trees deeper than a stack or a list of open files.

use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::fs::{Mode, OFlags, mkdirat, openat};

use super::{Disk, ID, failed, gone};

const DEPTH: usize = 10_000;

/// Makes nested folders, with a file and a folder beside each tenth; they are too deep for a path.
fn dig(disk: &Disk, depth: usize) -> OwnedFd {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = |parent: &OwnedFd, name: &str| openat(parent, name, flags, Mode::empty()).unwrap();
    let mut folder = rustix::fs::open(disk.path("service"), flags, Mode::empty()).unwrap();
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

/// The process that the test below starts.
#[test]
#[ignore = "it is the next one that counts"]
fn ten_thousand_levels() {
    let disk = Disk::new();
    dig(&disk, DEPTH);
    assert_eq!(gone(disk.remove(ID)).1, DEPTH as u64 / 10);
    assert!(!disk.exists(&format!("service/{ID}")));
}

/// Removal by a process that may have few files open, and has a small stack.
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
    let disk = Disk::new();
    if !super::machine::is_root() {
        return super::machine::skipped("only root can make a file that nobody removes");
    }
    let deepest = dig(&disk, 300);
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
    let removal = disk.remove(ID);
    let flags = rustix::fs::ioctl_getflags(&file).unwrap();
    rustix::fs::ioctl_setflags(&file, flags - rustix::fs::IFlags::IMMUTABLE).unwrap();
    let (path, why) = failed(removal);
    assert!(
        path.starts_with(&disk.text(&format!("service/{ID}/.../"))),
        "{path}"
    );
    assert!(path.ends_with("/folder/kept") && path.len() < 500, "{path}");
    assert!(why.contains("not permitted"), "{why}");
    // The next run goes on from there.
    gone(disk.remove(ID));
}
