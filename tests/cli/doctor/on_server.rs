//! `doctor` on PostgreSQL: for each check a database in which it alone finds something, and what is said about it
//! (`tests/cli/screens/doctor_on_server/`; `SNAPSHOTS=overwrite` writes it anew); and what `--fix` mends there.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use postgres::Client;
use snapbox::Data;

use crate::locks::until;
use crate::postgres::cluster::{Cluster, cluster};
use crate::support::{A, B, Output, Sandbox};

/// The service's tables with the report's indexes, and two jobs as the service makes them: nothing is wrong with it.
const CLEAN: &str = "
CREATE TABLE series (id VARCHAR(36) NOT NULL PRIMARY KEY, title VARCHAR(255) NOT NULL);
CREATE TABLE episodes (id VARCHAR(36) NOT NULL PRIMARY KEY, series_id VARCHAR(36) NOT NULL REFERENCES series (id));
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) NOT NULL, job_type VARCHAR(50) NOT NULL, mode VARCHAR(20), status VARCHAR(50), content TEXT,
    user_requirement TEXT, style VARCHAR(255), project_title VARCHAR(255), request_data JSON, context JSON,
    progress DOUBLE PRECISION, current_stage VARCHAR(255), working_dir VARCHAR(500), result_data JSON, error_message TEXT,
    total_shots INTEGER, completed_shots INTEGER, episode_id VARCHAR(36), series_id VARCHAR(36),
    created_at TIMESTAMP WITHOUT TIME ZONE, updated_at TIMESTAMP WITHOUT TIME ZONE,
    started_at TIMESTAMP WITHOUT TIME ZONE, completed_at TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id),
    FOREIGN KEY (episode_id) REFERENCES episodes (id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE SET NULL);
CREATE INDEX idx_job_status ON video_generation_jobs (status);
CREATE INDEX idx_job_type ON video_generation_jobs (job_type);
CREATE INDEX idx_job_created ON video_generation_jobs (created_at);
INSERT INTO video_generation_jobs (id, job_type, mode, status, content, progress, request_data, total_shots, completed_shots,
    created_at, updated_at, started_at, completed_at)
VALUES ('$A', 'idea2video', 'idea', 'completed', 'A cat crosses the road', 100, '{\"idea\": \"A cat\"}', 8, 7,
    '2026-01-14 10:00', '2026-01-14 10:20', '2026-01-14 10:00:01', '2026-01-14 10:20'),
    ('$B', 'idea2video', 'idea', 'queued', 'A dog waits for it', 0, NULL, 0, 0, '2026-01-15 11:00', '2026-01-15 11:00', NULL, NULL);
";

/// 10,000 jobs that completed an hour ago.
const MANY: &str = "INSERT INTO video_generation_jobs (id, job_type, status, progress, created_at, updated_at, completed_at)
    SELECT lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000', 'idea2video', 'completed', 100, '2026-01-15 11:00', '2026-01-15 11:00',
    '2026-01-15 11:00' FROM generate_series(1, 10000) n;";

fn named(sql: &str) -> String {
    sql.replace("$A", A).replace("$B", B)
}

/// A database with one fault.
struct ServerFixture {
    check: &'static str,
    /// The findings beside it that it cannot be without.
    others: &'static [&'static str],
    cluster: &'static Cluster,
    database: String,
    user: String,
    sandbox: Sandbox,
    second: Option<String>,
    held: Option<Client>,
}

impl Drop for ServerFixture {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.database);
        if let Some(second) = &self.second {
            self.cluster.drop_database(second);
        }
    }
}

impl ServerFixture {
    fn of(check: &'static str, cluster: &'static Cluster, database: String) -> ServerFixture {
        ServerFixture {
            check,
            others: &[],
            cluster,
            database,
            user: "jobctl".to_owned(),
            sandbox: Sandbox::new(),
            second: None,
            held: None,
        }
    }

    /// A change to the clean database; `$DB` is its name.
    fn sql(check: &'static str, sql: &str) -> ServerFixture {
        let cluster = cluster().unwrap();
        let database = cluster.database(&named(CLEAN), false);
        let fixture = ServerFixture::of(check, cluster, database);
        fixture.change(sql);
        fixture
    }

    fn beside(mut self, others: &'static [&'static str]) -> ServerFixture {
        self.others = others;
        self
    }

    fn change(&self, sql: &str) {
        let sql = named(sql).replace("$DB", &self.database);
        self.client().batch_execute(&sql).unwrap();
    }

    /// One with an encoding of its own.
    fn encoded(check: &'static str, encoding: &str, sql: &str) -> ServerFixture {
        let cluster = cluster().unwrap();
        let database = cluster.database("", false);
        let made = format!(
            "DROP DATABASE {database}; CREATE DATABASE {database} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        );
        for statement in made.split("; ") {
            cluster
                .connect("postgres")
                .batch_execute(statement)
                .unwrap();
        }
        let fixture = ServerFixture::of(check, cluster, database);
        fixture.change(CLEAN);
        fixture.change(sql);
        fixture
    }

    fn client(&self) -> Client {
        self.cluster.connect(&self.database)
    }

    fn url(&self) -> String {
        self.cluster.url(&self.user, &self.database)
    }

    fn run(&self, args: &str) -> Output {
        let run = self.sandbox.jobctl(format!("doctor {args}"));
        let run = match &self.second {
            None => run.without_env("JOBCTL_DB").env("DATABASE_URL", self.url()),
            Some(second) => run
                .env("JOBCTL_DB", self.url())
                .env("DATABASE_URL", self.cluster.url(&self.user, second)),
        };
        run.run()
    }

    /// One text of the database.
    fn ask(&self, sql: &str) -> String {
        let row = self.client().query_one(&named(sql), &[]).unwrap();
        row.get::<_, Option<String>>(0).unwrap_or_default()
    }

    /// The run without what differs from one to the next.
    fn steady(&self, run: &Output) -> String {
        let text = format!(
            "status {}\n{}--- stderr\n{}",
            run.status, run.stdout, run.stderr
        );
        let mut text = text
            .replace(
                &self.url().replace(&format!("{}@", self.user), ""),
                "[DATABASE]",
            )
            .replace(&format!("/{}", self.database), "/[NAME]")
            .replace(
                &self
                    .cluster
                    .folder
                    .display()
                    .to_string()
                    .replace('/', "%2F"),
                "[FOLDER]",
            )
            .replace(&format!(":{}", self.cluster.port), ":[PORT]");
        if self.user != "jobctl" {
            text = text.replace(&self.user, "[USER]");
        }
        if let Some(second) = &self.second {
            text = text.replace(second.as_str(), "[SECOND]");
        }
        for (begin, end, name) in [
            ("process ", " (", "[PID]"),
            ("terminate_backend(", ")", "[PID]"),
            ("open for ", "\n", "[AGE]"),
            ("table (", " for", "[SIZE]"),
            ("base/", "\n", "[FILE]"),
        ] {
            if let Some((before, behind)) = text.split_once(begin)
                && let Some((_, after)) = behind.split_once(end)
            {
                text = format!("{before}{begin}{name}{end}{after}");
            }
        }
        text
    }
}

/// A job column set to something in the first job.
fn set(check: &'static str, column: &str, value: &str) -> ServerFixture {
    let sql = format!("UPDATE video_generation_jobs SET {column} = {value} WHERE id = '$A'");
    ServerFixture::sql(check, &sql)
}

fn second(check: &'static str, cluster: &'static Cluster) -> ServerFixture {
    let mut fixture = ServerFixture::sql(check, "");
    fixture.second = Some(cluster.database("", false));
    fixture
}

fn as_reader() -> ServerFixture {
    let mut fixture = ServerFixture::sql("permissions", "");
    fixture.user = format!("reader_of_{}", fixture.database);
    let user = &fixture.user;
    fixture.change(&format!(
        "CREATE ROLE {user} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}"
    ));
    fixture
}

fn locked() -> ServerFixture {
    let mut fixture = ServerFixture::sql("locks", "");
    let mut client = fixture.client();
    client
        .batch_execute("BEGIN; UPDATE video_generation_jobs SET progress = 1")
        .unwrap();
    fixture.held = Some(client);
    fixture
}

/// A copy of a database, one page of whose table was overwritten where it lies on the disk.
fn damaged() -> ServerFixture {
    let cluster = cluster().unwrap();
    let whole = ServerFixture::sql("integrity", "");
    whole.change("CHECKPOINT");
    let path = whole.ask("SELECT pg_relation_filepath('video_generation_jobs')");
    let path = cluster.folder.join("data").join(path);
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[0xff; 64], 0).unwrap();
    let name = cluster.database("", false);
    cluster.drop_database(&name);
    let version = whole.ask("SELECT current_setting('server_version_num')");
    let how = match version.parse() {
        Ok(150_000u32..) => "STRATEGY file_copy",
        _ => "",
    };
    let made = format!("CREATE DATABASE {name} TEMPLATE {} {how}", whole.database);
    cluster.connect("postgres").batch_execute(&made).unwrap();
    ServerFixture::of("integrity", cluster, name)
}

fn half_made_index() -> ServerFixture {
    let fixture = ServerFixture::sql("invalid-index", "");
    let made = "CREATE UNIQUE INDEX CONCURRENTLY one_of_a_type ON video_generation_jobs (job_type)";
    fixture.client().batch_execute(made).unwrap_err();
    fixture
}

fn with_dead_rows() -> ServerFixture {
    let fixture = ServerFixture::sql("dead-rows", "");
    fixture.change(MANY);
    fixture.change("DELETE FROM video_generation_jobs WHERE id NOT IN ('$A', '$B')");
    let seen = "SELECT (n_dead_tup >= 10000)::text FROM pg_stat_all_tables WHERE relname = 'video_generation_jobs'";
    until("they are counted", || fixture.ask(seen) == "true");
    fixture
}

/// One for each check; none where PostgreSQL is not installed.
fn all() -> Vec<ServerFixture> {
    let Some(cluster) = cluster() else {
        return Vec::new();
    };
    let text_for_json = "ALTER TABLE video_generation_jobs ALTER result_data TYPE TEXT; UPDATE video_generation_jobs SET result_data = '{' WHERE id = '$A'";
    let broken = "UPDATE video_generation_jobs SET project_title = convert_from('\\xff41', 'SQL_ASCII') WHERE id = '$A'";
    let mut all = vec![
        second("two-databases", cluster),
        as_reader(),
        locked(),
        damaged(),
        ServerFixture::sql(
            "missing-columns",
            "ALTER TABLE video_generation_jobs RENAME COLUMN current_stage TO stage",
        ),
        ServerFixture::sql(
            "column-types",
            "ALTER TABLE video_generation_jobs ALTER progress TYPE REAL, ALTER style TYPE VARCHAR(20)",
        ),
        ServerFixture::sql(
            "extra-columns",
            "ALTER TABLE video_generation_jobs ADD COLUMN priority INTEGER",
        ),
        ServerFixture::sql(
            "missing-index",
            "DROP INDEX idx_job_status, idx_job_type, idx_job_created",
        ),
        ServerFixture::sql("statistics", &format!("{MANY}{OURS}")),
        set("odd-id", "id", "'job-17'"),
        set("unknown-status", "status", "'Done'"),
        ServerFixture::sql("bad-json", text_for_json).beside(&["column-types"]),
        ServerFixture::encoded("broken-text", "SQL_ASCII", broken).beside(&["encoding"]),
        set("unreadable-time", "completed_at", "'infinity'"),
        set("future-time", "completed_at", "'2062-01-14 10:20:00'"),
        set("clock", "updated_at", "'2026-01-15 15:30:00'"),
        set("missing-completed-at", "completed_at", "NULL"),
        set("progress-range", "progress", "'NaN'"),
        set("shot-counts", "completed_shots", "9"),
        ServerFixture::sql(
            "dangling-parent",
            "SET session_replication_role = replica; UPDATE video_generation_jobs SET series_id = 'gone' WHERE id = '$A'",
        ),
        ServerFixture::sql(
            "stale-queued",
            "UPDATE video_generation_jobs SET updated_at = '2026-01-10' WHERE id = '$B'",
        ),
        ServerFixture::sql(
            "stale-processing",
            "UPDATE video_generation_jobs SET status = 'processing', updated_at = '2026-01-10' WHERE id = '$B'",
        ),
        ServerFixture::sql(
            "read-only",
            "ALTER DATABASE $DB SET default_transaction_read_only = on",
        ),
        ServerFixture::encoded("encoding", "LATIN1", ""),
        ServerFixture::sql(
            "local-times",
            "ALTER DATABASE $DB SET timezone = 'Europe/Berlin'; ALTER TABLE video_generation_jobs ALTER created_at SET DEFAULT now()",
        ),
        ServerFixture::sql(
            "foreign-keys",
            "ALTER TABLE video_generation_jobs DROP CONSTRAINT video_generation_jobs_series_id_fkey",
        ),
        half_made_index(),
        with_dead_rows(),
    ];
    for fixture in &mut all {
        if fixture.held.is_none() && fixture.check != "read-only" && fixture.check != "integrity" {
            // What the server counts by itself is no part of the fault.
            let counted = !["statistics", "dead-rows"].contains(&fixture.check);
            if counted {
                fixture.change("ANALYZE video_generation_jobs");
            }
        }
    }
    all
}

/// The indexes that jobctl adds.
const OURS: &str = "CREATE INDEX jobctl_created ON video_generation_jobs (created_at NULLS FIRST, id COLLATE \"C\");
    CREATE INDEX jobctl_status_created ON video_generation_jobs (status, created_at NULLS FIRST, id COLLATE \"C\");
    CREATE INDEX jobctl_id ON video_generation_jobs (id COLLATE \"C\");";

#[test]
fn each_check_finds_its_fixture_and_says_so_in_plain_words() {
    for fixture in all() {
        let run = fixture.run("");
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cli/screens/doctor_on_server")
            .join(format!("{}.txt", fixture.check));
        snapbox::assert_data_eq!(
            fixture.steady(&run),
            Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw()
        );
        for args in ["-o json".to_owned(), format!("-o json {}", fixture.check)] {
            let run = fixture.run(&args);
            let findings = run.json()["findings"].clone();
            let findings = findings.as_array().unwrap().iter();
            let found: BTreeSet<&str> = findings.map(|it| it["check"].as_str().unwrap()).collect();
            let mut expected = BTreeSet::from([fixture.check]);
            if args == "-o json" {
                expected.extend(fixture.others);
            }
            assert_eq!(found, expected, "{run}");
        }
    }
}

#[test]
fn there_is_a_fixture_for_every_check_of_a_server() {
    if cluster().is_none() {
        return;
    }
    let run = Sandbox::new().jobctl("doctor --help").run().ok();
    let list = run
        .stdout
        .split("\nChecks of PostgreSQL alone:\n")
        .nth(1)
        .unwrap();
    let told = list.lines().take_while(|line| line.starts_with("  "));
    let told = told.map(|line| line.split_whitespace().next().unwrap());
    let fixtures = all();
    let made: BTreeSet<&str> = fixtures.iter().map(|it| it.check).collect();
    // Of an old server a test of its own tells.
    for check in told.filter(|check| *check != "server-version") {
        assert!(made.contains(check), "{check}");
    }
}

#[test]
fn a_clean_database_has_no_finding() {
    if cluster().is_none() {
        return;
    }
    let fixture = ServerFixture::sql("none", "ANALYZE video_generation_jobs");
    for args in ["-q", "--full -q", "--strict -q"] {
        fixture.run(args).ok().no_stdout().no_stderr();
    }
    let run = fixture.run("").ok().no_stdout();
    run.stderr_has("all is well: 30 checks, 2 jobs in postgresql+psycopg2://");
    let run = fixture.run("hot-journal log-size").ok().no_stdout();
    run.stderr_has("all is well: 2 checks, postgresql");
    let run = fixture.run("--for postgres").fails(2).no_stdout();
    run.stderr_has("these jobs are on PostgreSQL already");
}

#[test]
fn damage_is_told_where_all_is_read() {
    if cluster().is_none() {
        return;
    }
    let fixture = damaged();
    fixture
        .run("integrity --full")
        .fails(1)
        .stdout_has("error integrity");
    fixture.run("bad-json").ok().no_stdout();
    let list = fixture.sandbox.jobctl("list").without_env("JOBCTL_DB");
    let run = list.env("DATABASE_URL", fixture.url()).run().fails(1);
    run.stderr_has("is damaged: invalid page")
        .stderr_has("jobctl doctor says more");
}

#[test]
fn what_keeps_the_jobs_from_being_read_is_a_finding() {
    if cluster().is_none() {
        return;
    }
    let mut fixture = as_reader();
    fixture.change(&format!(
        "REVOKE SELECT ON video_generation_jobs FROM {}",
        fixture.user
    ));
    let run = fixture.run("").fails(1);
    run.stdout_has("error permissions")
        .stdout_has("permission denied for table");
    fixture.user = "jobctl".to_owned();
    let mut client = fixture.client();
    client
        .batch_execute("BEGIN; LOCK TABLE video_generation_jobs")
        .unwrap();
    let run = fixture.run("--busy-timeout 50ms").fails(1);
    run.stdout_has("error locks")
        .stdout_has("is locked by another process (waited 50ms)");
}

#[test]
fn the_other_variable_may_spell_the_same_database_otherwise() {
    let Some(cluster) = cluster() else { return };
    let fixture = ServerFixture::sql("none", "ANALYZE video_generation_jobs");
    let (port, name) = (cluster.port, &fixture.database);
    for (service, found) in [
        (fixture.url(), 0),
        (format!("postgresql://service@localhost:{port}/{name}"), 0),
        (
            format!("postgresql://service@127.0.0.1:{port}/{name}?sslmode=require"),
            0,
        ),
        (format!("postgresql://service@127.0.0.1:{port}/{name}_2"), 1),
        (
            format!("postgresql://service@db.example.com:{port}/{name}"),
            1,
        ),
        ("sqlite:///jobs.db".to_owned(), 1),
    ] {
        let run = fixture
            .sandbox
            .jobctl("doctor two-databases -o json")
            .env("JOBCTL_DB", fixture.url());
        let run = run.env("DATABASE_URL", &service).run().ok();
        assert_eq!(
            run.json()["findings"].as_array().unwrap().len(),
            found,
            "{service}{run}"
        );
    }
}

#[test]
fn the_end_of_a_job_is_its_last_change() {
    if cluster().is_none() {
        return;
    }
    let faulty = "UPDATE video_generation_jobs SET completed_at = NULL; UPDATE video_generation_jobs SET status = 'failed', updated_at = '1970-01-01' WHERE id = '$B'";
    let fixture = ServerFixture::sql("missing-completed-at", faulty);
    let row = "SELECT string_agg(j::text, '' ORDER BY id) FROM video_generation_jobs j";
    let before = fixture.ask(row);
    let run = fixture.run("--fix --dry-run missing-completed-at").ok();
    run.stderr_has("would fix missing-completed-at in 1 job\n");
    fixture
        .run("--fix missing-completed-at")
        .fails(4)
        .stderr_has("--yes confirms");
    assert_eq!(fixture.ask(row), before);
    let run = fixture.run("--fix missing-completed-at --yes -o json").ok();
    assert_eq!(run.json()["fixed"][0]["run"], "r1", "{run}");
    run.stderr_has("fixed missing-completed-at in 1 job\n");
    let ended =
        "SELECT completed_at::text || ' ' || updated_at FROM video_generation_jobs WHERE id = '$A'";
    assert_eq!(
        fixture.ask(ended),
        "2026-01-14 10:20:00 2026-01-14 10:20:00"
    );
    let made_up = "SELECT completed_at::text FROM video_generation_jobs WHERE id = '$B'";
    assert_eq!(fixture.ask(made_up), "");
    let undo = fixture.sandbox.jobctl("undo").without_env("JOBCTL_DB");
    undo.env("DATABASE_URL", fixture.url()).run().ok();
    assert_eq!(fixture.ask(row), before);
}

#[test]
fn a_rule_of_the_table_keeps_its_job_and_no_other() {
    if cluster().is_none() {
        return;
    }
    for act in ["RAISE EXCEPTION 'no'", "RETURN NULL"] {
        let sql = format!(
            "{MANY} UPDATE video_generation_jobs SET completed_at = NULL;
             CREATE FUNCTION rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; END $$;
             CREATE TRIGGER rule BEFORE UPDATE ON video_generation_jobs FOR EACH ROW WHEN (old.id = '$A') EXECUTE FUNCTION rule()"
        );
        let fixture = ServerFixture::sql("missing-completed-at", &sql);
        let run = fixture.run("--fix missing-completed-at --yes").ok();
        run.stderr_has("missing-completed-at: 1 job stayed as before")
            .stderr_has("fixed missing-completed-at in 10,000 jobs\n")
            .stdout_has("warning missing-completed-at");
        let left = "SELECT string_agg(id, '') FROM video_generation_jobs WHERE completed_at IS NULL AND status = 'completed'";
        assert_eq!(fixture.ask(left), A, "{act}");
    }
}

const INDEXES: &str = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'video_generation_jobs' AND indexname NOT LIKE '%pkey'";

#[test]
fn indexes_are_made_beside_a_writer_and_statistics_gathered() {
    if cluster().is_none() {
        return;
    }
    let fixture = ServerFixture::sql("missing-index", "DROP INDEX idx_job_type");
    let run = fixture.run("--fix --yes").ok();
    run.stderr_has("fixed missing-index (1 index)\n")
        .stderr_has("undo takes back no fix of missing-index\n");
    assert_eq!(
        fixture.ask(INDEXES),
        "idx_job_created idx_job_status idx_job_type"
    );
    fixture.change(MANY);
    let run = fixture.run("--fix --yes").ok().no_stdout();
    run.stderr_has("fixed missing-index (3 indexes), statistics\n");
    assert_eq!(
        fixture.ask(INDEXES),
        "idx_job_created idx_job_status idx_job_type jobctl_created jobctl_id jobctl_status_created"
    );
    fixture.run("-q").ok().no_stdout().no_stderr();
}

#[test]
fn one_who_does_not_own_the_table_is_told_that_he_may_not() {
    if cluster().is_none() {
        return;
    }
    let fixture = as_reader();
    fixture.change(MANY);
    for check in ["missing-index", "statistics"] {
        let run = fixture.run(&format!("--fix {check} --yes")).fails(77);
        run.stderr_has("hint: name a user who may");
    }
    assert_eq!(
        fixture.ask(INDEXES),
        "idx_job_created idx_job_status idx_job_type"
    );
}

/// The questions for which jobctl adds indexes are answered by them.
#[test]
fn pages_and_prefixes_are_read_through_the_indexes() {
    if cluster().is_none() {
        return;
    }
    let fixture = ServerFixture::sql(
        "none",
        &format!(
            "{MANY}{OURS} UPDATE video_generation_jobs SET status = 'failed' WHERE id LIKE '%1-0000-%'; ANALYZE video_generation_jobs;"
        ),
    );
    for (words, index) in [
        ("list --limit 5 --no-total", "jobctl_created"),
        (
            "list --status failed --limit 5 --no-total",
            "jobctl_status_created",
        ),
        ("show 00000abc", "jobctl_id"),
    ] {
        let run = fixture.sandbox.jobctl(words).without_env("JOBCTL_DB");
        run.env("DATABASE_URL", fixture.url()).run().ok();
        let used = format!(
            "SELECT (idx_scan > 0)::text FROM pg_stat_all_indexes WHERE indexrelname = '{index}'"
        );
        until(index, || fixture.ask(&used) == "true");
    }
}
