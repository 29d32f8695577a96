import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the pages while they are written; questions go to `lodestone serve`.
export default defineConfig({
  plugins: [svelte()],
  publicDir: "static-data",
  build: {
    outDir: "../src/lodestone/web/static",
    emptyOutDir: true,
    target: "es2022",
    // Inline scripts are forbidden by the pages' own policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // How long plugins took is of no use to who builds.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8321" } },
  test: { include: ["tests/**/*.test.ts"] },
});
