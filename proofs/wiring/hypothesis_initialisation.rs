#![doc = include_str!("hypothesis-initialisation.md")]

decided!("wiring.hypothesis-initialisation", Holds);
