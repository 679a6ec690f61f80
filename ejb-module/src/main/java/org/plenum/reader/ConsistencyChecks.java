package org.plenum.reader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupState;
import org.plenum.group.api.Membership;
import org.plenum.reader.ReaderStore.Loaded;
import org.plenum.reader.ReaderStore.StoredEntry;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.reader.api.ConsistencyReport.Difference;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;

/**
 * Compares what the caches hold with the database: the near cache of this node, its window of
 * recent updates, and the cache of the room as this node sees it. Values change while they are
 * compared. So what the database held as of one revision, and what the room held as of another, are
 * both brought to the revision that the near cache has applied, by its window, as a read does it;
 * then all of them must be the same. Only what differs in each of {@value #ATTEMPTS} looks is a
 * difference. Reads only; blocks. Of one report and one thread.
 */
final class ConsistencyChecks {
  private static final int ATTEMPTS = 4;
  private static final long PAUSE_MILLIS = 150;
  private static final String NEAR = "near";
  private static final String ROOM = "room";
  private static final String WINDOW = "window";

  private final NearCache near;
  private final RoomReplica room;
  private final ReaderStore store;
  private final UpdateLog log;
  private final LongSupplier nanoTime;
  private final long start;
  private final long limit;
  private final List<Difference> differences = new ArrayList<>();
  private int unsettled;
  private boolean complete = true;

  /**
   * A comparison that starts now.
   *
   * @param limit time after which nothing more is looked at
   */
  ConsistencyChecks(
      NearCache near,
      RoomReplica room,
      ReaderStore store,
      UpdateLog log,
      Duration limit,
      LongSupplier nanoTime) {
    this.near = near;
    this.room = room;
    this.store = store;
    this.log = log;
    this.nanoTime = nanoTime;
    this.limit = limit.toNanos();
    this.start = nanoTime.getAsLong();
  }

  /** What one look at a value found. */
  private sealed interface Found {
    /** Nothing is there to compare, any more or at all. */
    record Absent() implements Found {}

    /** The same as in the database. */
    record Same() implements Found {}

    /** It cannot be brought to one revision with the database. */
    record Unsettled() implements Found {}

    /** Another value than in the database. */
    record Differs(String detail) implements Found {}
  }

  private static final Found ABSENT = new Found.Absent();
  private static final Found SAME = new Found.Same();
  private static final Found UNSETTLED = new Found.Unsettled();

  /** A part of the truth as of a revision; null when there is no such part. */
  private record Truth<V>(@Nullable V value, long revision) {}

  /**
   * Compares.
   *
   * @param sample values of each kind and cache at most; 0 for all
   */
  ConsistencyReport run(int sample) {
    int groups = 0;
    for (GroupReplica each : some(near.groups(), sample)) {
      GroupId id = each.state().id();
      groups += look(NEAR, "group", RoomCodec.key(id), () -> nearGroup(id));
    }
    int segments = 0;
    for (Segment each : some(near.segments(), sample)) {
      SegmentKey key = each.key();
      segments += look(NEAR, "segment", RoomCodec.key(key), () -> nearSegment(key));
    }
    int accounts = 0;
    for (AccountReplica each : some(near.accounts(), sample)) {
      long account = each.account();
      accounts += look(NEAR, "account", RoomCodec.key(account), () -> nearAccount(account));
    }
    int updates = window(sample);
    long roomRevision = room.applied();
    int inRoom = 0;
    for (RoomKind kind : RoomKind.values()) {
      for (String key : room.keys(kind, sample <= 0 ? Integer.MAX_VALUE : sample)) {
        inRoom += look(ROOM, name(kind), key, () -> inRoom(kind, key));
      }
    }
    if (roomRevision < 0 || room.applied() < 0) {
      complete = false;
      roomRevision = -1;
    }
    return new ConsistencyReport(
        near.applied(),
        roomRevision,
        groups,
        segments,
        accounts,
        updates,
        inRoom,
        unsettled,
        complete,
        differences);
  }

  private static String name(RoomKind kind) {
    return switch (kind) {
      case GROUP -> "group";
      case SEGMENT -> "segment";
      case ACCOUNT -> "account";
    };
  }

  /** Any of them: what is asked for again and again comes to see all. */
  private static <T> List<T> some(List<T> all, int sample) {
    if (sample <= 0 || all.size() <= sample) {
      return all;
    }
    List<T> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, ThreadLocalRandom.current());
    return shuffled.subList(0, sample);
  }

  private boolean over() {
    if (nanoTime.getAsLong() - start > limit
        || differences.size() >= ConsistencyReport.MAX_DIFFERENCES) {
      complete = false;
      return true;
    }
    return false;
  }

  /** Looks at one value until nothing differs, or it differed each time; answers 1 if compared. */
  private int look(String cache, String kind, String key, Supplier<Found> look) {
    if (over()) {
      return 0;
    }
    Found found = once(look);
    for (int attempt = 1;
        attempt < ATTEMPTS && (found instanceof Found.Differs || found instanceof Found.Unsettled);
        attempt++) {
      // Nothing is ever applied up to there: this is a pause that ends early on interruption.
      near.awaitApplied(Long.MAX_VALUE, PAUSE_MILLIS);
      found = once(look);
    }
    return switch (found) {
      case Found.Absent gone -> 0;
      case Found.Same same -> 1;
      case Found.Unsettled changed -> {
        unsettled++;
        yield 0;
      }
      case Found.Differs differs -> {
        differences.add(new Difference(cache, kind, key, differs.detail()));
        yield 1;
      }
    };
  }

  private static Found once(Supplier<Found> look) {
    try {
      return look.get();
    } catch (IllegalArgumentException e) {
      // Entries in the database that do not follow one another.
      return new Found.Differs(String.valueOf(e.getMessage()));
    }
  }

  // ---- the near cache --------------------------------------------------------------------------

  private Found nearGroup(GroupId id) {
    return near(truth(id), () -> near.groupIfPresent(id), ConsistencyChecks::difference);
  }

  private Found nearSegment(SegmentKey key) {
    return near(truth(key), () -> near.segmentIfPresent(key), ConsistencyChecks::difference);
  }

  private Found nearAccount(long account) {
    return near(
        truth(account), () -> near.accountIfPresent(account), ConsistencyChecks::difference);
  }

  private <V extends CachedValue> Found near(
      Truth<V> truth,
      Supplier<@Nullable V> present,
      BiFunction<V, V, @Nullable String> difference) {
    V value = truth.value();
    return settled(
        truth.revision(),
        value == null ? List.of() : List.of(value),
        () -> found(value, present.get(), difference));
  }

  /** Compares when all values can be brought up to what is applied here. */
  private Found settled(
      long revision, List<? extends CachedValue> values, Supplier<Found> comparison) {
    if (near.awaitApplied(revision, PAUSE_MILLIS)) {
      Found found = near.broughtUp(values, comparison);
      return found == null ? UNSETTLED : found;
    }
    // A node that does not come up to the database is wrong as soon as a value of it is.
    Found found = near.atRest(applied -> comparison.get());
    return found instanceof Found.Differs differs
        ? new Found.Differs(
            differs.detail() + "; the node has applied " + near.applied() + " of " + revision)
        : found;
  }

  private static <V extends CachedValue> Found found(
      @Nullable V truth, @Nullable V cached, BiFunction<V, V, @Nullable String> difference) {
    if (cached == null) {
      return ABSENT;
    }
    String detail = truth == null ? "not in the database" : difference.apply(truth, cached);
    return detail == null ? SAME : new Found.Differs(detail);
  }

  // ---- the cache of the room -------------------------------------------------------------------

  private Found inRoom(RoomKind kind, String key) {
    return switch (kind) {
      case GROUP -> {
        GroupReplica held = room.group(key);
        yield held == null
            ? ABSENT
            : inRoom(truth(held.state().id()), held, ConsistencyChecks::difference);
      }
      case SEGMENT -> {
        Segment held = room.segment(key);
        yield held == null
            ? ABSENT
            : inRoom(truth(held.key()), held, ConsistencyChecks::difference);
      }
      case ACCOUNT -> {
        AccountReplica held = room.account(key);
        yield held == null
            ? ABSENT
            : inRoom(truth(held.account()), held, ConsistencyChecks::difference);
      }
    };
  }

  private <V extends CachedValue> Found inRoom(
      Truth<V> truth, V held, BiFunction<V, V, @Nullable String> difference) {
    V value = truth.value();
    return settled(
        Math.max(truth.revision(), held.revision()),
        value == null ? List.of(held) : List.of(value, held),
        () -> found(value, held, difference));
  }

  // ---- the window of recent updates ------------------------------------------------------------

  private int window(int sample) {
    if (over()) {
      return 0;
    }
    List<Update> window = near.recent(sample <= 0 ? Integer.MAX_VALUE : sample);
    if (window.isEmpty()) {
      return 0;
    }
    Map<Long, Update> logged = new HashMap<>();
    for (Update update : log.after(window.getFirst().revision() - 1, window.size())) {
      logged.put(update.revision(), update);
    }
    int compared = 0;
    for (Update update : window) {
      compared +=
          look(
              WINDOW,
              "update",
              Long.toString(update.revision()),
              () -> inLog(update, logged.remove(update.revision())));
    }
    return compared;
  }

  /** The texts are left to the segments: those of the log are as they are now. */
  private Found inLog(Update update, @Nullable Update known) {
    Update logged =
        known != null
            ? known
            : log.after(update.revision() - 1, 1).stream()
                .filter(each -> each.revision() == update.revision())
                .findFirst()
                .orElse(null);
    if (logged == null) {
      // Trimmed from the log, or never there.
      return update.revision() < log.firstRevision()
          ? ABSENT
          : new Found.Differs("not in the log of the database");
    }
    boolean same =
        logged.epoch() == update.epoch()
            && logged.group().equals(update.group())
            && logged.seq() == update.seq()
            && logged.kind() == update.kind()
            && logged.actorId() == update.actorId()
            && logged.subjectId() == update.subjectId()
            && logged.target() == update.target()
            && logged.no() == update.no();
    return same
        ? SAME
        : new Found.Differs(
            "epoch " + update.epoch() + ", in the log of the database " + logged.epoch());
  }

  // ---- the truth -------------------------------------------------------------------------------

  private Truth<GroupReplica> truth(GroupId id) {
    Loaded<List<GroupState>> loaded = store.groups(List.of(id));
    GroupReplica value =
        loaded.value().stream()
            .findFirst()
            .map(state -> new GroupReplica(state, loaded.revision()))
            .orElse(null);
    return new Truth<>(value, loaded.revision());
  }

  private Truth<Segment> truth(SegmentKey key) {
    Loaded<List<StoredEntry>> loaded = store.entries(key.group(), key.first(), key.last());
    return new Truth<>(Segment.of(key, loaded.value(), loaded.revision()), loaded.revision());
  }

  private Truth<AccountReplica> truth(long account) {
    Loaded<List<Membership>> loaded = store.memberships(account);
    return new Truth<>(
        new AccountReplica(account, loaded.value(), loaded.revision()), loaded.revision());
  }

  private static @Nullable String difference(GroupReplica truth, GroupReplica cached) {
    return Objects.equals(truth.state(), cached.state())
        ? null
        : "head " + cached.state().headSeq() + ", in the database " + truth.state().headSeq();
  }

  private static @Nullable String difference(Segment truth, Segment cached) {
    if (truth.lastSeq() != cached.lastSeq()) {
      return "ends at " + cached.lastSeq() + ", in the database at " + truth.lastSeq();
    }
    for (long seq = truth.key().first(); seq <= truth.lastSeq(); seq++) {
      if (!Arrays.equals(truth.entry(seq), cached.entry(seq))) {
        return "entry " + seq + " has another content";
      }
    }
    return null;
  }

  private static @Nullable String difference(AccountReplica truth, AccountReplica cached) {
    return truth.all().equals(cached.all())
        ? null
        : cached.all().size() + " relations, in the database " + truth.all().size();
  }
}
