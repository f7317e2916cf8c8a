#![doc = include_str!("section-5-true-fisher.md")]

decided!("influence.section-5-true-fisher", Refuted => Holds);
