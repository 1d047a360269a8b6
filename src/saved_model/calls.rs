//! Which functions of a graph call which: TensorFlow ends the process on one that calls itself.

use std::collections::HashMap;

use super::wire::contents;

/// A chain of more calls would overflow TensorFlow's stack; those of real models are some ten deep.
const DEEPEST: usize = 200;

/// A function's name.
type Name<'a> = &'a [u8];

/// Why the functions of the serialized SavedModel `graph` cannot be run; `None` where they can.
pub(crate) fn fault(graph: &[u8]) -> Option<String> {
    // SavedModel.meta_graphs, MetaGraphDef.graph_def, GraphDef.library, FunctionDefLibrary.function
    let graphs = contents(graph, 2).flat_map(|meta| contents(meta, 2));
    let functions = graphs.flat_map(|graph| contents(graph, 2)).flat_map(|library| contents(library, 1));
    let calls: HashMap<Name, Vec<Name>> = functions
        .filter_map(|function| {
            // FunctionDef.signature's name; the nodes' attributes
            let name = contents(function, 1).flat_map(|signature| contents(signature, 1)).next()?;
            Some((name, contents(function, 3).flat_map(called).collect()))
        })
        .collect();
    let mut depths: HashMap<Name, usize> = HashMap::new();
    for start in calls.keys() {
        // Down to what calls nothing more, and up again; `open` is the chain of callers.
        let mut open: Vec<(Name, usize)> = vec![(start, 0)];
        while let Some((name, next)) = open.pop() {
            let callees = calls.get(name).map(Vec::as_slice).unwrap_or_default();
            match callees.get(next) {
                None => {
                    let deepest = callees.iter().filter_map(|callee| depths.get(callee)).max();
                    depths.insert(name, deepest.map_or(0, |depth| depth + 1));
                }
                Some(callee) => {
                    open.push((name, next + 1));
                    if open.iter().any(|(caller, _)| caller == callee) {
                        return Some(format!("its function '{}' calls itself", String::from_utf8_lossy(callee)));
                    }
                    if !depths.contains_key(callee) {
                        open.push((callee, 0));
                    }
                }
            }
            if open.len() > DEEPEST {
                break;
            }
        }
        if open.len() > DEEPEST || depths.get(start).is_some_and(|&depth| depth > DEEPEST) {
            return Some(format!("its functions call each other more than {DEEPEST} deep"));
        }
    }
    None
}

/// The functions that a node names in its attributes.
fn called(node: &[u8]) -> impl Iterator<Item = Name<'_>> {
    // NodeDef.attr, the entry's AttrValue: its function, or those of its list.
    contents(node, 5).flat_map(|entry| contents(entry, 2)).flat_map(|value| {
        let of_list = contents(value, 1).flat_map(|list| contents(list, 9));
        contents(value, 10).chain(of_list).flat_map(|function| contents(function, 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A length-delimited field.
    fn put(number: u8, content: &[u8]) -> Vec<u8> {
        let mut field = vec![number << 3 | 2];
        prost::encoding::encode_varint(content.len() as u64, &mut field);
        field.extend_from_slice(content);
        field
    }

    /// A SavedModel of functions and what each calls.
    fn graph(functions: &[(String, Vec<String>)]) -> Vec<u8> {
        let library: Vec<u8> = functions
            .iter()
            .flat_map(|(name, callees)| {
                let nodes = callees.iter().enumerate().flat_map(|(at, callee)| {
                    let named = put(1, callee.as_bytes());
                    // By an attribute of its own, or by a list of them.
                    let value = if at % 2 == 0 { put(10, &named) } else { put(1, &put(9, &named)) };
                    put(3, &put(5, &[put(1, b"f"), put(2, &value)].concat()))
                });
                put(1, &put(1, &put(1, name.as_bytes())).into_iter().chain(nodes).collect::<Vec<_>>())
            })
            .collect();
        put(2, &put(2, &put(2, &library)))
    }

    fn calls(list: &[(&str, &[&str])]) -> Vec<u8> {
        let owned = |callees: &[&str]| callees.iter().map(|&callee| callee.to_owned()).collect();
        graph(&list.iter().map(|(name, callees)| ((*name).to_owned(), owned(callees))).collect::<Vec<_>>())
    }

    #[test]
    fn functions_that_call_themselves_are_found_however_far_round() {
        assert_eq!(fault(&calls(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &["gone"])])), None);
        for list in [
            &[("a", &["a"][..])][..],
            &[("a", &["b"]), ("b", &["a"])],
            &[("a", &["d", "b"]), ("b", &["c"]), ("c", &["d", "b"]), ("d", &[])],
        ] {
            assert!(fault(&calls(list)).unwrap().contains("calls itself"), "{list:?}");
        }
    }

    #[test]
    fn a_chain_of_calls_has_an_end() {
        let chain = |length: usize| {
            let of = |at: usize| (format!("f{at}"), vec![format!("f{}", at + 1)]);
            fault(&graph(&(0..length).map(of).collect::<Vec<_>>()))
        };
        assert_eq!(chain(DEEPEST / 2), None);
        assert!(chain(DEEPEST * 2).unwrap().contains("deep"));
        assert!(chain(100_000).unwrap().contains("deep"));
    }
}
