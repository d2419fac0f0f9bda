//! The benchmarks that must know every view there is.

use std::process::Command;

use crate::machine::skipped;

#[test]
fn every_flag_sort_key_and_format_has_a_question_of_the_benchmark() {
    let python = std::env::var("JOBCTL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/views.py");
    let binary = env!("CARGO_BIN_EXE_jobctl");
    let Ok(check) = Command::new(&python)
        .args([script, "--check", "--binary", binary])
        .output()
    else {
        skipped("python3 is not here");
        return;
    };
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
}
