#![doc = include_str!("appendix-h.2-conv-relu-bn.md")]

decided!("wiring.appendix-h.2-conv-relu-bn", Holds);
