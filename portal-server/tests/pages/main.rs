//! Every page rendered with samples: long German names, Arabic ones, nothing, much, errors.
//!
//! Each is kept in `target/tmp/pages/`, where `tests/browser/pages.test.mjs` photographs it and runs axe on it.

#![expect(
    clippy::unwrap_used,
    reason = "a page that cannot be rendered or read fails its test"
)]

mod client;
mod inbox;
mod rendered;
mod staff;
mod staff_audit;
mod staff_records;
mod staff_reports;
mod staff_workflow;
mod style_guide;

mod web {
    //! Templates name what they call by `crate::web::view`, which here is the library's.
    pub(crate) mod view {
        pub(crate) use portal_server::web::view::{asset, initials};
    }
}
