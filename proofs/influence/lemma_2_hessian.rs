#![doc = include_str!("lemma-2-hessian.md")]

decided!("influence.lemma-2-hessian", Refuted => Holds);
