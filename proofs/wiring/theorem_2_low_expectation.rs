#![doc = include_str!("theorem-2-low-expectation.md")]

decided!("wiring.theorem-2-low-expectation", Holds);
