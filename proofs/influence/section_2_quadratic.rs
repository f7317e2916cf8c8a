#![doc = include_str!("section-2-quadratic.md")]

decided!("influence.section-2-quadratic", Holds);
