//! Interval arithmetic contains the truth and little more; the prover proves, refutes and gives up where it should.

mod elementary;
mod fields;
mod interval;
mod prove;
