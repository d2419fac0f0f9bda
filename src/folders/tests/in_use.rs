//! Folders that remaining jobs use.

use std::fs;

use super::{Disk, ID, OTHER, gone, left, own};
use crate::folders::{FolderStay, Removal, ServiceFolder};
use crate::job::Value;

/// The outcome for `a/ID` while the job OTHER stays and uses `dir`.
fn beside(disk: &Disk, root: &ServiceFolder, dir: impl Into<Value>) -> Removal {
    disk.fill(&own("service/a"));
    let mut in_use = root.in_use();
    in_use.add(OTHER, &dir.into());
    root.remove(ID, &Value::from(own("a")), &in_use)
}

#[test]
fn a_folder_that_another_job_uses_stays() {
    let disk = Disk::new();
    let root = disk.root();
    for dir in [
        own("a"),
        format!("./a//{ID}/."),
        disk.text(&own("service/a")),
        // Something inside it, be it there or not.
        format!("a/{ID}/{OTHER}"),
        format!("a/{ID}/shots"),
        format!("a/{ID}/not/there/yet/{OTHER}"),
        disk.text(&format!("service/a/{ID}/shots/{OTHER}")),
        format!("b/../a/{ID}"),
        format!("../service/a/{ID}/{OTHER}"),
        format!("a/{ID}/shots/.."),
        // It leads out again, but only while the folder is there.
        format!("a/{ID}/../{OTHER}"),
    ] {
        assert_eq!(
            left(beside(&disk, &root, dir.as_str())),
            FolderStay::InUse,
            "{dir}"
        );
        assert!(disk.is_whole(&own("service/a")));
    }
    let bytes = Value::Blob(own("a").into_bytes());
    assert_eq!(left(beside(&disk, &root, bytes)), FolderStay::InUse);
    let broken = [own("a").as_bytes(), b"/\xff"].concat();
    assert_eq!(
        left(beside(&disk, &root, Value::BrokenText(broken))),
        FolderStay::InUse
    );
}

#[test]
fn a_folder_beside_or_above_keeps_none() {
    let disk = Disk::new();
    let root = disk.root();
    for dir in [
        format!("a/{OTHER}"),
        "a".to_owned(),
        ".".to_owned(),
        String::new(),
        "/".to_owned(),
        disk.text("service"),
        disk.text(""),
        format!("a/{ID}2"),
        format!("b/a/{ID}"),
        own("/a"),
        disk.text(&own("victim")),
        format!("a/{ID}\0"),
    ] {
        gone(beside(&disk, &root, dir.as_str()));
    }
    for dir in [Value::Null, Value::Integer(7)] {
        gone(beside(&disk, &root, dir));
    }
}

#[test]
fn a_job_that_comes_by_a_link_keeps_the_folder() {
    let disk = Disk::new();
    let root = disk.root();
    disk.fill(&own("service/a"));
    disk.link("a", "service/parent");
    disk.link(disk.path("service"), "alias");
    disk.link(disk.path("service/parent"), "service/twice");
    disk.link(format!("a/{ID}"), "service/straight");
    disk.link(format!("a/{ID}/future/folder"), "service/dangling");
    fs::create_dir(disk.path("service/b")).unwrap();
    disk.link(format!("../a/{ID}"), &format!("service/b/{OTHER}"));
    disk.link(disk.path(own("service/a")), "outside");
    disk.link(disk.path("victim"), &format!("service/a/{ID}/out"));
    disk.link(format!("a/{ID}/out/elsewhere"), "service/through");
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
        disk.text(&own("alias/a")),
        disk.text(&own("alias/twice")),
        disk.text("outside"),
        disk.text(&format!("outside/{OTHER}")),
        // Up from where the link leads, and not from where it stands.
        format!("straight/../{ID}"),
    ] {
        assert_eq!(
            left(beside(&disk, &root, dir.as_str())),
            FolderStay::InUse,
            "{dir}"
        );
    }
}

#[test]
fn links_in_a_circle_end() {
    let disk = Disk::new();
    let root = disk.root();
    disk.link("two", "service/one");
    disk.link("one", "service/two");
    disk.link("itself/itself/itself", "service/itself");
    for dir in ["one/x", "two", "itself", "itself/itself/x"] {
        gone(beside(&disk, &root, dir));
    }
}

#[test]
fn a_path_too_long_to_be_used_counts_as_it_is_written() {
    let disk = Disk::new();
    let root = disk.root();
    let long = format!("a/{ID}/{}", "x/".repeat(100_000));
    assert_eq!(left(beside(&disk, &root, long)), FolderStay::InUse);
}

#[test]
fn a_folder_goes_when_the_last_job_that_used_it_goes_too() {
    let disk = Disk::new();
    let root = disk.root();
    disk.fill(&own("service/a"));
    let in_use = root.in_use();
    let dir = Value::from(own("a"));
    assert_eq!(left(root.remove(OTHER, &dir, &in_use)), FolderStay::Shared);
    gone(root.remove(ID, &dir, &in_use));
    assert_eq!(root.remove(OTHER, &dir, &in_use), Removal::Nothing);
}

#[test]
fn many_jobs_beside_each_other_take_next_to_no_room() {
    let disk = Disk::new();
    let root = disk.root();
    let mut in_use = root.in_use();
    for number in 0..20_000 {
        let id = uuid::Uuid::from_u128(number).to_string();
        let dir = format!(".working_dir/idea2video/{id}");
        in_use.add(&id, &Value::from(dir.as_str()));
        in_use.add(&id, &Value::from(disk.text(&format!("service/{dir}"))));
    }
    assert_eq!(in_use.hashes.len(), 2);
}

#[test]
fn folders_are_kept_when_more_are_added_than_are_remembered() {
    let disk = Disk::new();
    let root = disk.root();
    let mut in_use = root.in_use();
    disk.fill(&own("service/a"));
    disk.link(format!("a/{ID}"), "service/straight");
    in_use.add(OTHER, &Value::from("straight/first"));
    for number in 0..10_000 {
        in_use.add(OTHER, &Value::from(format!("many/{number}/work")));
    }
    let dir = Value::from(own("a"));
    assert_eq!(left(root.remove(ID, &dir, &in_use)), FolderStay::InUse);
    assert!(in_use.targets.len() <= super::super::in_use::REMEMBERED);
    for number in ["0", "4095", "9999"] {
        assert!(in_use.holds(&[b"many", number.as_bytes()]));
        assert!(in_use.holds(&[b"many", number.as_bytes(), b"work"]));
    }
}
