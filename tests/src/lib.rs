//! Cases as text, the runner, the in-memory provider, end-to-end runs, the tidy check.
