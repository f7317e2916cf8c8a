#![doc = include_str!("table-2-five-of-six.md")]

decided!("influence.table-2-five-of-six", Holds);
