//! The commands that make sense next, ready to be copied.

use super::JobPage;
use crate::job::{Job, JobId, Status};
use crate::text::visible::width;

impl JobPage<'_> {
    pub(super) fn next(&mut self, job: &Job) {
        // An id that a shell would take apart is not to be copied.
        let id = job.id();
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let short = id.short();
        if matches!(id, JobId::Bytes(..)) || !short.chars().all(safe) || short.starts_with('-') {
            return;
        }
        let commands: &[&str] = match job.status() {
            Some(Status::Queued) => &["update ID --cancel"],
            Some(Status::Processing) => &[
                "update ID --cancel",
                "update ID --fail stuck --if-status processing",
            ],
            Some(Status::Completed) => &["show ID -o json | jq .result", "delete ID"],
            Some(Status::Failed) => &[
                "update ID --requeue",
                "list --status failed --since 1d",
                "delete ID",
            ],
            Some(Status::Cancelled) => &["update ID --requeue", "delete ID"],
            None => &["update ID --status queued --force"],
        };
        self.section("next");
        for command in commands {
            let command = command.replace("ID", &short);
            let program = self.options.program;
            let line = format!("    {program} {command}");
            // Never cut: half a command would be another one.
            match self.options.width {
                Some(columns) if width(&line) > columns => {
                    self.lines.push(format!("    {program} \\"));
                    self.lines.push(format!("      {command}"));
                }
                _ => self.lines.push(line),
            }
        }
    }
}
