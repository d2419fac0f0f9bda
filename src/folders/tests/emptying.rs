//! What is removed with a folder, and how it is counted.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{ID, Place, gone, own};
use crate::folders::Removal;

#[test]
fn links_in_the_folder_go_and_their_targets_stay() {
    let place = Place::new();
    place.fill(&own("service"));
    place.link(place.path("victim"), &format!("service/{ID}/folder"));
    place.link(
        "../../victim/kept/script.json",
        &format!("service/{ID}/file"),
    );
    place.link("nowhere", &format!("service/{ID}/shots/dangling"));
    place.link(".", &format!("service/{ID}/shots/itself"));
    place.link("..", &format!("service/{ID}/shots/above"));
    place.link(place.path(""), &format!("service/{ID}/everything"));
    assert_eq!(gone(place.remove(ID)).1, 9);
    assert!(!place.exists(&own("service")));
    place.victim_is_whole();
}

#[test]
fn bytes_count_where_the_last_name_goes() {
    let place = Place::new();
    let folder = place.path(own("service"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("linked"), [1; 100_000]).unwrap();
    fs::hard_link(folder.join("linked"), place.path("service/another name")).unwrap();
    let without =
        place.room(&own("service")) - folder.join("linked").metadata().unwrap().blocks() * 512;
    assert_eq!(gone(place.remove(ID)), (without, 1));
    assert_eq!(
        fs::read(place.path("service/another name")).unwrap().len(),
        100_000
    );

    // Both names in the folder: it counts once.
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("one"), [1; 100_000]).unwrap();
    let room = place.room(&own("service"));
    fs::hard_link(folder.join("one"), folder.join("two")).unwrap();
    assert_eq!(gone(place.remove(ID)), (room, 2));
}

#[test]
fn pipes_and_sockets_go_and_nobody_waits_for_them() {
    let place = Place::new();
    let folder = place.path(own("service"));
    fs::create_dir_all(folder.join("sub")).unwrap();
    mknodat(CWD, folder.join("sub/pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let _listener = UnixListener::bind(folder.join("sub/socket")).unwrap();
    assert_eq!(gone(place.remove(ID)).1, 2);
    assert!(!folder.exists());
    // One at the folder's own place is no folder.
    mknodat(CWD, &folder, FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert!(matches!(place.remove(ID), Removal::Left { .. }));
}

#[test]
fn names_of_any_bytes_go() {
    let place = Place::new();
    let folder = place.path(own("service"));
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
    assert_eq!(gone(place.remove(ID)).1, 8);
    assert!(!folder.exists());
}

#[test]
fn an_empty_folder_goes() {
    let place = Place::new();
    fs::create_dir(place.path(own("service"))).unwrap();
    assert_eq!(gone(place.remove(ID)).1, 0);
    assert!(!place.exists(&own("service")));
}

#[test]
fn many_files_and_many_folders_go() {
    let place = Place::new();
    let folder = place.path(own("service"));
    for sub in 0..500 {
        fs::create_dir_all(folder.join(format!("shots/{sub}/frames"))).unwrap();
    }
    for file in 0..50_000 {
        fs::write(folder.join(format!("frame {file}.png")), "").unwrap();
    }
    let room = place.room(&own("service"));
    assert_eq!(gone(place.remove(ID)), (room, 50_000));
    assert!(!folder.exists() && place.exists("service"));
}
