/**
 * A minimum vertex cut: the cheapest set of nodes without which no path leads from a source to a sink.
 *
 * Maximum flow by shortest augmenting paths (Edmonds and Karp 1972), each node split into an entry and an exit that its cost
 * joins. Of several minimum cuts it is the one nearest the sources.
 */
import { bug } from "../compiler/diagnostic.ts";

interface Edge {
  readonly to: number;
  left: number;
  readonly back: Edge;
}

const source = 0;
const sink = 1;

export class CutGraph<Node> {
  private readonly ids = new Map<Node, number>();
  private readonly edges: Edge[][] = [[], []];

  /** A node that costs so much to cut; not at all if that is infinite. */
  add(node: Node, cost: number): void {
    if (this.ids.has(node)) bug("a node stands twice in a graph");
    const entry = this.edges.length;
    this.ids.set(node, entry);
    this.edges.push([], []);
    this.join(entry, entry + 1, cost);
  }
  has(node: Node): boolean {
    return this.ids.has(node);
  }
  fromSource(node: Node): void {
    this.join(source, this.entry(node), Number.POSITIVE_INFINITY);
  }
  toSink(node: Node): void {
    this.join(this.entry(node) + 1, sink, Number.POSITIVE_INFINITY);
  }
  edge(from: Node, to: Node): void {
    this.join(this.entry(from) + 1, this.entry(to), Number.POSITIVE_INFINITY);
  }

  /** The nodes of a minimum cut; null when every cut has a node that cannot be cut. */
  minimum(): ReadonlySet<Node> | null {
    for (;;) {
      const path = this.shortestPath();
      if (path === null) break;
      const amount = Math.min(...path.map((e) => e.left));
      if (amount === Number.POSITIVE_INFINITY) return null;
      for (const e of path) {
        e.left -= amount;
        e.back.left += amount;
      }
    }
    const reached = this.reachable();
    return new Set([...this.ids].filter(([, id]) => reached.has(id) && !reached.has(id + 1)).map(([node]) => node));
  }

  private entry(node: Node): number {
    return this.ids.get(node) ?? bug("an edge to a node that is not there");
  }

  private join(from: number, to: number, capacity: number): void {
    const forth = { to, left: capacity } as { to: number; left: number; back: Edge };
    const back: Edge = { to: from, left: 0, back: forth };
    forth.back = back;
    (this.edges[from] as Edge[]).push(forth);
    (this.edges[to] as Edge[]).push(back);
  }

  private shortestPath(): readonly Edge[] | null {
    const by = new Map<number, Edge | null>([[source, null]]);
    const queue = [source];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      for (const e of this.edges[at] as Edge[]) {
        if (e.left <= 0 || by.has(e.to)) continue;
        by.set(e.to, e);
        if (e.to !== sink) {
          queue.push(e.to);
          continue;
        }
        const path: Edge[] = [];
        for (let last: Edge | null | undefined = e; last; last = by.get(last.back.to)) path.push(last);
        return path.reverse();
      }
    }
    return null;
  }

  private reachable(): ReadonlySet<number> {
    const seen = new Set([source]);
    const queue = [source];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const e of this.edges[at] as Edge[]) {
        if (e.left <= 0 || seen.has(e.to)) continue;
        seen.add(e.to);
        queue.push(e.to);
      }
    }
    return seen;
  }
}
