#![doc = include_str!("table-2-argmax.md")]

decided!("influence.table-2-argmax", Refuted => Holds);
