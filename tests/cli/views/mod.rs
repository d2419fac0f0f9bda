//! The views as a person sees them: screens of several widths, kept under `screens/` to be read, and the pictures of the
//! README. `SNAPSHOTS=overwrite` writes both anew.

mod folder;
mod list;
mod pictures;
mod screens;
mod show;

use crate::support::{A, B, C, D, Sandbox};

const E: &str = "e5555555-5555-4555-8555-555555555555";
const F: &str = "f6666666-6666-4666-8666-666666666666";

/// Jobs as the service makes them on an ordinary day, in plain text, with the folder of one on disk.
fn plain() -> Sandbox {
    let sandbox = Sandbox::report();
    let folder = format!(".working_dir/idea2video/{A}");
    sandbox.job(
        A,
        &[
            ("status", &"processing"),
            ("project_title", &"The Keeper of the Northern Light"),
            (
                "content",
                &"A lighthouse keeper teaches a stranded robot to read the weather from the colour of the sea.",
            ),
            ("user_requirement", &"No more than 3 scenes.\nNo rain."),
            ("style", &"watercolour"),
            ("progress", &45.0),
            ("total_shots", &4),
            ("completed_shots", &2),
            ("current_stage", &"Generating videos"),
            ("working_dir", &folder),
            ("created_at", &"2026-01-15 08:50:00.000000"),
            ("started_at", &"2026-01-15 08:53:20.000000"),
            ("updated_at", &"2026-01-15 11:48:05.000000"),
        ],
    );
    for (file, bytes) in [
        ("scene_0/shots/0/first_frame.png", 812_345),
        ("scene_0/shots/0/last_frame.png", 798_001),
        ("scene_0/shots/0/video.mp4", 4_123_456),
        ("scene_0/shots/1/first_frame.png", 803_210),
        ("scene_0/shots/1/last_frame.png", 801_999),
        ("scene_0/shots/1/video.mp4", 3_987_654),
        ("scene_1/shots/0/first_frame.png", 790_004),
        ("scene_1/shots/1/shot_description.json", 1_204),
        ("script.json", 10_240),
        ("story.txt", 5_120),
    ] {
        sandbox.write(&format!("{folder}/{file}"), vec![0; bytes]);
    }
    sandbox.job(
        B,
        &[
            ("job_type", &"script2video"),
            ("mode", &"script"),
            ("status", &"failed"),
            ("project_title", &"Third Floor"),
            ("progress", &10.0),
            ("current_stage", &"Extracting characters"),
            (
                "error_message",
                &"RateLimitError: 429 from the image model\n  at generate_frame (shot 3)\n  retry after 3600 s",
            ),
            ("created_at", &"2026-01-14 20:15:00.000000"),
            ("started_at", &"2026-01-14 20:15:30.000000"),
            ("updated_at", &"2026-01-14 20:27:41.000000"),
            ("completed_at", &"2026-01-14 20:27:41.000000"),
        ],
    );
    sandbox.job(
        C,
        &[
            ("status", &"completed"),
            ("project_title", &"A Choir of Kettles"),
            ("style", &"claymation"),
            ("progress", &100.0),
            ("total_shots", &12),
            ("completed_shots", &12),
            ("current_stage", &"Completed"),
            (
                "result_data",
                &r#"{"message": "Video generated", "final_video_path": "/media/kettles.mp4", "total_shots": 12}"#,
            ),
            ("working_dir", &"/srv/nowhere/c3333333"),
            ("created_at", &"2026-01-12 09:00:00.000000"),
            ("started_at", &"2026-01-12 09:00:05.000000"),
            ("updated_at", &"2026-01-12 11:05:05.000000"),
            ("completed_at", &"2026-01-12 11:05:05.000000"),
        ],
    );
    sandbox.job(
        D,
        &[
            ("job_type", &"conversational"),
            ("mode", &None::<String>),
            ("created_at", &"2026-01-15 11:57:00.000000"),
            ("updated_at", &"2026-01-15 11:57:00.000000"),
        ],
    );
    sandbox.job(
        E,
        &[
            ("status", &"cancelled"),
            ("project_title", &"Untitled"),
            ("created_at", &"2025-11-02 10:00:00.000000"),
            ("updated_at", &"2025-11-02 10:40:00.000000"),
            ("completed_at", &"2025-11-02 10:40:00.000000"),
        ],
    );
    sandbox
}

/// What must never reach a terminal as it is.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;title\u{7}\r\u{8}\u{7f}\u{9b}31m\u{85}\u{202e}gpj.\u{2066}\u{200f}\u{2028}\nline two\ty";

/// Jobs whose texts are hard on a table.
fn awkward() -> Sandbox {
    let sandbox = Sandbox::report();
    let long = format!("{}the end", "A very long title that goes on ".repeat(161));
    assert!(long.len() >= 4998);
    let texts: [(&str, &str, &str); 6] = [
        (
            A,
            "\u{6df1}\u{6d77}\u{7684}\u{6700}\u{540e}\u{4e00}\u{5ea7}\u{706f}\u{5854}\u{548c}\u{5b83}\u{7684}\u{5b88}\u{671b}\u{8005}",
            "\u{6b63}\u{5728}\u{751f}\u{6210}\u{89c6}\u{9891}\u{5206}\u{955c}",
        ),
        (
            B,
            "\u{1f680}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{2764}\u{fe0f}\u{1f1ea}\u{1f1fa} e\u{301}t\u{e9} \u{2764}\u{fe0f}\u{2764}\u{fe0f}\u{2764}\u{fe0f}\u{2764}\u{fe0f}\u{2764}\u{fe0f}\u{2764}\u{fe0f}",
            "\u{2705} done \u{2705}",
        ),
        (
            C,
            "\u{5e9}\u{5d5}\u{5de}\u{5e8} \u{5d4}\u{5de}\u{5d2}\u{5d3}\u{5dc}\u{5d5}\u{5e8} \u{5d5}\u{5d4}\u{5e8}\u{5d5}\u{5d1}\u{5d5}\u{5d8}",
            "\u{62d}\u{627}\u{631}\u{633} \u{627}\u{644}\u{645}\u{646}\u{627}\u{631}\u{629}",
        ),
        (D, &long, &long),
        (E, HOSTILE, HOSTILE),
        (F, "", " "),
    ];
    for (index, (id, title, stage)) in texts.into_iter().enumerate() {
        sandbox.job(
            id,
            &[
                ("project_title", &title),
                ("current_stage", &stage),
                ("content", &title),
                ("error_message", &format!("{title}\n  {stage}")),
                (
                    "result_data",
                    &serde_json::json!({"text": title, "n": 1}).to_string(),
                ),
                (
                    "created_at",
                    &format!("2026-01-15 11:0{}:00.000000", 9 - index),
                ),
            ],
        );
    }
    sandbox.sql(&format!(
        "UPDATE video_generation_jobs SET progress = 250.5 WHERE id = '{A}';
         UPDATE video_generation_jobs SET progress = 'half' WHERE id = '{B}';
         UPDATE video_generation_jobs SET progress = NULL, status = NULL WHERE id = '{C}';
         UPDATE video_generation_jobs SET job_type = 'a type that nobody knows' WHERE id = '{D}'"
    ));
    sandbox.change("UPDATE video_generation_jobs SET status = ?1, job_type = ?1, style = ?1, working_dir = '/nowhere/' || ?1 WHERE id = ?2", &[&HOSTILE, &E]);
    sandbox
}
