//! Working folders: a job's own goes with its row, any other stays and is named, and one that should go and does not keeps its row.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rusqlite::ToSql;
use serde_json::Value;

use super::{DAYS_100, cleanup, job};
use crate::args::Args;
use crate::support::{A, B, C, D, Output, Sandbox, hash};

const RULE: &str = "--older-than 30d";

/// Files in a folder and in folders below it.
pub(super) fn fill(folder: &Path) {
    for name in ["shots/0/frame.png", "shots/1/video.mp4", "log.txt"] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, [7; 10_000]).unwrap();
    }
}

fn is_whole(folder: &Path) -> bool {
    ["shots/0/frame.png", "shots/1/video.mp4", "log.txt"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

/// An ended job that works in this folder; nothing is made on disk.
pub(super) fn working(sandbox: &Sandbox, id: &str, working_dir: &dyn ToSql) {
    job(sandbox, id, "failed", DAYS_100);
    let sql = "UPDATE video_generation_jobs SET working_dir = ?1 WHERE id = ?2";
    sandbox.change(sql, &[&working_dir, &id]);
}

/// The service's folder, with a job A that has its own in it.
pub(super) fn service() -> Sandbox {
    let sandbox = Sandbox::report();
    fill(&sandbox.path(format!("service/w/{A}")));
    working(&sandbox, A, &format!("w/{A}"));
    sandbox
}

#[track_caller]
pub(super) fn swept(sandbox: &Sandbox, more: impl Args) -> Output {
    let args = "--files-under service --yes";
    cleanup(sandbox, (&RULE, args, more))
}

/// What the document says of folders.
#[track_caller]
pub(super) fn told(run: &Output) -> Value {
    run.json()["folders"].clone()
}

#[test]
fn a_job_s_own_folder_goes_with_its_row() {
    let sandbox = service();
    let run = swept(&sandbox, "").ok().no_stdout();
    assert_eq!(sandbox.count(), 0);
    assert!(!sandbox.path(format!("service/w/{A}")).exists());
    assert!(sandbox.path("service/w").is_dir(), "{run}");
    run.stderr_has("1 folder removed");
}

#[test]
fn a_folder_stays_without_files_under() {
    let sandbox = service();
    cleanup(&sandbox, "--older-than 30d --yes").ok();
    assert_eq!(sandbox.count(), 0);
    assert!(is_whole(&sandbox.path(format!("service/w/{A}"))));
}

#[test]
fn json_counts_folders_and_what_they_took() {
    let sandbox = service();
    let run = swept(&sandbox, "-o json").ok();
    let told = told(&run);
    assert_eq!(told["removed"], 1, "{run}");
    assert_eq!(told["left"], 0, "{run}");
    assert_eq!(told["failed"], 0, "{run}");
    let bytes = told["bytes"].as_u64().unwrap();
    assert!((30_000..300_000).contains(&bytes), "{run}");
}

#[test]
fn json_of_a_run_without_any_folder_is_a_document_too() {
    let sandbox = Sandbox::report();
    fs::create_dir(sandbox.path("service")).unwrap();
    job(&sandbox, A, "failed", DAYS_100);
    assert_eq!(swept(&sandbox, "-o json").ok().json()["deleted"], 1);
}

#[test]
fn quiet_says_nothing_though_folders_go_and_stay() {
    let sandbox = service();
    working(&sandbox, B, &"w");
    let run = swept(&sandbox, "-q").ok();
    run.no_stdout().no_stderr();
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn folders_of_jobs_that_stay_stay() {
    let sandbox = service();
    sandbox.sql("UPDATE video_generation_jobs SET status = 'queued'");
    swept(&sandbox, "").ok();
    assert!(is_whole(&sandbox.path(format!("service/w/{A}"))));
}

/// The row of A goes, this folder stays, and is named in the summary and in the document.
#[track_caller]
fn stays(sandbox: &Sandbox, folder: &Path, named: &str) {
    let kept = sandbox.jobctl("export").run().ok().stdout;
    let before = sandbox.count();
    let dry = cleanup(sandbox, (RULE, "--files-under service --dry-run")).ok();
    assert!(dry.stdout.contains(named), "{named}{dry}");
    let run = swept(sandbox, "").ok();
    assert!(run.stderr.contains(named), "{named}{run}");
    assert!(sandbox.count() < before && !sandbox.ids().contains(&A.to_owned()));
    assert!(is_whole(folder), "{named}{run}");
    sandbox.sql("DELETE FROM video_generation_jobs");
    sandbox.jobctl("migrate -").stdin(kept).run().ok();
    let run = swept(sandbox, "-o json").ok();
    let told = told(&run);
    assert_eq!([&told["removed"], &told["left"]], [0, 1], "{run}");
    let path = told["left_named"][0]["path"].as_str().unwrap();
    assert!(path.contains(named), "{named}{run}");
    assert!(told["left_named"][0]["why"].is_string(), "{run}");
    assert!(is_whole(folder), "{named}{run}");
}

#[test]
fn a_folder_that_is_not_named_as_its_job_stays() {
    for name in [
        "w/shared",
        "w",
        &format!("w/{A}/work"),
        &format!("w/{B}"),
        &format!("w/x{A}"),
        &format!("w/{}", &A[..8]),
    ] {
        let sandbox = Sandbox::report();
        let folder = sandbox.path("service").join(name);
        fill(&folder);
        working(&sandbox, A, &name);
        stays(&sandbox, &folder, name);
    }
}

#[test]
fn an_id_is_compared_to_the_letter() {
    let sandbox = Sandbox::report();
    let name = format!("w/{}", A.to_uppercase());
    let folder = sandbox.path("service").join(&name);
    fill(&folder);
    working(&sandbox, A, &name);
    stays(&sandbox, &folder, &name);
}

#[test]
fn a_folder_that_a_remaining_job_uses_stays() {
    let own = format!("w/{A}");
    for used in [
        own.clone(),
        format!("{own}/"),
        format!("./w//{A}/."),
        format!("{own}/shots/0"),
        format!("w/../w/{A}"),
        "absolute".to_owned(),
    ] {
        let sandbox = service();
        job(&sandbox, B, "queued", DAYS_100);
        let folder = sandbox.path("service").join(&own);
        let used = match used.as_str() {
            "absolute" => folder.to_str().unwrap().to_owned(),
            _ => used,
        };
        sandbox.change(
            "UPDATE video_generation_jobs SET working_dir = ?1 WHERE id = ?2",
            &[&used, &B],
        );
        stays(&sandbox, &folder, &own);
        assert_eq!(sandbox.ids(), [B], "{used}");
    }
}

#[test]
fn a_folder_that_a_filter_leaves_a_user_of_stays() {
    let sandbox = service();
    working(&sandbox, B, &format!("w/{A}"));
    sandbox.sql(&format!("UPDATE video_generation_jobs SET style = 'noir' WHERE id = '{B}'; UPDATE video_generation_jobs SET style = 'anime' WHERE id = '{A}'"));
    let run = swept(&sandbox, "--style anime").ok();
    assert_eq!(sandbox.ids(), [B], "{run}");
    assert!(is_whole(&sandbox.path(format!("service/w/{A}"))), "{run}");
}

#[test]
fn a_folder_that_only_jobs_use_that_go_as_well_goes() {
    let sandbox = service();
    working(&sandbox, B, &format!("w/{A}/shots"));
    swept(&sandbox, "").ok();
    assert_eq!(sandbox.count(), 0);
    assert!(!sandbox.path(format!("service/w/{A}")).exists());
}

#[test]
fn a_folder_outside_stays() {
    for outside in ["elsewhere", "service-2", "servic"] {
        let sandbox = Sandbox::report();
        fs::create_dir(sandbox.path("service")).unwrap();
        let folder = sandbox.path(format!("{outside}/{A}"));
        fill(&folder);
        let name = folder.to_str().unwrap();
        working(&sandbox, A, &name);
        stays(&sandbox, &folder, name);
    }
}

#[test]
fn a_path_with_a_step_upwards_stays_wherever_it_leads() {
    for path in [
        format!("../elsewhere/{A}"),
        format!("w/../../elsewhere/{A}"),
        format!("w/x/../{A}"),
        format!("../service/w/{A}"),
    ] {
        let sandbox = Sandbox::report();
        fs::create_dir_all(sandbox.path("service/w/x")).unwrap();
        let folder = sandbox.path("service").join(&path);
        fill(&folder);
        working(&sandbox, A, &path);
        stays(&sandbox, &folder, &path);
    }
}

#[test]
fn the_service_s_own_folder_stays() {
    for path in [".", "./", "absolute"] {
        let sandbox = Sandbox::report();
        let folder = sandbox.path("service");
        fill(&folder);
        let path = match path {
            "absolute" => folder.to_str().unwrap(),
            _ => path,
        };
        working(&sandbox, A, &path);
        stays(&sandbox, &folder, path);
    }
}

#[test]
fn dir_that_is_named_as_the_job_stays() {
    let sandbox = Sandbox::report();
    let folder = sandbox.path(A);
    fill(&folder);
    working(&sandbox, A, &folder.to_str().unwrap());
    cleanup(&sandbox, "--older-than 30d --files-under $A --yes").ok();
    assert!(is_whole(&folder));
    assert_eq!(sandbox.count(), 0);
}

#[test]
fn what_is_reached_through_a_symbolic_link_stays_at_each_level() {
    let victims = |sandbox: &Sandbox| {
        let victim = sandbox.path(format!("victim/{A}"));
        fill(&victim);
        fs::create_dir_all(sandbox.path("service/w/deep")).unwrap();
        victim
    };
    let links: [(&str, &str, String); 5] = [
        ("w/link", "../../victim", format!("w/link/{A}")),
        ("link", "../victim", format!("link/{A}")),
        ("w/deep/er", "absolute", format!("w/deep/er/{A}")),
        ("w/inside", "real", format!("w/inside/{A}")),
        ("w/own", "own", format!("w/{A}")),
    ];
    for (link, target, path) in links {
        let sandbox = Sandbox::report();
        let mut victim = victims(&sandbox);
        let service = sandbox.path("service");
        match target {
            "absolute" => symlink(sandbox.path("victim"), service.join(link)).unwrap(),
            "real" => {
                victim = service.join(format!("w/real/{A}"));
                fill(&victim);
                symlink("real", service.join(link)).unwrap();
            }
            "own" => symlink(&victim, service.join(&path)).unwrap(),
            _ => symlink(target, service.join(link)).unwrap(),
        }
        working(&sandbox, A, &path);
        stays(&sandbox, &victim, &path);
        assert!(service.join(&path).exists(), "{path}: the link is gone");
    }
}

#[test]
fn a_link_in_a_folder_goes_and_what_it_leads_to_stays() {
    let sandbox = service();
    fill(&sandbox.path("victim"));
    let own = sandbox.path(format!("service/w/{A}"));
    symlink(sandbox.path("victim"), own.join("absolute")).unwrap();
    symlink("../../../victim", own.join("shots/relative")).unwrap();
    symlink("nowhere", own.join("dangling")).unwrap();
    swept(&sandbox, "").ok();
    assert!(!own.exists());
    assert!(is_whole(&sandbox.path("victim")));
}

#[test]
fn dir_may_be_a_link_and_a_stored_path_may_say_either() {
    for stored in ["service", "current"] {
        let sandbox = Sandbox::report();
        fs::create_dir(sandbox.path("service")).unwrap();
        symlink("service", sandbox.path("current")).unwrap();
        let path = sandbox.path(format!("{stored}/w/{A}"));
        fill(&path);
        working(&sandbox, A, &path.to_str().unwrap());
        cleanup(&sandbox, "--older-than 30d --files-under current --yes").ok();
        assert!(!path.exists(), "{stored}");
        assert_eq!(sandbox.count(), 0);
    }
}

#[test]
fn a_file_that_is_named_as_the_job_stays() {
    let sandbox = Sandbox::report();
    sandbox.write(&format!("service/w/{A}"), "a file");
    working(&sandbox, A, &format!("w/{A}"));
    let run = swept(&sandbox, "-o json").ok();
    assert_eq!(told(&run)["left"], 1, "{run}");
    assert_eq!(sandbox.count(), 0);
    assert!(sandbox.path(format!("service/w/{A}")).is_file());
}

#[test]
fn a_row_without_a_folder_or_whose_folder_is_gone_goes() {
    let sandbox = service();
    working(&sandbox, B, &format!("w/{B}"));
    working(&sandbox, C, &None::<String>);
    working(&sandbox, D, &"");
    let run = swept(&sandbox, "-o json").ok();
    assert_eq!(sandbox.count(), 0);
    assert_eq!(told(&run)["removed"], 1, "{run}");
    assert_eq!(told(&run)["left"], 0, "{run}");
}

#[test]
fn what_is_no_path_stays_and_the_row_goes() {
    let odd: [&dyn ToSql; 4] = [&&b"w/\xff"[..], &7, &format!("w\0/{A}"), &2.5];
    for stored in odd {
        let sandbox = Sandbox::report();
        fill(&sandbox.path(format!("service/w/{A}")));
        working(&sandbox, A, stored);
        swept(&sandbox, "").ok();
        assert_eq!(sandbox.count(), 0);
        assert!(is_whole(&sandbox.path(format!("service/w/{A}"))));
    }
}

#[test]
fn an_empty_id_and_an_id_of_dots_take_no_folder_with_them() {
    for id in ["", ".", "..", "/", "w"] {
        for path in ["w", "w/", "w/.", "w/..", "w//"] {
            let sandbox = Sandbox::report();
            fill(&sandbox.path(format!("service/w/{A}")));
            working(&sandbox, id, &path);
            swept(&sandbox, "").ok();
            let kept = is_whole(&sandbox.path(format!("service/w/{A}")));
            // A job that is called as its folder owns it.
            assert!(kept || (id == "w" && path != "w/.."), "{id:?} {path:?}");
        }
    }
}

#[test]
fn a_relative_folder_is_taken_from_dir_wherever_the_run_starts() {
    let sandbox = service();
    fill(&sandbox.path(format!("w/{A}")));
    let (db, dir) = (sandbox.db(), sandbox.path("service"));
    fs::create_dir(sandbox.path("cwd")).unwrap();
    fill(&sandbox.path(format!("cwd/w/{A}")));
    let run = sandbox
        .jobctl("cleanup --older-than 30d --yes --db")
        .arg(&db);
    let run = run.arg("--files-under").arg(&dir).dir(sandbox.path("cwd"));
    run.run().ok();
    assert!(!dir.join(format!("w/{A}")).exists());
    assert!(is_whole(&sandbox.path(format!("w/{A}"))));
    assert!(is_whole(&sandbox.path(format!("cwd/w/{A}"))));
}

#[test]
fn dir_that_is_not_there_is_66_and_nothing_happens() {
    let sandbox = service();
    let before = hash(sandbox.db());
    for args in ["--yes", "--dry-run", "--explain"] {
        let args = (RULE, "--files-under nowhere", args);
        cleanup(&sandbox, args).fails(66).stderr_has("nowhere");
    }
    sandbox.write("file", "");
    let file = cleanup(&sandbox, "--older-than 30d --files-under file --yes");
    file.fails(66).stderr_has("file");
    assert_eq!(hash(sandbox.db()), before);
}

#[test]
fn dry_run_and_explain_name_what_would_become_of_folders_and_remove_nothing() {
    let sandbox = service();
    fill(&sandbox.path("service/w/shared"));
    working(&sandbox, B, &"w/shared");
    let before = hash(sandbox.db());
    for flag in ["--dry-run", "--explain"] {
        let args = (RULE, &["--files-under", "service", flag]);
        let run = cleanup(&sandbox, args).ok();
        run.stdout_has(&format!("service/w/{A}"))
            .stdout_has("service/w/shared stays");
        let run = cleanup(&sandbox, (args, "-o json")).ok();
        let jobs = run.json()["jobs"].clone();
        let fates = jobs
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["folder"].clone());
        assert_eq!(fates.collect::<Vec<_>>(), ["goes", "shared"], "{run}");
        assert!(is_whole(&sandbox.path(format!("service/w/{A}"))));
        assert!(is_whole(&sandbox.path("service/w/shared")));
        assert_eq!(hash(sandbox.db()), before);
    }
}

#[test]
fn a_folder_that_many_jobs_share_is_one_that_is_left() {
    let ground = || {
        let sandbox = Sandbox::report();
        fill(&sandbox.path("service/w/shared"));
        fill(&sandbox.path("service/w/own"));
        for (n, spelling) in ["w/shared", "./w//shared/", "w/shared/."]
            .iter()
            .enumerate()
        {
            for m in 0..20 {
                working(&sandbox, &format!("{n}-{m}"), spelling);
            }
        }
        working(&sandbox, A, &"w/own");
        sandbox
    };
    let sandbox = ground();
    swept(&sandbox, "").ok().stderr_has("left 2 folders: ");
    assert_eq!(sandbox.count(), 0);
    let run = swept(&ground(), "-o json").ok();
    assert_eq!(told(&run)["left"], 2, "{run}");
    assert_eq!(told(&run)["left_named"].as_array().unwrap().len(), 2);
}

#[test]
fn folders_that_are_left_are_counted_beyond_those_that_are_named() {
    let sandbox = Sandbox::report();
    for n in 0..25 {
        let folder = format!("w/shared-{n}");
        fill(&sandbox.path("service").join(&folder));
        for m in 0..2 {
            working(&sandbox, &format!("{n}-{m}"), &folder);
        }
    }
    let run = swept(&sandbox, "-o json").ok();
    assert_eq!(told(&run)["left"], 25, "{run}");
    assert_eq!(told(&run)["left_named"].as_array().unwrap().len(), 10);
}
