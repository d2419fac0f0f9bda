//! Random sequences of changes, undos and redos: the table is always what it was at that point of the walk, every cell with its
//! type, on files of the service and of jobctl, in both journal modes, with foreign values and columns that nobody knows.

use super::table;
use crate::support::Sandbox;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len() as u64) as usize]
    }
}

fn id(n: u64) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

const FOREIGN: &str = "
    ALTER TABLE video_generation_jobs ADD COLUMN owner TEXT;
    ALTER TABLE video_generation_jobs ADD COLUMN score DEFAULT 7;
    INSERT INTO video_generation_jobs (id, job_type, status, content, progress, created_at, owner, score) VALUES
        ('00000001-0000-4000-8000-000000000000', 'idea2video', 'queued', 'A cat crosses the road', 0.0, '2026-01-10 00:00:00.000000', 'me', 1),
        ('00000002-0000-4000-8000-000000000000', 'odd', 'lost', x'00ff', 'much', 'yesterday', CAST(x'ff41' AS TEXT), x'01'),
        ('no uuid at all', 'idea2video', NULL, 12, -1e300, NULL, 3, 2.5),
        ('00000003-0000-4000-8000-000000000000', 'script2video', 'failed', NULL, 99, '2026-01-10T00:00:00Z', NULL, '3');
    UPDATE video_generation_jobs SET context = 'not json', result_data = '3', total_shots = 'three', series_id = 'nowhere'
        WHERE id LIKE '00000002%';";

fn change(sandbox: &Sandbox, dice: &mut Dice) {
    let n = 1 + dice.roll(6);
    let (one, other) = (id(n), id(1 + dice.roll(6)));
    match dice.roll(8) {
        0 => {
            let args = [
                "create",
                "--type",
                "idea2video",
                "--content",
                "A dog crosses it",
                "--id",
            ];
            // One that is there is refused.
            sandbox.jobctl((args, [one.as_str()])).run();
        }
        1 => {
            let title = format!("title {}", dice.roll(1000));
            sandbox
                .jobctl(["update", &one, &other, "--title", &title])
                .run();
        }
        2 => {
            let status = dice.one_of(&["queued", "failed", "completed", "processing"]);
            sandbox
                .jobctl(["update", &one, "--force", "--status", status])
                .run();
        }
        3 => {
            sandbox
                .jobctl(["delete", &one, &other, "--force", "--ignore-missing"])
                .run();
        }
        4 => {
            let status = dice.one_of(&["queued", "failed", "lost"]);
            sandbox
                .jobctl(["delete", "--status", status, "--yes"])
                .run();
        }
        5 => {
            // Its other fixes leave the rows as they are.
            sandbox
                .jobctl("doctor --fix time-spelling missing-completed-at --yes")
                .run();
        }
        _ => {
            let mut dump = String::new();
            for _ in 0..1 + dice.roll(5) {
                let (n, day) = (1 + dice.roll(6), 10 + dice.roll(5));
                let form = dice.roll(2);
                dump += &match form {
                    0 => format!(
                        "{{\"job_id\": \"{}\", \"job_type\": \"idea2video\", \"status\": \"failed\", \"content\": \"A bird crosses it {n}\", \
                         \"created_at\": \"2026-01-{day}T00:00:00\", \"updated_at\": \"2026-01-{day}T00:00:00\"}}\n",
                        id(n)
                    ),
                    _ => format!(
                        "{{\"$row\": 1, \"id\": \"{}\", \"job_type\": \"odd\", \"status\": 4, \"content\": {{\"$blob\": \"AP8=\"}}, \
                         \"progress\": 1.5, \"updated_at\": \"2026-01-{day} 00:00:00.000000\", \"owner\": \"them\", \"score\": null}}\n",
                        id(n)
                    ),
                };
            }
            let policy = dice.one_of(&["skip", "newer", "replace", "fail"]);
            let atomic = dice.one_of(&["--atomic", "--quiet"]);
            let run = sandbox.jobctl(["migrate", "-", "--on-conflict", policy, atomic]);
            run.stdin(&dump).run();
        }
    }
}

#[track_caller]
fn walk(sandbox: &Sandbox, seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    // The states before and after each run that stands, and of those that are undone.
    let mut past = vec![table(sandbox)];
    let mut future: Vec<Vec<String>> = Vec::new();
    for step in 0..steps {
        let told = format!("seed {seed}, step {step}");
        match dice.roll(5) {
            0 | 1 => {
                let run = sandbox.jobctl("undo").run();
                assert_eq!(run.status, 0, "{told}{run}");
                if past.len() > 1 {
                    future.extend(past.pop());
                }
            }
            2 => {
                let run = sandbox.jobctl("redo").run();
                assert_eq!(run.status, 0, "{told}{run}");
                past.extend(future.pop());
            }
            _ => {
                change(sandbox, &mut dice);
                let now = table(sandbox);
                if past.last() != Some(&now) {
                    past.push(now);
                    future.clear();
                }
            }
        }
        assert_eq!(Some(&table(sandbox)), past.last(), "{told}");
    }
    while past.len() > 1 {
        past.pop();
        sandbox.jobctl("undo").run().ok();
        assert_eq!(
            Some(&table(sandbox)),
            past.last(),
            "seed {seed}, on the way back"
        );
    }
    assert_eq!(sandbox.ask("PRAGMA integrity_check"), "ok");
}

const STEPS: usize = 25;

#[test]
fn on_a_file_of_the_service() {
    for seed in 1..4 {
        let sandbox = Sandbox::service();
        sandbox.sql(FOREIGN);
        walk(&sandbox, seed, STEPS);
    }
}

#[test]
fn on_a_file_of_the_service_in_wal_mode() {
    for seed in 11..14 {
        let sandbox = Sandbox::service();
        sandbox.sql(FOREIGN);
        sandbox.ask("PRAGMA journal_mode = WAL");
        walk(&sandbox, seed, STEPS);
    }
}

#[test]
fn on_a_file_of_the_report() {
    for seed in 21..24 {
        let sandbox = Sandbox::report();
        sandbox.sql(FOREIGN);
        walk(&sandbox, seed, STEPS);
    }
}

#[test]
fn on_a_file_of_jobctl() {
    for seed in 31..34 {
        let sandbox = Sandbox::new();
        let args = "create --type idea2video --content 'A cat crosses the road' --no-history";
        sandbox.jobctl(args).run().ok();
        sandbox.sql(FOREIGN);
        walk(&sandbox, seed, STEPS);
    }
}
