//! Spectra from products: Lanczos, extreme eigenvalues, power iteration, trace.
