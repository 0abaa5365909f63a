//! Certificates of all kinds of text: none is refused, and nothing is cut.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use portal_core::Digest;
use portal_core::approval::Certificate;
use portal_core::audit::Checkpoint;
use portal_core::audit::export::AuditProof;
use portal_core::audit::note::NoteSigner;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fonts::SANS;
use crate::lines::{Reading, wrap};
use crate::shaping::{Run, Shaper, Written};
use crate::{Fonts, made, pdf};

const ID: &str = "01920000-0000-7000-8000-000000000001";
const ORIGIN: &str = "portal.example.com/audit/01920000-0000-7000-8000-000000000001";

/// What somebody fills in, and how many documents there are.
struct Text<'t> {
    name: &'t str,
    title: &'t str,
    description: &'t str,
    comment: &'t str,
    file: &'t str,
    documents: usize,
    decision: &'t str,
}

const PLAIN: Text<'_> = Text {
    name: "Zo\u{eb} Nowak",
    title: "Your statement for the visa application",
    description: "Please read it and approve it if everything is right.",
    comment: "All good.",
    file: "statement.pdf",
    documents: 2,
    decision: "approved",
};

fn certificate(of: &Text<'_>) -> Certificate {
    let document = |number: usize| {
        json!({"document": ID, "media_type": "application/pdf", "name": format!("{number}-{}", of.file), "number": number,
            "sha256": Digest::of(&number.to_be_bytes()), "size": 12_345 * number, "version": ID})
    };
    let documents: Vec<Value> = (1..=of.documents).map(document).collect();
    let shown = json!({"approval": ID, "description": of.description, "documents": documents, "format": "portal-approval/1",
        "kind": "statement", "matter": ID, "practice": ID, "title": of.title,
        "subject": {"id": ID, "version": 1, "lines": [{"label": "Amount", "value": "AUD 120.50"}]}})
    .to_string();
    let from = json!({"ip": "203.0.113.7", "request_id": "r-1", "user_agent": "Mozilla/5.0 (a phone)"});
    let evidence = json!({"answered_at": "2026-11-20T20:59:25.642066Z", "approval": ID, "approval_version": 1, "audit_entry": ID,
        "by": {"client": ID, "name": of.name}, "clock": "server clock, UTC", "comment": of.comment, "decision": of.decision,
        "evidence": ID, "format": "portal-evidence/1", "from": from, "matter": ID,
        "on_behalf_of": {"access": ID, "client": ID, "name": of.name, "part": "principal"}, "practice": ID,
        "shown_sha256": Digest::of(shown.as_bytes()), "shown": shown,
        "signed_in": {"assurance": "single-factor", "from": from, "method": "email-link", "session": ID,
            "since": "2026-11-20T20:50:00.000000Z"}});
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 20_852_163,
        root: Digest::of(b"root"),
    };
    Certificate {
        format: Certificate::FORMAT.to_owned(),
        evidence: evidence.to_string(),
        proof: AuditProof {
            format: "portal-audit-proof/1".to_owned(),
            entry: "{}".to_owned(),
            path: vec![Digest::of(b"path"); 24],
            checkpoint: checkpoint.sign(&NoteSigner::new(ORIGIN, &[7; 32])),
        },
    }
}

fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn it_is_the_same_every_time_and_carries_what_can_be_verified() {
    let certificate = certificate(&PLAIN);
    let first = pdf(&certificate, &Fonts::default()).unwrap();
    assert_eq!(first, pdf(&certificate.clone(), &Fonts::default()).unwrap());
    assert!(first.starts_with(b"%PDF-1.7"));
    assert_eq!(Certificate::find(&first).unwrap(), certificate);
    let holds = |part: &str| first.windows(part.len()).any(|window| window == part.as_bytes());
    assert!(holds("<pdfaid:part>3</pdfaid:part>") && holds("<pdfaid:conformance>A</pdfaid:conformance>"));
    assert!(holds("/AFRelationship"));
    // Two letters differ, and so does the page.
    let other = self::certificate(&Text {
        comment: "All bad.",
        ..PLAIN
    });
    assert_ne!(pdf(&other, &Fonts::default()).unwrap(), first);
}

#[test]
fn a_file_with_two_certificates_or_a_damaged_one_is_told() {
    use portal_core::approval::NoCertificate;
    let one = pdf(&certificate(&PLAIN), &Fonts::default()).unwrap();
    let declined = Text {
        decision: "declined",
        ..PLAIN
    };
    let other = pdf(&certificate(&declined), &Fonts::default()).unwrap();
    assert_eq!(
        Certificate::find(&[one.clone(), other].concat()),
        Err(NoCertificate::Several)
    );
    assert!(Certificate::find(&[one.clone(), one.clone()].concat()).is_ok());
    let begin = b"{\"format\":\"portal-certificate/1\"";
    let at = one
        .windows(begin.len())
        .position(|window| window == begin)
        .unwrap();
    let mut damaged = one.clone();
    damaged[at + begin.len()] = b';';
    assert_eq!(Certificate::find(&damaged), Err(NoCertificate::Damaged));
    assert_eq!(Certificate::find(&one[..at]), Err(NoCertificate::None));
    assert_eq!(Certificate::find(b""), Err(NoCertificate::None));
}

#[test]
fn the_longest_and_the_oddest_text_fits() {
    let long = "A word, and another; ".repeat(100);
    let unbroken = "x".repeat(5_000);
    let odd = "\u{1f600}\u{202e}evil\u{200b} \u{627}\u{645}\u{64a}\u{646}\u{629} \u{5d0}\u{5d1} \u{e000} \u{fe0f}\u{ad}\u{0301} \u{4f60}\u{597d}\n\n\tx";
    let text = Text {
        name: odd,
        title: &long[..200],
        description: &unbroken,
        comment: &long[..2_000],
        file: odd,
        documents: 50,
        decision: "declined",
    };
    let bytes = pdf(&certificate(&text), &Fonts::default()).unwrap();
    // Fifty hashes do not fit one page.
    let pages = bytes.windows(9).filter(|window| window == b"/MediaBox").count();
    assert!(pages > 3, "{pages}");
    // As it is, not by spelling everything out.
    assert!(made(&certificate(&text), &Fonts::default(), Written::AsItIs).is_ok());
}

#[test]
fn what_no_font_has_is_spelt_out() {
    let fonts = Fonts::default();
    let shaper = Shaper::new(&fonts, Written::AsItIs);
    assert_eq!(shaper.writable("a\u{1f600}b"), "a[U+1F600]b");
    assert_eq!(
        shaper.writable("\u{202e}x\u{e000}\u{0}\u{feff}"),
        "[U+202E]x[U+E000][U+0000][U+FEFF]"
    );
    for shown in [
        "Zo\u{eb} \u{17b}\u{f3}\u{142}\u{107}",
        "\u{395}\u{3bb}\u{3bb}\u{3ac}\u{3b4}\u{b1}",
        "\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}",
        "\u{201c}\u{2026}\u{201d} \u{2013} \u{20ac}",
    ] {
        assert_eq!(shaper.writable(shown), shown);
    }
    let ascii = Shaper::new(&fonts, Written::InAscii);
    assert_eq!(ascii.writable("Zo\u{eb} 1"), "Zo[U+00EB] 1");
}

#[test]
fn a_file_that_is_no_font_is_refused() {
    assert!(Fonts::default().with(b"not a font".to_vec()).is_err());
    assert!(Fonts::default().with(Vec::new()).is_err());
}

#[test]
fn another_font_gives_what_the_first_have_not() {
    // Hack has box drawings, which Ubuntu Light has too few of: the second font stands in for the first.
    let fonts = Fonts::default();
    let shaper = Shaper::new(&fonts, Written::AsItIs);
    let runs = shaper.line(SANS, "a\u{2500}b", None);
    assert!(
        runs.iter()
            .all(|run| run.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_is_cut_and_no_line_is_too_long(text in "\\PC{0,80}( [ -~]{0,30}){0,20}", width in 8.0_f32..60.0) {
        let fonts = Fonts::default();
        let shaper = Shaper::new(&fonts, Written::AsItIs);
        let lines = wrap(&shaper, SANS, (&text, Reading::AsItBegins), width);
        let mut said: Vec<char> = lines.iter().flatten().flat_map(|run| run.text.chars()).filter(|c| !c.is_whitespace()).collect();
        // A separator of lines begins a new one, and is no character of it.
        let of_lines = text.replace(['\u{2028}', '\u{2029}'], "\n");
        let mut wanted: Vec<char> = of_lines.split('\n').flat_map(|line| words(&shaper.writable(line)).chars().collect::<Vec<_>>()).collect();
        // Right-to-left text changes places, and no more.
        said.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(said, wanted);
        for line in &lines {
            let used: f32 = line.iter().map(Run::width).sum();
            // A single cluster may be wider than a narrow line; kerning between words moves it a little.
            prop_assert!(used <= width * 1.02 || line.iter().map(|run| run.text.chars().count()).sum::<usize>() < 4, "{} > {}", used, width);
        }
    }

    #[test]
    fn no_text_keeps_a_certificate_from_being_made(name in ".{1,40}", comment in any::<String>(), file in "\\PC{1,60}") {
        let text = Text { name: &name, title: &file, comment: &comment, file: &file, documents: 1, ..PLAIN };
        let made = made(&certificate(&text), &Fonts::default(), Written::AsItIs);
        prop_assert!(made.is_ok(), "{:?}", made.err());
    }
}

/// A short one and a long one. `PORTAL_CERTIFICATES=DIR` keeps them to look at; `PORTAL_FONTS` names further fonts, with colons between.
#[test]
fn short_and_long_ones_are_made() {
    let folder = std::env::var("PORTAL_CERTIFICATES").ok();
    let mut fonts = Fonts::default();
    for path in std::env::var("PORTAL_FONTS")
        .unwrap_or_default()
        .split(':')
        .filter(|path| !path.is_empty())
    {
        fonts = fonts.with(std::fs::read(path).unwrap()).unwrap();
    }
    let comment = "I have read all of it and approve it; thank you for the quick work.\n\nPlease note: our address changes in December. ".repeat(16);
    let long = Text {
        name: "\u{623}\u{645}\u{64a}\u{646}\u{629} \u{62d}\u{62f}\u{627}\u{62f} (Amina Haddad)",
        title: "The statement of Amina Haddad and of everybody else who belongs to the family, for the application for a partner visa (subclass 820), with all annexes, in the version of November",
        description: "Please read every page. \u{1f600} By approving you say that all of it is true.",
        comment: &comment,
        file: "a very long name of a file that goes on and on \u{2013} with dashes_and_underscores_and_no_space_at_all_until_the_end.pdf",
        documents: 10,
        decision: "approved",
    };
    for (name, text) in [("plain", &PLAIN), ("long", &long)] {
        let bytes = pdf(&certificate(text), &fonts).unwrap();
        assert!(bytes.starts_with(b"%PDF-"), "{name}");
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{name}.pdf"), bytes).unwrap();
        }
    }
}
