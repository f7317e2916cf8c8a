#![doc = include_str!("lemma-2.md")]

decided!("influence.lemma-2", Refuted => Holds);
