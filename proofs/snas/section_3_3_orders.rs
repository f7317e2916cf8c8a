#![doc = include_str!("section-3.3-orders.md")]

decided!("snas.section-3.3-orders", Holds);
