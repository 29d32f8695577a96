/** The number that is being explained, if any. */

import type { Envelope, Row } from "./rows";

export interface Asked {
  row: Row;
  /** Which column of the row is the number. */
  column: string;
  low?: string;
  high?: string;
  unit: string;
  label: string;
  envelope: Envelope;
}

class Why {
  asked = $state.raw<Asked | null>(null);
}

export const why = new Why();
