#![doc = include_str!("assumption-3.md")]

decided!("influence.assumption-3", Definition);
