#![doc = include_str!("table-s1-s4.md")]

decided!("lecture.table-s1-s4", Empirical);
