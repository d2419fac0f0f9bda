//! The round trips of commands on one job: over a slow link they are all of the time.

use super::cluster::cluster;
use super::proxy::Proxy;
use crate::support::Sandbox;

/// The most round trips of each after the connection, which is one.
const MOST: [(&str, usize); 9] = [
    ("show $A", 3),
    ("show a111", 3),
    ("list", 3),
    ("list --status failed -o json", 3),
    ("stats", 3),
    ("update $A --title New", 6),
    (
        "create --type idea2video --content 'A fox learns to sail'",
        5,
    ),
    (
        "create --id $B --type idea2video --content 'A fox learns to sail'",
        5,
    ),
    ("delete $A", 7),
];

#[test]
fn commands_on_one_job_take_few_round_trips() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database("", false);
    let proxy = Proxy::before(cluster.port);
    let url = format!(
        "postgresql+psycopg2://jobctl@127.0.0.1:{}/{database}?sslmode=disable",
        proxy.port
    );
    let sandbox = Sandbox::new();
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    run("create --id $A --type idea2video --content 'A fox learns to sail'").ok();
    proxy.take();
    let mut told = String::new();
    let mut too_many = false;
    for (words, most) in MOST {
        run(words).ok();
        let (trips, connections) = proxy.take();
        let trips = trips - connections;
        told.push_str(&format!("{trips} of at most {most}: {words}\n"));
        too_many |= trips > most || connections != 1;
    }
    assert!(!too_many, "{told}");
    cluster.drop_database(&database);
}

#[test]
fn many_jobs_take_no_more_round_trips_than_a_few() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database("", false);
    let proxy = Proxy::before(cluster.port);
    let url = format!(
        "postgresql+psycopg2://jobctl@127.0.0.1:{}/{database}?sslmode=disable",
        proxy.port
    );
    let sandbox = Sandbox::new();
    let run = |words: &str| sandbox.jobctl(words).env("JOBCTL_DB", &url).run();
    let ids: Vec<String> = (10..40)
        .map(|n| format!("a11100{n}-0000-4000-8000-000000000000"))
        .collect();
    for id in &ids {
        run(&format!(
            "create --id {id} --type idea2video --content 'A fox learns to sail'"
        ))
        .ok();
    }
    for (words, most) in [
        (format!("update --title New {}", ids.join(" ")), 6),
        (
            format!("update --progress 5 --no-history {}", ids.join(" ")),
            5,
        ),
        ("delete --status queued --yes --no-history".to_owned(), 4),
    ] {
        proxy.take();
        run(&words).ok();
        let (trips, connections) = proxy.take();
        assert!(trips - connections <= most, "{trips}: {words}");
    }
    cluster.drop_database(&database);
}
