//! A working folder as it is on disk: lines of the page, and the member `scan` of JSON.

use super::{JobPage, LABEL};
use crate::folders::{FolderScan, ShotFiles, ShotName};
use crate::job::{Column, Job};
use crate::text::json::{Layout, Object, array, string};
use crate::text::visible::{grouped, one_line, plural};
use crate::text::{signs, size};

/// Shots that a screen shows without `--full`.
const SHOTS: usize = 12;

impl JobPage<'_> {
    pub(super) fn folder(&mut self, job: &Job, scan: &FolderScan) {
        let path = scan.path.to_string_lossy();
        let path = one_line(&path);
        if !scan.opened {
            let why = match &scan.trouble {
                None => format!("nothing at {path}"),
                Some(why) => format!("not looked at: {}", one_line(why)),
            };
            self.field("on disk", &why);
            return;
        }
        let all = format!(
            "{}{}, {}",
            if scan.whole { "" } else { "at least " },
            plural(scan.files, "file"),
            size::about(scan.bytes)
        );
        if scan.shots.is_empty() {
            self.field("on disk", &all)
        } else {
            self.field("on disk", &all_shots(scan));
            self.field("", &format!("{all} in all"));
        }
        if let Some(why) = &scan.trouble {
            self.field("", &format!("not all could be read: {}", one_line(why)));
        } else if !scan.whole {
            self.field("", "there is more: --scan counts all of it");
        }
        let stored = job.get(Column::WorkingDir).display();
        let name = stored.trim_end_matches('/').rsplit('/').next();
        if !scan.shots.is_empty() && name != Some(&*job.id().to_string()) {
            self.field(
                "",
                "other jobs may have files here: it is not named as this job",
            );
        }
        self.shots(scan);
    }

    fn shots(&mut self, scan: &FolderScan) {
        if scan.shots.is_empty() {
            return;
        }
        let row = |name: &str, frames: &str, videos: &str, bytes: &str| {
            let indent = LABEL + 2;
            format!("{:indent$}{name:<18}{frames:>6}{videos:>8}{bytes:>11}", "")
        };
        let heading = self.paint("2", &row("shot", "frames", "videos", "size"));
        self.lines.push(heading);
        let most = match (self.options.width, self.options.full) {
            (Some(_), false) => SHOTS,
            _ => usize::MAX,
        };
        for (name, shot) in scan.shots.iter().take(most) {
            let (frames, videos) = (grouped(shot.frames), grouped(shot.videos));
            let line = row(
                &shot_name(*name),
                &frames,
                &videos,
                &size::about(shot.bytes),
            );
            self.lines.push(line);
        }
        if scan.shots.len() > most {
            let more = scan.shots.len() - most;
            self.field("", &format!("{} {more} more: --full", signs::ellipsis()));
        }
    }
}

/// `3 shots, 2 with a video · 6 frames, 2 videos`
fn all_shots(scan: &FolderScan) -> String {
    let sum = |count: fn(&ShotFiles) -> u64| scan.shots.values().map(count).sum::<u64>();
    let filmed = scan.shots.values().filter(|shot| shot.videos > 0).count();
    format!(
        "{}, {filmed} with a video {} {}, {}",
        plural(scan.shots.len() as u64, "shot"),
        signs::dot(),
        plural(sum(|shot| shot.frames), "frame"),
        plural(sum(|shot| shot.videos), "video")
    )
}

fn shot_name(name: ShotName) -> String {
    match name.scene {
        Some(scene) => format!("scene {scene}, {}", name.shot),
        None => name.shot.to_string(),
    }
}

/// The object; `null` where no folder is stored.
pub(crate) fn json(out: &mut String, scan: Option<&FolderScan>) {
    let Some(scan) = scan else {
        out.push_str("null");
        return;
    };
    let mut object = Object::begin(out, Layout::OneLine);
    object.string("working_dir", &scan.path.to_string_lossy());
    object.literal("exists", scan.exists);
    object.key("shots");
    array(
        object.out,
        Layout::OneLine,
        &scan.shots,
        |out, (name, shot)| {
            let mut member = Object::begin(out, Layout::OneLine);
            match name.scene {
                Some(scene) => member.literal("scene", scene),
                None => member.literal("scene", "null"),
            }
            member.literal("shot", name.shot);
            member.literal("frames", shot.frames);
            member.literal("videos", shot.videos);
            member.literal("bytes", shot.bytes);
            member.end();
        },
    );
    object.literal("files", scan.files);
    object.literal("bytes", scan.bytes);
    object.literal("complete", scan.whole && scan.trouble.is_none());
    object.key("error");
    match &scan.trouble {
        Some(why) => string(object.out, why),
        None => object.out.push_str("null"),
    }
    object.end();
}
