//! Predicted loss changes.
