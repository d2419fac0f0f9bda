//! Tables that somebody has altered: what their types and triggers do to rows, jobctl knows.

use super::cluster::{Cluster, cluster};
use crate::support::Sandbox;

const ID: &str = "7c1f0000-0000-4000-8000-000000000001";

/// A database with an empty job table, to which this was done. The tests' programs make the same ids each time.
fn altered(cluster: &Cluster, sql: &str) -> (String, Sandbox, String) {
    let database = cluster.database("", false);
    let sandbox = Sandbox::new();
    let url = cluster.url("jobctl", &database);
    let create = sandbox.jobctl("create --type idea2video --content - -o ids");
    let create = create.env("JOBCTL_DB", &url).stdin("Rain on a tin roof.");
    create.run().ok();
    let mut client = cluster.connect(&database);
    client
        .batch_execute("DELETE FROM video_generation_jobs")
        .unwrap();
    client.batch_execute(sql).unwrap();
    (database, sandbox, url)
}

fn row(id: &str, title: &str) -> String {
    format!(
        r#"{{"id": "{id}", "job_type": "idea2video", "status": "failed", "project_title": "{title}", "created_at": "2026-01-02 03:04:05.678901", "updated_at": "2026-01-02 03:04:05.678901"}}"#
    )
}

#[test]
fn times_that_the_table_rounds_do_not_keep_an_import_from_being_undone() {
    let Some(cluster) = cluster() else { return };
    for digits in [0, 3, 6] {
        let (database, sandbox, url) = altered(
            cluster,
            &format!(
                "ALTER TABLE video_generation_jobs ALTER created_at TYPE timestamp({digits}), ALTER updated_at TYPE timestamp({digits})"
            ),
        );
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
        for (title, policy) in [("Rain", "skip"), ("Snow", "replace")] {
            let import = run(&format!("migrate - --on-conflict {policy}"));
            import.stdin(row(ID, title)).run().ok();
        }
        run("undo").run().ok().stderr_has("restored 1 job");
        let title = run(&format!("show {ID} -o json")).run().ok().json();
        assert_eq!(title["project_title"], "Rain", "{digits} digits");
        run("undo r2").run().ok().stderr_has("deleted 1 job");
        run(&format!("show {ID}")).run().fails(3);
        cluster.drop_database(&database);
    }
}

/// RAISE may give any state, its own ones and those of other rules.
#[test]
fn a_trigger_that_raises_a_state_of_its_own_refuses_that_row_alone() {
    let Some(cluster) = cluster() else { return };
    for state in ["P0001", "P0002", "45000", "42501", "23514"] {
        let (database, sandbox, url) = altered(
            cluster,
            &format!(
                "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.project_title = 'Bad' THEN RAISE EXCEPTION 'no bad ones' USING ERRCODE = '{state}'; END IF;
                    RETURN NEW; END $$;
                CREATE TRIGGER refuses BEFORE INSERT OR UPDATE ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION refuses()"
            ),
        );
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
        let said = "a trigger of the table refuses it: no bad ones";
        let other = "7c1f0000-0000-4000-8000-000000000002";
        let both = format!("{}\n{}\n", row(ID, "Bad"), row(other, "Good"));
        let import = run("migrate -").stdin(both).run();
        import.fails(65).stderr_has(said);
        run(&format!("update {other} --title Bad"))
            .run()
            .fails(4)
            .stderr_has(said);
        let create = run("create --type idea2video --title Bad --content -");
        create
            .stdin("Rain on a tin roof.")
            .run()
            .fails(4)
            .stderr_has(said);
        let left = run("list --all -o ids").run().ok();
        left.stdout_is(&format!("{other}\n"));
        cluster.drop_database(&database);
    }
}

/// Those that a server gives itself where others are in the way keep their meaning.
#[test]
fn a_trigger_may_say_that_others_are_in_the_way() {
    let Some(cluster) = cluster() else { return };
    for state in ["40001", "55P03", "57014"] {
        let (database, sandbox, url) = altered(
            cluster,
            &format!(
                "CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$;
                CREATE TRIGGER waits BEFORE INSERT ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION waits()"
            ),
        );
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
        let import = run("migrate -").stdin(row(ID, "Rain")).run();
        import.fails(75).stderr_has("hint: try again");
        run("list -o ids").run().ok().no_stdout();
        cluster.drop_database(&database);
    }
}

#[test]
fn a_table_whose_times_are_days_is_refused_with_the_line_that_mends_it() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = altered(
        cluster,
        "ALTER TABLE video_generation_jobs ALTER created_at TYPE date, ALTER completed_at TYPE date",
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
    let said = "has created_at, completed_at as date, which does not keep the time of day";
    let mend = "ALTER TABLE video_generation_jobs ALTER created_at TYPE timestamp, ALTER completed_at TYPE timestamp";
    for words in ["list", "migrate -", "migrate - --dry-run", "export"] {
        let refused = run(words).stdin(row(ID, "Rain")).run();
        refused.fails(66).stderr_has(said).stderr_has(mend);
    }
    run("doctor")
        .run()
        .fails(1)
        .stdout_has(said)
        .stdout_has(mend);
    let mut client = cluster.connect(&database);
    client.batch_execute(mend).unwrap();
    run("migrate -").stdin(row(ID, "Rain")).run().ok();
    // A column of somebody else's may be a day.
    let sql = "ALTER TABLE video_generation_jobs ADD COLUMN due date DEFAULT '2026-01-02'";
    client.batch_execute(sql).unwrap();
    run("list").run().ok();
    drop(client);
    cluster.drop_database(&database);
}

/// The columns that a server fills, and takes from nobody but by a word of its own, or from nobody at all.
#[test]
fn columns_that_the_server_fills_come_back_as_they_were() {
    let Some(cluster) = cluster() else { return };
    let (database, sandbox, url) = altered(
        cluster,
        "ALTER TABLE video_generation_jobs ADD COLUMN number int8 GENERATED ALWAYS AS IDENTITY,
            ADD COLUMN place int4 GENERATED BY DEFAULT AS IDENTITY,
            ADD COLUMN words int4 GENERATED ALWAYS AS (length(project_title)) STORED",
    );
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
    let rows = || {
        let sql =
            "SELECT string_agg(to_jsonb(j)::text, E'\\n' ORDER BY id) FROM video_generation_jobs j";
        let row = cluster.connect(&database).query_one(sql, &[]).unwrap();
        row.get::<_, Option<String>>(0).unwrap_or_default()
    };
    let other = "7c1f0000-0000-4000-8000-000000000002";
    let dump = format!("{}\n{}\n", row(ID, "Rain"), row(other, "Snow"));
    run("migrate -").stdin(dump).run().ok();
    let before = rows();
    assert!(before.contains("\"words\": 4"), "{before}");
    let changes = [
        format!("delete {ID}"),
        format!("update {ID} --title Thunder"),
        "delete --status failed --yes".to_owned(),
        format!("redact {other} --fields title --yes"),
    ];
    for words in &changes[..3] {
        run(words).run().ok();
        let after = rows();
        run("undo").run().ok();
        assert_eq!(rows(), before, "{words}");
        run("redo").run().ok();
        assert_eq!(rows(), after, "{words}");
        run("undo").run().ok();
        assert_eq!(rows(), before, "{words}");
    }
    // What came by an import goes, and comes again with the numbers that it had.
    run("undo r2").run().ok();
    assert_eq!(rows(), "");
    run("redo").run().ok();
    assert_eq!(rows(), before);
    // An archive, an export and another database bring them back.
    let exported = run("export").run().ok().stdout;
    run("delete --status failed --yes").run().ok();
    run("migrate -")
        .stdin(exported.clone())
        .run()
        .ok()
        .stderr_has("inserted 2,");
    assert_eq!(rows(), before);
    let again = run("migrate - --on-conflict replace");
    again
        .stdin(exported.clone())
        .run()
        .ok()
        .stderr_has("skipped 2,");
    let changed = exported.replace("Rain", "Sun");
    let over = run("migrate - --on-conflict replace").stdin(changed);
    over.run().ok().stderr_has("updated 1,");
    run("undo").run().ok();
    assert_eq!(rows(), before);
    run("cleanup --older-than 1d --archive gone.jsonl --yes")
        .run()
        .ok();
    run("migrate gone.jsonl").run().ok();
    assert_eq!(rows(), before);
    run(&changes[3]).run().ok();
    run("doctor").run().ok();
    let copied = format!("--db copy.db migrate {url} --verify");
    sandbox.jobctl(&copied).run().ok();
    cluster.drop_database(&database);
}

/// Types that keep less than they are given, or keep it otherwise: said in numbers, and known to whoever compares.
#[test]
fn what_a_column_keeps_otherwise_is_told_and_is_no_difference() {
    let Some(cluster) = cluster() else { return };
    let values = [
        r#"["{\"bb\":1, \"a\": [1.50e1,-0, 1E-3, 1e2], \"bb\":{\"é\":\"\\u001f\\/\"}}", 33.3333, "one ", "2026-01-02 03:04:05.678901"]"#,
        r#"["{}", 50.0, "two", "2026-01-02 03:04:05.000000"]"#,
        r#"["[1e-9, 123456789012345678901234567890.10]", 0.30000000000000004, " ", "1999-12-31 23:59:59.499999"]"#,
    ];
    for (types, adapted) in [
        (
            "context TYPE jsonb USING context::jsonb, ALTER result_data TYPE jsonb USING result_data::jsonb",
            2,
        ),
        ("progress TYPE numeric(5,2)", 2),
        ("progress TYPE numeric", 1),
        ("progress TYPE int4", 2),
        ("progress TYPE real", 2),
        ("project_title TYPE char(9)", 2),
        ("created_at TYPE timestamp(3)", 2),
        ("created_at TYPE timestamptz(0)", 2),
        ("progress TYPE float8", 0),
    ] {
        let sql = format!("ALTER TABLE video_generation_jobs ALTER {types}");
        let (database, sandbox, url) = altered(cluster, &sql);
        let mut dump = String::new();
        for (index, values) in values.iter().enumerate() {
            let values: serde_json::Value = serde_json::from_str(values).unwrap();
            let row = serde_json::json!({
                "$row": 1, "id": format!("7c1f0000-0000-4000-8000-00000000000{index}"), "job_type": "idea2video", "mode": null,
                "status": "failed", "content": null, "user_requirement": null, "style": null, "request_data": null,
                "context": values[0], "progress": values[1], "project_title": values[2], "created_at": values[3],
                "current_stage": null, "working_dir": null, "result_data": values[0], "error_message": null, "total_shots": null,
                "completed_shots": null, "episode_id": null, "series_id": null, "updated_at": null, "started_at": null,
                "completed_at": null
            });
            dump.push_str(&format!("{row}\n"));
        }
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
        let file = sandbox.jobctl("--db jobs.db migrate -").stdin(dump.clone());
        file.run().ok();
        let imported = run("migrate - -o json")
            .stdin(dump.clone())
            .run()
            .ok()
            .json();
        assert_eq!(imported["adapted"], adapted, "{types}: {imported}");
        assert_eq!(imported["inserted"], 3, "{types}");
        // What is there as it can be is there.
        let again = run("migrate - --on-conflict replace").stdin(dump).run();
        again.ok().stderr_has("skipped 3,");
        let moved = run("migrate jobs.db --fit --on-conflict replace --verify").run();
        moved
            .ok()
            .stderr_has("skipped 3,")
            .stderr_has("verified: equal: 3 jobs");
        run("delete --status failed --yes").run().ok();
        run("undo").run().ok().stderr_has("restored 3 jobs");
        let moved = run("migrate jobs.db --fit --on-conflict replace --verify").run();
        moved
            .ok()
            .stderr_has("skipped 3,")
            .stderr_has("verified: equal: 3 jobs");
        cluster.drop_database(&database);
    }
}

/// Types that keep less have no place for some values, which are found before the server refuses them.
#[test]
fn values_that_a_narrower_column_does_not_take_are_misfits() {
    let Some(cluster) = cluster() else { return };
    for (column, types, value, words, kind) in [
        (
            "result_data",
            "jsonb USING result_data::jsonb",
            r#""\"\\u0000\"""#,
            "is JSON that a jsonb column does not take",
            "not_json",
        ),
        (
            "progress",
            "numeric(4,2)",
            "99.995",
            "out of range",
            "out_of_range",
        ),
        ("progress", "real", "1e-300", "out of range", "out_of_range"),
        (
            "progress",
            "int2",
            "40000.5",
            "out of range",
            "out_of_range",
        ),
        (
            "project_title",
            "char(4)",
            "\"one t \"",
            "has 6 characters; at most 4",
            "too_long",
        ),
    ] {
        let sql = format!("ALTER TABLE video_generation_jobs ALTER {column} TYPE {types}");
        let (database, sandbox, url) = altered(cluster, &sql);
        let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url);
        run("migrate -").stdin(row(ID, "Rain")).run().ok();
        let mut row: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&run("export").run().ok().stdout).unwrap();
        run(&format!("delete {ID}")).run().ok();
        row.insert(column.to_owned(), serde_json::from_str(value).unwrap());
        let bad = serde_json::to_string(&row).unwrap();
        let refused = run("migrate -").stdin(bad.clone()).run().fails(65);
        refused
            .stderr_has(&format!("its {column} "))
            .stderr_has(words);
        let fitted = run("migrate - --fit -o json").stdin(bad).run().ok().json();
        assert_eq!(fitted["fitted"][kind], 1, "{types}");
        cluster.drop_database(&database);
    }
}

/// The same of a value that is typed.
#[test]
fn an_update_beyond_a_narrower_column_is_refused_by_name() {
    let Some(cluster) = cluster() else { return };
    let sql = "ALTER TABLE video_generation_jobs ALTER progress TYPE numeric(2)";
    let (database, sandbox, url) = altered(cluster, sql);
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let add = sandbox.jobctl("migrate -").env("JOBCTL_DB", &url);
    add.stdin(row(ID, "Rain")).run().ok();
    let refused = run(&format!("update {ID} --progress 99.7 --force")).fails(4);
    refused.stderr_has("its progress is 99.7, which is out of range");
    run(&format!("update {ID} --progress 99.3 --force")).ok();
    cluster.drop_database(&database);
}
