//! Moments that stay once taken.
