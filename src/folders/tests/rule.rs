//! Which folders go and which stay.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::{ID, OTHER, Place, gone, left, own};
use crate::error::{Failure, Kind};
use crate::folders::root::Location;
use crate::folders::{Left, Removal, Root};
use crate::job::Value;

#[test]
fn a_jobs_own_folder_goes_however_its_path_is_written() {
    let place = Place::new();
    let inside = "service/.working_dir/idea2video";
    for path in [
        format!(".working_dir/idea2video/{ID}"),
        format!("./.working_dir//idea2video/./{ID}/"),
        format!(".working_dir/idea2video/{ID}/."),
        place.text(&own(inside)),
        format!("//{}///", place.text(&own(inside))),
    ] {
        place.fill(&own(inside));
        place.fill(&format!("{inside}/{OTHER}"));
        let room = place.room(&own(inside));
        assert_eq!(gone(place.remove(path.as_str())), (room, 3), "{path}");
        assert!(!place.exists(&own(inside)));
        assert!(place.is_whole(&format!("{inside}/{OTHER}")));
    }
    place.victim_is_whole();
}

#[test]
fn a_folder_right_below_the_services_goes() {
    let place = Place::new();
    place.fill(&own("service"));
    assert_eq!(gone(place.remove(ID)).1, 3);
    assert!(place.exists("service") && !place.exists(&own("service")));
}

#[test]
fn a_job_without_a_folder_has_nothing_to_remove() {
    let place = Place::new();
    fs::write(place.path("service/file"), "").unwrap();
    for value in [
        Value::Null,
        Value::from(""),
        Value::from(ID),
        Value::from(format!("never/made/{ID}")),
        Value::from(format!("{}/{ID}", "long".repeat(200))),
        Value::from(format!("never/made/{OTHER}")),
    ] {
        assert_eq!(place.remove(value.clone()), Removal::Nothing, "{value:?}");
    }
}

#[test]
fn nothing_outside_is_touched() {
    let place = Place::new();
    place.fill(&own("service2"));
    place.fill(&own("service/a"));
    let victim = place.text(&own("victim"));
    for (path, why) in [
        (victim, Left::Outside),
        (place.text(&own("service2")), Left::Outside),
        (own(""), Left::Outside),
        ("/".to_owned(), Left::Outside),
        (place.text(""), Left::Outside),
        (format!("../victim/{ID}"), Left::Upwards),
        (format!("a/../../victim/{ID}"), Left::Upwards),
        (format!("a/../a/{ID}"), Left::Upwards),
        (
            place.text(&format!("service/../victim/{ID}")),
            Left::Upwards,
        ),
        (
            place.text(&format!("victim/../service/a/{ID}")),
            Left::Upwards,
        ),
        (format!("a/{ID}/.."), Left::Upwards),
        (place.text("service"), Left::Itself),
        (".".to_owned(), Left::Itself),
        ("./".to_owned(), Left::Itself),
    ] {
        let removal = place.remove(path.as_str());
        assert_eq!(removal, Removal::Left { path, why });
    }
    place.victim_is_whole();
    assert!(place.is_whole(&own("service2")) && place.is_whole(&own("service/a")));
}

#[test]
fn a_link_at_any_level_keeps_what_it_leads_to() {
    let place = Place::new();
    place.fill(&own("service/real"));
    place.link(place.path("victim"), "service/linked");
    place.link("../victim", "service/relative");
    place.link("real", "service/inside");
    fs::create_dir_all(place.path("service/deep/er")).unwrap();
    place.link(place.path(own("victim")), &own("service/deep/er"));
    place.link("nowhere", &own("service/deep"));
    for parent in ["linked", "relative", "inside", "deep/er", "deep"] {
        for path in [own(parent), place.text(&own(&format!("service/{parent}")))] {
            assert_eq!(left(place.remove(path.as_str())), Left::Link, "{path}");
        }
    }
    place.victim_is_whole();
    assert!(place.is_whole(&own("service/real")));
}

#[test]
fn a_shared_folder_stays_and_is_named() {
    let place = Place::new();
    place.fill("service/.working_dir/idea2video");
    for id in [ID, "", ".", "..", "/", "video", ".working_dir/idea2video"] {
        let root = place.root();
        let dir = Value::from(".working_dir/idea2video/");
        let removal = root.remove(id, &dir, &root.in_use());
        let path = place.text("service/.working_dir/idea2video");
        let why = Left::Shared;
        assert_eq!(removal, Removal::Left { path, why }, "{id}");
    }
    assert!(place.is_whole("service/.working_dir/idea2video"));
}

#[test]
fn an_id_is_compared_byte_by_byte() {
    let place = Place::new();
    for name in [
        ID.to_uppercase(),
        format!("{ID} "),
        format!(" {ID}"),
        format!("{ID}2"),
    ] {
        place.fill(&format!("service/{name}"));
        assert_eq!(left(place.remove(name.as_str())), Left::Shared);
        assert!(place.is_whole(&format!("service/{name}")));
    }
}

#[test]
fn what_is_no_folder_stays() {
    let place = Place::new();
    fs::write(place.path(own("service")), "a file").unwrap();
    fs::write(place.path("service/file"), "a file").unwrap();
    assert_eq!(left(place.remove(ID)), Left::NotAFolder);
    assert_eq!(left(place.remove(own("file"))), Left::NotAFolder);
    assert!(place.exists(&own("service")) && place.exists("service/file"));
}

#[test]
fn what_is_stored_as_something_else_is_no_path() {
    let place = Place::new();
    place.fill(&own("service"));
    for value in [
        Value::Integer(7),
        Value::Real(0.5),
        Value::Blob(ID.as_bytes().to_vec()),
        Value::from(format!("{ID}\0")),
        Value::from(format!("\0/{ID}")),
        Value::BrokenText([b"\xff\0/", ID.as_bytes()].concat()),
    ] {
        assert_eq!(
            left(place.remove(value.clone())),
            Left::NotAPath,
            "{value:?}"
        );
    }
    assert!(place.is_whole(&own("service")));
}

#[test]
fn bytes_that_are_not_utf_8_are_a_path_all_the_same() {
    let place = Place::new();
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"service/\xff\n"));
    fs::create_dir_all(place.path(odd).join(ID)).unwrap();
    let path = Value::BrokenText([b"\xff\n/", ID.as_bytes()].concat());
    gone(place.remove(path));
    assert!(place.path(odd).exists() && !place.path(odd).join(ID).exists());
}

#[test]
fn the_services_folder_may_be_named_by_a_link_and_by_what_it_leads_to() {
    let place = Place::new();
    place.link("service", "current");
    for path in ["current/a", "service/a"] {
        place.fill(&own("service/a"));
        let root = Root::open(&place.path("current")).unwrap();
        let dir = Value::from(place.text(&own(path)));
        gone(root.remove(ID, &dir, &root.in_use()));
        assert!(!place.exists(&own("service/a")));
    }
    // It is resolved once.
    place.fill(&own("service/a"));
    place.fill(&own("victim/a"));
    let root = Root::open(&place.path("current")).unwrap();
    fs::remove_file(place.path("current")).unwrap();
    place.link("victim", "current");
    let dir = Value::from(own("a"));
    gone(root.remove(ID, &dir, &root.in_use()));
    assert!(place.is_whole(&own("victim/a")) && !place.exists(&own("service/a")));
}

#[test]
fn a_path_is_located_without_the_file_system() {
    let place = Place::new();
    let root = place.root();
    let dir = Value::from("./a//b/");
    let below = Location::Below(vec![b"a", b"b"]);
    assert_eq!(root.locate(&dir), below);
    assert_eq!(root.locate(&Value::from(place.text("service/a/b"))), below);
    assert_eq!(root.locate(&Value::Null), Location::Nowhere);
}

#[test]
fn examining_removes_nothing() {
    let place = Place::new();
    place.fill(&own("service/a"));
    let root = place.root();
    let dir = Value::from(own("a"));
    let doomed = root.examine(ID, &dir, &root.in_use()).ok().unwrap();
    assert_eq!(doomed.path(), place.text(&own("service/a")));
    assert!(place.is_whole(&own("service/a")));
    gone(doomed.remove());
}

#[test]
fn the_services_folder_must_be_one_and_not_all_there_is() {
    let place = Place::new();
    fs::write(place.path("file"), "").unwrap();
    place.link("/", "everything");
    for (path, kind, words) in [
        (place.path("missing"), Kind::NoInput, "no folder at "),
        (place.path("file"), Kind::NoInput, "is not a folder"),
        (place.path("file/under"), Kind::NoInput, "is not a folder"),
        ("".into(), Kind::NoInput, "no folder at"),
        ("/".into(), Kind::Usage, "too broad"),
        ("/tmp/..".into(), Kind::Usage, "too broad"),
        (place.path("everything"), Kind::Usage, "too broad"),
    ] {
        let error = Root::open(&path).err().unwrap();
        let failure: &Failure = error.downcast_ref().unwrap();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
        assert!(
            failure.message.contains(path.to_str().unwrap()),
            "{failure}"
        );
    }
}
