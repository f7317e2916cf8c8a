#![doc = include_str!("table-1-darts-if.md")]

decided!("influence.table-1-darts-if", Empirical);
