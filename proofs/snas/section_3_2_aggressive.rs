#![doc = include_str!("section-3.2-aggressive.md")]

decided!("snas.section-3.2-aggressive", Holds);
