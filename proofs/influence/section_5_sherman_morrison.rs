#![doc = include_str!("section-5-sherman-morrison.md")]

use proptest::{collection::vec, prelude::*};

decided!("influence.section-5-sherman-morrison", Holds);

type Rows = Vec<Vec<i64>>;
const N: usize = 8;

fn product(a: &Rows, b: &Rows) -> Rows {
    (0..N).map(|i| (0..N).map(|j| (0..N).map(|k| a[i][k] * b[k][j]).sum()).collect()).collect()
}

/// $A=E_1\cdots E_m$ and $A^{-1}$, both integer: each $E$ adds a multiple of one row to another, so $\det A=1$.
fn unimodular() -> impl Strategy<Value = (Rows, Rows)> {
    vec((0..N, 1..N, -2i64..=2), 6..=16).prop_map(|steps| {
        let identity: Rows = (0..N).map(|i| (0..N).map(|j| i64::from(i == j)).collect()).collect();
        steps.into_iter().fold((identity.clone(), identity.clone()), |(a, inverse), (i, by, c)| {
            let elementary = |c: i64| {
                let mut e = identity.clone();
                e[i][(i + by) % N] = c;
                e
            };
            (product(&a, &elementary(c)), product(&elementary(-c), &inverse))
        })
    })
}

proptest! {
    /// $(A+uv^\top)(dA^{-1}-A^{-1}uv^\top A^{-1})=dI$ in integers, no tolerance; so where $d=0$ the sum annihilates a matrix that is not zero.
    #[test]
    fn the_identity_is_exact_in_integers(
        (a, inverse) in unimodular(),
        u in vec(-3i64..=3, N),
        v in vec(-3i64..=3, N),
    ) {
        let left: Vec<i64> = inverse.iter().map(|row| row.iter().zip(&u).map(|(x, y)| x * y).sum()).collect();
        let right: Vec<i64> = (0..N).map(|j| (0..N).map(|i| v[i] * inverse[i][j]).sum()).collect();
        let d = 1 + v.iter().zip(&left).map(|(x, y)| x * y).sum::<i64>();
        let sum: Rows = (0..N).map(|i| (0..N).map(|j| a[i][j] + u[i] * v[j]).collect()).collect();
        let scaled: Rows = (0..N).map(|i| (0..N).map(|j| d * inverse[i][j] - left[i] * right[j]).collect()).collect();
        let expected: Rows = (0..N).map(|i| (0..N).map(|j| if i == j { d } else { 0 }).collect()).collect();
        prop_assert_eq!(product(&sum, &scaled), expected);
        if d == 0 {
            prop_assert!(scaled.iter().flatten().any(|&x| x != 0), "a singular sum has a null vector");
        }
    }
}
