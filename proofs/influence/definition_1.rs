#![doc = include_str!("definition-1.md")]

decided!("influence.definition-1", Definition);
