#![doc = include_str!("table-3-better.md")]

decided!("influence.table-3-better", Holds);
