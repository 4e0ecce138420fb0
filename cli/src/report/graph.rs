//! The dependencies of an environment: as text, for Graphviz, for Mermaid and as JSON.
//!
//! Takes nodes sorted by name and their edges; returns text in the same order.

use serde_json::json;
use syncline_model::{Desired, Mode, OutputRead};

/// The dependencies of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The resources, sorted by address, and then the outputs of other environments that are read.
    pub nodes: Vec<Node>,
}

/// A resource and what it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its address.
    pub address: String,
    /// Its type as written.
    pub type_name: String,
    /// Whether it is only read.
    pub is_data: bool,
    /// The nodes that it depends on, by index; sorted.
    pub needs: Vec<usize>,
}

impl Graph {
    /// Returns the graph of a desired environment.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        let index = |address: &syncline_model::Address| {
            desired.resources.binary_search_by(|own| own.address.cmp(address)).ok()
        };
        let count = desired.resources.len();
        let reads = &desired.reads;
        let nodes = desired.resources.iter().map(|resource| {
            let mut needs: Vec<usize> =
                resource.depends_on.iter().filter_map(|edge| index(&edge.to)).collect();
            let mut outputs = Vec::new();
            resource.config.waits_for_outputs(&mut outputs);
            let is_read = |read: &OutputRead| {
                outputs.iter().any(|(own, name)| *own == read.environment && *name == read.name)
            };
            needs.extend((0..reads.len()).filter(|at| is_read(&reads[*at])).map(|at| count + at));
            Node {
                address: resource.address.to_string(),
                type_name: resource.type_name(),
                is_data: resource.mode != Mode::Managed,
                needs,
            }
        });
        let outputs = reads.iter().map(|read| Node {
            address: format!("{}:outputs.{}", read.environment, read.name),
            type_name: "output".to_owned(),
            is_data: true,
            needs: Vec::new(),
        });
        Self { nodes: nodes.chain(outputs).collect() }
    }

    /// Returns the layer of each node: 0 for what depends on nothing. A circle, which no desired
    /// environment has, would leave its nodes at 0.
    #[must_use]
    pub fn layers(&self) -> Vec<usize> {
        let mut waiting: Vec<usize> = self.nodes.iter().map(|node| node.needs.len()).collect();
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for need in &node.needs {
                needed_by[*need].push(index);
            }
        }
        let mut layers = vec![0; self.nodes.len()];
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|node| waiting[*node] == 0).collect();
        while let Some(node) = ready.pop() {
            for dependent in &needed_by[node] {
                layers[*dependent] = layers[*dependent].max(layers[node] + 1);
                waiting[*dependent] -= 1;
                if waiting[*dependent] == 0 {
                    ready.push(*dependent);
                }
            }
        }
        layers
    }

    /// Returns each resource with what it needs, as lines.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for node in &self.nodes {
            text.push_str(&format!("{} ({})\n", node.address, node.type_name));
            for need in &node.needs {
                text.push_str(&format!("  needs {}\n", self.nodes[*need].address));
            }
        }
        text
    }

    /// Returns the graph for Graphviz's `dot`.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut text = String::from("digraph {\n  rankdir = \"LR\";\n  node [shape = box];\n");
        for node in &self.nodes {
            let style = if node.is_data { ", style = dashed" } else { "" };
            text.push_str(&format!(
                "  {:?} [label = \"{}\\n{}\"{style}];\n",
                node.address, node.address, node.type_name
            ));
        }
        for node in &self.nodes {
            for need in &node.needs {
                text.push_str(&format!(
                    "  {:?} -> {:?};\n",
                    node.address, self.nodes[*need].address
                ));
            }
        }
        text.push_str("}\n");
        text
    }

    /// Returns the graph as a Mermaid flowchart.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for (index, node) in self.nodes.iter().enumerate() {
            let (open, close) = if node.is_data { ("([", "])") } else { ("[", "]") };
            text.push_str(&format!(
                "  n{index}{open}\"{}<br/>{}\"{close}\n",
                node.address, node.type_name
            ));
        }
        for (index, node) in self.nodes.iter().enumerate() {
            for need in &node.needs {
                text.push_str(&format!("  n{index} --> n{need}\n"));
            }
        }
        text
    }

    /// Returns the graph as JSON: nodes, and edges from what needs to what is needed.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let nodes: Vec<_> = self
            .nodes
            .iter()
            .map(|node| {
                let mode = if node.is_data { "data" } else { "managed" };
                json!({ "address": node.address, "type": node.type_name, "mode": mode })
            })
            .collect();
        let edges: Vec<_> = self
            .nodes
            .iter()
            .flat_map(|node| {
                node.needs
                    .iter()
                    .map(|need| json!({ "from": node.address, "to": self.nodes[*need].address }))
            })
            .collect();
        json!({ "nodes": nodes, "edges": edges })
    }
}
