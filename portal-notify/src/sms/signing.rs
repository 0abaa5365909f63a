//! HMACs of callbacks, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// HMAC-SHA-1 (RFC 2104): what Twilio uses. SHA-1's collisions do not concern an HMAC.
pub(super) fn is_hmac_sha1(key: &[u8], parts: &[&[u8]], claimed: &[u8]) -> bool {
    Hmac::<Sha1>::new_from_slice(key).is_ok_and(|mac| over(mac, parts).verify_slice(claimed).is_ok())
}

/// HMAC-SHA-256.
pub(super) fn is_hmac_sha256(key: &[u8], parts: &[&[u8]], claimed: &[u8]) -> bool {
    Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mac| over(mac, parts).verify_slice(claimed).is_ok())
}

/// HMAC-SHA-256 of the parts, one after the other.
pub(super) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length, so there always is one.
    let mac = Hmac::<Sha256>::new_from_slice(key);
    mac.map_or_else(
        |_| Vec::new(),
        |mac| over(mac, parts).finalize().into_bytes().to_vec(),
    )
}

fn over<M: Mac>(mac: M, parts: &[&[u8]]) -> M {
    parts.iter().fold(mac, Mac::chain_update)
}
