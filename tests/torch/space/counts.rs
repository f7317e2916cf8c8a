//! The number of parameters of every supernet, against that of its published code.

use nasproof::{
    space::{Settings, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};

use super::common::{network, place};

fn count(name: SpaceName, change: impl FnOnce(&mut Settings)) -> usize {
    let mut settings = Settings::published(name);
    change(&mut settings);
    let net = SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap();
    net.parameters().iter().map(Parameter::len).sum()
}

/// A space, what is changed of its published settings, and the count.
type Published = (SpaceName, fn(&mut Settings), usize);

/// What PyTorch counts in the search networks of the published code, made on the processor as the search scripts make them for CIFAR-10: all
/// weights, no architecture parameters. Above each count: repository and commit, file, call.
const PUBLISHED: [Published; 15] = [
    // quark0/darts 8876e79, cnn/model_search.py: Network(16, 10, 8, criterion), which train_search.py prints as "param size = 1.930618MB".
    // automl/NASLib 45894fb, tests/test_darts_search_space.py, expects get_model_size() of its own network to be 1.930618.
    (SpaceName::Darts, |_| (), 1_930_618),
    // yuhuixu1993/PC-DARTS 3c75598, model_search.py: Network(16, 10, 8, criterion), whose K is 4.
    (SpaceName::Darts, |s| s.partial = 4, 299_578),
    // automl/RobustDARTS 12dd586, src/search/model_search.py: Network(16, 10, 8, criterion, primitives), with the primitives of 3a87007,
    // src/spaces.py. Its own logs in experiments/search_logs (b07c749) print "param size = 0.405146MB" for S1
    // (s1/cifar10/0.0_0.0003-2516843/log_1.txt) and 0.665466MB for S3 (s3/svhn/0.0_0.0027-2614099/log_1.txt).
    (SpaceName::S1, |_| (), 405_146),
    (SpaceName::S2, |_| (), 665_466),
    (SpaceName::S3, |_| (), 665_466),
    (SpaceName::S4, |_| (), 624_506),
    // D-X-Y/AutoDL-Projects 33384a7, lib/models/cell_searchs/search_model_darts.py, on the cells of 9a83814 and the operations of 076f9c2
    // (lib/models/cell_operations.py): TinyNetworkDarts(16, N, 4, 10, NAS_BENCH_201, False, True).get_weights(), N = 5 and 1.
    (SpaceName::Nb201, |_| (), 1_686_106),
    (SpaceName::Nb201, |s| s.cells = 1, 395_866),
    // xiangning-chen/DrNAS 7f3b5df, 201-space/search_model.py: TinyNetwork(16, 5, 4, 10, criterion, NAS_BENCH_201, k=4).get_weights().
    (SpaceName::Nb201, |s| s.partial = 4, 174_106),
    // automl/nasbench-1shot1 05b378b, optimizers/darts/model_search.py:
    // Network(16, 10, 9, criterion, True, search_space, search_space.num_intermediate_nodes), 4, 4 and 5 nodes. The cell's input is projected
    // to all the output's channels and added to the concatenated nodes; up to 8281947 it was one more part of the concatenation.
    (SpaceName::OneShot1, |_| (), 1_101_402),
    (SpaceName::OneShot2, |_| (), 1_101_402),
    (SpaceName::OneShot3, |_| (), 1_509_594),
    // SNAS-Series/SNAS-Series 3c0c06f, Analysis/snas/model_search.py: Network with the arguments of train_cal_cost.sh (Fig. 4 of the wiring
    // paper): one layer, 2 steps, multiplier 2, PRIMITIVES2, BN affine in the stem alone, no auxiliary head. By hand: stem 27·48 + 2·48,
    // two inputs 48·16 = 768, five edges of 2(9·16 + 16²) + 9·16 + 16² + 25·16 + 16² + 2(25·16 + 16²) = 3168, classifier 32·10.
    (SpaceName::Minimal, |_| (), 19_088),
    // The same code makes the cells of Fig. 8 by --del_edge0 --del_edge2: the older input and its two edges never act, but keep their weights,
    // which are taken off here; (b) has multiplier 1. By hand: 1392 + 768 + 3·3168 + 320 = 11984, and 160 less in the classifier.
    (SpaceName::Simplified, |_| (), 19_088 - 768 - 2 * 3_168),
    (SpaceName::Modified, |_| (), 18_928 - 768 - 2 * 3_168),
];

#[test]
fn the_published_code_has_as_many_parameters() {
    for (name, change, published) in PUBLISHED {
        assert_eq!(count(name, change), published, "{name}");
    }
}

#[test]
fn the_table_of_resources_counts_the_weights_of_each_operation() {
    for name in SpaceName::ALL {
        let net = network(name);
        let resources = net.space().resources();
        for ((row, column), &parameters) in resources.parameters.indexed_iter() {
            assert_eq!(net.weights_of(row, column).len() as f64, parameters, "{name} ({row}, {column})");
        }
        assert_eq!(net.weights_of(usize::MAX, 0), 0..0);
    }
}

#[test]
fn names_are_those_of_the_published_code() {
    let has = |name: SpaceName, wanted: &[&str]| {
        let net = network(name);
        let mut names: Vec<String> = net.parameters().iter().map(|p| p.name.clone()).collect();
        names.extend(net.statistics().into_iter().map(|(name, _)| name));
        for wanted in wanted {
            assert!(names.iter().any(|name| name == wanted), "{name} has no {wanted}: {names:#?}");
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{name}: two of one name");
    };
    has(
        SpaceName::Darts,
        &[
            "stem.0.weight",
            "stem.1.bias",
            "cells.0.preprocess0.op.1.weight",
            "cells.2.preprocess0.conv_1.weight",
            "cells.2._ops.0._ops.3.bn.running_mean",
            "cells.0._ops.13._ops.5.op.6.weight",
            "cells.0._ops.0._ops.1.1.running_var",
            "classifier.bias",
        ],
    );
    has(
        SpaceName::Nb201,
        &[
            "cells.0.edges.3<-1.2.op.1.weight",
            "cells.1.conv_a.op.2.weight",
            "cells.1.downsample.1.weight",
            "lastact.0.bias",
        ],
    );
    has(
        SpaceName::OneShot1,
        &[
            "stem.op.0.weight",
            "cells.0._choice_blocks.3.mixed_op._ops.1.op.op.0.weight",
            "cells.2._input_projections.4.op.1.running_mean",
            "postprocess.op.1.weight",
        ],
    );
    has(SpaceName::Minimal, &["cells.0._ops.4._ops.2.op.1.running_mean", "classifier.weight"]);
}
