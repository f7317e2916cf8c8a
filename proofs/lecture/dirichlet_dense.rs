#![doc = include_str!("dirichlet-dense.md")]

decided!("lecture.dirichlet-dense", Holds);
