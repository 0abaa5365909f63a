//! Email and SMS adapters of the portal, and the letters it writes.
