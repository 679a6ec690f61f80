package org.plenum.report.queue;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a producer pushes. The payload is not copied: whoever makes a report gives its array away
 * and changes it no more, and consumers only read it. Immutable under that rule.
 */
public final class Report {
  /** Longest source and longest key, in UTF-8 bytes. */
  public static final int MAX_NAME_BYTES = 1_024;

  /** What one report costs in memory beside its texts and payload, in bytes; a safe estimate. */
  private static final int OVERHEAD = 160;

  private static final String LOST = "lost-";

  private final String source;
  private final String key;
  private final byte[] payload;

  /**
   * A report.
   *
   * @param source who reports; reports of one source are delivered in the order of their appends
   * @param key names the report, so that consumers recognise a repeated one; empty for none
   * @param payload the content; not copied
   * @throws IllegalArgumentException when source or key is longer than {@link #MAX_NAME_BYTES}, or
   *     holds a NUL, which not every database stores
   */
  public Report(String source, String key, byte[] payload) {
    this.source = bounded(source);
    this.key = bounded(key);
    this.payload = Objects.requireNonNull(payload);
  }

  /** Stands for a report that a repair of the storage gave up, so that no sequence is missing. */
  public static Report lost(long sequence) {
    return new Report("", LOST + sequence, new byte[0]);
  }

  /** Whether this only stands for a report that a repair of the storage gave up. */
  public boolean isLost() {
    return source.isEmpty() && payload.length == 0 && key.startsWith(LOST);
  }

  private static String bounded(String name) {
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("source and key hold no NUL");
    }
    boolean mayBeLonger = name.length() * 3L > MAX_NAME_BYTES;
    if (mayBeLonger && name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "source and key have at most " + MAX_NAME_BYTES + " bytes of UTF-8");
    }
    return name;
  }

  /** Who reports. */
  public String source() {
    return source;
  }

  /** The name of this report, empty for none. */
  public String key() {
    return key;
  }

  /** The content itself, not a copy: for reading only. */
  public byte[] payload() {
    return payload;
  }

  /** What it takes of a buffer that is bounded in bytes. */
  public long weight() {
    return OVERHEAD + (long) payload.length + 2L * (source.length() + key.length());
  }

  @Override
  public String toString() {
    return "Report[" + source + ", " + key + ", " + payload.length + " bytes]";
  }
}
