//! `portal-server`, as it is, built with its fail points.

use std::process::ExitCode;

fn main() -> ExitCode {
    portal_server::cli::main()
}
