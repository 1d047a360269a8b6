//! The proof sees what a rewrite gets wrong, and holds only where it was made.

use std::path::Path;

use ndarray::Array4;
use prost::Message;

use super::graph::Graph;
use super::proof::{Expected, Fault};
use super::proto::SavedModelDef;
use super::tests::tensorflow;
use super::{Kept, Original, Prepared, Record, Wanted, damage, find, prepare};
use crate::cache::{Cache, CacheError, Kind};
use crate::engine::tensorflow::{Movinet, SessionConfig};
use crate::fetch::archive;
use crate::saved_model::GRAPH;

/// A rewrite that goes wrong in one weight by a thousandth is caught by the proof.
#[test]
fn a_wrong_rewrite_is_not_proved() {
    let runtime = tensorflow();
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("cache/demo/demo-base.tar.gz");
    let cache = Cache::new(folder.path().join("cache"));
    let entry = cache.entry(Kind::Model, "demo-base");
    let model = entry.path().to_owned();
    fs_err::create_dir_all(&model).unwrap();
    archive::unpack(fs_err::File::open(demo).unwrap(), "the demo", &model, archive::Limits::default()).unwrap();
    let clip = |size| {
        assert!(matches!(cache.remove(&entry), Err(CacheError::InUse { .. })), "what is prepared is in use");
        Ok(Array4::from_shape_fn((4, size, size, 3), |(t, y, x, c)| ((t + y + x + c) % 9) as f32 / 9.0))
    };
    let wanted = Wanted { size: Some(64), ..Wanted::default() };
    let to_prepare = Original::new(&runtime, &cache, &model, wanted, &clip).unwrap();
    let Prepared { path, record } = prepare(&to_prepare).unwrap();
    let found = || find(&cache, &runtime, &record.original);
    assert!(matches!(found(), Kept::Whole(found) if found.path == path && found.record.sha256 == record.sha256));
    let original = Movinet::load(&runtime, &path, SessionConfig::default()).unwrap();
    let source = fs_err::read(path.join(GRAPH)).unwrap();
    let expected = Expected::of(&original, Array4::from_elem((2, 64, 64, 3), 0.5).view(), 64).unwrap();
    let prove_with = |change: f32| {
        fs_err::write(path.join(GRAPH), planted(&source, change)).unwrap();
        let other = Movinet::load(&runtime, &path, SessionConfig::default()).unwrap();
        expected.prove(|clip| other.logits(clip).map(Some))
    };
    assert!(prove_with(0.0).is_ok());
    assert!(matches!(prove_with(1e-3), Err(Fault::Differ { .. })));

    // What was written there since then is not what was proved.
    assert_eq!(found(), Kept::Damaged { size: Some(64) });
    assert!(damage(&path).unwrap().contains("saved_model.pb"));
    fs_err::write(path.join(GRAPH), &source).unwrap();
    assert!(matches!(found(), Kept::Whole(_)) && damage(&path).is_none());
    // A proof holds for the kind of processor that it was made on.
    let mut elsewhere = Record { processor: "another".into(), ..record.clone() };
    elsewhere.write(&source, &path).unwrap();
    assert_eq!(found(), Kept::Damaged { size: Some(64) });
}

/// `source` with `change` added to one weight of the first pointwise convolution.
fn planted(source: &[u8], change: f32) -> Vec<u8> {
    let mut saved = SavedModelDef::decode(source).unwrap();
    let mut graph = Graph::default();
    let main = saved.meta_graphs[0].graph.as_mut().unwrap();
    main.nodes.drain(..).for_each(|node| drop(graph.add(node)));
    let at = graph
        .nodes
        .iter()
        .position(|node| node.op == "_FusedConv2D" && graph.floats(&node.inputs[1]).is_some())
        .unwrap();
    let mut weights = graph.floats(&graph.nodes[at].inputs[1].clone()).unwrap();
    weights.values[0] += change;
    let changed = graph.add_floats("planted", &weights);
    graph.nodes[at].inputs[1] = changed;
    main.nodes = graph.nodes;
    saved.encode_to_vec()
}
