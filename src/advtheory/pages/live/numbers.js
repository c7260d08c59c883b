// Numbers as people write them.

/** A number with two or three digits. @param {number} value */
function short(value) {
  if (value === 0) return "0";
  const log = Math.log10(Math.abs(value));
  return log >= 4 || log < -3 ? power(log, value < 0) : String(Number(value.toPrecision(3))).replace("-", "−");
}

/** Ten to a power, as people write it. @param {number} log @param {boolean} [negative] */
function power(log, negative = false) {
  if (Math.abs(log) < 4 && !negative) return String(Number((10 ** log).toPrecision(3)));
  let whole = Math.floor(log), digits = (10 ** (log - whole)).toFixed(1);
  if (digits === "10.0") [whole, digits] = [whole + 1, "1.0"];
  const raised = [...String(whole)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
  return `${negative ? "−" : ""}${digits === "1.0" ? "" : `${digits} · `}10${raised}`;
}
