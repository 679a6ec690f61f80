package org.plenum.writer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The binary form of commands and answers between a business node and the writer, version 1.
 * Big-endian; a batch is the magic {@code PLCB} (commands) or {@code PLAB} (answers), one byte
 * version, one int count, and that many of:
 *
 * <ul>
 *   <li>command: client id and group (two longs each), actor, one byte privileged, one byte
 *       durability, one long milliseconds until the deadline (so that clocks need not agree), the
 *       correlation id or nothing, and the command as of {@link CommandCodec};
 *   <li>answer: one byte 1, group, seq, no, revision, the time as seconds and nanoseconds, one byte
 *       replayed; or one byte 2, the error code's name, detail, and milliseconds to wait or -1.
 * </ul>
 *
 * A text is an int length and UTF-8, -1 for none. An error code unknown here becomes INTERNAL: the
 * nodes may be of two adjacent versions. Every version ever sent stays readable. Stateless and
 * thread-safe.
 */
final class CommandBatchCodec {
  /** Most commands in one batch. */
  static final int MAX_COMMANDS = 4_096;

  /** Bytes of a batch without commands. */
  static final int HEADER_BYTES = 9;

  private static final int COMMANDS = 0x504C4342;
  private static final int ANSWERS = 0x504C4142;
  private static final int VERSION = 1;
  private static final int ACCEPTED = 1;
  private static final int REJECTED = 2;

  private CommandBatchCodec() {}

  /** Encodes commands; their deadlines become times to go from now on. */
  static byte[] commands(List<CommandEnvelope> commands, Instant now) {
    return written(
        COMMANDS,
        commands.size(),
        out -> {
          for (CommandEnvelope command : commands) {
            write(out, command, now);
          }
        });
  }

  /** Bytes that a command takes in a batch. */
  static int size(CommandEnvelope command) {
    DataOutputStream out = new DataOutputStream(OutputStream.nullOutputStream());
    try {
      write(out, command, command.deadline());
    } catch (IOException e) {
      throw new UncheckedIOException("nowhere does not fail", e);
    }
    return out.size();
  }

  /**
   * Decodes commands; their deadlines count from now on.
   *
   * @throws ServiceException MALFORMED_REQUEST for anything but a batch of a known version
   */
  static List<CommandEnvelope> commands(byte[] bytes, Instant now) {
    return read(bytes, COMMANDS, in -> command(in, now));
  }

  /** Encodes answers. */
  static byte[] answers(List<CommandAnswer> answers) {
    return written(
        ANSWERS,
        answers.size(),
        out -> {
          for (CommandAnswer answer : answers) {
            write(out, answer);
          }
        });
  }

  /**
   * Decodes answers.
   *
   * @throws ServiceException MALFORMED_REQUEST for anything but a batch of a known version
   */
  static List<CommandAnswer> answers(byte[] bytes) {
    return read(bytes, ANSWERS, CommandBatchCodec::answer);
  }

  private static void write(DataOutputStream out, CommandEnvelope command, Instant now)
      throws IOException {
    write(out, command.clientId());
    write(out, command.group().value());
    write(out, command.actor());
    out.writeBoolean(command.privileged());
    out.writeByte(code(command.durability()));
    out.writeLong(Duration.between(now, command.deadline()).toMillis());
    write(out, command.correlation());
    CommandCodec.write(out, command.command());
  }

  private static CommandEnvelope command(DataInputStream in, Instant now) throws IOException {
    UUID clientId = uuid(in);
    GroupId group = new GroupId(uuid(in));
    Actor actor = actor(in);
    boolean privileged = in.readBoolean();
    Durability durability = durability(in.readByte());
    Instant deadline = now.plusMillis(in.readLong());
    String correlation = text(in);
    return new CommandEnvelope(
        clientId,
        group,
        actor,
        privileged,
        CommandCodec.read(in),
        durability,
        deadline,
        correlation);
  }

  private static void write(DataOutputStream out, CommandAnswer answer) throws IOException {
    switch (answer) {
      case Accepted accepted -> {
        out.writeByte(ACCEPTED);
        write(out, accepted.group().value());
        out.writeLong(accepted.seq());
        out.writeLong(accepted.no());
        out.writeLong(accepted.revision());
        Instant at = accepted.at();
        out.writeLong(at.getEpochSecond());
        out.writeInt(at.getNano());
        out.writeBoolean(accepted.replayed());
      }
      case Rejected rejected -> {
        out.writeByte(REJECTED);
        write(out, rejected.code().name());
        write(out, rejected.detail());
        Duration wait = rejected.retryAfter();
        out.writeLong(wait == null ? -1 : wait.toMillis());
      }
    }
  }

  private static CommandAnswer answer(DataInputStream in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case ACCEPTED ->
          new Accepted(
              new GroupId(uuid(in)),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              Instant.ofEpochSecond(in.readLong(), in.readInt()),
              in.readBoolean());
      case REJECTED -> {
        ErrorCode code = errorCode(required(in));
        String detail = required(in);
        long wait = in.readLong();
        yield new Rejected(code, detail, wait < 0 ? null : Duration.ofMillis(wait));
      }
      default -> throw new IllegalArgumentException("unknown answer " + kind);
    };
  }

  private static ErrorCode errorCode(String name) {
    try {
      return ErrorCode.valueOf(name);
    } catch (IllegalArgumentException e) {
      return ErrorCode.INTERNAL;
    }
  }

  private static int code(Durability durability) {
    return switch (durability) {
      case DISK -> 1;
      case MEMORY -> 2;
      case REPLICA -> 3;
    };
  }

  private static Durability durability(int code) {
    return switch (code) {
      case 1 -> Durability.DISK;
      case 2 -> Durability.MEMORY;
      case 3 -> Durability.REPLICA;
      default -> throw new IllegalArgumentException("unknown durability " + code);
    };
  }

  // ---- parts -----------------------------------------------------------------------------------

  static void write(DataOutputStream out, UUID id) throws IOException {
    out.writeLong(id.getMostSignificantBits());
    out.writeLong(id.getLeastSignificantBits());
  }

  static UUID uuid(DataInputStream in) throws IOException {
    return new UUID(in.readLong(), in.readLong());
  }

  static void write(DataOutputStream out, Actor actor) throws IOException {
    out.writeLong(actor.id());
    write(out, actor.name());
  }

  static Actor actor(DataInputStream in) throws IOException {
    return new Actor(in.readLong(), required(in));
  }

  static void write(DataOutputStream out, @Nullable String text) throws IOException {
    if (text == null) {
      out.writeInt(-1);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static @Nullable String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length == -1) {
      return null;
    }
    if (length < 0 || length > in.available()) {
      throw new IllegalArgumentException("impossible length " + length);
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  static String required(DataInputStream in) throws IOException {
    String text = text(in);
    if (text == null) {
      throw new IllegalArgumentException("a text is missing");
    }
    return text;
  }

  // ---- the frame around them -------------------------------------------------------------------

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private interface Reading<T> {
    T from(DataInputStream in) throws IOException;
  }

  private static byte[] written(int magic, int count, Writing writing) {
    if (count > MAX_COMMANDS) {
      throw new IllegalArgumentException("a batch of " + count);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + 256 * count);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(magic);
      out.writeByte(VERSION);
      out.writeInt(count);
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static <T> List<T> read(byte[] bytes, int magic, Reading<T> reading) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readInt() != magic) {
        throw damaged("no such batch", null);
      }
      int version = in.readByte();
      if (version != VERSION) {
        throw damaged("unknown version " + version, null);
      }
      int count = in.readInt();
      if (count < 0 || count > MAX_COMMANDS) {
        throw damaged("impossible count " + count, null);
      }
      List<T> read = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        read.add(reading.from(in));
      }
      if (in.available() > 0) {
        throw damaged("bytes after the last one", null);
      }
      return read;
    } catch (IOException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw damaged("cut off or out of range", e);
    }
  }

  private static ServiceException damaged(String detail, @Nullable Throwable e) {
    return new ServiceException(
        ErrorCode.MALFORMED_REQUEST, "batch of commands refused: " + detail, null, e);
  }
}
