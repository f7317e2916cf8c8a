#![doc = include_str!("lemma-1.md")]

decided!("influence.lemma-1", Refuted => Holds);
