//! Progress bars on a terminal, which vanish when the run ends.

use std::fmt;

use indicatif::{ProgressBar, ProgressFinish, ProgressState, ProgressStyle};

/// A bar, or a spinner where no total is known.
pub(crate) fn bar(template: &str, total: Option<u64>, ascii: bool) -> ProgressBar {
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = write!(out, "{:.0}", state.per_sec());
        });
    let style = if ascii {
        style.progress_chars("#>-").tick_chars("|/-\\ ")
    } else {
        style
    };
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    bar.set_style(style);
    bar.with_finish(ProgressFinish::AndClear)
}
