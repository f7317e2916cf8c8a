//! The device that the tests of libtorch run on, and the one place that says so: the variable `NASPROOF_TEST_DEVICE`, read as `--device` is; the CPU where
//! it is not set.
//!
//! `NASPROOF_TEST_DEVICE=cuda cargo test --release --features torch` runs them on CUDA, the programs they start with `--device cuda` too. What only the CPU gives is
//! pinned to it where it is asked for ([`cpu`], and `Folder::on_the_cpu` for programs): the count of what the allocator has given out, rows in the memory of the
//! host, and runs that are the same to the bit. Where numbers computed twice are compared, [`same`] wants the same bits of the CPU alone: kernels elsewhere add in
//! whatever order they come to.

use std::{env, ffi::OsString};

use nasproof::{
    linalg::TestRatio,
    torch::{Place, Precision},
};
use tch::Tensor;

/// The variable.
pub const VARIABLE: &str = "NASPROOF_TEST_DEVICE";

/// The name of the device asked for, if one is.
pub fn asked() -> Option<String> {
    named(env::var_os(VARIABLE)).unwrap_or_else(|why| panic!("{why}"))
}

/// What the variable says.
fn named(value: Option<OsString>) -> Result<Option<String>, String> {
    let text = |value: OsString| value.into_string().map_err(|value| format!("{VARIABLE}: {value:?} is no text"));
    value.map(text).transpose()
}

/// The device of that name, in that precision.
fn place_of(name: Option<String>, precision: Precision) -> Result<Place, String> {
    Place::new(name.as_deref().unwrap_or("cpu"), precision).map_err(|error| format!("{VARIABLE}: {error}"))
}

/// The device, in that precision.
pub fn place(precision: Precision) -> Place {
    place_of(asked(), precision).unwrap_or_else(|why| panic!("{why}"))
}

/// The device, in double precision.
pub fn double() -> Place {
    place(Precision::F64)
}

/// The CPU, whatever is asked for: for what only it gives.
pub fn cpu(precision: Precision) -> Place {
    Place::new("cpu", precision).unwrap()
}

/// Whether the device is the CPU.
pub fn is_cpu() -> bool {
    double() == cpu(Precision::F64)
}

/// Whether the size of a graph is told there: on the CPU where the C library counts what it gives out.
pub fn tells_sizes() -> bool {
    is_cpu() && nasproof::torch::allocated().is_some()
}

/// Numbers on the device, in double precision.
pub fn tensor(entries: &[f64], shape: &[i64]) -> Tensor {
    double().tensor(entries, shape).unwrap()
}

/// The same in one dimension.
pub fn flat(entries: &[f64]) -> Tensor {
    tensor(entries, &[entries.len() as i64])
}

/// Integers on the device: labels, indices.
pub fn integers(entries: &[i64]) -> Tensor {
    Tensor::from_slice(entries).to_device(double().device())
}

/// What the same computation gave twice: to the bit on the CPU, elsewhere to the rounding of double precision in sums of so many terms.
#[track_caller]
pub fn same(one: &[f64], other: &[f64], terms: usize) {
    if is_cpu() {
        assert_eq!(one, other);
    } else {
        let ratio = apart(one, other, terms);
        assert!(ratio.passes(), "{ratio}");
    }
}

/// The largest difference over what sums of so many terms round by, at the size of the largest entry.
fn apart(one: &[f64], other: &[f64], terms: usize) -> TestRatio {
    assert_eq!(one.len(), other.len());
    let size = other.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let differences = one.iter().zip(other).map(|(x, y)| (x - y).abs());
    let worst = differences.fold(0.0f64, |most, x| if x > most || x.is_nan() { x } else { most });
    if worst == 0.0 { TestRatio(0.0) } else { TestRatio::quotient(worst, terms as f64 * f64::EPSILON * size) }
}

#[test]
fn a_wrong_or_an_absent_device_is_said() {
    let refused = |name: &str, words: [&str; 2]| {
        let error = place_of(Some(name.to_owned()), Precision::F32).unwrap_err();
        assert!(error.starts_with(VARIABLE) && words.iter().all(|word| error.contains(word)), "{error}");
    };
    refused("gpu", ["`gpu`", "cuda:N"]);
    refused("", ["``", "cuda:N"]);
    refused("cuda:4096", ["cuda:4096", "this machine offers"]);
    assert_eq!(place_of(None, Precision::F32).unwrap(), cpu(Precision::F32));
    assert_eq!(named(Some("cuda:1".into())), Ok(Some("cuda:1".to_owned())));
    #[cfg(unix)]
    {
        let bytes = std::os::unix::ffi::OsStringExt::from_vec(vec![b'c', 0xff]);
        assert!(named(Some(bytes)).unwrap_err().starts_with(VARIABLE));
    }
}

#[test]
fn what_is_off_by_more_than_its_rounding_is_not_the_same() {
    let x = [1.0, -3.0, 0.5];
    assert_eq!(apart(&x, &x, 1).0, 0.0);
    assert!(apart(&[1.0, -3.0, 0.5 + 3.0 * f64::EPSILON], &x, 1).passes());
    assert!(!apart(&[1.0, -3.0, 0.5 + 1e3 * f64::EPSILON], &x, 1).passes());
    assert!(!apart(&[1.0, f64::NAN, 0.5], &x, 1).passes());
}
