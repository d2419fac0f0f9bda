//! Arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    jobctl::run(std::env::args_os())
}
