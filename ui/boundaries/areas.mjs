// What is changed in the drawing of the source, and why. Coordinates are longitude, latitude.
// README.md beside this file says for each area how the United Nations draws it.

/** Areas of the source that the United Nations draws as part of a state. */
export const MERGED = { SOL: "SOM", CYN: "CYP", ATC: "AUS" };

/** Left out: no place of the data lies there. */
export const LEFT_OUT = ["ATA"];

/** Areas of the source that belong to no state; drawn, never coloured. */
export const UNDETERMINED = { KAS: "Siachen Glacier" };

/**
 * Parts of a state of the source that have an ISO code of their own: a ring that starts inside the
 * box (west, south, east, north) gets the code.
 */
export const PARTS = [
  { from: "FRA", id: "GUF", box: [-56, 1, -50, 7] },
  { from: "FRA", id: "MTQ", box: [-61.4, 14.2, -60.6, 15] },
  { from: "FRA", id: "GLP", box: [-62, 15.7, -60.9, 16.7] },
  { from: "FRA", id: "REU", box: [55, -22, 56, -20.5] },
  { from: "FRA", id: "MYT", box: [44.8, -13.3, 45.5, -12.4] },
  { from: "NOR", id: "SJM", box: [8, 74, 36, 82] },
  { from: "NOR", id: "SJM", box: [-10, 70, -7, 72] },
  { from: "NLD", id: "BES", box: [-70, 11, -62, 18.5] },
  { from: "NZL", id: "TKL", box: [-173, -10, -171, -8] },
  { from: "IOA", id: "CXR", box: [105, -11, 106, -10] },
  { from: "IOA", id: "CCK", box: [96, -13, 97.5, -11] },
];

/**
 * Pieces cut out of a state along a line between two points of its border. The lines are those of
 * Natural Earth 5.1.1 (1:10 million, German point of view, which leaves both pieces to no state),
 * rounded to a hundredth of a degree.
 */
export const CUTS = [
  {
    from: "ISR",
    to: "SYR",
    name: "Golan",
    inside: [35.8, 33.0],
    line: [
      [35.603, 33.241],
      [35.67, 33.25],
      [35.67, 33.15],
      [35.62, 33.05],
      [35.62, 32.98],
      [35.6, 32.91],
      [35.64, 32.87],
      [35.63, 32.76],
      [35.611, 32.682],
    ],
  },
  {
    from: "SDN",
    to: "Abyei",
    name: "Abyei",
    inside: [28.4, 9.7],
    line: [
      [27.886, 9.6],
      [27.83, 9.74],
      [27.83, 10.16],
      [28.99, 10.16],
      [29.0, 9.61],
    ],
  },
];

/** Pieces of CUTS that go to no state. */
export const CUT_UNDETERMINED = ["Abyei"];

/** Whole borders drawn dashed: the two sides. */
export const DASHED_PAIRS = [
  ["ESH", "MAR"],
  ["ISR", "PSE"],
  ["ISR", "SYR"],
  ["KEN", "SSD"],
  ["KOR", "PRK"],
  ["SDN", "SSD"],
  ["SRB", "XKX"],
];

/** Parts of a border drawn dashed: the state whose ring is followed, and the two ends. */
export const DASHED_PARTS = [
  { of: "IND", name: "Jammu and Kashmir", ends: [[75.333, 32.279], [77.049, 35.11]] },
  { of: "IND", name: "Aksai Chin", ends: [[77.799, 35.496], [78.631, 32.579]] },
  { of: "IND", name: "Arunachal Pradesh", ends: [[91.632, 27.76], [97.322, 28.218]] },
  { of: "EGY", name: "22nd parallel", ends: [[33.262, 21.996], [36.871, 21.997]] },
];

/** Places that the source does not draw: where their circle stands. */
export const NOT_IN_SOURCE = {
  BVT: [3.4, -54.4],
  GIB: [-5.35, 36.14],
  UMI: [166.63, 19.3],
};

/** Places that customs data count with another: filled like that one where they have no figure. */
export const COUNTED_WITH = {
  GLP: "FRA",
  GUF: "FRA",
  MTQ: "FRA",
  MYT: "FRA",
  REU: "FRA",
  PRI: "USA",
  SJM: "NOR",
};
