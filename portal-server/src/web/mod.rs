//! Server-rendered pages: they work without scripts, and speak plain words.

pub mod assets;
pub mod client;
pub mod view;
