//! How often passwords may be tried, and why that locks nobody out.
//!
//! A stranger can always use up what strangers may try. So whatever is counted over more than one network must not keep
//! out who signed in from where they are before: OWASP's "device cookie" defence, with the network in the cookie's place.

use crate::{Allowance, Digest, Duration};

/// Wrong passwords for one address from one network. Counting by address alone would let strangers lock people out.
pub(super) const PER_ADDRESS_AND_NETWORK: Allowance = Allowance {
    times: 10,
    every: Duration::minutes(15),
};
/// Passwords tried from one network.
pub(super) const PER_NETWORK: Allowance = Allowance {
    times: 60,
    every: Duration::minutes(15),
};
/// Passwords tried at one practice, from networks that are not known for the address.
pub(super) const PER_PRACTICE: Allowance = Allowance {
    times: 6_000,
    every: Duration::minutes(15),
};
/// How long a network is known for an address after the last sign-in from it.
pub(super) const KNOWN_FOR: Duration = Duration::days(30);

/// An address that somebody tries to sign in with, and the network they try from.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The hash of the address's key: counters hold no addresses.
    address: Digest,
    network: String,
}

impl Attempt {
    pub(super) fn new(address_key: &str, network: String) -> Self {
        Self {
            address: Digest::of(address_key.as_bytes()),
            network,
        }
    }

    /// What is always limited: its name in the audit trail, and its counter's key.
    pub(super) fn limits(&self) -> [(&'static str, String, Allowance); 2] {
        let Self { address, network } = self;
        let both = format!("password/{address}/{network}");
        [
            ("network", format!("password/{network}"), PER_NETWORK),
            ("address", both, PER_ADDRESS_AND_NETWORK),
        ]
    }

    /// The counter of sign-ins by this address from this network, which makes the network a known one.
    pub(super) fn known_key(&self) -> String {
        format!("known/{}/{}", self.address, self.network)
    }
}

/// Whether the password is looked at although the practice's allowance is used up: `sign_ins` is how often the address
/// signed in from this network of late.
pub(super) const fn is_known(sign_ins: u32) -> bool {
    sign_ins > 0
}
