//! An examination sees one moment of the table; and the claim to be the only run of a kind is one to one table.

use std::thread;
use std::time::Duration;

use jobctl::job::checkup::{CheckupTerms, Judge, Row, Wanted};
use jobctl::job::{Column, Job};
use jobctl::repository::location::Sources;
use jobctl::repository::{self, Access, Location, Repository};
use jobctl::time;
use postgres::Client;

use super::cluster::cluster;
use super::errors::ran;
use super::{Database, SERVICE};
use crate::backend::{Neighbour as _, Place as _};
use crate::contract::job;

/// Has somebody else insert a job as soon as the first one is shown.
struct InsertsMeanwhile {
    client: Client,
    shown: u64,
}

impl Judge for InsertsMeanwhile {
    fn judge(&mut self, _: &Row<'_>) {
        if self.shown == 0 {
            let client = &mut self.client;
            thread::scope(|scope| scope.spawn(|| client.insert(&job(90))).join().unwrap());
        }
        self.shown += 1;
    }
}

struct Nothing;

impl Judge for Nothing {
    fn judge(&mut self, _: &Row<'_>) {}
}

#[test]
fn a_job_that_comes_meanwhile_is_not_counted() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    let mut repository = database.open(Access::Write);
    let odd = |n| job(n).with(Column::Status, ["odd", "queued"][n as usize % 2]);
    let jobs: Vec<Job> = (0..7).map(odd).collect();
    repository.insert(&jobs).unwrap();
    let terms = CheckupTerms {
        now: time::from_unix(1_768_000_000).unwrap(),
        stale: Duration::from_secs(3600),
        wanted: Wanted::ALL,
    };
    let mut judge = InsertsMeanwhile {
        client: cluster.connect(&database.name),
        shown: 0,
    };
    let examination = repository.examination().unwrap();
    let passed = examination.examine_rows(&terms, [&mut judge, &mut Nothing]);
    assert!(judge.shown > 0);
    assert_eq!(passed.unwrap().unshown + judge.shown, 7);
    drop(judge);
}

/// Two tables of one database, each in a schema of its own.
#[test]
fn a_claim_is_one_to_one_table() {
    let Some(cluster) = cluster() else { return };
    let database = Database::new(cluster, SERVICE, true);
    ran(cluster.connect(&database.name).batch_execute(
        "CREATE SCHEMA other; CREATE TABLE other.video_generation_jobs (LIKE video_generation_jobs INCLUDING ALL)",
    ));
    let open = |schema: &str| {
        let url = cluster.url("jobctl", &database.name);
        let url = format!("{url}?options=-c%20search_path%3D{schema}");
        let sources = Sources {
            flag: Some(url.into()),
            ..Sources::default()
        };
        let location = Location::find(&sources).unwrap();
        repository::open(&location, Access::Write, Duration::from_millis(50)).unwrap()
    };
    let claims = |repository: &mut dyn Repository| {
        let claimed = repository.claim("cleanup", Duration::ZERO, &|| false);
        claimed.is_ok()
    };
    let (mut first, mut other, mut again) = (open("public"), open("other"), open("public"));
    assert!(claims(first.as_mut()));
    assert!(claims(other.as_mut()));
    assert!(!claims(again.as_mut()));
}
