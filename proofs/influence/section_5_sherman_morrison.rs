#![doc = include_str!("section-5-sherman-morrison.md")]

decided!("influence.section-5-sherman-morrison", Holds);
