//! The dependencies of an environment as a picture.
//!
//! Layers go from left to right, what depends on nothing first; within a layer nodes stand near
//! what they need (two sweeps of barycentres), so that few edges cross.

use super::graph::Graph;

const HEIGHT: usize = 44;
const GAP: usize = 18;
const BETWEEN: usize = 90;
const CHARACTER: usize = 8;

struct Box {
    x: usize,
    y: usize,
    width: usize,
}

/// Returns the graph as an SVG document.
#[must_use]
pub fn draw(graph: &Graph) -> String {
    let boxes = place(graph);
    let right = boxes.iter().map(|own| own.x + own.width).max().unwrap_or(0) + GAP;
    let bottom = boxes.iter().map(|own| own.y + HEIGHT).max().unwrap_or(0) + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {right} {bottom}\" \
         width=\"{right}\" height=\"{bottom}\" font-family=\"ui-monospace, monospace\" \
         font-size=\"13\">\n  <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" \
         markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" \
         fill=\"#64748b\"/></marker></defs>\n"
    );
    for (index, node) in graph.nodes.iter().enumerate() {
        for need in &node.needs {
            let (from, to) = (&boxes[*need], &boxes[index]);
            let (x1, y1) = (from.x + from.width, from.y + HEIGHT / 2);
            let (x2, y2) = (to.x, to.y + HEIGHT / 2);
            let bend = x2.saturating_sub(x1) / 2;
            svg.push_str(&format!(
                "  <path d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" \
                 stroke=\"#64748b\" marker-end=\"url(#arrow)\"/>\n",
                x1 + bend,
                x2 - bend
            ));
        }
    }
    for (node, own) in graph.nodes.iter().zip(&boxes) {
        let dash = if node.is_data { " stroke-dasharray=\"4 3\"" } else { "" };
        let (x, y, width) = (own.x, own.y, own.width);
        svg.push_str(&format!(
            "  <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"6\" \
             fill=\"#f8fafc\" stroke=\"#334155\"{dash}/>\n  <text x=\"{}\" y=\"{}\" \
             fill=\"#0f172a\">{}</text>\n  <text x=\"{}\" y=\"{}\" fill=\"#64748b\" \
             font-size=\"11\">{}</text>\n",
            x + 12,
            y + 19,
            escape(&node.address),
            x + 12,
            y + 35,
            escape(&node.type_name)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

fn place(graph: &Graph) -> Vec<Box> {
    let layers = graph.layers();
    let count = layers.iter().max().map_or(0, |last| last + 1);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (node, layer) in layers.iter().enumerate() {
        columns[*layer].push(node);
    }
    let mut rank = vec![0usize; graph.nodes.len()];
    for column in &mut columns {
        // The mean rank of what a node needs, in thousandths, so that the order is exact.
        column.sort_by_cached_key(|node| {
            let needs = &graph.nodes[*node].needs;
            let sum: usize = needs.iter().map(|need| rank[*need]).sum();
            (sum * 1000).checked_div(needs.len()).unwrap_or(usize::MAX)
        });
        for (at, node) in column.iter().enumerate() {
            rank[*node] = at;
        }
    }
    let mut boxes: Vec<Box> = graph.nodes.iter().map(|_| Box { x: 0, y: 0, width: 0 }).collect();
    let mut x = GAP;
    for column in &columns {
        let longest = column.iter().map(|node| {
            let node = &graph.nodes[*node];
            node.address.chars().count().max(node.type_name.chars().count())
        });
        let width = longest.max().unwrap_or(0) * CHARACTER + 24;
        for (at, node) in column.iter().enumerate() {
            boxes[*node] = Box { x, y: GAP + at * (HEIGHT + GAP), width };
        }
        x += width + BETWEEN;
    }
    boxes
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
