package org.plenum.update;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.Actor;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.ServiceException;

/**
 * The binary form of signals, version 1. Big-endian: the magic {@code PLSG}, one byte version, one
 * int count; for each one byte kind (1 typing: group as two longs, account, name in modified UTF-8;
 * 2 account touched: account) with the int length of what follows, so that kinds of a later version
 * are skipped. Stateless and thread-safe.
 */
final class SignalCodec {
  static final int MAX_SIGNALS = 4_096;

  private static final int MAGIC = 0x504C5347;
  private static final int VERSION = 1;
  private static final int TYPING = 1;
  private static final int ACCOUNT_TOUCHED = 2;

  private SignalCodec() {}

  static byte[] encode(List<Signal> signals) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeByte(VERSION);
      out.writeInt(signals.size());
      for (Signal signal : signals) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        out.writeByte(write(new DataOutputStream(content), signal));
        out.writeInt(content.size());
        content.writeTo(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static int write(DataOutputStream out, Signal signal) throws IOException {
    return switch (signal) {
      case Signal.Typing typing -> {
        out.writeLong(typing.group().value().getMostSignificantBits());
        out.writeLong(typing.group().value().getLeastSignificantBits());
        out.writeLong(typing.by().id());
        out.writeUTF(typing.by().name());
        yield TYPING;
      }
      case Signal.AccountTouched touched -> {
        out.writeLong(touched.account());
        yield ACCOUNT_TOUCHED;
      }
    };
  }

  /**
   * Decodes signals; kinds that this version does not know are left out.
   *
   * @throws ServiceException MALFORMED_REQUEST for anything else
   */
  static List<Signal> decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readInt() != MAGIC || in.readByte() != VERSION) {
        throw refused(null);
      }
      int count = in.readInt();
      if (count < 0 || count > MAX_SIGNALS) {
        throw refused(null);
      }
      List<Signal> signals = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int kind = in.readByte();
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
          throw refused(null);
        }
        DataInputStream content =
            new DataInputStream(new ByteArrayInputStream(in.readNBytes(length)));
        if (kind == TYPING) {
          GroupId group = new GroupId(new UUID(content.readLong(), content.readLong()));
          signals.add(new Signal.Typing(group, new Actor(content.readLong(), content.readUTF())));
        } else if (kind == ACCOUNT_TOUCHED) {
          signals.add(new Signal.AccountTouched(content.readLong()));
        }
      }
      return signals;
    } catch (IOException e) {
      throw refused(e);
    }
  }

  private static ServiceException refused(@Nullable Throwable e) {
    return new ServiceException(
        ErrorCode.MALFORMED_REQUEST, "signals that are not ours were refused", null, e);
  }
}
