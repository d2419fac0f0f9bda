//! The outcome of `undo` and `redo`, as every format shows it.

use super::record::{Cells, Record};
use super::table::JobTable;
use crate::repository::{RunId, TakenBack};
use crate::text::json::{Array, Layout, Object};
use crate::text::visible::one_line;

/// The outcome; the cells are its conflicts.
pub(crate) struct UndoRecord<'a> {
    /// What was done with the run: `undone` or `redone`.
    pub way: &'static str,
    /// The run that was taken back, or done again.
    pub run: Option<RunId>,
    /// The run as which that is kept.
    pub own: Option<RunId>,
    pub done: &'a TakenBack,
    pub dry_run: bool,
    /// Whether conflicts are passed over.
    pub skips: bool,
}

impl Record for UndoRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        let mut object = Object::begin(out, layout);
        if self.dry_run {
            object.literal("dry_run", true);
        }
        for (key, run) in [(self.way, self.run), ("run", self.own)] {
            match run {
                Some(run) => object.string(key, &run.to_string()),
                None => object.literal(key, "null"),
            }
        }
        object.literal("restored", self.done.restored);
        object.literal("deleted", self.done.deleted);
        let skipped = if self.skips {
            self.done.conflicts.len()
        } else {
            0
        };
        object.literal("skipped", skipped);
        let mut conflicts = String::new();
        let mut array = Array::new(layout.nested());
        for (id, why) in &self.done.conflicts {
            array.next(&mut conflicts);
            let mut members = Object::begin(&mut conflicts, Layout::OneLine);
            members.string("job_id", &id.to_string());
            members.string("reason", why);
            members.end();
        }
        array.end(&mut conflicts);
        object.literal("conflicts", conflicts);
        object.end();
    }

    fn cells(&self, cells: &mut dyn Cells) {
        for (id, why) in &self.done.conflicts {
            cells.text(&id.to_string());
            cells.text(why);
            cells.end_line();
        }
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        for (id, why) in &self.done.conflicts {
            let id = id.to_string();
            out.push_str(&format!("{}  {}\n", one_line(&id), one_line(why)));
        }
    }
}
