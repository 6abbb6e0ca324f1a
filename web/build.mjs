// Builds the labeling page: `node web/build.mjs FOLDER`.
//
//   FOLDER/index.html          web/page/index.html, with the names of the files below
//   FOLDER/assets/...          script, style, icon, each with the hash of its content in its name
//
// A page names its sources: `<script src="page.ts">` is web/src/page.ts, `<link href="style.css">`
// is web/page/style.css. What is imported by `import()` is a file of its own, loaded when needed;
// the throw-away key comes with copies of all that it needs, so that the rest is in fewer pieces.

import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
if (!target) throw new Error("name the folder that the page is built into");

const assets = join(target, "assets");
const page = readFileSync(join(web, "page", "index.html"), "utf8");
const NAMED = /\b(src|href)="([\w-]+\.(?:ts|css|svg))"/g;
const sources = [...new Set([...page.matchAll(NAMED)].map(([, , name]) => name))];

rmSync(target, { recursive: true, force: true });
const built = new Map(); // which file was made of which source
const files = [];

async function made(sources, plugins) {
  const { metafile } = await build({
    entryPoints: sources.map((name) => join(web, name.endsWith(".ts") ? "src" : "page", name)),
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox119", "safari16.4"],
    loader: { ".svg": "copy" },
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    outdir: assets,
    metafile: true,
    logLevel: "warning",
    plugins,
  });
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    files.push(path);
    if (entryPoint !== undefined) built.set(basename(entryPoint), basename(path));
  }
}

const APART = "burner.ts";
const apart = ({ onResolve }) =>
  onResolve({ filter: /\/burner\.ts$/ }, () => ({ path: `./${built.get(APART)}`, external: true }));
// Of the builds that the library knows, what the page asks about.
const builds = ({ onLoad }) =>
  onLoad({ filter: /\/builds\.json$/ }, ({ path }) => {
    const known = JSON.parse(readFileSync(path, "utf8")).builds;
    const asked = known.filter(({ contract }) => ["LabelRounds", "Judge"].includes(contract));
    const kept = asked.map(({ contract, size, code_hash }) => ({ contract, size, code_hash }));
    return { contents: JSON.stringify({ builds: kept }), loader: "json" };
  });
await made([APART], []);
await made(sources, [
  { name: "apart", setup: apart },
  { name: "builds", setup: builds },
]);

const html = page.replace(NAMED, (_, attribute, name) => {
  if (!built.has(name)) throw new Error(`nothing was built of ${name}`);
  return `${attribute}="/assets/${built.get(name)}"`;
});
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "index.html"), html);

for (const path of files) {
  const size = gzipSync(readFileSync(path), { level: 9 }).length;
  console.log(`${(size / 1000).toFixed(1).padStart(6)} kB gzip  ${relative(target, path)}`);
}
