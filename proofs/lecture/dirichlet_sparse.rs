#![doc = include_str!("dirichlet-sparse.md")]

decided!("lecture.dirichlet-sparse", Holds);
