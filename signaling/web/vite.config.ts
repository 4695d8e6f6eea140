import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2022",
    // The content security policy allows no inline script, style or data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev` beside a running `lika`: the page from Vite, the rest from the server.
    proxy: {
      "/ws": { target: "https://localhost:8443", ws: true, secure: false },
      "/sign-in": { target: "https://localhost:8443", secure: false },
      "/sign-out": { target: "https://localhost:8443", secure: false },
      "/i": { target: "https://localhost:8443", secure: false },
    },
  },
});
