#![doc = include_str!("assumption-1.md")]

decided!("influence.assumption-1", Definition);
