import { describe, expect, it } from "vitest";
import { band, money, percent, plain, shown } from "../src/lib/numbers";

describe("numbers as people read them", () => {
  it("keeps three digits", () => {
    expect(plain(270052.73)).toBe("270,000");
    expect(plain(0.4128)).toBe("0.41");
    expect(plain(1.666)).toBe("1.67");
    expect(plain(0)).toBe("0");
    expect(plain(-1234.5)).toBe("-1,230");
  });
  it("says shares as per cent, and never rounds something to nothing", () => {
    expect(percent(0.131)).toBe("13 %");
    expect(percent(0.0234)).toBe("2.3 %");
    expect(percent(0.0004)).toBe("0.04 %");
    expect(percent(-0.000032)).toBe("-0.003 %");
    expect(percent(0.000001)).toBe("<0.001 %");
    expect(percent(-0.000001)).toBe(">-0.001 %");
    expect(percent(0)).toBe("0 %");
    expect(percent(1)).toBe("100 %");
  });
  it("says money in the words of its size", () => {
    expect(money(12600, "USD")).toBe("12.6 bn USD");
    expect(money(0.02, "USD")).toBe("<0.1 m USD");
    expect(money(-0.02, "USD")).toBe(">-0.1 m USD");
    expect(shown(1.3, "billion USD a year")).toBe("1.3 bn USD a year");
  });
  it("shows what is not known as not known", () => {
    expect(shown(null, "t")).toBe("–");
    expect(shown(Number.NaN, "share")).toBe("–");
  });
  it("says a large sum in millions, a small one in full", () => {
    expect(shown(1.274e9, "USD")).toBe("1.27 bn USD");
    expect(shown(465000, "USD")).toBe("0.47 m USD");
    expect(shown(9142, "USD")).toBe("9,140 USD");
    expect(shown(9142, "USD/t")).toBe("9,140 USD/t");
  });
  it("says the unit of a band once", () => {
    expect(band(0.24, 0.31, "ratio")).toBe("0.24 to 0.31");
    expect(band(1200, 1300, "t")).toBe("1,200 to 1,300 t");
    expect(band(2, 8, "base prices")).toBe("× 2 to 8");
    expect(band(0.1, 0.25, "share")).toBe("10 to 25 %");
    expect(band(100, 12000, "million USD")).toBe("100 m USD to 12 bn USD");
    expect(band(1, 1, "t")).toBe("");
    expect(band(null, 1, "t")).toBe("");
  });
});
