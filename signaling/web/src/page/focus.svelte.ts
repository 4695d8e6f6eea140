/**
 * Called as a component begins, for a section whose controls come and go: when `changes` takes away the one that has the
 * focus, the focus goes to the section's heading, not to the beginning of the page. The heading has `tabindex="-1"`.
 */
export function keepFocus(section: () => HTMLElement | undefined, changes: () => unknown): void {
  let inside = false;
  $effect.pre(() => {
    changes();
    inside = section()?.contains(document.activeElement) ?? false;
  });
  $effect(() => {
    changes();
    if (inside && document.activeElement === document.body) headingOf(section())?.focus();
  });
}

/** The heading by which a section is found again. */
export function headingOf(section: Element | null | undefined): HTMLElement | null {
  return section?.querySelector<HTMLElement>("h2[tabindex]") ?? null;
}
