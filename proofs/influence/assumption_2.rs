#![doc = include_str!("assumption-2.md")]

decided!("influence.assumption-2", Definition);
