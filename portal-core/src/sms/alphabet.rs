//! The alphabet of text messages: 3GPP TS 23.038, sections 6.2.1 (basic) and 6.2.1.1 (extension table).

/// Every character of the basic table but `A` to `Z`, `a` to `z` and the digits, which stand for themselves.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// What needs the escape character before it: two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How many septets `c` takes: 1, 2, or `None` when the alphabet does not have it.
pub(super) fn septets(c: char) -> Option<u32> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}
