//! Reading `.npy` files: every format exactly, and nothing that breaks the reader.

use nasproof::report::npy::{Format, Problem, decode};
use ndarray::{Array, ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::{WritableElement, WriteNpyExt};
use proptest::prelude::*;

fn bytes<T: WritableElement>(array: &ArrayD<T>) -> Vec<u8> {
    let mut out = Vec::new();
    array.write_npy(&mut out).unwrap();
    out
}

fn read(bytes: &[u8]) -> Result<nasproof::report::npy::Stored, Problem> {
    let known = decode(bytes, Some(bytes.len() as u64));
    // A pipe has no length: an error may be another one, found earlier or later, but what is read is the same.
    match (&known, decode(bytes, None)) {
        (Ok(a), Ok(b)) => assert_eq!(*a, b),
        (Err(_), Err(_)) => {}
        (a, b) => panic!("with the length {a:?}, without {b:?}"),
    }
    known
}

/// A file with a header of one's own.
fn made(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while (10 + header.len()) % 64 != 63 {
        header.push(' ');
    }
    header.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.bytes());
    out.extend(data);
    out
}

#[test]
fn every_number_format_is_read_exactly() {
    macro_rules! check {
        ($($t:ty: $format:expr, [$($x:expr),*]);* $(;)?) => {$(
            let array = Array::from_vec(vec![$($x as $t),*]).into_dyn();
            let stored = read(&bytes(&array)).unwrap();
            assert_eq!(stored.format, $format);
            assert_eq!(stored.values, array.mapv(|x| x as f64));
            let big: Vec<u8> = array.iter().flat_map(|x| x.to_be_bytes()).collect();
            let kind = if $format != Format::Integer { 'f' } else if <$t>::MIN as f64 == 0.0 { 'u' } else { 'i' };
            let descr = format!("'>{kind}{}'", size_of::<$t>());
            assert_eq!(read(&made(&descr, false, &format!("({},)", array.len()), &big)).unwrap(), stored);
        )*};
    }
    check! {
        f64: Format::F64, [0.1, -0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, -3.5];
        f32: Format::F32, [0.1, -0.0, f32::MIN_POSITIVE / 2.0, f32::MAX, -3.5];
        i8: Format::Integer, [i8::MIN, i8::MAX, -1];
        i16: Format::Integer, [i16::MIN, i16::MAX, -1];
        i32: Format::Integer, [i32::MIN, i32::MAX, -1];
        i64: Format::Integer, [-(1i64 << 53), 1i64 << 53, -1];
        u8: Format::Integer, [0, u8::MAX];
        u16: Format::Integer, [0, u16::MAX];
        u32: Format::Integer, [0, u32::MAX];
        u64: Format::Integer, [0, 1u64 << 53];
    }
    let stored = read(&bytes(&Array::from_vec(vec![true, false]).into_dyn())).unwrap();
    assert_eq!((stored.format, stored.values.into_raw_vec_and_offset().0), (Format::Integer, vec![1.0, 0.0]));
}

#[test]
fn integers_that_would_round_are_refused() {
    for bytes in [
        bytes(&Array::from_vec(vec![0i64, (1 << 53) + 1]).into_dyn()),
        bytes(&Array::from_vec(vec![0, u64::MAX]).into_dyn()),
    ] {
        let Err(Problem::Inexact { index, .. }) = read(&bytes) else { panic!("taken") };
        assert_eq!(index, [1]);
    }
}

#[test]
fn fortran_order_is_read_as_the_same_array() {
    let c = Array::from_shape_fn(IxDyn(&[2, 3, 4]), |i| (100 * i[0] + 10 * i[1] + i[2]) as f64);
    let mut fortran = Array::zeros(IxDyn(&[2, 3, 4]).f());
    fortran.assign(&c);
    let (c, fortran) = (bytes(&c), bytes(&fortran));
    assert_ne!(c, fortran);
    assert_eq!(read(&c).unwrap(), read(&fortran).unwrap());
    assert!(read(&fortran).unwrap().values.is_standard_layout());
}

#[test]
fn an_entry_that_is_not_finite_is_named() {
    for (fortran, expected) in [(false, [1, 0]), (true, [1, 1])] {
        let data: Vec<u8> =
            [1.0, 2.0, 3.0, f64::NAN, 5.0, f64::INFINITY].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        let Err(Problem::NotFinite { index, value }) = read(&made("'<f8'", fortran, "(2, 3)", &data)) else {
            panic!("taken")
        };
        assert_eq!(index, expected);
        assert!(value.is_nan());
    }
}

#[test]
fn what_is_no_array_of_numbers_is_refused_with_the_reason() {
    let two = [0u8; 16];
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "starts with nothing"),
        (b"hello, world".to_vec(), "numpy.save"),
        (b"PK\x03\x04rest of a zip".to_vec(), "archive"),
        (b"\x93NUMPY\x01\x00".to_vec(), "damaged header"),
        (b"\x93NUMPY\x09\x00\x10\x00\x00\x00".to_vec(), "version"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "10000"),
        (made("'<f8'", false, "(2,", &two), "damaged header"),
        (made("'<f8'", false, "(-2,)", &two), "damaged header"),
        (made(&"[".repeat(200), false, "(2,)", &two), "nests"),
        (made("[('a', '<f8')]", false, "(2,)", &two), "structured"),
        (made("'<U2'", false, "(2,)", &two), "text"),
        (made("'|S8'", false, "(2,)", &two), "text"),
        (made("'|O'", false, "(2,)", &two), "Python objects"),
        (made("'<c16'", false, "(1,)", &two), "complex"),
        (made("'<f2'", false, "(8,)", &two), "float64"),
        (made("'<M8[ns]'", false, "(2,)", &two), "time"),
        (made("''", false, "(2,)", &two), "unknown"),
        (made("'é'", false, "(2,)", &two), "damaged header"),
        (made("'<f8'", false, "(3,)", &two), "truncated"),
        (made("'<f8'", false, "(1,)", &two), "beyond"),
        (made("'<f8'", false, "(4294967296, 4294967296)", &two), "more than this machine can hold"),
        (made("'<f8'", false, "(1152921504606846975,)", &two), "truncated"),
        (made("'<f8'", false, "(0, 3)", &[]), "empty"),
        (made("'<f8'", false, "(99999999999999999999, 3)", &[]), "damaged header"),
    ];
    for (bytes, expected) in cases {
        let message = decode(bytes.as_slice(), Some(bytes.len() as u64)).unwrap_err().to_string();
        assert!(message.contains(expected), "wanted {expected:?} in {message:?}");
        // Without the length, truncation shows only when the data end.
        assert!(decode(bytes.as_slice(), None).is_err());
    }
}

/// A well-formed file of some kind.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let shape = proptest::collection::vec(0usize..5, 0..4);
    let descr = prop::sample::select(vec!["<f8", ">f4", "|b1", "<i8", "|u1", "<U2", "<c16", "|O", "f8", "=i4"]);
    (shape, descr, any::<bool>(), proptest::collection::vec(any::<u8>(), 0..600)).prop_map(
        |(shape, descr, fortran, data)| {
            let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
            let shape = if axes.len() == 1 { format!("({},)", axes[0]) } else { format!("({})", axes.join(", ")) };
            made(&format!("'{descr}'"), fortran, &shape, &data)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn random_headers_never_break_the_reader(text in "[ -~]{0,300}", version in 0u8..4) {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        bytes.extend((text.len() as u32).to_le_bytes().iter().take(if version == 1 { 2 } else { 4 }));
        bytes.extend(text.bytes());
        let _ = read(&bytes);
    }

    #[test]
    fn damaged_files_never_break_the_reader(
        bytes in file(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = bytes;
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(stored) = read(&bytes) {
            prop_assert!(stored.values.iter().all(|x| x.is_finite()));
            prop_assert!(!stored.values.is_empty());
        }
    }
}
