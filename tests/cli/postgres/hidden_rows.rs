//! Row-level security: jobs that a policy hides from a user are never taken for jobs that are not there.

use super::cluster::{Cluster, cluster};
use crate::support::{Output, Sandbox};

/// A database with one job of each of two clients, its policy, and a role that sees those of one. Gives the database and the role.
fn hiding(cluster: &Cluster, sandbox: &Sandbox) -> (String, String) {
    let database = cluster.database("", false);
    let owner = cluster.url("jobctl", &database);
    for (id, title) in [("$A", "ours"), ("$B", "theirs")] {
        let words = format!(
            "create --id {id} --type idea2video --title {title} --content 'A fox learns to sail'"
        );
        sandbox.jobctl(&words).env("JOBCTL_DB", &owner).run().ok();
    }
    let role = format!("sees_{database}");
    let sql = format!(
        "CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
        GRANT CREATE ON SCHEMA public TO {role};
        ALTER TABLE video_generation_jobs ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON video_generation_jobs USING (project_title = 'ours')"
    );
    cluster.connect(&database).batch_execute(&sql).unwrap();
    (database, role)
}

const REFUSED: &str = "row-level security of video_generation_jobs in ";

/// What takes the jobs that it sees for all.
const WHOLE: [&str; 18] = [
    "create --type idea2video --content 'A fox learns to sail'",
    "update $A --title Rain",
    "update $A --title Rain --dry-run",
    "delete $A",
    "delete $A --dry-run",
    "delete --status pending --yes",
    "cleanup --older-than 1s --yes",
    "cleanup --older-than 1s --dry-run",
    "migrate dump.jsonl",
    "migrate dump.jsonl --dry-run",
    "export",
    "redact $A --yes",
    "redact $A --dry-run",
    "undo",
    "redo",
    "undo --dry-run",
    "doctor --fix --yes",
    "diff $URL jobs.db",
];

fn run(sandbox: &Sandbox, url: &str, words: &str) -> Output {
    let words = words.replace("$URL", url);
    sandbox.jobctl(&words).env("JOBCTL_DB", url).run()
}

#[test]
fn what_needs_every_job_is_refused_where_a_policy_hides_some() {
    let Some(cluster) = cluster() else { return };
    let sandbox = Sandbox::new();
    let (database, role) = hiding(cluster, &sandbox);
    sandbox.write("dump.jsonl", crate::locks::line(0));
    let file =
        sandbox.jobctl("--db jobs.db create --type idea2video --content 'A fox learns to sail'");
    file.run().ok();
    let url = cluster.url(&role, &database);
    for words in WHOLE {
        let said = run(&sandbox, &url, words);
        if words.starts_with("doctor") {
            said.fails(1).stdout_has(REFUSED).stdout_has("BYPASSRLS");
            continue;
        }
        let said = said.fails(77).stderr_has(REFUSED).stderr_has("BYPASSRLS");
        said.stderr_has(&format!("hides rows from user \"{role}\""));
    }
    let doctor = run(&sandbox, &url, "doctor -o json");
    let found = doctor.fails(1).json();
    assert_eq!(found["findings"][0]["check"], "permissions");
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
    cluster.drop_database(&database);
}

/// Of a source that hides jobs they would be missing, and be deleted in the target.
#[test]
fn a_mirror_of_a_source_that_hides_jobs_deletes_nothing() {
    let Some(cluster) = cluster() else { return };
    let sandbox = Sandbox::new();
    let (database, role) = hiding(cluster, &sandbox);
    let [owner, url] = ["jobctl", &role].map(|user| cluster.url(user, &database));
    sandbox
        .jobctl(format!("--db jobs.db migrate {owner}"))
        .run()
        .ok();
    for words in ["--mirror --yes", "--mirror --dry-run", "--verify"] {
        let words = format!("--db jobs.db migrate {url} --on-conflict newer {words}");
        sandbox.jobctl(&words).run().fails(77).stderr_has(REFUSED);
    }
    let left = sandbox.jobctl("--db jobs.db list -o ids --all").run().ok();
    assert_eq!(left.stdout.lines().count(), 2);
    // The same from a file into a table that hides some.
    let words = format!("--db {url} migrate jobs.db --mirror --yes");
    sandbox.jobctl(&words).run().fails(77).stderr_has(REFUSED);
    cluster.drop_database(&database);
}

#[test]
fn what_only_looks_tells_what_is_seen_and_says_that_there_may_be_more() {
    let Some(cluster) = cluster() else { return };
    let sandbox = Sandbox::new();
    let (database, role) = hiding(cluster, &sandbox);
    let url = cluster.url(&role, &database);
    let warning = format!("warning: row-level security may hide jobs from user \"{role}\"");
    for words in [
        "list -o ids",
        "show $A",
        "stats",
        "history",
        "list --fields id,title",
    ] {
        let said = run(&sandbox, &url, words).ok();
        assert_eq!(
            said.stderr.matches(&warning).count(),
            1,
            "{words}: {}",
            said.stderr
        );
        run(&sandbox, &url, &format!("{words} -q")).ok().no_stderr();
    }
    let seen = run(&sandbox, &url, "list -o ids").ok();
    assert_eq!(seen.stdout.lines().count(), 1);
    run(&sandbox, &url, "show $B").fails(3).stderr_has(&warning);
    cluster.drop_database(&database);
}

/// Whom no policy holds back sees all, and does all.
#[test]
fn a_policy_counts_for_those_alone_whom_it_holds_back() {
    let Some(cluster) = cluster() else { return };
    let sandbox = Sandbox::new();
    let (database, role) = hiding(cluster, &sandbox);
    let sql = |sql: &str| cluster.connect(&database).batch_execute(sql).unwrap();
    let owner = format!("owns_{database}");
    sql(&format!(
        "CREATE ROLE {owner} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {owner}; GRANT CREATE ON SCHEMA public TO {owner};
        ALTER TABLE video_generation_jobs OWNER TO {owner}"
    ));
    let title = "update $A --title ours";
    let [role, owned] = [&role, &owner].map(|user| cluster.url(user, &database));
    run(&sandbox, &role, title).fails(77);
    run(&sandbox, &owned, title).ok().stderr_lacks("row-level");
    let all = run(&sandbox, &owned, "list -o ids").ok();
    assert_eq!(all.stdout.lines().count(), 2);
    sql("ALTER TABLE video_generation_jobs FORCE ROW LEVEL SECURITY");
    run(&sandbox, &owned, title)
        .fails(77)
        .stderr_has("BYPASSRLS");
    sql(&format!("ALTER ROLE {owner} BYPASSRLS"));
    run(&sandbox, &owned, "export").ok();
    run(&sandbox, &cluster.url("jobctl", &database), title).ok();
    sql("ALTER TABLE video_generation_jobs DISABLE ROW LEVEL SECURITY");
    run(&sandbox, &role, title).ok();
    cluster.drop_database(&database);
}

/// A job that names a series which this user does not see would be stored without it.
#[test]
fn series_that_a_policy_hides_are_not_taken_for_missing() {
    let Some(cluster) = cluster() else { return };
    for table in ["series", "episodes"] {
        hides(cluster, table);
    }
}

#[track_caller]
fn hides(cluster: &Cluster, table: &str) {
    let sandbox = Sandbox::new();
    let database = cluster.database(
        "CREATE TABLE series (id varchar(36) PRIMARY KEY); CREATE TABLE episodes (id varchar(36) PRIMARY KEY)",
        false,
    );
    let owner = cluster.url("jobctl", &database);
    run(
        &sandbox,
        &owner,
        "create --type idea2video --content 'A fox learns to sail'",
    )
    .ok();
    let role = format!("reads_{database}");
    let sql = format!(
        "CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    );
    cluster.connect(&database).batch_execute(&sql).unwrap();
    let url = cluster.url(&role, &database);
    let create = run(
        &sandbox,
        &url,
        "create --type idea2video --content 'A fox learns to sail'",
    );
    create
        .fails(77)
        .stderr_has(&format!("row-level security of {table} in "));
    run(&sandbox, &url, "list -o ids").ok().no_stderr();
    run(&sandbox, &url, "export").ok();
    cluster.drop_database(&database);
}
