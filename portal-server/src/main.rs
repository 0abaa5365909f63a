//! The portal's command line.
fn main() {}
