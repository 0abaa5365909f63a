//! The portal's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    portal_server::cli::main()
}
