#![doc = include_str!("definition-1.md")]

decided!("wiring.definition-1", Definition);
