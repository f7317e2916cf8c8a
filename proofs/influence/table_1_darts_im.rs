#![doc = include_str!("table-1-darts-im.md")]

decided!("influence.table-1-darts-im", Empirical);
