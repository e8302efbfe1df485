/** A server of a few texts on this machine, with the headers that make a page cross-origin isolated. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  readonly url: string;
  close(): void;
}

/** `texts` by path, as `/page.js`. */
export async function serve(texts: Readonly<Record<string, string>>): Promise<Served> {
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const text = texts[path];
    const type = path.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(text === undefined ? 404 : 200, {
      "content-type": `${type}; charset=utf-8`,
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(text ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
