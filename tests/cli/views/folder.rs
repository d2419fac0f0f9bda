//! What `show` says of a job's working folder: shots, what is missing or locked away, links, and folders without end.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use serde_json::{Value, json};

use crate::machine::{is_root, skipped};
use crate::support::{A, B, KEYS, Output, Sandbox};

/// A job whose working folder is `w/A` beside the database, with these files of the given sizes.
fn job(files: &[(&str, usize)]) -> Sandbox {
    let sandbox = Sandbox::report();
    let folder = format!("w/{A}");
    sandbox.job(A, &[("working_dir", &folder)]);
    fs::create_dir_all(sandbox.path(&folder)).unwrap();
    for (file, bytes) in files {
        sandbox.write(&format!("{folder}/{file}"), vec![0; *bytes]);
    }
    sandbox
}

#[track_caller]
fn scan(sandbox: &Sandbox) -> Value {
    let output = sandbox.jobctl("show $A --scan -o json").run();
    let mut job = output.ok().no_stderr().json();
    assert_eq!(job["job_id"], A);
    job["scan"].take()
}

#[track_caller]
fn page(sandbox: &Sandbox) -> Output {
    sandbox.jobctl("show $A").run().ok().no_stderr()
}

fn folder(sandbox: &Sandbox) -> String {
    let folder = sandbox.path("").canonicalize().unwrap();
    format!("{}/w/{A}", folder.display())
}

#[test]
fn shots_and_scenes_are_counted() {
    let sandbox = job(&[
        ("shots/2/first_frame.png", 10),
        ("shots/2/LAST.JPG", 20),
        ("shots/2/video.mp4", 300),
        ("shots/10/notes.json", 5),
        ("shots/camera_tree.json", 7),
        ("shots/draft/video.mp4", 1000),
        ("scene_1/shots/0/video.mp4", 40),
        ("scene_1/shots/0/takes/frame.png", 1),
        ("scene_1/script.json", 2),
        ("scene_x/shots/0/video.mp4", 3),
        ("final_video.mp4", 9999),
    ]);
    assert_eq!(
        scan(&sandbox),
        json!({
            "working_dir": folder(&sandbox),
            "exists": true,
            "shots": [
                {"scene": null, "shot": 2, "frames": 2, "videos": 1, "bytes": 330},
                {"scene": null, "shot": 10, "frames": 0, "videos": 0, "bytes": 5},
                {"scene": 1, "shot": 0, "frames": 1, "videos": 1, "bytes": 41},
            ],
            "files": 11,
            "bytes": 11387,
            "complete": true,
            "error": null,
        })
    );
    page(&sandbox)
        .stdout_has("3 shots, 2 with a video · 3 frames, 2 videos\n")
        .stdout_has("  11 files, 11.4 kB in all\n")
        .stdout_has("scene 1, 0 ");
}

#[test]
fn json_has_it_with_scan_alone() {
    let sandbox = job(&[("shots/0/video.mp4", 1)]);
    let job = sandbox.jobctl("show $A -o json").run().ok().json();
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    let lines = sandbox.jobctl("show $A -o jsonl --scan").run().ok().jsonl();
    assert_eq!(lines[0]["scan"]["shots"][0]["videos"], 1);
    sandbox.job(B, &[]);
    let jobs = sandbox
        .jobctl("show $A $B -o json --scan")
        .run()
        .ok()
        .json();
    assert_eq!(jobs[0]["scan"]["files"], 1);
    assert_eq!(jobs[1]["scan"], Value::Null);
}

#[test]
fn scan_has_no_place_in_csv_tsv_and_ids() {
    for format in ["csv", "tsv", "ids"] {
        job(&[])
            .jobctl(["show", A, "--scan", "-o", format])
            .run()
            .fails(2)
            .no_stdout()
            .stderr_has("--scan");
    }
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let sandbox = job(&[]);
    fs::remove_dir_all(sandbox.path("w")).unwrap();
    let path = folder(&sandbox);
    page(&sandbox).stdout_has(&format!("on disk      nothing at {path}\n"));
    let scan = scan(&sandbox);
    assert_eq!(
        (&scan["exists"], &scan["error"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn a_file_in_its_place_is_said() {
    let sandbox = job(&[]);
    fs::remove_dir(sandbox.path(format!("w/{A}"))).unwrap();
    sandbox.write(&format!("w/{A}"), "a file");
    page(&sandbox).stdout_has("not a folder");
    assert_eq!(scan(&sandbox)["files"], 0);
}

#[test]
fn a_folder_that_may_not_be_read_is_said() {
    if is_root() {
        skipped("root may read every folder");
        return;
    }
    let sandbox = job(&[("shots/0/video.mp4", 5), ("shots/1/video.mp4", 5)]);
    let lock = |name: &str, mode| {
        let path = sandbox.path(format!("w/{A}")).join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    lock("shots/1", 0o000);
    page(&sandbox)
        .stdout_has("not all could be read: shots/1: ")
        .stdout_has("at least 1 file");
    let found = scan(&sandbox);
    assert_eq!(found["complete"], false);
    assert!(found["error"].as_str().unwrap().starts_with("shots/1: "));
    lock("shots/1", 0o700);
    lock("", 0o000);
    page(&sandbox).stdout_has("ermission denied");
    assert_eq!(scan(&sandbox)["files"], 0);
    lock("", 0o700);
}

#[test]
fn links_are_counted_and_not_followed() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    sandbox.write("elsewhere/shots/7/video.mp4", vec![0; 5000]);
    let at = |name: &str| sandbox.path(format!("w/{A}")).join(name);
    symlink(sandbox.path("elsewhere/shots/7"), at("shots/7")).unwrap();
    symlink(sandbox.path("elsewhere"), at("scene_0")).unwrap();
    symlink("/", at("root")).unwrap();
    symlink(".", at("shots/itself")).unwrap();
    symlink(
        sandbox.path("elsewhere/shots/7/video.mp4"),
        at("shots/0/more.mp4"),
    )
    .unwrap();
    let found = scan(&sandbox);
    let shots = found["shots"].as_array().unwrap();
    assert_eq!(
        (shots.len(), &shots[0]["videos"]),
        (1, &json!(1)),
        "{found}"
    );
    assert_eq!(found["files"], 6);
    assert!(found["bytes"].as_u64().unwrap() < 5000, "{found}");
}

#[test]
fn a_working_folder_that_is_a_link_is_not_looked_into() {
    let sandbox = job(&[]);
    sandbox.write("elsewhere/shots/0/video.mp4", "video");
    fs::remove_dir(sandbox.path(format!("w/{A}"))).unwrap();
    symlink(sandbox.path("elsewhere"), sandbox.path(format!("w/{A}"))).unwrap();
    page(&sandbox)
        .stdout_has("not looked")
        .stdout_has("symbolic link")
        .stdout_lacks("1 file");
    assert_eq!(scan(&sandbox)["files"], 0);
    // Nor one on the way to it.
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    fs::rename(sandbox.path("w"), sandbox.path("other")).unwrap();
    symlink("other", sandbox.path("w")).unwrap();
    page(&sandbox).stdout_has("symbolic link");
}

#[test]
fn a_stored_path_that_goes_upwards_or_is_none_is_not_looked_into() {
    let sandbox = job(&[]);
    sandbox.write("victim/file", "x");
    for stored in ["w/../victim", "..", "../..", "/tmp/../etc"] {
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET working_dir = '{stored}'"
        ));
        page(&sandbox).stdout_has("\"..\"");
        let found = scan(&sandbox);
        assert_eq!(
            (&found["exists"], &found["files"]),
            (&json!(false), &json!(0))
        );
    }
    for stored in ["x'00ff'", "CAST(x'77006100' AS TEXT)"] {
        sandbox.sql(&format!(
            "UPDATE video_generation_jobs SET working_dir = {stored}"
        ));
        page(&sandbox).stdout_has("not a path");
        scan(&sandbox);
    }
}

#[test]
fn a_folder_of_very_many_files_is_counted_so_far_with_a_word() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    let folder = sandbox.path(format!("w/{A}/cache"));
    fs::create_dir(&folder).unwrap();
    for n in 0..3000 {
        fs::write(folder.join(n.to_string()), "").unwrap();
    }
    // The shots come first, whatever lies beside them.
    page(&sandbox)
        .stdout_has("1 shot, 1 with a video")
        .stdout_has("at least ")
        .stdout_has("there is more: --scan counts all of it");
    sandbox
        .jobctl("show $A --scan")
        .run()
        .ok()
        .stdout_has("3,001 files")
        .stdout_lacks("there is more");
    let found = scan(&sandbox);
    assert_eq!(
        (&found["files"], &found["complete"]),
        (&json!(3001), &json!(true))
    );
}

#[test]
fn a_deep_tree_has_an_end() {
    let sandbox = job(&[]);
    let deep = vec!["d"; 200].join("/");
    fs::create_dir_all(sandbox.path(format!("w/{A}/{deep}"))).unwrap();
    assert_eq!(scan(&sandbox)["complete"], false);
}

#[test]
fn a_pipe_in_the_folder_is_not_opened() {
    let sandbox = job(&[("shots/0/first_frame.png", 5)]);
    let pipe = sandbox.path(format!("w/{A}/shots/0/video.mp4"));
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let found = scan(&sandbox);
    assert_eq!(found["shots"][0]["videos"], 0);
    assert_eq!(found["files"], 2);
}

#[test]
fn a_relative_folder_lies_beside_the_database_or_under_the_folder_named() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    // Wherever it is run.
    let run = sandbox.jobctl("show $A").dir(sandbox.path("home"));
    let run = run.env("JOBCTL_DB", sandbox.db());
    run.run().ok().stdout_has("1 shot, 1 with a video");
    sandbox.write(&format!("srv/w/{A}/shots/0/a.png"), "12");
    sandbox
        .jobctl("show $A --files-under srv")
        .run()
        .ok()
        .stdout_has("1 shot, 0 with a video");
    sandbox
        .jobctl("show $A --files-under no/such")
        .run()
        .fails(66)
        .no_stdout()
        .stderr_has("no folder at no/such");
}

#[test]
fn an_absolute_folder_is_taken_as_it_is() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    let path = folder(&sandbox);
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET working_dir = '{path}'"
    ));
    for under in [".", "home"] {
        sandbox
            .jobctl(["show", A, "--files-under", under])
            .run()
            .ok()
            .stdout_has("1 shot, 1 with a video");
    }
}

#[test]
fn a_folder_that_many_jobs_may_share_is_marked() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    page(&sandbox).stdout_lacks("other jobs");
    fs::rename(sandbox.path(format!("w/{A}")), sandbox.path("w/idea2video")).unwrap();
    sandbox.sql("UPDATE video_generation_jobs SET working_dir = 'w/idea2video'");
    page(&sandbox).stdout_has("other jobs may have files here");
}

#[test]
fn what_is_on_disk_is_left_as_it_is() {
    let sandbox = job(&[("shots/0/video.mp4", 5)]);
    let times = || {
        let meta = fs::metadata(sandbox.path(format!("w/{A}/shots/0"))).unwrap();
        (meta.modified().unwrap(), meta.permissions().mode())
    };
    let before = times();
    scan(&sandbox);
    page(&sandbox);
    assert_eq!(times(), before);
}
