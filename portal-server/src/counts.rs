//! What `/metrics` counts of what people do, for pages and API alike.

/// A staff member signed in.
pub(crate) fn staff_signed_in() {
    metrics::counter!("portal_sign_ins_total", "who" => "staff").increment(1);
}

/// A client signed in.
pub(crate) fn client_signed_in() {
    metrics::counter!("portal_sign_ins_total", "who" => "client").increment(1);
}

/// A file became a document.
pub(crate) fn file_uploaded() {
    metrics::counter!("portal_uploads_total").increment(1);
}
