//! The files removed with a folder, and how they are counted.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Disk, ID, gone, own};
use crate::folders::Removal;

#[test]
fn links_in_the_folder_go_and_their_targets_stay() {
    let disk = Disk::new();
    disk.fill(&own("service"));
    disk.link(disk.path("victim"), &format!("service/{ID}/folder"));
    disk.link(
        "../../victim/kept/script.json",
        &format!("service/{ID}/file"),
    );
    disk.link("nowhere", &format!("service/{ID}/shots/dangling"));
    disk.link(".", &format!("service/{ID}/shots/itself"));
    disk.link("..", &format!("service/{ID}/shots/above"));
    disk.link(disk.path(""), &format!("service/{ID}/everything"));
    assert_eq!(gone(disk.remove(ID)).1, 9);
    assert!(!disk.exists(&own("service")));
    disk.victim_is_whole();
}

#[test]
fn bytes_count_where_the_last_name_goes() {
    let disk = Disk::new();
    let folder = disk.path(own("service"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("linked"), [1; 100_000]).unwrap();
    fs::hard_link(folder.join("linked"), disk.path("service/another name")).unwrap();
    let without =
        disk.room(&own("service")) - folder.join("linked").metadata().unwrap().blocks() * 512;
    assert_eq!(gone(disk.remove(ID)), (without, 1));
    assert_eq!(
        fs::read(disk.path("service/another name")).unwrap().len(),
        100_000
    );

    // Both names in the folder: it counts once.
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("one"), [1; 100_000]).unwrap();
    let room = disk.room(&own("service"));
    fs::hard_link(folder.join("one"), folder.join("two")).unwrap();
    assert_eq!(gone(disk.remove(ID)), (room, 2));
}

#[test]
fn pipes_and_sockets_go_and_nobody_waits_for_them() {
    let disk = Disk::new();
    let folder = disk.path(own("service"));
    fs::create_dir_all(folder.join("sub")).unwrap();
    mknodat(CWD, folder.join("sub/pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let _listener = UnixListener::bind(folder.join("sub/socket")).unwrap();
    assert_eq!(gone(disk.remove(ID)).1, 2);
    assert!(!folder.exists());
    // One at the folder's own name is no folder.
    mknodat(CWD, &folder, FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert!(matches!(disk.remove(ID), Removal::Left { .. }));
}

#[test]
fn names_of_any_bytes_go() {
    let disk = Disk::new();
    let folder = disk.path(own("service"));
    let names: [&[u8]; 8] = [
        b"line\nbreak",
        b"\xff\xfe not text",
        b"-rf",
        b" ",
        b"*",
        b"...",
        b"\x1b[2J",
        &[b'x'; 255],
    ];
    for name in names {
        let sub = folder.join(OsStr::from_bytes(name));
        fs::create_dir_all(&sub).unwrap();
        fs::write(sub.join(OsStr::from_bytes(name)), "").unwrap();
    }
    assert_eq!(gone(disk.remove(ID)).1, 8);
    assert!(!folder.exists());
}

#[test]
fn an_empty_folder_goes() {
    let disk = Disk::new();
    fs::create_dir(disk.path(own("service"))).unwrap();
    assert_eq!(gone(disk.remove(ID)).1, 0);
    assert!(!disk.exists(&own("service")));
}

#[test]
fn many_files_and_many_folders_go() {
    let disk = Disk::new();
    let folder = disk.path(own("service"));
    for sub in 0..500 {
        fs::create_dir_all(folder.join(format!("shots/{sub}/frames"))).unwrap();
    }
    for file in 0..50_000 {
        fs::write(folder.join(format!("frame {file}.png")), "").unwrap();
    }
    let room = disk.room(&own("service"));
    assert_eq!(gone(disk.remove(ID)), (room, 50_000));
    assert!(!folder.exists() && disk.exists("service"));
}
