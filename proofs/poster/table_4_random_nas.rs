#![doc = include_str!("table-4-random-nas.md")]

decided!("poster.table-4-random-nas", Empirical);
