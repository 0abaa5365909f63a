//! The domain of a client portal: types, pure rules, services and ports; no database, no HTTP, no runtime.
