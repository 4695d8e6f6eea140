import { defineConfig } from "vitest/config";

// Real Chromium; one page at a time, since each shows forty moving pictures.
export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], environment: "node", fileParallelism: false, testTimeout: 60_000 },
});
