// Isolation forests as one flat array of nodes: 12 bytes each, feature, threshold, left child; the right child follows the
// left one. A leaf is its own left child, with a threshold that nothing exceeds, so that every row makes the same number
// of steps in a tree, and eight rows walk side by side without a branch.

/**
 * Adds to `sums` [m] (float64) the path length of each row in each tree.
 *
 * @param x rows [m, d] in float32
 * @param nodes [n] nodes, children by index
 * @param paths [n] float64: at a leaf, its depth and what is left below it
 * @param roots [trees] int32, the index of each root
 * @param depths [trees] int32, the steps to the deepest leaf
 */
export function pathLengths(m: i32, d: i32, x: usize, trees: i32, nodes: usize, paths: usize, roots: usize, depths: usize, sums: usize): void {
  const row = <usize>d << 2;
  for (let t: usize = 0; t < <usize>trees << 2; t += 4) {
    const root = load<i32>(roots + t);
    const depth = load<i32>(depths + t);
    let at = x, sum = sums;
    let i = 0;
    for (; i + 8 <= m; i += 8) {
      const x1 = at + row, x2 = x1 + row, x3 = x2 + row, x4 = x3 + row, x5 = x4 + row, x6 = x5 + row, x7 = x6 + row;
      let n0 = root, n1 = root, n2 = root, n3 = root, n4 = root, n5 = root, n6 = root, n7 = root;
      for (let s = 0; s < depth; s++) {
        n0 = step(n0, nodes, at);
        n1 = step(n1, nodes, x1);
        n2 = step(n2, nodes, x2);
        n3 = step(n3, nodes, x3);
        n4 = step(n4, nodes, x4);
        n5 = step(n5, nodes, x5);
        n6 = step(n6, nodes, x6);
        n7 = step(n7, nodes, x7);
      }
      add(sum, n0, paths);
      add(sum + 8, n1, paths);
      add(sum + 16, n2, paths);
      add(sum + 24, n3, paths);
      add(sum + 32, n4, paths);
      add(sum + 40, n5, paths);
      add(sum + 48, n6, paths);
      add(sum + 56, n7, paths);
      at = x7 + row;
      sum += 64;
    }
    for (; i < m; i++) {
      let n = root;
      for (let s = 0; s < depth; s++) n = step(n, nodes, at);
      add(sum, n, paths);
      at += row;
      sum += 8;
    }
  }
}

// @ts-ignore: decorator
@inline
function step(node: i32, nodes: usize, row: usize): i32 {
  const at = nodes + <usize>node * 12;
  return load<i32>(at, 8) + <i32>(load<f32>(row + (<usize>load<i32>(at) << 2)) > load<f32>(at, 4));
}

// @ts-ignore: decorator
@inline
function add(sum: usize, leaf: i32, paths: usize): void {
  store<f64>(sum, load<f64>(sum) + load<f64>(paths + (<usize>leaf << 3)));
}
