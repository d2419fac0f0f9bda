//! `TZ` and `--timezone`: every way in which libc takes a zone, and what is said where one is named that is none.

use serde_json::json;

use crate::support::{A, Output, Sandbox};

/// A job of `api_server`, created at this local time.
fn local(time: &str) -> String {
    json!({A: {
        "job_id": A, "type": "idea2video", "status": "queued",
        "request": {"idea": "A cat crosses the road", "style": "anime"},
        "created_at": time,
    }})
    .to_string()
}

/// When a job of noon is created, by the clock of this `TZ`.
#[track_caller]
fn noon(tz: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.json", local("2026-01-10T12:00:00"));
    sandbox.jobctl("migrate jobs.json").env("TZ", tz).run().ok();
    sandbox.ask("SELECT substr(created_at, 12, 5) FROM video_generation_jobs")
}

#[track_caller]
fn unknown(tz: &str) -> Output {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.json", local("2026-01-10T12:00:00"));
    let output = sandbox
        .jobctl("migrate jobs.json")
        .env("TZ", tz)
        .run()
        .fails(2)
        .no_stdout()
        .stderr_has("times in jobs.json are local")
        .stderr_has(&format!("TZ={tz} names no zone"))
        .stderr_has("hint: say it with --timezone");
    assert!(!sandbox.db().exists(), "a file was made");
    output
}

#[test]
fn reads_what_libc_reads() {
    for (tz, utc) in [
        ("Asia/Shanghai", "04:00"),
        (":Asia/Shanghai", "04:00"),
        ("posix/Asia/Shanghai", "04:00"),
        ("/usr/share/zoneinfo/Asia/Shanghai", "04:00"),
        ("PRC", "04:00"),
        ("CST-8", "04:00"),
        (":CST-8", "04:00"),
        ("<+08>-8", "04:00"),
        ("<+0530>-5:30", "06:30"),
        ("EST5EDT", "17:00"),
        ("EST5EDT,M3.2.0,M11.1.0", "17:00"),
        ("FOO3BAR", "15:00"),
        // West of Greenwich, for libc.
        ("UTC+8", "20:00"),
        ("Etc/GMT-8", "04:00"),
        ("UTC0", "12:00"),
        ("", "12:00"),
        (":", "12:00"),
    ] {
        assert_eq!(noon(tz), utc, "TZ={tz}");
    }
}

#[test]
fn a_rule_for_summer_holds() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.json", local("2026-07-10T12:00:00"));
    sandbox
        .jobctl("migrate jobs.json")
        .env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        .run()
        .ok()
        .stderr_has("were read as CET-1CEST,M3.5.0,M10.5.0/3");
    let at = sandbox.ask("SELECT created_at FROM video_generation_jobs");
    assert_eq!(at, "2026-07-10 10:00:00.000000");
}

#[test]
fn a_name_that_is_none_is_an_error_with_the_nearest() {
    unknown("Asia/Shangai").stderr_has("did you mean Asia/Shanghai?");
    unknown("Shanghai").stderr_has("did you mean Asia/Shanghai?");
    unknown("America/New York").stderr_has("did you mean America/New_York?");
    // Names of files differ by case.
    unknown("asia/shanghai").stderr_has("did you mean Asia/Shanghai?");
    unknown("+08:00");
    unknown("/nowhere/at/all").stderr_has("No such file");
    unknown("../../etc/passwd");
}

#[test]
fn a_zone_with_leap_seconds_is_refused() {
    unknown("right/Asia/Shanghai")
        .stderr_has("leap seconds")
        .stderr_has("write Asia/Shanghai");
    unknown("/usr/share/zoneinfo/right/UTC").stderr_has("write UTC");
    let sandbox = Sandbox::new();
    let mut data = b"TZif2".to_vec();
    data.resize(44, 0);
    data[31] = 27;
    let path = sandbox.write("zone", &data);
    sandbox
        .jobctl("list --since today")
        .env("TZ", path.to_str().unwrap())
        .run()
        .fails(66);
    let sandbox = Sandbox::report();
    sandbox
        .jobctl("list --since today")
        .env("TZ", path.to_str().unwrap())
        .run()
        .fails(2);
}

#[test]
fn a_file_that_is_no_zone_is_told() {
    let sandbox = Sandbox::report();
    let path = sandbox.write("zone", "no zone");
    sandbox
        .jobctl("list --since today")
        .env("TZ", path.to_str().unwrap())
        .run()
        .fails(2)
        .stderr_has("no file of a time zone");
}

#[test]
fn only_what_depends_on_the_zone_fails() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let bad = |args: &str| sandbox.jobctl(args).env("TZ", "Asia/Shangai").run();
    for args in [
        "list --since today",
        "list --until yesterday",
        "list --since 2026-01-01",
        "delete --since '2026-01-01 10:00' --yes",
        "update $A --title x --if-updated-at 2026-01-10",
    ] {
        bad(args)
            .fails(2)
            .stderr_has("local time")
            .stderr_has("did you mean Asia/Shanghai?")
            .stderr_has("hint: --utc takes it as UTC");
    }
    bad("list --since 2026-13-01")
        .fails(2)
        .stderr_lacks("--utc");
    for args in [
        "list",
        "list -o json --since 7d",
        "list --since 2026-01-01T00:00:00Z",
        "list --since 2026-01-01 --utc",
        "list --fields created --utc",
        "list --fields created -o csv",
        "export",
        "show $A -o json",
        "stats -o prometheus",
        "cleanup --older-than 30d --yes -q",
    ] {
        bad(args).ok().stderr_lacks("TZ");
    }
    for args in ["show $A", "list --fields id,created", "stats"] {
        bad(args)
            .ok()
            .stderr_has("warning: times are told in UTC: TZ=Asia/Shangai names no zone");
    }
    bad("show $A -q").ok().no_stderr();
}

#[test]
fn an_import_without_local_times_needs_no_zone() {
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    let rows = sandbox.jobctl("export").run().ok().stdout;
    sandbox.write("rows.jsonl", &rows);
    sandbox.write("local.json", local("2026-01-10T12:00:00"));
    sandbox.write("offset.json", local("2026-01-10T12:00:00+08:00"));
    for args in [
        "rows.jsonl",
        "offset.json",
        "local.json --timezone Asia/Shanghai",
        "local.json --timezone UTC",
    ] {
        sandbox
            .jobctl(("--db new.db migrate", args))
            .env("TZ", "Asia/Shangai")
            .run()
            .ok();
        std::fs::remove_file(sandbox.path("new.db")).unwrap();
    }
    sandbox
        .jobctl("--db new.db migrate local.json --timezone local")
        .env("TZ", "Asia/Shangai")
        .run()
        .fails(2);
}

#[test]
fn the_flag_takes_the_same_but_for_what_would_be_misread() {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.json", local("2026-01-10T12:00:00"));
    let run = |zone: &str| {
        let args = "--db flag.db migrate jobs.json --dry-run -o json --timezone";
        sandbox.jobctl(args).arg(zone).run()
    };
    for (zone, name) in [
        ("posix/Asia/Shanghai", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("CST-8", "CST-8"),
        ("/usr/share/zoneinfo/Asia/Shanghai", "Asia/Shanghai"),
        ("GMT+0", "GMT+0"),
    ] {
        assert_eq!(run(zone).ok().json()["timezone"], name);
    }
    for (zone, told) in [
        ("Asia/Shangai", "did you mean Asia/Shanghai?"),
        ("right/Asia/Shanghai", "leap seconds"),
        ("UTC+8", "east of Greenwich is +8"),
        ("gmt-5", "west of it -5"),
        ("", "a zone is a name"),
    ] {
        let output = run(zone).fails(2);
        let message = output.json_error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(told), "{message}");
    }
}
