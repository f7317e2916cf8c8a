#![doc = include_str!("section-3.2-orders.md")]

decided!("snas.section-3.2-orders", Holds);
