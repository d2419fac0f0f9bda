//! The rule of which folders are removed and which stay.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::{Disk, ID, OTHER, gone, left, own};
use crate::error::{Failure, Kind};
use crate::folders::root::FolderLocation;
use crate::folders::{FolderStay, Removal, ServiceFolder};
use crate::job::Value;

#[test]
fn a_jobs_own_folder_goes_however_its_path_is_written() {
    let disk = Disk::new();
    let inside = "service/.working_dir/idea2video";
    for path in [
        format!(".working_dir/idea2video/{ID}"),
        format!("./.working_dir//idea2video/./{ID}/"),
        format!(".working_dir/idea2video/{ID}/."),
        disk.text(&own(inside)),
        format!("//{}///", disk.text(&own(inside))),
    ] {
        disk.fill(&own(inside));
        disk.fill(&format!("{inside}/{OTHER}"));
        let room = disk.room(&own(inside));
        assert_eq!(gone(disk.remove(path.as_str())), (room, 3), "{path}");
        assert!(!disk.exists(&own(inside)));
        assert!(disk.is_whole(&format!("{inside}/{OTHER}")));
    }
    disk.victim_is_whole();
}

#[test]
fn a_folder_right_below_the_services_goes() {
    let disk = Disk::new();
    disk.fill(&own("service"));
    assert_eq!(gone(disk.remove(ID)).1, 3);
    assert!(disk.exists("service") && !disk.exists(&own("service")));
}

#[test]
fn a_job_without_a_folder_has_nothing_to_remove() {
    let disk = Disk::new();
    fs::write(disk.path("service/file"), "").unwrap();
    for value in [
        Value::Null,
        Value::from(""),
        Value::from(ID),
        Value::from(format!("never/made/{ID}")),
        Value::from(format!("{}/{ID}", "long".repeat(200))),
        Value::from(format!("never/made/{OTHER}")),
    ] {
        assert_eq!(disk.remove(value.clone()), Removal::Nothing, "{value:?}");
    }
}

#[test]
fn nothing_outside_is_touched() {
    let disk = Disk::new();
    disk.fill(&own("service2"));
    disk.fill(&own("service/a"));
    let victim = disk.text(&own("victim"));
    for (path, why) in [
        (victim, FolderStay::Outside),
        (disk.text(&own("service2")), FolderStay::Outside),
        (own(""), FolderStay::Outside),
        ("/".to_owned(), FolderStay::Outside),
        (disk.text(""), FolderStay::Outside),
        (format!("../victim/{ID}"), FolderStay::Upwards),
        (format!("a/../../victim/{ID}"), FolderStay::Upwards),
        (format!("a/../a/{ID}"), FolderStay::Upwards),
        (
            disk.text(&format!("service/../victim/{ID}")),
            FolderStay::Upwards,
        ),
        (
            disk.text(&format!("victim/../service/a/{ID}")),
            FolderStay::Upwards,
        ),
        (format!("a/{ID}/.."), FolderStay::Upwards),
        (disk.text("service"), FolderStay::Itself),
        (".".to_owned(), FolderStay::Itself),
        ("./".to_owned(), FolderStay::Itself),
    ] {
        let removal = disk.remove(path.as_str());
        assert_eq!(removal, Removal::Left { path, why });
    }
    disk.victim_is_whole();
    assert!(disk.is_whole(&own("service2")) && disk.is_whole(&own("service/a")));
}

#[test]
fn a_link_at_any_level_keeps_what_it_leads_to() {
    let disk = Disk::new();
    disk.fill(&own("service/real"));
    disk.link(disk.path("victim"), "service/linked");
    disk.link("../victim", "service/relative");
    disk.link("real", "service/inside");
    fs::create_dir_all(disk.path("service/deep/er")).unwrap();
    disk.link(disk.path(own("victim")), &own("service/deep/er"));
    disk.link("nowhere", &own("service/deep"));
    for parent in ["linked", "relative", "inside", "deep/er", "deep"] {
        for path in [own(parent), disk.text(&own(&format!("service/{parent}")))] {
            assert_eq!(left(disk.remove(path.as_str())), FolderStay::Link, "{path}");
        }
    }
    disk.victim_is_whole();
    assert!(disk.is_whole(&own("service/real")));
}

#[test]
fn a_shared_folder_stays_and_is_named() {
    let disk = Disk::new();
    disk.fill("service/.working_dir/idea2video");
    for id in [ID, "", ".", "..", "/", "video", ".working_dir/idea2video"] {
        let root = disk.root();
        let dir = Value::from(".working_dir/idea2video/");
        let removal = root.remove(id, &dir, &root.in_use());
        let path = disk.text("service/.working_dir/idea2video");
        let why = FolderStay::Shared;
        assert_eq!(removal, Removal::Left { path, why }, "{id}");
    }
    assert!(disk.is_whole("service/.working_dir/idea2video"));
}

#[test]
fn an_id_is_compared_byte_by_byte() {
    let disk = Disk::new();
    for name in [
        ID.to_uppercase(),
        format!("{ID} "),
        format!(" {ID}"),
        format!("{ID}2"),
    ] {
        disk.fill(&format!("service/{name}"));
        assert_eq!(left(disk.remove(name.as_str())), FolderStay::Shared);
        assert!(disk.is_whole(&format!("service/{name}")));
    }
}

#[test]
fn what_is_no_folder_stays() {
    let disk = Disk::new();
    fs::write(disk.path(own("service")), "a file").unwrap();
    fs::write(disk.path("service/file"), "a file").unwrap();
    assert_eq!(left(disk.remove(ID)), FolderStay::NotAFolder);
    assert_eq!(left(disk.remove(own("file"))), FolderStay::NotAFolder);
    assert!(disk.exists(&own("service")) && disk.exists("service/file"));
}

#[test]
fn what_is_stored_as_something_else_is_no_path() {
    let disk = Disk::new();
    disk.fill(&own("service"));
    for value in [
        Value::Integer(7),
        Value::Real(0.5),
        Value::Blob(ID.as_bytes().to_vec()),
        Value::from(format!("{ID}\0")),
        Value::from(format!("\0/{ID}")),
        Value::BrokenText([b"\xff\0/", ID.as_bytes()].concat()),
    ] {
        assert_eq!(
            left(disk.remove(value.clone())),
            FolderStay::NotAPath,
            "{value:?}"
        );
    }
    assert!(disk.is_whole(&own("service")));
}

#[test]
fn bytes_that_are_not_utf_8_are_a_path_all_the_same() {
    let disk = Disk::new();
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"service/\xff\n"));
    fs::create_dir_all(disk.path(odd).join(ID)).unwrap();
    let path = Value::BrokenText([b"\xff\n/", ID.as_bytes()].concat());
    gone(disk.remove(path));
    assert!(disk.path(odd).exists() && !disk.path(odd).join(ID).exists());
}

#[test]
fn the_services_folder_may_be_named_by_a_link_and_by_what_it_leads_to() {
    let disk = Disk::new();
    disk.link("service", "current");
    for path in ["current/a", "service/a"] {
        disk.fill(&own("service/a"));
        let root = ServiceFolder::open(&disk.path("current")).unwrap();
        let dir = Value::from(disk.text(&own(path)));
        gone(root.remove(ID, &dir, &root.in_use()));
        assert!(!disk.exists(&own("service/a")));
    }
    // It is resolved once.
    disk.fill(&own("service/a"));
    disk.fill(&own("victim/a"));
    let root = ServiceFolder::open(&disk.path("current")).unwrap();
    fs::remove_file(disk.path("current")).unwrap();
    disk.link("victim", "current");
    let dir = Value::from(own("a"));
    gone(root.remove(ID, &dir, &root.in_use()));
    assert!(disk.is_whole(&own("victim/a")) && !disk.exists(&own("service/a")));
}

#[test]
fn a_path_is_located_without_the_file_system() {
    let disk = Disk::new();
    let root = disk.root();
    let dir = Value::from("./a//b/");
    let below = FolderLocation::Below(vec![b"a", b"b"]);
    assert_eq!(root.locate(&dir), below);
    assert_eq!(root.locate(&Value::from(disk.text("service/a/b"))), below);
    assert_eq!(root.locate(&Value::Null), FolderLocation::Nowhere);
}

#[test]
fn examining_removes_nothing() {
    let disk = Disk::new();
    disk.fill(&own("service/a"));
    let root = disk.root();
    let dir = Value::from(own("a"));
    let doomed = root.examine(ID, &dir, &root.in_use()).ok().unwrap();
    assert_eq!(doomed.path(), disk.text(&own("service/a")));
    assert!(disk.is_whole(&own("service/a")));
    gone(doomed.remove());
}

#[test]
fn the_services_folder_must_be_one_and_not_all_there_is() {
    let disk = Disk::new();
    fs::write(disk.path("file"), "").unwrap();
    disk.link("/", "everything");
    for (path, kind, words) in [
        (disk.path("missing"), Kind::NoInput, "no folder at "),
        (disk.path("file"), Kind::NoInput, "is not a folder"),
        (disk.path("file/under"), Kind::NoInput, "is not a folder"),
        ("".into(), Kind::NoInput, "no folder at"),
        ("/".into(), Kind::Usage, "too broad"),
        ("/tmp/..".into(), Kind::Usage, "too broad"),
        (disk.path("everything"), Kind::Usage, "too broad"),
    ] {
        let error = ServiceFolder::open(&path).err().unwrap();
        let failure: &Failure = error.downcast_ref().unwrap();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
        assert!(
            failure.message.contains(path.to_str().unwrap()),
            "{failure}"
        );
    }
}
