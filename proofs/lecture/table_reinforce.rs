#![doc = include_str!("table-reinforce.md")]

decided!("lecture.table-reinforce", Empirical);
