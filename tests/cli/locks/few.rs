//! How often a short command takes the lock of the file: each time costs eight system calls.

use crate::machine::has_strace;
use crate::support::{A, Sandbox};

#[test]
fn a_look_at_one_job_takes_the_lock_for_the_schema_for_the_table_and_for_the_row() {
    if !has_strace() {
        return;
    }
    let sandbox = Sandbox::report();
    sandbox.job(A, &[]);
    for prefix in [A, &A[..8]] {
        let words = ["-e", "trace=fcntl", "-o", "trace"];
        let run = sandbox.program("strace", words);
        let binary = env!("CARGO_BIN_EXE_jobctl");
        let traced = run.command().args([binary, "show", prefix]).output();
        assert!(traced.unwrap().status.success());
        // The first byte of the 510 that readers share.
        let taken = |line: &&str| line.contains("F_RDLCK") && line.contains("l_start=1073741826");
        let trace = sandbox.read("trace");
        assert_eq!(trace.lines().filter(taken).count(), 3, "{trace}");
    }
}
