#![doc = include_str!("definition-1-importance-data.md")]

decided!("influence.definition-1-importance-data", Empirical => Empirical);
