//! Where a widespread Hessian operator is wrong by percents: products of the scales and shifts of batch normalisation. Entry by entry against differences.

use nasproof::linalg::TestRatio;

#[path = "../../../benches/common/smooth.rs"]
mod smooth;

#[test]
fn products_of_scales_and_shifts_are_derivatives_too() {
    let smooth::Compared { product, differences, of_norms, rounding_unit } =
        smooth::compared(&crate::device::double()).unwrap();
    // A gradient is a sum over pixels and examples.
    let rounding = 64.0 * 6.0 * rounding_unit;
    for norms in [false, true] {
        let part = || (0..product.len()).filter(|&i| of_norms[i] == norms);
        assert!(part().any(|i| product[i].abs() > 1e3 * rounding), "nothing to see");
        let worst = part().fold(TestRatio(0.0), |worst, i| {
            worst.max(TestRatio::quotient((product[i] - differences[i]).abs(), rounding))
        });
        assert!(worst.passes(), "scales and shifts {norms}: {worst}");
        // A product that is off by half a percent there is seen.
        let off = part().fold(TestRatio(0.0), |worst, i| {
            worst.max(TestRatio::quotient((1.005 * product[i] - differences[i]).abs(), rounding))
        });
        assert!(!off.passes(), "scales and shifts {norms}: {off}");
    }
}
