#![doc = include_str!("section-6.4-inverse.md")]

decided!("influence.section-6.4-inverse", Holds);
