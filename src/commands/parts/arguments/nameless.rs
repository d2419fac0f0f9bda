//! Jobs without an id, as another program may have put them there. A filter matches them as others, but nothing tells two of them
//! apart, so that they are neither deleted nor redacted; whoever asks for it hears of them.

use crate::context::Context;
use crate::text::visible::plural;

/// The jobs that stay, and who tells where they are; None when there are none.
pub(crate) fn told(count: u64) -> Option<String> {
    let (jobs, rows) = (
        plural(count, "job"),
        if count == 1 { "row" } else { "rows" },
    );
    (count > 0).then(|| format!("{jobs} without an id (jobctl doctor names the {rows})"))
}

/// Warns of those that match and stay as they are.
pub(crate) fn warn(context: &mut Context, count: u64) {
    if let Some(told) = told(count) {
        let verb = if count == 1 {
            "matches and stays"
        } else {
            "match and stay"
        };
        context.terminal.warn(&format!("{told} {verb}"));
    }
}
