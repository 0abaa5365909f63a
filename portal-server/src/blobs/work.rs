use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use portal_core::{Digest, Stored};
use sha2::{Digest as _, Sha256};

use super::hashes::Written;
use super::writer::{PIECE, Place};
use super::{make_folder, sync_folder};

/// The disk's side of a writer: what blocks, and runs where that harms nobody.
#[derive(Debug)]
pub(super) struct Work {
    file: File,
    /// How many bytes are in the file.
    pub(super) length: u64,
    /// The hash of all of them, as long as it is known.
    pub(super) hash: Option<Sha256>,
    /// The piece to write next, or an empty one to fill.
    pub(super) piece: Vec<u8>,
    /// Whether the file lies where finished ones do.
    is_finished: bool,
    /// Whether it is not known what is in the file, because writing failed.
    is_torn: bool,
}

impl Work {
    /// On a new file.
    pub(super) fn begin(file: File) -> Self {
        Self {
            file,
            length: 0,
            hash: Some(Sha256::new()),
            piece: Vec::new(),
            is_finished: false,
            is_torn: false,
        }
    }

    /// On a file that may hold something already.
    pub(super) fn go_on(mut file: File, is_finished: bool) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self {
            length,
            hash: (length == 0).then(Sha256::new),
            is_finished,
            ..Self::begin(file)
        })
    }

    /// Writes the piece, and hashes it while it is at hand.
    pub(super) fn append(&mut self) -> io::Result<()> {
        if self.is_torn {
            return Err(io::Error::other("writing failed before"));
        }
        if self.piece.is_empty() {
            return Ok(());
        }
        if self.is_finished {
            return Err(io::Error::other("a finished file does not grow"));
        }
        let written = self.file.write_all(&self.piece);
        self.is_torn = written.is_err();
        if let Some(hash) = &mut self.hash {
            hash.update(&self.piece);
        }
        self.length += u64::try_from(self.piece.len()).unwrap_or(u64::MAX);
        self.piece.clear();
        written
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.append()?;
        self.file.sync_all()
    }

    /// Keeps the first `length` bytes; `known` may be what is written.
    pub(super) fn cut(&mut self, length: u64, known: Option<Written>) -> io::Result<()> {
        self.piece.clear();
        let there = self.file.metadata()?;
        if there.len() < length {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self.is_torn || self.length != length || self.hash.is_none() {
            let written_at = there.modified()?;
            let known = known.filter(|known| (known.length, known.at) == (length, written_at));
            self.hash = match known {
                Some(known) => Some(known.hash),
                None => (length == 0).then(Sha256::new),
            };
        }
        if there.len() != length {
            if self.is_finished {
                return Err(io::Error::other("a finished file is not shortened"));
            }
            self.file.set_len(length)?;
        }
        self.file.seek(SeekFrom::Start(length))?;
        self.length = length;
        self.is_torn = false;
        Ok(())
    }

    /// What is written, as far as its hash is known.
    pub(super) fn written(&self) -> io::Result<Option<Written>> {
        let Some(hash) = &self.hash else {
            return Ok(None);
        };
        Ok(Some(Written {
            length: self.length,
            at: self.file.metadata()?.modified()?,
            hash: hash.clone(),
        }))
    }

    /// Writes what is left, makes it durable, and moves the file to where it can be opened.
    pub(super) fn finish(&mut self, place: &Place) -> io::Result<Stored> {
        self.sync()?;
        let hash = match self.hash.take() {
            Some(hash) => hash,
            None => self.hash_anew()?,
        };
        if !self.is_finished {
            if !place.folder.try_exists()? {
                make_folder(&place.folder)?;
                sync_folder(&place.root)?;
            }
            #[cfg(feature = "failpoints")]
            fail::fail_point!("blobs::before-rename");
            std::fs::rename(&place.unfinished, &place.target)?;
            self.is_finished = true;
        }
        #[cfg(feature = "failpoints")]
        fail::fail_point!("blobs::after-rename");
        sync_folder(&place.folder)?;
        // The bytes are there, and no document speaks of them yet.
        #[cfg(feature = "failpoints")]
        fail::fail_point!("blobs::finished");
        Ok(Stored {
            size: self.length,
            sha256: Digest(hash.finalize().into()),
        })
    }

    /// Reads the whole file: another process began it.
    fn hash_anew(&mut self) -> io::Result<Sha256> {
        let mut hash = Sha256::new();
        self.piece.resize(PIECE, 0);
        self.file.seek(SeekFrom::Start(0))?;
        loop {
            let read = self.file.read(&mut self.piece)?;
            if read == 0 {
                return Ok(hash);
            }
            hash.update(self.piece.get(..read).unwrap_or_default());
        }
    }
}
