/** The pages: where each lies, what it is called, and which question it answers. */

import type { Component } from "svelte";
import type { Key } from "./say";

export interface Page {
  path: string;
  title: Key;
  /** The question on the home page; a page without one is reached from others. */
  question?: Key;
  hint?: Key;
  /** Where the question leads: a view that answers it at once. */
  start?: string;
  load: () => Promise<{ default: Component }>;
}

export const pages: Page[] = [
  {
    path: "/exposure", title: "exposure.title", question: "exposure.question", hint: "exposure.hint",
    start: "/exposure?place=EU27", load: () => import("../pages/Exposure.svelte"),
  },
  {
    path: "/material", title: "material.title", question: "material.question", hint: "material.hint",
    start: "/material?material=cobalt&place=EU27", load: () => import("../pages/Material.svelte"),
  },
  {
    path: "/scenario", title: "scenario.title", question: "scenario.question", hint: "scenario.hint",
    start: "/scenario?ban=CHN:gallium,germanium&place=EU27&months=24",
    load: () => import("../pages/Scenario.svelte"),
  },
  {
    path: "/compare", title: "compare.title", question: "compare.question", hint: "compare.hint",
    start: "/compare", load: () => import("../pages/Compare.svelte"),
  },
  {
    path: "/risk", title: "risk.title", question: "risk.question", hint: "risk.hint",
    start: "/risk?place=EU27", load: () => import("../pages/Risk.svelte"),
  },
  {
    path: "/technology", title: "technology.title", question: "technology.question", hint: "technology.hint",
    start: "/technology?place=EU27&against=CHN", load: () => import("../pages/Technology.svelte"),
  },
  {
    path: "/plan", title: "plan.title", question: "plan.question", hint: "plan.hint",
    start: "/plan?plan=eu_2030", load: () => import("../pages/Plan.svelte"),
  },
  {
    path: "/vault", title: "vault.title", question: "vault.question", hint: "vault.hint",
    start: "/vault?vault=project-vault", load: () => import("../pages/Vault.svelte"),
  },
  {
    path: "/alliance", title: "alliance.title", question: "alliance.question", hint: "alliance.hint",
    start: "/alliance?member=EU27&member=USA&member=JPN", load: () => import("../pages/Alliance.svelte"),
  },
  {
    path: "/dossier", title: "dossier.title", question: "dossier.question", hint: "dossier.hint",
    start: "/dossier", load: () => import("../pages/Dossier.svelte"),
  },
  {
    path: "/data", title: "data.title", question: "data.question", hint: "data.hint",
    start: "/data", load: () => import("../pages/Data.svelte"),
  },
];
