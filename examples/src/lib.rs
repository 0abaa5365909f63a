//! Small programs an embedder copies.
