//! Whatever the bytes: a reference is read and compared with, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use movinet_tf::compare::Observed;
use movinet_tf::media::Sampling;
use movinet_tf::predict::Labels;
use movinet_tf::verify::{Reference, Tolerance, Tolerances};
use movinet_tf_fuzz::with_folder;
use ndarray::ArrayD;

fuzz_target!(|bytes: &[u8]| {
    with_folder(|folder| {
        let path = folder.join("ref.npz");
        std::fs::write(&path, bytes).unwrap();
        let Ok(reference) = Reference::read(&path) else { return };
        let tolerances = Tolerances { all: Tolerance { atol: 1e-5, rtol: 1e-5 }, atol: Vec::new(), rtol: Vec::new() };
        let outputs = [vec![2, 4, 4, 3], vec![3], vec![2, 3]].map(|shape| ArrayD::from_elem(shape, 0.5f32));
        let [video, base, stream] = &outputs;
        let arrays = [video, base, stream].map(|array| Some(array.view()));
        let run = Observed { arrays, readings: [None; 2], frames: &[], sampling: Sampling::Tutorial };
        let verdict = reference.verify(&run, &tolerances, &Labels::numbered());
        for check in &verdict.checks {
            assert!(check.passed == (check.beyond == 0 && check.shape == check.expected_shape), "{check:?}");
            check.passing_flag();
        }
    });
});
