//! Strategies, fakes and the store conformance suite.
