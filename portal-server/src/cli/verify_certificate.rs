//! `verify-audit` of a certificate.

use std::path::PathBuf;

use portal_core::approval::{Certificate, Certified, Decision, SignInMethod};
use portal_core::audit::note::VerifierKey;

use super::say;
use crate::certificate::CertificateFonts;

/// How many bytes tell whether a file is a certificate.
pub(super) const ENOUGH_TO_TELL: u64 = 64;
/// The most bytes that are read of one.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// What is to be looked at.
pub(super) struct Wanted<'w> {
    pub(super) file: &'w [u8],
    pub(super) keys: &'w [VerifierKey],
    pub(super) fonts: &'w [PathBuf],
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// Whether a file that begins so is a certificate, or says that it is.
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(bytes);
    let begin: String = begin.chars().filter(|c| !c.is_whitespace()).collect();
    is_pdf(bytes) || begin.starts_with("{\"format\":\"portal-certificate/")
}

/// Verifies it and says what came of it; whether it is verified.
pub(super) fn told(wanted: &Wanted<'_>) -> Result<bool, String> {
    let fonts = CertificateFonts::with_files(wanted.fonts)?;
    let certificate = match Certificate::find(wanted.file) {
        Ok(certificate) => certificate,
        Err(why) => {
            say(format_args!("NOT VERIFIED\n{why}"));
            if is_pdf(wanted.file) {
                say(
                    "if another program saved the PDF anew, take the attached file out with a PDF reader and verify that",
                );
            }
            return Ok(false);
        }
    };
    match certificate.verify(wanted.keys) {
        Ok(certified) => {
            say_verified(&certified);
            if is_pdf(wanted.file) {
                say(pages(&fonts, &certificate, wanted.file));
            }
            Ok(true)
        }
        Err(faults) => {
            say("NOT VERIFIED");
            faults.iter().for_each(say);
            Ok(false)
        }
    }
}

fn say_verified(certified: &Certified) {
    let (evidence, checkpoint) = (&certified.evidence, &certified.checkpoint);
    let did = match evidence.decision {
        Decision::Approved => "approved",
        Decision::Declined => "declined",
    };
    say(format_args!(
        "verified: {} {did} {} at {}",
        quoted(&evidence.by.name),
        quoted(&certified.shown.title),
        evidence.answered_at,
    ));
    say(format_args!(
        "for: {}, signed in {} since {}",
        quoted(&evidence.on_behalf_of.name),
        match evidence.signed_in.method {
            SignInMethod::EmailLink => "by a link sent by email",
        },
        evidence.signed_in.since
    ));
    if let Some(factor) = &evidence.factor {
        say(format_args!(
            "second factor: {}, confirmed with the answer",
            factor.method.as_str()
        ));
    }
    say(format_args!(
        "comment: {}",
        match evidence.comment.as_str() {
            "" => "none".to_owned(),
            comment => quoted(comment),
        }
    ));
    say(format_args!("asked: {}", certified.shown.kind.label()));
    if !certified.shown.description.is_empty() {
        say(format_args!("text: {}", quoted(&certified.shown.description)));
    }
    for line in certified.shown.subject.iter().flat_map(|subject| &subject.lines) {
        say(format_args!("{}: {}", quoted(&line.label), quoted(&line.value)));
    }
    for document in &certified.shown.documents {
        let name = quoted(&document.name);
        say(format_args!(
            "document: {} {name}, version {}",
            document.sha256, document.number
        ));
    }
    say(format_args!(
        "entry {} of the trail of {}, under the checkpoint of {} entries",
        evidence.audit_entry, checkpoint.origin, checkpoint.size
    ));
}

/// In quotes, with what a terminal would obey spelt out.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn pages(fonts: &CertificateFonts, certificate: &Certificate, file: &[u8]) -> &'static str {
    if fonts.made_alike(certificate, file) {
        "pages: they say just this, byte for byte as the portal writes them"
    } else {
        "pages: NOT CHECKED, this program does not write them so with these fonts. Believe only what is printed here"
    }
}
