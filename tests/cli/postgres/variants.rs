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
