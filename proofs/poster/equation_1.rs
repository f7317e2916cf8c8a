#![doc = include_str!("equation-1.md")]

decided!("poster.equation-1", Definition);
