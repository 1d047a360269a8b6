use super::*;
use crate::movinet::{DType, TensorSpec};
use DType::{Float32, Int32, UInt8};

type Named = (&'static str, DType, usize);

fn signature(name: &str, inputs: &[Named], outputs: &[Named]) -> Signature {
    let specs =
        |list: &[Named]| list.iter().map(|(name, dtype, rank)| TensorSpec::for_tests(name, *dtype, *rank)).collect();
    Signature { name: name.into(), inputs: specs(inputs), outputs: specs(outputs) }
}

fn model(list: Vec<Signature>) -> Signatures {
    list.into_iter().map(|signature| (signature.name.clone(), signature)).collect()
}

fn stream_model(step_name: &str, input: &'static str, output: &'static str) -> Signatures {
    model(vec![
        signature(
            step_name,
            &[("image", Float32, 5), (input, Int32, 1)],
            &[(output, Int32, 1), ("logits", Float32, 2)],
        ),
        signature("init_states", &[("input_shape", Int32, 1)], &[(output, Int32, 1)]),
    ])
}

#[test]
fn a_base_model_is_one_clip_to_an_answer() {
    let head = [("classifier_head", Float32, 2)];
    let signatures = model(vec![
        signature("other", &[("image", Float32, 5)], &head),
        signature("serving_default", &[("image", Float32, 5)], &head),
    ]);
    let found = base(&signatures).unwrap();
    assert_eq!((found.name.as_str(), found.logits.as_str()), ("serving_default", "classifier_head"));
    assert!(stream(&signatures).is_err());
}

#[test]
fn inputs_and_outputs_are_known_by_rank_and_type_whatever_their_names() {
    for (input, outputs, logits) in [
        (("input_1", Float32, 5), &[("dense", Float32, 2)][..], "dense"),
        (("inputs", UInt8, 5), &[("probs", Float32, 2), ("logits", Float32, 2)], "logits"),
        (("video", Float32, 5), &[("predictions", Float32, 2), ("probs", Float32, 2)], "probs"),
        (("conv3d_input", Float32, 5), &[("features", Float32, 5), ("output_0", Float32, 2)], "output_0"),
        (
            ("x", Float32, 5),
            &[("top", Int32, 2), ("head/logits", Float32, 2), ("embedding", Float32, 2)],
            "head/logits",
        ),
    ] {
        let signatures = model(vec![signature("serving_default", &[input], outputs)]);
        let found = base(&signatures).unwrap();
        assert_eq!((found.image.as_str(), found.logits.as_str()), (input.0, logits));
    }
}

#[test]
fn what_is_no_network_is_refused_with_what_is_there() {
    for (inputs, outputs, words) in [
        (&[("image", Float32, 4)][..], &[("logits", Float32, 2)][..], ["'image' is float32", "logits float32"]),
        (&[("text", DType::Other("string"), 1)], &[("logits", Float32, 2)], ["'text' is string", "takes text string"]),
        (&[("image", Float32, 5)], &[("a", Float32, 2), ("b", Float32, 2)], ["called logits or probs", "a float32"]),
        (&[("image", Float32, 5)], &[("features", Float32, 5)], ["(batch, classes)", "features float32"]),
        (
            &[("image", Float32, 5), ("training", DType::Other("bool"), 0)],
            &[("logits", Float32, 2)],
            ["no output has the name of the state 'training'", "logits float32"],
        ),
        (
            &[("a", Float32, 5), ("b", Float32, 5), ("c", Int32, 1)],
            &[("x", Float32, 5), ("logits", Float32, 2)],
            ["which of these are frames and which are states", "a float32"],
        ),
    ] {
        let reason = network(&model(vec![signature("serving_default", inputs, outputs)])).unwrap_err();
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        assert!(reason.contains("signature 'serving_default' takes"), "{reason}");
    }
    assert_eq!(network(&model(vec![])).unwrap_err(), "it has no signature");
}

#[test]
fn states_pair_whatever_their_separator_and_the_signatures_name() {
    for (step_name, input, output) in [
        ("call", "state/b0/l0/pool_frame_count", "state/b0/l0/pool_frame_count"),
        ("serving_default", "state_b0_l0_pool_frame_count", "state/b0/l0/pool_frame_count"),
    ] {
        let signatures = stream_model(step_name, input, output);
        let found = stream(&signatures).unwrap();
        let [step] = found.steps.as_slice() else { panic!("{found:?}") };
        assert_eq!((step.name.as_str(), step.logits.as_str()), (step_name, "logits"));
        assert_eq!(step.states, [(input.to_owned(), output.to_owned())]);
        assert_eq!(found.init.unwrap().outputs, [output]);
        assert!(base(&signatures).is_err());
    }
}

#[test]
fn frames_are_the_clip_that_doesnt_come_out_again() {
    let inputs = [("input_1", UInt8, 5), ("buffer", Float32, 5), ("count", Int32, 1)];
    let outputs = [("buffer", Float32, 5), ("count", Int32, 1), ("logits", Float32, 2), ("probs", Float32, 2)];
    let signatures = model(vec![signature("serving_default", &inputs, &outputs)]);
    let Ok(Network::Stream(found)) = network(&signatures) else { panic!("{:?}", network(&signatures)) };
    assert_eq!((found.general().image.as_str(), found.general().logits.as_str()), ("input_1", "logits"));
    // One that is called as in the official files is the frames even if it comes out again.
    let inputs = [("image", Float32, 5), ("buffer", Float32, 5)];
    let outputs = [("buffer", Float32, 5), ("image", Float32, 5), ("logits", Float32, 2)];
    let found = stream(&model(vec![signature("call", &inputs, &outputs)])).unwrap();
    assert_eq!(found.general().states, [("buffer".to_owned(), "buffer".to_owned())]);
}

#[test]
fn a_step_for_fewer_shapes_comes_first() {
    let mut signatures = stream_model("call", "state/a", "state/a");
    let mut fixed = signatures["call"].clone();
    fixed.name = "call_172x172".into();
    fixed.inputs[0].shape = Some([1, 1, 172, 172, 3].map(Some).to_vec());
    let mut stranger = fixed.clone();
    (stranger.name, stranger.inputs[1].name, stranger.outputs[0].name) =
        ("other".into(), "state/b".into(), "state/b".into());
    signatures.extend([(fixed.name.clone(), fixed), (stranger.name.clone(), stranger)]);
    let names: Vec<_> = stream(&signatures).unwrap().steps.into_iter().map(|step| step.name).collect();
    assert_eq!(names, ["call_172x172", "call"]);
}

#[test]
fn a_batch_above_one_is_refused_in_either_network() {
    let mut signatures = stream_model("call", "state/a", "state/a");
    let with_batch = |signature: &mut Signature, batch| {
        let image = signature.inputs.iter_mut().find(|input| input.name == "image").unwrap();
        image.shape = Some(vec![Some(batch), None, None, None, Some(3)]);
    };
    with_batch(signatures.get_mut("call").unwrap(), 2);
    assert!(network(&signatures).unwrap_err().contains("exported for a batch of 2"));
    let mut base = signature("serving_default", &[("image", Float32, 5)], &[("logits", Float32, 2)]);
    with_batch(&mut base, 3);
    assert!(network(&model(vec![base])).unwrap_err().contains("exported for a batch of 3"));
}

#[test]
fn a_state_without_its_output_is_told() {
    let fault = stream(&stream_model("call", "state/a", "state/b")).unwrap_err().to_string();
    assert!(fault.contains("the state 'state/a'") && fault.contains("logits float32"), "{fault}");
    assert!(fault.contains("state/b int32"), "{fault}");
}

#[test]
fn a_network_without_classes_is_refused() {
    let mut base = signature("serving_default", &[("image", Float32, 5)], &[("logits", Float32, 2)]);
    base.outputs[0].shape = Some(vec![None, Some(0)]);
    assert!(network(&model(vec![base])).unwrap_err().contains("no classes"));
}
