//! Access tokens of the API: short-lived JWTs (RFC 9068) that name a session.
//!
//! A token is only a signed reference. What counts is the session, which is looked up at each use, so that revoking
//! it works at once.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use portal_core::identity::Session;
use portal_core::{Duration, Keys, PracticeId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

const AUDIENCE: &str = "portal-api";
const TYPE: &str = "at+jwt";

/// Makes and reads access tokens.
pub(crate) struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens(..)")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    iat: i64,
    exp: i64,
    /// The practice.
    pra: PracticeId,
    /// The session.
    sid: SessionId,
}

impl AccessTokens {
    /// How long a token works.
    pub(crate) const LIFE: Duration = Duration::minutes(15);

    pub(crate) fn new(keys: &Keys) -> Self {
        let key = keys.derive("jwt", &[AUDIENCE.as_bytes()]);
        Self {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
        }
    }

    /// A token for `session`, and when it stops working. `None` only when signing fails.
    pub(crate) fn issue(&self, session: &Session, now: Timestamp) -> Option<(String, Timestamp)> {
        let until = (now + Self::LIFE).min(session.expires_at);
        let claims = Claims {
            aud: AUDIENCE.into(),
            iat: now.unix(),
            exp: until.unix(),
            pra: session.practice_id,
            sid: session.id,
        };
        let header = Header {
            typ: Some(TYPE.into()),
            ..Header::new(Algorithm::HS256)
        };
        let token = jsonwebtoken::encode(&header, &claims, &self.encoding).ok()?;
        Some((token, until))
    }

    /// The session that a token names, unless it is forged, for something else, or expired.
    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Option<(PracticeId, SessionId)> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud"]);
        // Compared below with the portal's own clock, and without leeway: the same server made it.
        validation.validate_exp = false;
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation).ok()?;
        let is_access_token = data.header.typ.as_deref() == Some(TYPE) && data.header.crit.is_none();
        let Claims { exp, pra, sid, .. } = data.claims;
        (is_access_token && now.unix() < exp).then_some((pra, sid))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use portal_core::identity::Person;
    use portal_core::practice::PracticeSettings;
    use portal_core::{Digest, Ids, Origin, RandomIds, StaffId};

    use super::*;

    fn session(at: Timestamp) -> Session {
        Session::begin(
            RandomIds.uuid().into(),
            RandomIds.uuid().into(),
            Person::Staff(StaffId(RandomIds.uuid())),
            Digest::of(b"secret"),
            &PracticeSettings::default(),
            Origin::default(),
            at,
        )
    }

    fn tokens() -> AccessTokens {
        AccessTokens::new(&Keys::new([7; 32]))
    }

    fn now() -> Timestamp {
        Timestamp::from_unix(1_800_000_000).unwrap()
    }

    #[test]
    fn a_token_names_its_session_until_the_second_it_expires() {
        let session = session(now());
        let (token, until) = tokens().issue(&session, now()).unwrap();
        assert_eq!(until, now() + Duration::minutes(15));
        let named = Some((session.practice_id, session.id));
        assert_eq!(tokens().read(&token, now()), named);
        assert_eq!(tokens().read(&token, until - Duration::seconds(1)), named);
        assert_eq!(tokens().read(&token, until), None);
        assert_eq!(AccessTokens::new(&Keys::new([8; 32])).read(&token, now()), None);
    }

    #[test]
    fn a_token_does_not_outlive_its_session() {
        let session = session(now());
        let late = session.expires_at - Duration::minutes(5);
        let (_, until) = tokens().issue(&session, late).unwrap();
        assert_eq!(until, session.expires_at);
    }

    #[test]
    fn every_changed_character_and_every_other_algorithm_is_refused() {
        let (token, _) = tokens().issue(&session(now()), now()).unwrap();
        for (at, old) in token.char_indices() {
            let new = if old == 'A' { 'B' } else { 'A' };
            let mut forged = token.clone();
            forged.replace_range(at..=at, &new.to_string());
            // The last character of each part holds spare bits, which may decode to the same bytes.
            let is_spare = token[at + 1..].starts_with('.') || at + 1 == token.len();
            assert!(is_spare || tokens().read(&forged, now()).is_none(), "{at}");
        }
        let (_, rest) = token.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        for header in [
            r#"{"alg":"none","typ":"at+jwt"}"#,
            r#"{"alg":"HS384","typ":"at+jwt"}"#,
            r#"{"alg":"RS256","typ":"at+jwt"}"#,
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            for signature in ["", signature] {
                let forged = format!("{header}.{claims}.{signature}");
                assert_eq!(tokens().read(&forged, now()), None, "{forged}");
            }
        }
    }

    #[test]
    fn a_token_signed_for_something_else_is_refused() {
        let key = Keys::new([7; 32]).derive("jwt", &[AUDIENCE.as_bytes()]);
        let signed = |typ: Option<&str>, aud: &str| {
            let session = session(now());
            let claims = Claims {
                aud: aud.into(),
                iat: now().unix(),
                exp: now().unix() + 60,
                pra: session.practice_id,
                sid: session.id,
            };
            let header = Header {
                typ: typ.map(str::to_owned),
                ..Header::new(Algorithm::HS256)
            };
            jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key)).unwrap()
        };
        assert!(tokens().read(&signed(Some(TYPE), AUDIENCE), now()).is_some());
        assert!(tokens().read(&signed(Some("JWT"), AUDIENCE), now()).is_none());
        assert!(tokens().read(&signed(None, AUDIENCE), now()).is_none());
        assert!(
            tokens()
                .read(&signed(Some(TYPE), "somebody-else"), now())
                .is_none()
        );
    }
}
