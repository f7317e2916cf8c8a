#![doc = include_str!("table-gdas.md")]

decided!("lecture.table-gdas", Empirical);
