//! The percentiles of many jobs beside SQL that follows the definition and shares nothing with the program.

use super::stats;
use crate::support::Sandbox;

/// So many ended jobs with waits and runs that a generator spreads, to the microsecond.
fn many(count: u64, journal: &str) -> Sandbox {
    let sandbox = Sandbox::report();
    let connection = sandbox.connection();
    connection
        .query_row(&format!("PRAGMA journal_mode = {journal}"), [], |_| Ok(()))
        .unwrap();
    connection
        .execute_batch(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}),
             spread(i, wait, run) AS (SELECT i, (i * 7919) % 3600, (i * i * 104729) % 86400000 FROM n)
             INSERT INTO video_generation_jobs (id, job_type, status, created_at, updated_at, started_at, completed_at)
             SELECT printf('%08x-0000-4000-8000-000000000000', i), 'idea2video', iif(i % 7 = 0, 'failed', 'completed'),
             '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000',
             datetime('2026-01-01', wait || ' seconds') || '.000000',
             strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', (wait + run / 1000) || ' seconds') || printf('.%06d', run % 1000)
             FROM spread"
        ))
        .unwrap();
    sandbox
}

/// The least value that this percentage of all do not exceed.
fn by_definition(sandbox: &Sandbox, micros: &str, percent: u32) -> i64 {
    let sql = format!(
        "WITH d(v) AS (SELECT {micros} FROM video_generation_jobs)
         SELECT min(v) FROM (SELECT v, count(*) OVER (ORDER BY v RANGE UNBOUNDED PRECEDING) AS below, count(*) OVER () AS n FROM d)
         WHERE below * 100 >= n * {percent}"
    );
    sandbox.ask(&sql).parse().unwrap()
}

#[test]
fn percentiles_are_exact() {
    for (count, journal) in [
        (1, "delete"),
        (99, "delete"),
        (100, "delete"),
        (1501, "wal"),
        (6007, "delete"),
    ] {
        let sandbox = many(count, journal);
        let told = stats(&sandbox, "");
        let micros = |column: &str| {
            format!(
                "(CAST(strftime('%s', {column}) AS INTEGER) * 1000000 + CAST(substr({column}, 21) AS INTEGER))"
            )
        };
        let [created, started, completed] =
            ["created_at", "started_at", "completed_at"].map(micros);
        for (key, span) in [
            ("queue_wait_seconds", format!("{started} - {created}")),
            ("run_seconds", format!("{completed} - {started}")),
        ] {
            let summary = &told[key];
            assert_eq!(summary["count"], count);
            for percent in [50, 90, 99] {
                let expected = by_definition(&sandbox, &span, percent) as f64 / 1e6;
                let found = summary[format!("p{percent}")].as_f64().unwrap();
                assert_eq!(found, expected, "{key} p{percent} of {count}");
            }
            let sum = format!("SELECT sum({span}) FROM video_generation_jobs");
            let mean = sandbox.ask(&sum).parse::<f64>().unwrap() / count as f64 / 1e6;
            assert!(
                (summary["mean"].as_f64().unwrap() - mean).abs() < 1e-6,
                "{key}"
            );
        }
    }
}
