use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::Uri;

/// The address that people reach the portal under: `https://portal.example.com`, with a path where the portal is
/// mounted below one. Links, origins and cookies are made from it and never from what a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    base: String,
    secure: bool,
    loopback: bool,
    whole: String,
}

/// The text is not an address that a portal can be reached under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write it like https://portal.example.com, without a question mark, a # or a user name")]
pub struct NotAPublicUrl;

impl PublicUrl {
    /// The address of a server that listens on `listen` and has no better one.
    #[must_use]
    pub fn of(listen: SocketAddr) -> Self {
        let ip = match listen.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        };
        let origin = format!("http://{}", SocketAddr::new(ip, listen.port()));
        Self {
            whole: origin.clone(),
            origin,
            base: String::new(),
            secure: false,
            loopback: ip.is_loopback(),
        }
    }

    /// All of it, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// Scheme, host and port as browsers write them in `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path that the portal is mounted below, without a slash at its end; empty at the root.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it leads to this computer only.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        if text.contains(['#', '@', '?']) {
            return Err(NotAPublicUrl);
        }
        let uri: Uri = text.parse().map_err(|_| NotAPublicUrl)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(NotAPublicUrl),
        };
        let host = uri
            .host()
            .filter(|host| !host.is_empty())
            .ok_or(NotAPublicUrl)?
            .to_ascii_lowercase();
        let scheme = if secure { "https" } else { "http" };
        let usual_port = if secure { 443 } else { 80 };
        // Browsers leave the scheme's own port out of `Origin`.
        let origin = match uri.port_u16() {
            Some(port) if port != usual_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        let base = uri.path().trim_end_matches('/').to_owned();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self {
            loopback: bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
            whole: format!("{origin}{base}"),
            origin,
            base,
            secure,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for (text, origin, base) in [
            ("https://Portal.Example.com", "https://portal.example.com", ""),
            (
                "https://portal.example.com:443/",
                "https://portal.example.com",
                "",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
            ("http://[::1]:8080/x/", "http://[::1]:8080", "/x"),
            (
                "https://example.com/a/portal/",
                "https://example.com",
                "/a/portal",
            ),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!((url.origin(), url.base()), (origin, base), "{text}");
            assert_eq!(url.as_str(), format!("{origin}{base}"));
        }
    }

    #[test]
    fn what_could_mislead_is_refused() {
        for text in [
            "",
            "portal.example.com",
            "ftp://example.com",
            "https://",
            "https://a@b.example",
            "https://a/?x=1",
            "https://a/#x",
            "javascript:alert(1)",
            "//example.com",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_known_in_all_its_forms() {
        for (text, loopback) in [
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]", true),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(
                text.parse::<PublicUrl>().unwrap().is_loopback(),
                loopback,
                "{text}"
            );
        }
        assert_eq!(
            PublicUrl::of("0.0.0.0:81".parse().unwrap()).as_str(),
            "http://127.0.0.1:81"
        );
    }
}
