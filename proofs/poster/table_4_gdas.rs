#![doc = include_str!("table-4-gdas.md")]

decided!("poster.table-4-gdas", Empirical);
