#![doc = include_str!("table-4-setn.md")]

decided!("poster.table-4-setn", Empirical);
