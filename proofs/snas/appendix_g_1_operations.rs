#![doc = include_str!("appendix-g.1-operations.md")]

decided!("snas.appendix-g.1-operations", Definition);
