//! File names and types.

use portal_core::document::{DocumentRule, FileName, FileType};
use portal_core::testing::strategies;
use proptest::prelude::*;

#[test]
fn names_from_anywhere() {
    let long = format!("{}.pdf", "x".repeat(300));
    for (given, kept) in [
        ("passport.pdf", "passport.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\My Scans\\page 1.jpg", "page 1.jpg"),
        ("a\"b'c.pdf", "a_b'c.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ("exe\u{202e}fdp.exe", "exefdp.exe"),
        ("<script>.png", "_script_.png"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("   ", "file"),
        ("a/", "file"),
        ("r\u{e9}sum\u{e9}.pdf", "r\u{e9}sum\u{e9}.pdf"),
        ("re\u{301}sume\u{301}.pdf", "r\u{e9}sum\u{e9}.pdf"),
        ("\u{5408}\u{540c}.pdf", "\u{5408}\u{540c}.pdf"),
        ("two  spaces .pdf ", "two spaces .pdf"),
        ("nul\0byte.pdf", "nulbyte.pdf"),
    ] {
        assert_eq!(FileName::sanitise(given).as_str(), kept, "{given:?}");
    }
    let cut = FileName::sanitise(&long);
    assert_eq!(cut.as_str().chars().count(), 200);
    assert_eq!(cut.extension().as_deref(), Some("pdf"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_name_is_safe_to_show_and_to_send(given in strategies::file_name()) {
        let name = FileName::sanitise(&given);
        let text = name.as_str();
        prop_assert!(!text.is_empty() && text.chars().count() <= 200);
        prop_assert!(!text.chars().any(|c| c.is_control() || "/\\\"<>|*?:".contains(c)), "{text:?}");
        let reorders = |c| ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
        prop_assert!(!text.chars().any(reorders), "{:?}", text);
        prop_assert!(!text.starts_with('.') && !text.ends_with(['.', ' ']), "{text:?}");
        prop_assert_eq!(FileName::sanitise(text), name, "a safe name stays as it is");
    }

    #[test]
    fn the_extension_survives_the_cut(stem in "[a-z. \u{e9}]{150,400}", extension in "[a-z0-9]{1,10}") {
        let name = FileName::sanitise(&format!("{stem}.{extension}"));
        prop_assert_eq!(name.extension(), Some(extension));
    }

    #[test]
    fn any_bytes_under_any_name_are_decided(given in strategies::file_name(), head in proptest::collection::vec(any::<u8>(), 0..600)) {
        let name = FileName::sanitise(&given);
        match FileType::decide(&name, &head) {
            Ok(kind) => {
                prop_assert!(kind.extensions.contains(&name.extension().unwrap().as_str()));
                prop_assert_eq!(FileType::by_media_type(kind.media_type), Some(kind));
            }
            Err(DocumentRule::KindNotTaken(told) | DocumentRule::NotWhatItSays { name: told, .. }) => {
                prop_assert_eq!(told, name.as_str(), "the error names the file");
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01";
const PDF: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
const ZIP: &[u8] =
    b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xDF\xA4\xD2lZ\x01\0\0 \x05\0\0\x13\0\x08\x02[Content_Types].xml";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0>\0\x03\0\xFE\xFF\t\0";
const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0\xB8\0\0\0\0\0\0\0@\0\0\0";
const ELF: &[u8] = b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0";

fn decide(name: &str, head: &[u8]) -> Result<FileType, DocumentRule> {
    FileType::decide(&FileName::sanitise(name), head)
}

#[test]
fn what_people_send_is_taken() {
    for (name, head, media_type) in [
        ("scan.pdf", PDF, "application/pdf"),
        ("SCAN.PDF", PDF, "application/pdf"),
        ("photo.png", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
        ("photo.JPEG", JPEG, "image/jpeg"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heif"),
        (
            "letter.docx",
            ZIP,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "sheet.xlsx",
            ZIP,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("old.doc", OLE, "application/msword"),
        ("old.xls", OLE, "application/vnd.ms-excel"),
        ("note.rtf", b"{\\rtf1\\ansi Hello}", "application/rtf"),
        (
            "note.txt",
            "Gr\u{fc}\u{df}e, \u{4f60}\u{597d}\n".as_bytes(),
            "text/plain",
        ),
        (
            "list.csv",
            b"\xEF\xBB\xBFname,born\r\nAnna,1990-05-17\r\n",
            "text/csv",
        ),
    ] {
        assert_eq!(
            decide(name, head)
                .unwrap_or_else(|e| panic!("{name}: {e}"))
                .media_type,
            media_type,
            "{name}"
        );
    }
    let mut late = vec![b'\n'; 900];
    late.extend_from_slice(PDF);
    assert!(
        decide("late.pdf", &late).is_ok(),
        "a header within the first 1,024 bytes"
    );
}

/// Every extension that is taken.
fn extensions() -> Vec<String> {
    FileType::accept()
        .split(',')
        .map(|e| e.trim_start_matches('.').to_owned())
        .collect()
}

#[test]
fn a_file_is_what_it_says_or_refused() {
    let kinds: [(&str, &[u8]); 7] = [
        ("png", PNG),
        ("jpg", JPEG),
        ("pdf", PDF),
        ("docx", ZIP),
        ("doc", OLE),
        ("exe", EXE),
        ("elf", ELF),
    ];
    for (own, head) in kinds {
        for extension in extensions() {
            let Ok(kind) = decide(&format!("file.{extension}"), head) else {
                continue;
            };
            let zipped = own == "docx" && kind.media_type.starts_with("application/vnd.o");
            let office =
                own == "doc" && ["application/msword", "application/vnd.ms-excel"].contains(&kind.media_type);
            assert!(
                zipped || office || kind.extensions.contains(&own),
                "{own} content is taken as {}",
                kind.media_type
            );
        }
    }
    let refused = decide("scan.pdf", PNG).unwrap_err();
    assert_eq!(
        refused,
        DocumentRule::NotWhatItSays {
            name: "scan.pdf".into(),
            found: "a PNG image"
        },
        "it says what it looks like"
    );
    for name in [
        "a.exe",
        "a.svg",
        "a.html",
        "a.htm",
        "a.xml",
        "a.xhtml",
        "a.js",
        "a.zip",
        "a.pdf.exe",
        "a",
        "a.",
        "pdf",
        ".pdf",
    ] {
        assert!(
            matches!(decide(name, PDF), Err(DocumentRule::KindNotTaken(_))),
            "{name}"
        );
    }
}

#[test]
fn nothing_that_a_browser_would_run_is_taken_under_any_name() {
    let long_comment = format!("<!-- {} --><script>alert(1)</script>", "x".repeat(3_000));
    let scripts = [
        "<html><body onload=alert(1)>",
        "<!DOCTYPE html><script>alert(1)</script>",
        "\u{feff}<!doctype html>",
        "  \r\n\t<HTML>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        "<script>alert(1)</script>",
        "<!-- hello --><script>alert(1)</script>",
        "<iframe src=javascript:alert(1)>",
        "<img src=x onerror=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<style>@import 'x'</style>",
        "<title>x</title><script>alert(1)</script>",
        "<body>",
        "<html>%PDF-1.7\n<script>alert(1)</script>",
        "\n\n<svg onload=alert(1)>%PDF-1.4",
        long_comment.as_str(),
    ];
    for script in scripts {
        for extension in extensions() {
            let decided = decide(&format!("file.{extension}"), script.as_bytes());
            assert!(
                matches!(decided, Err(DocumentRule::NotWhatItSays { .. })),
                "{script:.40} is taken as .{extension}: {decided:?}"
            );
        }
    }
}

#[test]
fn text_is_text() {
    for (head, fine) in [
        (&b"plain"[..], true),
        (b"tabs\tand\r\nlines\x0C", true),
        (b"1 < 2 & 3 > 2", true),
        (b"a\0b", false),
        (b"\x1b[31mred", false),
        (b"\xFF\xFE\x41\0", false),
        (b"caf\xE9", false),
        (b"cut short \xE4\xBD", false),
        (b"\xC0\xAF", false),
        (b"\xED\xA0\x80", false),
    ] {
        assert_eq!(decide("note.txt", head).is_ok(), fine, "{head:?}");
    }
    // A character may be cut where the head ends, and only there.
    let mut head = "\u{4f60}".repeat(FileType::HEAD / 3 + 1).into_bytes();
    head.truncate(FileType::HEAD);
    assert!(str::from_utf8(&head).is_err());
    assert!(decide("note.txt", &head).is_ok());
    head.truncate(FileType::HEAD - 3);
    assert!(decide("note.txt", &head).is_err());
}
