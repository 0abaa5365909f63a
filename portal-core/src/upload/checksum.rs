use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What the sender says some bytes hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// SHA-1, for senders that know no better: it finds what a wire garbled, not what somebody forged.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
}

impl Checksum {
    /// The names of the algorithms, as tus 1.0.0 has them.
    pub const ALGORITHMS: [&'static str; 2] = ["sha1", "sha256"];

    /// The checksum by this algorithm with this value. `None` when there is no such algorithm, or its values have another
    /// length.
    #[must_use]
    pub fn new(algorithm: &str, value: &[u8]) -> Option<Self> {
        match algorithm {
            "sha1" => value.try_into().ok().map(Self::Sha1),
            "sha256" => value.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }

    pub(super) fn check(self) -> Check {
        Check {
            hash: match self {
                Self::Sha1(_) => Hash::Sha1(Sha1::new()),
                Self::Sha256(_) => Hash::Sha256(Sha256::new()),
            },
            expected: self,
        }
    }
}

/// Compares bytes with a checksum as they come.
pub(super) struct Check {
    expected: Checksum,
    hash: Hash,
}

enum Hash {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Check {
    pub(super) fn see(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
        }
    }

    pub(super) fn holds(self) -> bool {
        let found = match self.hash {
            Hash::Sha1(hash) => Checksum::Sha1(hash.finalize().into()),
            Hash::Sha256(hash) => Checksum::Sha256(hash.finalize().into()),
        };
        found == self.expected
    }
}
