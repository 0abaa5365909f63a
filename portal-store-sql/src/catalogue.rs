//! Every statement, with sample arguments.
