//! The ledger: every statement of every paper, its check, its negative control, its verdict.
