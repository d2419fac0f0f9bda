//! What the machine that runs the tests has, and what is said where it lacks something.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Once};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

/// One line that a test was skipped, written past the test runner's capture, which would hide it.
pub fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Whether the tests run as root, whom no file mode stops.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

/// What nobody may change, not even root, as long as this lives.
pub struct Immutable(PathBuf);

impl Immutable {
    /// None where nothing can be made so.
    pub fn make(path: PathBuf) -> Option<Immutable> {
        let made = chattr("+i", &path);
        if !made {
            skipped("nothing can be made immutable here");
        }
        made.then_some(Immutable(path))
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        chattr("-i", &self.0);
    }
}

fn chattr(flag: &str, path: &Path) -> bool {
    let mut chattr = Command::new("chattr");
    let status = chattr.arg(flag).arg(path).stderr(Stdio::null()).status();
    status.is_ok_and(|it| it.success())
}

/// Whether strace is here and may look at programs, which `JOBCTL_REQUIRE_STRACE=1` asks for.
#[track_caller]
pub fn has_strace() -> bool {
    let traced = Command::new("strace")
        .args(["-qq", "-e", "trace=none", "true"])
        .stdin(Stdio::null())
        .output();
    let is_here = traced.is_ok_and(|output| output.status.success());
    if !is_here {
        let required = std::env::var("JOBCTL_REQUIRE_STRACE").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "strace is not here or may not trace, and JOBCTL_REQUIRE_STRACE=1 asks for it"
        );
        skipped("strace is not here, or may not trace");
    }
    is_here
}

/// Whether this shell is here, which `JOBCTL_REQUIRE_SHELLS=1` asks for.
#[track_caller]
pub fn has_shell(shell: &str) -> bool {
    let version = Command::new(shell)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let is_here = version.is_ok_and(|output| output.status.success());
    if !is_here {
        let required = std::env::var("JOBCTL_REQUIRE_SHELLS").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "{shell} is not here, and JOBCTL_REQUIRE_SHELLS=1 asks for it"
        );
        skipped(&format!("{shell} is not here"));
    }
    is_here
}

/// Has programs that a test starts hear signals that whoever started the tests has ignored: `nohup` a hang-up, a shell the
/// keys of its terminal in what it starts in the background. A program inherits what is ignored, and not what is caught. (The
/// standard library sees to SIGPIPE, and to what is blocked.)
pub fn hear_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        let ignored = ignored.unwrap_or(0);
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP] {
            if ignored >> (signal - 1) & 1 == 1 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}

#[test]
fn tests_that_signals_are_not_to_reach_still_send_them() {
    let script = r#"trap "" HUP INT QUIT TERM TSTP; exec "$@""#;
    let tests = std::env::current_exe().unwrap();
    let run = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(tests)
        .args(["--exact", "wait::signals_end_it_with_130"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}
