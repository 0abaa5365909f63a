//! The folder that checkpoints are written to, `audit.checkpoint_dir`, and what stands in it from before.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use portal_core::audit::{AuditTree, Checkpoint, mended};
use portal_core::{Ids, Keys, PracticeId, RandomIds};

/// A file of the folder.
#[derive(Debug)]
pub(crate) struct Found {
    /// The practice that its name says.
    pub(crate) practice: PracticeId,
    /// What it says, or why that cannot be believed.
    pub(crate) checkpoint: Result<Checkpoint, String>,
}

/// Writes a head that is committed, so that whoever watches the folder holds it.
pub(crate) fn write(folder: &Path, tree: &AuditTree) -> io::Result<()> {
    let practice = tree.practice_id;
    std::fs::create_dir_all(folder)?;
    if tree.kept_size == tree.size {
        let name = format!("{practice}-{}.checkpoint", tree.size);
        put(folder, &name, &tree.note)?;
    }
    put(folder, &format!("{practice}.checkpoint"), &tree.note)
}

/// Whoever reads it sees the whole of it or the one before, also after the power failed, and also when several servers write into
/// one folder at once.
fn put(folder: &Path, name: &str, note: &str) -> io::Result<()> {
    let beside = folder.join(format!("{name}.{}.new", RandomIds.uuid()));
    let written = synced(&beside, note).and_then(|()| std::fs::rename(&beside, folder.join(name)));
    if written.is_err() {
        // What could not be written is of no use, and the first error says why.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn synced(path: &Path, note: &str) -> io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(note.as_bytes())?;
    file.sync_all()
}

/// The newest checkpoint of each practice, and the largest that was kept for good, in case the newest is gone. Files with other
/// names are passed over; a folder that is not there yet is empty.
pub(crate) fn read(folder: &Path, keys: &Keys) -> io::Result<Vec<Found>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    // By practice, and whether it is one that was kept for good: its size and path.
    let mut files = BTreeMap::<(PracticeId, bool), (u64, PathBuf)>::new();
    for entry in entries {
        let path = entry?.path();
        let Some((practice, size)) = path.file_name().and_then(|name| named(name.to_str()?)) else {
            continue;
        };
        let file = (size.unwrap_or_default(), path);
        let largest = files
            .entry((practice, size.is_some()))
            .or_insert_with(|| file.clone());
        if largest.0 < file.0 {
            *largest = file;
        }
    }
    let found = files.into_iter().map(|((practice, _), (_, path))| {
        let note = std::fs::read(&path)?;
        let checkpoint = believed(practice, &String::from_utf8_lossy(&note), keys);
        let checkpoint = checkpoint.map_err(|why| format!("the file {} {why}", path.display()));
        Ok(Found { practice, checkpoint })
    });
    found.collect()
}

/// The practice that a file's name says, and the size where it says one.
fn named(name: &str) -> Option<(PracticeId, Option<u64>)> {
    let stem = name.strip_suffix(".checkpoint")?;
    let (practice, rest) = stem.split_at_checked(36)?;
    let practice = PracticeId(practice.parse().ok()?);
    match rest.strip_prefix('-') {
        None => rest.is_empty().then_some((practice, None)),
        Some(size) => Some((practice, Some(size.parse().ok()?))),
    }
}

fn believed(practice: PracticeId, note: &str, keys: &Keys) -> Result<Checkpoint, String> {
    let note = mended(note).map_err(|why| why.to_string())?;
    let said = Checkpoint::read(&note).map_err(|why| why.to_string())?;
    if Checkpoint::practice_of(&said.origin) != Some(practice) {
        return Err(format!("is a checkpoint of {:?}", said.origin));
    }
    let keys = keys.audit_verifiers(practice, &said.origin);
    let (checkpoint, _) = Checkpoint::verify(&note, &keys).map_err(|why| why.to_string())?;
    Ok(checkpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_checkpoints_are_read() {
        let id = "0192a0b0-0000-7000-8000-000000000001";
        let practice = PracticeId(id.parse().unwrap());
        assert_eq!(named(&format!("{id}.checkpoint")), Some((practice, None)));
        assert_eq!(named(&format!("{id}-42.checkpoint")), Some((practice, Some(42))));
        for name in [
            "old.checkpoint".to_owned(),
            format!("{id}.checkpoint.{id}.new"),
            format!("{id}-.checkpoint"),
            format!("{id}x.checkpoint"),
            format!("{id}--1.checkpoint"),
            "\u{e4}".repeat(40) + ".checkpoint",
        ] {
            assert_eq!(named(&name), None, "{name}");
        }
    }
}
