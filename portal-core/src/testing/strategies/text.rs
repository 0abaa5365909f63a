use proptest::prelude::*;
use proptest::sample::select;

use crate::text::{self, Email, Phone};

/// Names that have broken programs before: scripts of all directions, accents composed and not, quotes, markup,
/// wildcards, a name of one character, words that mean something to a machine.
pub(crate) const NAUGHTY: [&str; 30] = [
    "O'Brien",
    "Null",
    "undefined",
    "NaN",
    "0",
    "-1",
    "%",
    "100%",
    "_",
    "a_b",
    "back\\slash",
    "Robert'); DROP TABLE clients;--",
    "<script>alert(1)</script>",
    "\"quoted\"",
    "{{7*7}}",
    "=1+1",
    "Zo\u{eb}",
    "Zoe\u{308}",
    "Stra\u{df}e",
    "\u{130}stanbul",
    "\u{41d}\u{430}\u{442}\u{430}\u{43b}\u{44c}\u{44f}",
    "\u{674e}\u{5c0f}\u{9f99}",
    "\u{645}\u{62d}\u{645}\u{62f}",
    "\u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}",
    "\u{e01}\u{e33}\u{e19}\u{e31}\u{e19}",
    "\u{1f469}\u{200d}\u{1f680} Ada",
    "\u{fb01}sh",
    "Nguy\u{1ec5}n",
    "\u{915}\u{94d}\u{937}",
    "a\u{a0}b",
];

/// Any text at all, control and bidirectional characters included, up to `most` characters.
pub fn any_text(most: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => any::<char>(),
        2 => select(vec![' ', '.', '/', '\\', '"', '\'', '\n', '\r', '\t', '\0', '%', '_', '<', '&']),
        1 => select(vec!['\u{202e}', '\u{200b}', '\u{feff}', '\u{2066}', '\u{301}', '\u{e0041}', '\u{fffe}']),
        4 => proptest::char::range('a', 'z'),
    ];
    proptest::collection::vec(character, 0..=most).prop_map(|characters| characters.into_iter().collect())
}

/// A line of 1 to `most` characters as [`text::line`] leaves it: any Unicode that it does not refuse, odd names often.
pub fn line(most: usize) -> impl Strategy<Value = String> {
    let any = any_text(most).prop_map(|text| text.chars().filter(|c| !text::is_treacherous(*c)).collect());
    prop_oneof![1 => select(&NAUGHTY[..]).prop_map(String::from), 2 => any, 1 => word()]
        .prop_filter_map("a line has something to read", move |text: String| {
            text::line("line", &text, most).ok()
        })
}

/// A person's name.
pub fn name() -> impl Strategy<Value = String> {
    line(60)
}

/// Text of several lines as [`text::block`] leaves it, which may be empty.
pub fn block(most: usize) -> impl Strategy<Value = String> {
    any_text(most).prop_filter_map("a block that is not refused", move |text| {
        let kept: String = text
            .chars()
            .filter(|c| *c == '\n' || *c == '\t' || !text::is_treacherous(*c))
            .collect();
        text::block("block", &kept, most).ok()
    })
}

/// A word of small ASCII letters.
pub fn word() -> impl Strategy<Value = String> {
    "[a-z]{1,12}"
}

/// An address, in any case and with any character that one may have.
pub fn email() -> impl Strategy<Value = Email> {
    "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\\.[A-Za-z0-9]{1,8}){0,2}@([a-zA-Z0-9]{1,12}\\.){1,3}[a-z]{2,6}"
        .prop_filter_map("an address", |text| Email::parse("email", &text).ok())
}

/// A telephone number.
pub fn phone() -> impl Strategy<Value = Phone> {
    "\\+[1-9][0-9]{7,14}".prop_filter_map("a number", |text| Phone::try_from(text).ok())
}

/// What somebody's computer calls a file: paths, dots, long names and odd characters included.
pub fn file_name() -> impl Strategy<Value = String> {
    let stem = prop_oneof![
        any_text(40),
        any_text(320),
        select(&NAUGHTY[..]).prop_map(String::from),
        select(vec![
            "../../etc/passwd",
            "C:\\Users\\me\\scan",
            "..",
            ".",
            "",
            "CON",
            ".htaccess",
            "a\r\nSet-Cookie: x"
        ])
        .prop_map(String::from),
    ];
    let extension = select(vec![
        "",
        ".pdf",
        ".PDF",
        ".jpg",
        ".tar.gz",
        ".svg",
        ".",
        "..",
        ".p\u{202e}fdp",
    ]);
    (stem, extension).prop_map(|(stem, extension)| format!("{stem}{extension}"))
}
