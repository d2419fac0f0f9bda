//! Folders that jobs which stay use.

use std::fs;

use super::{ID, OTHER, Place, gone, left, own};
use crate::folders::{Left, Removal, Root};
use crate::job::Value;

/// What becomes of `a/ID` while OTHER stays with that folder.
fn beside(place: &Place, root: &Root, dir: impl Into<Value>) -> Removal {
    place.fill(&own("service/a"));
    let mut in_use = root.in_use();
    in_use.add(OTHER, &dir.into());
    root.remove(ID, &Value::from(own("a")), &in_use)
}

#[test]
fn a_folder_that_another_job_uses_stays() {
    let place = Place::new();
    let root = place.root();
    for dir in [
        own("a"),
        format!("./a//{ID}/."),
        place.text(&own("service/a")),
        // Something inside it, be it there or not.
        format!("a/{ID}/{OTHER}"),
        format!("a/{ID}/shots"),
        format!("a/{ID}/not/there/yet/{OTHER}"),
        place.text(&format!("service/a/{ID}/shots/{OTHER}")),
        format!("b/../a/{ID}"),
        format!("../service/a/{ID}/{OTHER}"),
        format!("a/{ID}/shots/.."),
        // It leads out again, but only while the folder is there.
        format!("a/{ID}/../{OTHER}"),
    ] {
        assert_eq!(
            left(beside(&place, &root, dir.as_str())),
            Left::InUse,
            "{dir}"
        );
        assert!(place.is_whole(&own("service/a")));
    }
    let bytes = Value::Blob(own("a").into_bytes());
    assert_eq!(left(beside(&place, &root, bytes)), Left::InUse);
    let broken = [own("a").as_bytes(), b"/\xff"].concat();
    assert_eq!(
        left(beside(&place, &root, Value::BrokenText(broken))),
        Left::InUse
    );
}

#[test]
fn a_folder_beside_or_above_keeps_none() {
    let place = Place::new();
    let root = place.root();
    for dir in [
        format!("a/{OTHER}"),
        "a".to_owned(),
        ".".to_owned(),
        String::new(),
        "/".to_owned(),
        place.text("service"),
        place.text(""),
        format!("a/{ID}2"),
        format!("b/a/{ID}"),
        own("/a"),
        place.text(&own("victim")),
        format!("a/{ID}\0"),
    ] {
        gone(beside(&place, &root, dir.as_str()));
    }
    for dir in [Value::Null, Value::Integer(7)] {
        gone(beside(&place, &root, dir));
    }
}

#[test]
fn a_job_that_comes_by_a_link_keeps_the_folder() {
    let place = Place::new();
    let root = place.root();
    place.fill(&own("service/a"));
    place.link("a", "service/parent");
    place.link(place.path("service"), "alias");
    place.link(place.path("service/parent"), "service/twice");
    place.link(format!("a/{ID}"), "service/straight");
    place.link(format!("a/{ID}/future/folder"), "service/dangling");
    fs::create_dir(place.path("service/b")).unwrap();
    place.link(format!("../a/{ID}"), &format!("service/b/{OTHER}"));
    place.link(place.path(own("service/a")), "outside");
    place.link(place.path("victim"), &format!("service/a/{ID}/out"));
    place.link(format!("a/{ID}/out/elsewhere"), "service/through");
    for dir in [
        own("parent"),
        format!("twice/{ID}/shots/{OTHER}"),
        format!("straight/{OTHER}"),
        "straight".to_owned(),
        format!("through/{OTHER}"),
        format!("dangling/{OTHER}"),
        format!("dangling/more/{OTHER}"),
        format!("b/{OTHER}"),
        format!("b/{OTHER}/{OTHER}"),
        place.text(&own("alias/a")),
        place.text(&own("alias/twice")),
        place.text("outside"),
        place.text(&format!("outside/{OTHER}")),
        // Up from where the link leads, and not from where it stands.
        format!("straight/../{ID}"),
    ] {
        assert_eq!(
            left(beside(&place, &root, dir.as_str())),
            Left::InUse,
            "{dir}"
        );
    }
}

#[test]
fn links_in_a_circle_end() {
    let place = Place::new();
    let root = place.root();
    place.link("two", "service/one");
    place.link("one", "service/two");
    place.link("itself/itself/itself", "service/itself");
    for dir in ["one/x", "two", "itself", "itself/itself/x"] {
        gone(beside(&place, &root, dir));
    }
}

#[test]
fn a_path_too_long_to_be_used_counts_as_it_is_written() {
    let place = Place::new();
    let root = place.root();
    let long = format!("a/{ID}/{}", "x/".repeat(100_000));
    assert_eq!(left(beside(&place, &root, long)), Left::InUse);
}

#[test]
fn a_folder_goes_when_the_last_job_that_used_it_goes_too() {
    let place = Place::new();
    let root = place.root();
    place.fill(&own("service/a"));
    let in_use = root.in_use();
    let dir = Value::from(own("a"));
    assert_eq!(left(root.remove(OTHER, &dir, &in_use)), Left::Shared);
    gone(root.remove(ID, &dir, &in_use));
    assert_eq!(root.remove(OTHER, &dir, &in_use), Removal::Nothing);
}

#[test]
fn many_jobs_beside_each_other_take_next_to_no_room() {
    let place = Place::new();
    let root = place.root();
    let mut in_use = root.in_use();
    for number in 0..20_000 {
        let id = uuid::Uuid::from_u128(number).to_string();
        let dir = format!(".working_dir/idea2video/{id}");
        in_use.add(&id, &Value::from(dir.as_str()));
        in_use.add(&id, &Value::from(place.text(&format!("service/{dir}"))));
    }
    assert_eq!(in_use.hashes.len(), 2);
}

#[test]
fn folders_are_kept_when_more_are_added_than_are_remembered() {
    let place = Place::new();
    let root = place.root();
    let mut in_use = root.in_use();
    place.fill(&own("service/a"));
    place.link(format!("a/{ID}"), "service/straight");
    in_use.add(OTHER, &Value::from("straight/first"));
    for number in 0..10_000 {
        in_use.add(OTHER, &Value::from(format!("many/{number}/work")));
    }
    let dir = Value::from(own("a"));
    assert_eq!(left(root.remove(ID, &dir, &in_use)), Left::InUse);
    assert!(in_use.places.len() <= super::super::in_use::REMEMBERED);
    for number in ["0", "4095", "9999"] {
        assert!(in_use.holds(&[b"many", number.as_bytes()]));
        assert!(in_use.holds(&[b"many", number.as_bytes(), b"work"]));
    }
}
