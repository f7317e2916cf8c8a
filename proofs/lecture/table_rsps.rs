#![doc = include_str!("table-rsps.md")]

decided!("lecture.table-rsps", Empirical);
