#![doc = include_str!("section-2-softmax.md")]

decided!("influence.section-2-softmax", Definition);
