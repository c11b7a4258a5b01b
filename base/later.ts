/**
 * Modules that Pulumi's SDK loads at its start and that haloform never runs: it reads functions with TypeScript and packages
 * with npm's Arborist to put a program's own code into the state, where ours has the constant `__provider` (docs/decisions/0001).
 * Both together are half of the SDK's start, in the command and in the provider's process alike (docs/decisions/0031). They are
 * loaded when somebody first asks one of them for something, so that nothing changes but the time.
 */
import { createRequire, Module } from "node:module";

const unused = ["@npmcli/arborist", "typescript"];

/** To be called before anything of Pulumi's SDK is loaded; later it does nothing. */
export function loadLater(): void {
  const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  for (const name of unused) {
    const path = found(sdk, name);
    if (path === undefined || path in sdk.cache) continue;
    let real: object | undefined;
    const load = (): object => {
      if (!real) {
        delete sdk.cache[path];
        real = sdk(name) as object;
      }
      return real;
    };
    const later = new Module(path);
    later.filename = path;
    later.loaded = true;
    later.exports = new Proxy(
      {},
      {
        // What `import * as` compiles to asks for __esModule at once: the module itself is then under `default`.
        get: (_, key) => (key === "__esModule" ? true : key === "default" ? load() : Reflect.get(load(), key)),
        has: (_, key) => Reflect.has(load(), key),
        ownKeys: () => Reflect.ownKeys(load()),
        getOwnPropertyDescriptor: (_, key) => {
          const own = Reflect.getOwnPropertyDescriptor(load(), key);
          return own && { ...own, configurable: true };
        },
      },
    );
    sdk.cache[path] = later;
  }
}

/** Pulumi brings a TypeScript of its own where none is installed. */
function found(sdk: NodeJS.Require, name: string): string | undefined {
  try {
    return sdk.resolve(name);
  } catch {
    return undefined;
  }
}
