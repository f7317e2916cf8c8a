#![doc = include_str!("table-dsnas.md")]

decided!("lecture.table-dsnas", Empirical);
