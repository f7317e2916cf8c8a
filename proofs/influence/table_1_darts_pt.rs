#![doc = include_str!("table-1-darts-pt.md")]

decided!("influence.table-1-darts-pt", Empirical);
