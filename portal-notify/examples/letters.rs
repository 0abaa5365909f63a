//! Writes every sample letter to a folder, as HTML and plain text, to be looked at in a browser:
//! `cargo run -p portal-notify --example letters -- DIR`

#[expect(clippy::unwrap_used, reason = "samples are made to be valid")]
#[path = "../tests/samples/mod.rs"]
mod samples;

use std::path::PathBuf;

use portal_core::notify::Composer;
use portal_notify::Letters;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: letters DIR")?);
    std::fs::create_dir_all(&folder)?;
    for sample in samples::samples() {
        let composed = Letters.compose(&sample.practice, &sample.letter, &samples::secrets())?;
        std::fs::write(folder.join(sample.name).with_extension("html"), composed.html)?;
        let text = format!("Subject: {}\n\n{}", composed.subject, composed.text);
        std::fs::write(folder.join(sample.name).with_extension("txt"), text)?;
    }
    Ok(())
}
