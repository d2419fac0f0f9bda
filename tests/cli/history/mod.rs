//! The history of what jobctl changes: what is kept, how it is shown, and the way back.

mod archive;
mod earlier;
mod kept;
mod killed;
mod large;
mod lifetime;
mod redact;
mod sequences;
#[cfg(feature = "postgres")]
mod servers;
mod shown;
mod undo;

use crate::postgres::database;
use crate::support::Sandbox;

/// Every cell of the table with its type and bytes, and the number of its row, which a server has not.
pub fn table(sandbox: &Sandbox) -> Vec<String> {
    if database::is_wanted() {
        const ROWS: &str = "SELECT coalesce(string_agg('0 ' || job::text, chr(10) ORDER BY id), '') FROM video_generation_jobs job";
        return sandbox.ask(ROWS).lines().map(str::to_owned).collect();
    }
    let connection = sandbox.connection();
    let mut names = connection
        .prepare("SELECT name FROM pragma_table_info('video_generation_jobs')")
        .unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let cell = |name: &String| {
        format!(
            "typeof({name}) || ':' || coalesce(CASE typeof({name}) WHEN 'real' THEN printf('%!.17g', {name}) ELSE hex({name}) END, '')"
        )
    };
    let cells: Vec<String> = names.iter().map(cell).collect();
    let sql = format!(
        "SELECT rowid || ' ' || {} FROM video_generation_jobs ORDER BY rowid",
        cells.join(" || ' ' || ")
    );
    let mut rows = connection.prepare(&sql).unwrap();
    rows.query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// The number of runs that are kept.
pub fn runs(sandbox: &Sandbox) -> usize {
    let run = sandbox.jobctl("history -o json --limit 100000").run().ok();
    run.json()["runs"].as_array().unwrap().len()
}
