//! Supernets on libtorch; run with `--features torch`.

mod core;
mod data;
mod run;
mod space;
