/** Converts one image at a time for pool.ts. What an image does to a decoder stays in here. */
import { parentPort } from "node:worker_threads";
import { convert } from "./convert.ts";
import { PhotoError } from "./error.ts";

parentPort?.on("message", ({ bytes, size }: { bytes: Uint8Array; size: number }) => {
  convert(Buffer.from(bytes), size).then(
    (photo) => parentPort?.postMessage({ photo }),
    (error: unknown) => parentPort?.postMessage({ problem: error instanceof PhotoError ? error.message : "is broken; save it anew" }),
  );
});
