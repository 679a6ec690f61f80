package org.plenum.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether a node takes requests, as its readiness check says.
 *
 * @param reasons why not, one for each thing that is down
 */
record Readiness(boolean ready, List<String> reasons) {
  private static final String DOWN = "DOWN";

  /** From the data of the check: {@code probe} is UP or DOWN, {@code probe.fact} says more. */
  static Readiness of(boolean up, Map<String, Object> data) {
    List<String> reasons = new ArrayList<>();
    Map<String, Object> sorted = new TreeMap<>(data);
    sorted.forEach(
        (name, value) -> {
          if (DOWN.equals(value) && name.indexOf('.') < 0) {
            reasons.add(name + ": " + facts(name + ".", sorted));
          }
        });
    if (!up && reasons.isEmpty()) {
      reasons.add("the readiness check says no more");
    }
    return new Readiness(up, reasons);
  }

  private static String facts(String prefix, Map<String, Object> data) {
    List<String> facts = new ArrayList<>();
    data.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            String fact = name.substring(prefix.length());
            facts.add(
                fact.equals("state") || fact.equals("error")
                    ? String.valueOf(value)
                    : fact + " " + value);
          }
        });
    return facts.isEmpty() ? "down" : String.join(", ", facts);
  }
}
