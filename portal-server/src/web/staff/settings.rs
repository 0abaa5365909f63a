//! The practice's settings.

use askama::Template;

use crate::web::view::{Choice, Errors, Shell};

/// `/staff/settings`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/settings.html")]
pub struct Settings {
    /// The frame.
    pub shell: Shell,
    /// The version that was read.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `name`.
    pub name: String,
    /// `sender_name`.
    pub sender_name: String,
    /// `brand_colour`.
    pub brand_colour: String,
    /// `locale`.
    pub locale: String,
    /// Choices of `time_zone`.
    pub time_zones: Vec<Choice>,
    /// `country`.
    pub country: String,
    /// `matter_word`.
    pub matter_word: String,
    /// `help_text`.
    pub help_text: String,
    /// `link_minutes`.
    pub link_minutes: String,
    /// `session_minutes`.
    pub session_minutes: String,
    /// `idle_minutes`.
    pub idle_minutes: String,
    /// `upload_most_mb`.
    pub upload_most_mb: String,
    /// `text_consent_needed`.
    pub text_consent_needed: bool,
    /// `approval_factor_needed`.
    pub approval_factor_needed: bool,
    /// What the second factor is called that this server can ask clients for; `None` when there is none.
    pub second_factor: Option<String>,
    /// The address at which staff of this practice sign in.
    pub sign_in_url: String,
}
