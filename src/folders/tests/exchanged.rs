//! Folders that are exchanged for something else while they are removed.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Disk, ID, failed, own};
use crate::folders::Removal;
use crate::folders::root::Doomed;
use crate::job::Value;

fn exchange(disk: &Disk, one: &str, other: &str) -> bool {
    let (one, other) = (disk.path(one), disk.path(other));
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

/// A guard that ends the threads of a test, also of one that fails.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn examine(disk: &Disk) -> Doomed {
    disk.fill(&own("service/a"));
    let root = disk.root();
    let dir = Value::from(own("a"));
    root.examine(ID, &dir, &root.in_use()).ok().unwrap()
}

#[test]
fn what_was_opened_is_emptied_and_what_stands_there_now_stays() {
    let disk = Disk::new();
    let doomed = examine(&disk);
    disk.link(disk.path(own("victim")), "service/swap");
    assert!(exchange(&disk, &own("service/a"), "service/swap"));
    let (path, why) = failed(doomed.remove());
    assert_eq!(path, disk.text(&own("service/a")));
    assert!(why.contains("exchanged"), "{why}");
    assert!(disk.path(own("service/a")).is_symlink());
    disk.victim_is_whole();
}

#[test]
fn another_folder_of_the_same_name_stays() {
    let disk = Disk::new();
    let doomed = examine(&disk);
    fs::rename(disk.path(own("service/a")), disk.path("service/moved")).unwrap();
    disk.fill(&own("service/a"));
    assert!(failed(doomed.remove()).1.contains("exchanged"));
    assert!(disk.is_whole(&own("service/a")));
    // An empty one too.
    let doomed = examine(&disk);
    fs::rename(disk.path(own("service/a")), disk.path("service/again")).unwrap();
    fs::create_dir(disk.path(own("service/a"))).unwrap();
    failed(doomed.remove());
    assert!(disk.exists(&own("service/a")));
}

#[test]
fn a_parent_that_became_a_link_leads_nowhere_else() {
    let disk = Disk::new();
    let doomed = examine(&disk);
    disk.link(disk.path("victim"), "service/swap");
    assert!(exchange(&disk, "service/a", "service/swap"));
    assert!(matches!(doomed.remove(), Removal::Gone { files: 3, .. }));
    assert!(!disk.exists(&own("service/swap")));
    disk.victim_is_whole();
}

#[test]
fn a_folder_that_vanished_meanwhile_is_gone() {
    let disk = Disk::new();
    let doomed = examine(&disk);
    fs::remove_dir_all(disk.path("service/a")).unwrap();
    let nothing = Removal::Gone { bytes: 0, files: 0 };
    assert_eq!(doomed.remove(), nothing);
}

/// Repeated removals while a thread exchanges the two names; nothing behind the link may be touched.
fn race(one: &str, other: &str, target: &str, rounds: usize) {
    let disk = Disk::new();
    let (root, dir) = (disk.root(), Value::from(own("a")));
    let in_use = root.in_use();
    disk.link(disk.path(target), other);
    let ended = AtomicBool::new(false);
    let mut left = [0; 4];
    std::thread::scope(|scope| {
        let _ended = SetOnDrop(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                exchange(&disk, one, other);
            }
        });
        for _ in 0..rounds {
            // Built aside and put where it belongs, for a path may lead through the link just now.
            disk.fill("aside");
            fs::create_dir_all(disk.path("aside/shots/1/deeper")).unwrap();
            let _ = fs::create_dir(disk.path("service/a"));
            let a = ["service/a", other].into_iter().find(|name| {
                disk.path(name)
                    .symlink_metadata()
                    .is_ok_and(|it| it.is_dir())
            });
            if let Some(a) = a {
                let open = fs::File::open(disk.path(a));
                // The file was opened by a path; only a folder in the service's is filled.
                if let Ok(open) = open
                    && !is_victim(&disk, &open)
                {
                    let _ =
                        renameat_with(CWD, disk.path("aside"), &open, ID, RenameFlags::NOREPLACE);
                }
            }
            let _ = fs::remove_dir_all(disk.path("aside"));
            left[match root.remove(ID, &dir, &in_use) {
                Removal::Gone { .. } => 0,
                Removal::Nothing => 1,
                Removal::Left { .. } => 2,
                Removal::Failed { .. } => 3,
            }] += 1;
            disk.victim_is_whole();
        }
    });
    disk.victim_is_whole();
    // The exchanges really met the removals.
    assert!(
        left.iter().filter(|count| **count > 0).count() > 1,
        "{left:?}"
    );
}

fn is_victim(disk: &Disk, open: &fs::File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |data: fs::Metadata| (data.dev(), data.ino());
    ["victim", "victim/kept", &own("victim")]
        .iter()
        .any(|name| of(open.metadata().unwrap()) == of(disk.path(name).metadata().unwrap()))
}

#[test]
fn a_folder_exchanged_for_a_link_all_the_time_harms_nobody() {
    race(&own("service/a"), "service/swap", &own("victim"), 200);
}

#[test]
fn a_parent_exchanged_for_a_link_all_the_time_harms_nobody() {
    race("service/a", "service/swap", "victim", 200);
}

#[test]
fn a_folder_inside_exchanged_for_a_link_all_the_time_harms_nobody() {
    let inside = format!("service/a/{ID}/shots");
    race(&inside, "service/swap", &format!("victim/{ID}/shots"), 200);
}

#[test]
fn a_folder_that_is_written_to_all_the_time_ends() {
    let disk = Disk::new();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _ended = SetOnDrop(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let _ = fs::write(disk.path(format!("service/a/{ID}/shots/log")), "x");
            }
        });
        for _ in 0..20 {
            disk.fill(&own("service/a"));
            let removal = disk.remove(own("a"));
            assert!(
                matches!(removal, Removal::Gone { .. } | Removal::Failed { .. }),
                "{removal:?}"
            );
        }
    });
}
