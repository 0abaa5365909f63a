//! Single values and how they are written.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::text::Email;
use portal_core::{Keys, PreviousKey};

/// Text with a secret in it, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text, for its one use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

impl FromStr for Hidden {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An embedded one, in this file.
    Sqlite(PathBuf),
    /// A server's.
    Postgres(Hidden),
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH";
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Hidden(text.to_owned())));
        }
        let path = text.strip_prefix("sqlite:").ok_or(wrong)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains('?') {
            return Err(wrong);
        }
        Ok(Self::Sqlite(path.into()))
    }
}

/// The master key: 32 bytes as 64 hexadecimal digits or as base64. One that a demo made begins with `demo-`.
#[derive(Debug, Clone)]
pub struct MasterKey {
    /// The key.
    pub keys: Keys,
    /// Whether a demo made it.
    pub is_demo: bool,
}

impl FromStr for MasterKey {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (text, is_demo) = text
            .strip_prefix("demo-")
            .map_or((text, false), |rest| (rest, true));
        Ok(Self {
            keys: Keys::new(random_bytes(text)?),
            is_demo,
        })
    }
}

/// 32 random bytes in text.
fn random_bytes(text: &str) -> Result<[u8; 32], &'static str> {
    let bytes = hex::decode(text).or_else(|_| STANDARD.decode(text));
    let bytes: [u8; 32] = bytes
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or("must be 32 random bytes, as 64 hexadecimal digits or as base64: `openssl rand -hex 32`")?;
    let distinct = bytes.iter().collect::<std::collections::HashSet<_>>().len();
    // 32 random bytes have fewer than 12 different values about once in 10^17 keys.
    if distinct < 12 {
        return Err("is not random; generate one with `openssl rand -hex 32`");
    }
    Ok(bytes)
}

/// What the keys that sign checkpoints are derived from, when it is not the master key. Never printed.
#[derive(Clone)]
pub struct SigningSecret(pub [u8; 32]);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

impl FromStr for SigningSecret {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        random_bytes(text).map(Self)
    }
}

/// What a signing key is called: it goes into the key, so that another id is another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyId(pub String);

impl FromStr for KeyId {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > 40 || !text.chars().all(fine) {
            return Err("must be 1 to 40 letters, digits, hyphens, underscores or dots, like 2026-11");
        }
        Ok(Self(text.to_owned()))
    }
}

/// A key that signed checkpoints before: its id, or where its secret was another one its public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OlderKey(pub PreviousKey);

impl FromStr for OlderKey {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "names keys as audit.key_id had them (2025), or public keys (name+id+key) where the secret was another one";
        // No id has a plus sign, and every public key has.
        let key = if text.contains('+') {
            PreviousKey::Public(text.parse().map_err(|_| wrong)?)
        } else {
            PreviousKey::Named(text.parse::<KeyId>().map_err(|_| wrong)?.0)
        };
        Ok(Self(key))
    }
}

/// An address or a network of them: `10.0.0.0/8`, `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether `address` belongs to it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_start(own.to_bits(), other.to_bits(), 32 - self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let rest = 128 - self.bits;
                own.to_bits().checked_shr(rest) == other.to_bits().checked_shr(rest)
            }
            _ => false,
        }
    }
}

fn same_start(own: u32, other: u32, rest: u32) -> bool {
    own.checked_shr(rest) == other.checked_shr(rest)
}

impl FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write addresses or networks, like 10.0.0.0/8 or ::1";
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| wrong)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong))?;
        if bits > most {
            return Err(wrong);
        }
        Ok(Self { address, bits })
    }
}

/// The address that mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub Email);

impl FromStr for Sender {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Email::parse("from", text)
            .map(Self)
            .map_err(|error| error.message)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_they_should() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db8::1", true),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                inside,
                "{network:?} {address}"
            );
        }
    }

    #[test]
    fn keys_must_be_random_and_whole() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert!(!hex.parse::<MasterKey>().unwrap().is_demo);
        assert!(format!("demo-{hex}").parse::<MasterKey>().unwrap().is_demo);
        for wrong in ["", "00", &"0".repeat(64), &hex[2..], "changeme"] {
            assert!(wrong.parse::<MasterKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn databases_are_told_apart() {
        let sqlite = |path: &str| Ok(DatabaseUrl::Sqlite(path.into()));
        assert_eq!("sqlite:data/portal.db".parse(), sqlite("data/portal.db"));
        assert_eq!("sqlite:///var/portal.db".parse(), sqlite("/var/portal.db"));
        assert!(matches!(
            "postgres://u:p@h/n".parse(),
            Ok(DatabaseUrl::Postgres(_))
        ));
        assert!("mysql://h/n".parse::<DatabaseUrl>().is_err());
        assert!("sqlite:".parse::<DatabaseUrl>().is_err());
    }
}
