/** Where the reader is: a path and its words. Every view is an address that gives it again. */

export type Query = Record<string, string | string[]>;

class Where {
  path = $state(location.pathname);
  words = $state(new URLSearchParams(location.search));

  constructor() {
    addEventListener("popstate", () => this.take());
    addEventListener("click", (event) => this.follow(event));
  }

  /** A word of the address, or what stands for it. */
  word(name: string, otherwise = ""): string {
    return this.words.get(name) ?? otherwise;
  }

  all(name: string): string[] {
    return this.words.getAll(name);
  }

  /** Change some words; empty ones are taken out. */
  set(change: Record<string, string | string[] | null>, keep = true): void {
    const words = new URLSearchParams(this.words);
    for (const [name, value] of Object.entries(change)) {
      words.delete(name);
      for (const one of Array.isArray(value) ? value : [value]) if (one) words.append(name, one);
    }
    const to = address(this.path, words);
    if (to === location.pathname + location.search) return;
    if (keep) history.pushState(null, "", to);
    else history.replaceState(null, "", to);
    this.words = words;
  }

  go(to: string): void {
    history.pushState(null, "", to);
    this.take();
    scrollTo(0, 0);
    // A reader who cannot see the page change is told by its heading.
    requestAnimationFrame(() => document.getElementById("main")?.focus({ preventScroll: true }));
  }

  private take(): void {
    this.path = location.pathname;
    this.words = new URLSearchParams(location.search);
  }

  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    // A link in a drawing has no plain `href` and `target`.
    const href = link?.getAttribute("href");
    if (!link || !href || link.getAttribute("target") || link.hasAttribute("download")) return;
    const to = new URL(href, location.href);
    if (to.origin !== location.origin || to.pathname.startsWith("/v1") || to.hash) return;
    event.preventDefault();
    this.go(to.pathname + to.search);
  }
}

function address(path: string, words: URLSearchParams): string {
  const text = words.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text ? `${path}?${text}` : path;
}

/** The address of a view. */
export function link(path: string, words: Record<string, string | string[] | null | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one) query.append(name, one);
  }
  return address(path, query);
}

export const where = new Where();

/** The reader's day, as controls are in force or not. An address that says it means the same tomorrow. */
export function today(): string {
  return new Date().toLocaleDateString("sv");
}
