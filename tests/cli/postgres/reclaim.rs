//! `--reclaim` and `--vacuum`: the room of jobs that went is cleared for others, or goes back; who may not do that, or gets in the way, is said. On a server of
//! its own: a transaction in any database of a server keeps old rows from going.

use postgres::Client;

use super::own::{Server, Stop};
use crate::migrate::running::Running;
use crate::support::{A, Output, Run, Sandbox};

const JOBS: usize = 600;

/// Jobs that are done, of 3 KB that no compression makes smaller.
const FILL: &str = "
INSERT INTO video_generation_jobs (id, job_type, status, content, created_at, updated_at, completed_at)
SELECT lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000', 'idea2video', 'completed',
    (SELECT string_agg(md5(random()::text || n || i), '') FROM generate_series(1, 96) i), '2025-01-10', '2025-01-10', '2025-01-10'
FROM generate_series(1, 600) n";

const SIZE: &str = "SELECT pg_total_relation_size('video_generation_jobs')";
const CLEANUP: &str = "cleanup --older-than 30d --yes";
const WAITS: &str = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

/// A database with such jobs and with A, which stays.
struct Jobs<'s> {
    server: &'s Server,
    sandbox: Sandbox,
}

impl Drop for Jobs<'_> {
    fn drop(&mut self) {
        self.server
            .sql("postgres", "DROP DATABASE jobs WITH (FORCE)");
        self.server.sql("postgres", "CREATE DATABASE jobs");
    }
}

impl Jobs<'_> {
    fn new(server: &Server) -> Jobs<'_> {
        let sandbox = Sandbox::new();
        let jobs = Jobs { server, sandbox };
        jobs.run("migrate - -q").stdin("[]").run().ok();
        jobs.fill();
        let create = "create --id $A --type idea2video --content 'A fox learns to sail'";
        jobs.run(create).run().ok();
        jobs
    }

    fn fill(&self) {
        self.client().batch_execute(FILL).unwrap();
    }

    fn client(&self) -> Client {
        self.server.connect("jobs")
    }

    fn run(&self, words: &str) -> Run {
        self.run_as("jobctl", words)
    }

    fn run_as(&self, user: &str, words: &str) -> Run {
        let run = self.sandbox.jobctl(words).without_env("JOBCTL_DB");
        let url = self.server.url("jobs");
        let url = url.replace("jobctl@", &format!("{user}@"));
        run.env("DATABASE_URL", url)
    }

    fn number(&self, sql: &str) -> i64 {
        self.client().query_one(sql, &[]).unwrap().get(0)
    }

    fn count(&self) -> i64 {
        self.number("SELECT count(*) FROM video_generation_jobs")
    }

    /// A user who may change jobs and reads the history, and owns nothing.
    fn user(&self) -> &'static str {
        let made = "CREATE ROLE cleans LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO cleans";
        self.client().batch_execute(made).unwrap();
        "cleans"
    }
}

#[track_caller]
fn cleaned(jobs: &Jobs, more: &str) -> Output {
    let run = jobs.run(&format!("{CLEANUP} {more}")).run().ok();
    assert_eq!(jobs.count(), 1, "{run}");
    run
}

#[test]
fn room_is_cleared_for_new_jobs_which_take_no_more() {
    let Some(server) = Server::started() else {
        return;
    };
    for (more, grows) in [("", true), ("--reclaim", false)] {
        let jobs = Jobs::new(&server);
        let before = jobs.number(SIZE);
        cleaned(&jobs, more);
        jobs.fill();
        let after = jobs.number(SIZE);
        assert_eq!(after > before + before / 2, grows, "{before} {after}");
    }
}

#[test]
fn what_is_free_at_the_end_goes_back_and_is_told() {
    let Some(server) = Server::started() else {
        return;
    };
    let jobs = Jobs::new(&server);
    let before = jobs.number(SIZE);
    jobs.run("delete $A --force").run().ok();
    let run = jobs.run(&format!("{CLEANUP} --reclaim -o json"));
    let document = run.run().ok().json();
    let went = before - jobs.number(SIZE);
    assert!(went > before / 2, "{before} {went}");
    // The tables of the history have got their maps of free room meanwhile.
    let told = document["reclaimed_bytes"].as_i64().unwrap();
    assert!((went - 150_000..=went).contains(&told), "{told} {went}");
    assert!(document["not_vacuumed"].is_null());
    jobs.fill();
    let run = jobs.run(&format!("{CLEANUP} --reclaim -q")).run();
    run.ok().no_stdout().no_stderr();
}

#[test]
fn vacuum_writes_the_tables_anew_and_says_before_what_it_locks() {
    let Some(server) = Server::started() else {
        return;
    };
    for more in ["--vacuum", "--reclaim --vacuum", "--vacuum -q"] {
        let jobs = Jobs::new(&server);
        let before = jobs.number(SIZE);
        let run = cleaned(&jobs, more);
        let after = jobs.number(SIZE);
        assert!(after < before / 10, "{before} {after}{run}");
        if more.contains("-q") {
            run.no_stderr();
            continue;
        }
        let (said, summary) = run.stderr.split_once('\n').unwrap();
        assert!(said.contains("written anew (--vacuum)"), "{run}");
        assert!(said.contains("nobody else can read or write"), "{run}");
        assert!(summary.contains(" given back"), "{run}");
    }
}

#[test]
fn the_room_of_the_history_goes_back_too() {
    let Some(server) = Server::started() else {
        return;
    };
    for more in ["--reclaim", "--vacuum"] {
        let jobs = Jobs::new(&server);
        jobs.run("delete --status completed --yes").run().ok();
        jobs.client()
            .batch_execute("DELETE FROM jobctl_change")
            .unwrap();
        let size = "SELECT pg_total_relation_size('jobctl_change')";
        let before = jobs.number(size);
        cleaned(&jobs, more);
        let after = jobs.number(size);
        assert!(after < before / 2, "{before} {after}");
    }
}

#[test]
fn a_dry_run_says_what_would_become_of_the_room() {
    let Some(server) = Server::started() else {
        return;
    };
    let jobs = Jobs::new(&server);
    for (more, said, key) in [
        ("--reclaim", "free for new jobs", "vacuum_would_free_bytes"),
        ("--vacuum", "written anew", "would_reclaim_bytes"),
    ] {
        for flag in ["--dry-run", "--explain"] {
            let words = format!("cleanup --older-than 30d {flag} {more}");
            let run = jobs.run(&words).run().ok();
            run.stderr_has(said)
                .stderr_has("up to about ")
                .stderr_has("nobody else can read or write");
            let run = jobs.run(&format!("{words} -o json")).run().ok();
            assert!(run.json()[key].as_u64().unwrap() > 1_000_000, "{run}");
        }
    }
    assert_eq!(jobs.count(), JOBS as i64 + 1);
}

#[test]
fn who_does_not_own_the_table_cleans_up_and_is_told_that_the_room_stays() {
    let Some(server) = Server::started() else {
        return;
    };
    for more in ["--reclaim", "--vacuum", "--reclaim -q"] {
        let jobs = Jobs::new(&server);
        let user = jobs.user();
        let said = "would stay as it is: the owner may VACUUM that";
        let flag = more.split(' ').next().unwrap();
        let words = format!("cleanup --older-than 30d --dry-run {flag}");
        let run = jobs.run_as(user, &words).run().ok();
        run.stderr_has(said);
        let before = jobs.number(SIZE);
        let run = jobs.run_as(user, &format!("{CLEANUP} {more} -o json"));
        let run = run.run().ok();
        let said = "warning: the room of video_generation_jobs and jobctl_";
        let run = run.stderr_has(said).stderr_lacks("written anew");
        let document = run.json();
        assert_eq!(document["reclaimed_bytes"], 0, "{run}");
        let denied = &document["not_vacuumed"];
        assert_eq!(denied[0], "video_generation_jobs", "{run}");
        assert_eq!((jobs.count(), jobs.number(SIZE)), (1, before));
        // The owner of the database may.
        let sql = "ALTER DATABASE jobs OWNER TO cleans";
        jobs.client().batch_execute(sql).unwrap();
        let run = jobs.run_as(user, &format!("{CLEANUP} --vacuum"));
        run.run().ok().stderr_lacks("stays as it is");
        assert!(jobs.number(SIZE) < before / 10);
        let gone = "ALTER DATABASE jobs OWNER TO jobctl; DROP OWNED BY cleans; DROP ROLE cleans";
        jobs.client().batch_execute(gone).unwrap();
    }
}

#[test]
fn a_lock_that_is_held_ends_it_with_75_and_the_next_run_does_it() {
    let Some(server) = Server::started() else {
        return;
    };
    for (more, lock) in [
        ("--reclaim", "SHARE UPDATE EXCLUSIVE"),
        ("--vacuum", "ACCESS SHARE"),
    ] {
        let jobs = Jobs::new(&server);
        jobs.run("delete $A --force").run().ok();
        let before = jobs.number(SIZE);
        let mut held = jobs.client();
        held.batch_execute(&format!(
            "BEGIN; LOCK TABLE video_generation_jobs IN {lock} MODE"
        ))
        .unwrap();
        let words = format!("{CLEANUP} {more} --busy-timeout 50ms");
        let run = jobs.run(&words).run().fails(75);
        run.stderr_has("removed 600 jobs")
            .stderr_has("is locked by another process (waited 50ms)")
            .stderr_has("\nhint: ");
        held.batch_execute("ROLLBACK").unwrap();
        assert_eq!(jobs.number(SIZE), before);
        jobs.run(&words).run().ok().stderr_has("given back");
        assert!(jobs.number(SIZE) < before / 2);
    }
}

#[test]
fn those_who_read_and_write_do_not_keep_it_from_clearing() {
    let Some(server) = Server::started() else {
        return;
    };
    let jobs = Jobs::new(&server);
    let mut writer = jobs.client();
    let write = format!("BEGIN; UPDATE video_generation_jobs SET progress = 5 WHERE id = '{A}'");
    writer.batch_execute(&write).unwrap();
    cleaned(&jobs, "--reclaim --busy-timeout 50ms");
    writer.batch_execute("COMMIT").unwrap();
}

#[test]
fn ctrl_c_ends_the_wait_for_it_at_once() {
    let Some(server) = Server::started() else {
        return;
    };
    for (more, doing) in [
        ("--reclaim", "giving free room back"),
        ("--vacuum", "rewriting the tables"),
    ] {
        let jobs = Jobs::new(&server);
        let (mut held, mut watching) = (jobs.client(), jobs.client());
        held.batch_execute(
            "BEGIN; LOCK TABLE video_generation_jobs IN SHARE UPDATE EXCLUSIVE MODE",
        )
        .unwrap();
        let run = jobs.run(&format!("{CLEANUP} {more} --busy-timeout 10m"));
        let mut running = Running::start(run);
        running.until("it waits", || {
            watching.query_opt(WAITS, &[]).unwrap().is_some()
        });
        running.interrupt();
        let run = running.outcome().fails(130).stderr_has("removed 600 jobs");
        run.stderr_has(&format!("interrupted while {doing} in "));
        held.batch_execute("ROLLBACK").unwrap();
        cleaned(&jobs, more);
    }
}

#[test]
fn a_server_that_stops_meanwhile_is_told_and_the_same_line_finishes() {
    let Some(server) = Server::started() else {
        return;
    };
    let sandbox = Sandbox::new();
    let on = |words: &str| {
        let run = sandbox.jobctl(words).without_env("JOBCTL_DB");
        run.env("DATABASE_URL", server.url("jobs"))
    };
    on("migrate - -q").stdin("[]").run().ok();
    for (how, more) in [
        (Stop::Fast, "--reclaim"),
        (Stop::Immediate, "--vacuum"),
        (Stop::Kill, "--reclaim"),
    ] {
        server.sql("jobs", FILL);
        let (mut held, mut watching) = (server.connect("jobs"), server.connect("jobs"));
        held.batch_execute(
            "BEGIN; LOCK TABLE video_generation_jobs IN SHARE UPDATE EXCLUSIVE MODE",
        )
        .unwrap();
        let words = format!("{CLEANUP} {more} --busy-timeout 10m");
        let mut running = Running::start(on(&words));
        running.until("it waits", || {
            watching.query_opt(WAITS, &[]).unwrap().is_some()
        });
        server.stop(how);
        let run = running.end();
        assert!([69, 75].contains(&run.status), "{run}");
        run.stderr_has("removed 600 jobs")
            .stderr_has("\nhint: try again; what was committed before is kept\n");
        server.start();
        let size = |client: &mut Client| -> i64 { client.query_one(SIZE, &[]).unwrap().get(0) };
        let before = size(&mut server.connect("jobs"));
        on(&words).run().ok().stderr_has("given back");
        let after = size(&mut server.connect("jobs"));
        assert!(after < before / 2, "{how:?}: {before} {after}");
    }
}

/// Notes the transactions that change jobs.
const NOTES: &str = "
CREATE TABLE noted (at text);
CREATE FUNCTION notes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO noted VALUES (pg_current_xact_id()); RETURN NULL; END $$;
CREATE TRIGGER notes AFTER INSERT OR DELETE ON video_generation_jobs FOR EACH ROW EXECUTE FUNCTION notes()";

#[test]
fn exclusive_is_taken_makes_larger_batches_and_says_with_v_that_it_keeps_nobody_out() {
    let Some(server) = Server::started() else {
        return;
    };
    let mut transactions = Vec::new();
    for more in ["", "--exclusive", "--exclusive -v"] {
        let jobs = Jobs::new(&server);
        jobs.client().batch_execute(NOTES).unwrap();
        jobs.sandbox
            .write("dump.jsonl", crate::locks::dump(2 * JOBS));
        for words in ["migrate dump.jsonl", CLEANUP] {
            let dry = words.replace("--yes", "");
            let dry = jobs.run(&format!("{dry} --dry-run {more}")).run().ok();
            let run = jobs.run(&format!("{words} {more}")).run().ok();
            for run in [dry, run] {
                let run = run.stderr_lacks("kept locked");
                let says = run.stderr.contains("locks rows alone: --exclusive");
                assert_eq!(says, more.contains("-v"), "{run}");
            }
            transactions.push(jobs.number("SELECT count(DISTINCT at) FROM noted"));
            jobs.client().batch_execute("TRUNCATE noted").unwrap();
        }
    }
    let (usual, larger) = transactions.split_at(2);
    for (index, larger) in larger.iter().enumerate() {
        assert!(*larger < usual[index % 2], "{transactions:?}");
    }
}
