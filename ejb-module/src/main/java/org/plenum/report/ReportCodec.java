package org.plenum.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plenum.report.api.NewReport;
import org.plenum.report.api.ReportChannel;
import org.plenum.report.api.ReportEnvelope;
import org.plenum.report.queue.Report;

/**
 * The form of a report in the journal, version 1. Source and key are the queue's own fields; the
 * payload holds the rest: version (1 byte), channel (1), times received and occurred (seconds 8,
 * nanoseconds 4, each), then kind, user, device, position and body, each as its length in bytes of
 * UTF-8 (4; -1 for null) and its bytes. Numbers are big-endian. A journal outlives releases: a form
 * that was once written is read for ever. Thread-safe.
 */
final class ReportCodec {
  private static final byte VERSION = 1;
  private static final int FIXED = 2 + 2 * 12 + 5 * 4;

  private ReportCodec() {}

  /** The report for the queue. */
  static Report encode(ReportEnvelope envelope) {
    NewReport report = envelope.report();
    byte[] kind = report.kind().getBytes(UTF_8);
    byte @Nullable [] user = bytes(report.user());
    byte @Nullable [] device = bytes(report.device());
    byte @Nullable [] position = bytes(report.position());
    byte[] body = report.body().getBytes(UTF_8);
    int size = FIXED + kind.length + length(user) + length(device) + length(position) + body.length;
    ByteBuffer out = ByteBuffer.allocate(size);
    out.put(VERSION).put((byte) report.receivedVia().code());
    put(out, envelope.receivedAt());
    put(out, report.occurredAt());
    put(out, kind);
    put(out, user);
    put(out, device);
    put(out, position);
    put(out, body);
    return new Report(report.source(), report.key(), out.array());
  }

  /**
   * The report from the queue.
   *
   * @throws IllegalArgumentException when the payload is none of ours
   */
  static ReportEnvelope decode(Report queued) {
    ByteBuffer in = ByteBuffer.wrap(queued.payload());
    try {
      byte version = in.get();
      if (version != VERSION) {
        throw new IllegalArgumentException("a report of the unknown version " + version);
      }
      ReportChannel channel = ReportChannel.of(in.get());
      Instant receivedAt = instant(in);
      Instant occurredAt = instant(in);
      String kind = required(text(in));
      String user = text(in);
      String device = text(in);
      String position = text(in);
      String body = required(text(in));
      if (in.hasRemaining()) {
        throw new IllegalArgumentException("a report with something behind its end");
      }
      return new ReportEnvelope(
          new NewReport(
              queued.source(),
              queued.key(),
              kind,
              user,
              device,
              occurredAt,
              body,
              channel,
              position),
          receivedAt);
    } catch (BufferUnderflowException | DateTimeException e) {
      throw new IllegalArgumentException("not a report of ours", e);
    }
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static void put(ByteBuffer out, Instant instant) {
    out.putLong(instant.getEpochSecond()).putInt(instant.getNano());
  }

  private static void put(ByteBuffer out, byte @Nullable [] bytes) {
    if (bytes == null) {
      out.putInt(-1);
    } else {
      out.putInt(bytes.length).put(bytes);
    }
  }

  private static Instant instant(ByteBuffer in) {
    return Instant.ofEpochSecond(in.getLong(), in.getInt());
  }

  private static @Nullable String text(ByteBuffer in) {
    int length = in.getInt();
    if (length == -1) {
      return null;
    }
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    String text = new String(in.array(), in.arrayOffset() + in.position(), length, UTF_8);
    in.position(in.position() + length);
    return text;
  }

  private static String required(@Nullable String text) {
    if (text == null) {
      throw new IllegalArgumentException("a report without kind or body");
    }
    return text;
  }
}
