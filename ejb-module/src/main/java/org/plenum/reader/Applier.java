package org.plenum.reader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.group.api.EntryKind;
import org.plenum.group.api.GroupId;
import org.plenum.platform.ServiceException;
import org.plenum.update.Update;
import org.plenum.update.UpdateLog;

/**
 * Writes the cache of the room in revision order (GRP-5): the only one that does, while it holds
 * the room's lease. Every flush takes what has come since the last one and writes each changed
 * value once; then it states the revision that the cache has reached. A gap is filled from the
 * update log, so nothing is lost when the queue overflows or when the applier starts from a
 * snapshot.
 *
 * <p>A value is taken from the near cache, which is never behind; what is not there is read back,
 * brought up to date and written again; what is in neither is not cached and stays so. When the
 * cache fails, the revision is not stated: readers see the old one and fill the rest themselves; at
 * the next flush that works the cache is cleared first.
 *
 * <p>While a member of the data grid is frozen the applier's thread waits in the grid (ADR 0057),
 * and renews nothing meanwhile: the lease goes to another node. It ends with the call in which it
 * waits.
 *
 * <p>{@link #offer}, {@link #kept} and what only says how it is never block and may be called by
 * any thread; all else belongs to the applier's own thread, unless it says more.
 */
final class Applier {
  private static final Logger LOG = Logger.getLogger(Applier.class.getName());
  private static final int CATCH_UP_BATCH = 1_000;
  private static final int KEPT_QUEUE = 4_096;

  /** How often in an interval the queue and the lease are looked at. */
  private static final int LOOKS = 4;

  /**
   * So many updates behind is a turn's work: what is read there is brought up by a bounded window.
   */
  private static final int EAGER_UPDATES = 2_000;

  /** How long the stream's thread waits until the cache of the room is empty. */
  private static final Duration AFRESH = Duration.ofSeconds(5);

  private static final byte[] NOTHING = new byte[0];

  private final NearCache near;
  private final RoomStore room;
  private final RoomCalls calls;
  private final UpdateLog log;
  private final ApplierLease lease;
  private final LongSupplier warmStart;
  private final int catchUpLimit;
  private final ReaderMeters meters;
  private final int valueBytes;
  private final long flushMillis;

  /** So many waiting batches are a turn's work, whatever the time. */
  private final int eager;

  private final BlockingQueue<List<Update>> queue;
  private final BlockingQueue<CachedValue> kept = new ArrayBlockingQueue<>(KEPT_QUEUE);
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile boolean abandoned;
  private volatile long flushed;
  private volatile boolean sound = true;

  /** Where to start afresh, -1 for nowhere; set by the stream's thread. */
  private final AtomicLong afresh = new AtomicLong(-1);

  /** The cache of the room holds what the database lost, and nobody was told so in time. */
  private volatile boolean distrusted;

  /** Epoch of the lease under which this node writes, 0 while another one does. */
  private volatile long epoch;

  /**
   * An applier that is not running yet.
   *
   * @param calls for what another thread than the applier's asks of the room
   * @param lease of the room
   * @param warmStart fills the empty cache of the room from this node's disk and answers with the
   *     revision, 0 for nothing; called when this node takes over and finds nothing there
   */
  Applier(
      NearCache near,
      RoomStore room,
      RoomCalls calls,
      UpdateLog log,
      ApplierLease lease,
      LongSupplier warmStart,
      ReaderConfig config,
      ReaderMeters meters) {
    this.near = near;
    this.room = room;
    this.calls = calls;
    this.log = log;
    this.lease = lease;
    this.warmStart = warmStart;
    this.catchUpLimit = config.catchUpLimit();
    this.meters = meters;
    this.valueBytes = config.valueBytes();
    this.flushMillis = config.flushInterval().toMillis();
    this.eager = Math.max(1, config.applierQueue() / 4);
    this.queue = new ArrayBlockingQueue<>(config.applierQueue());
  }

  /** Takes updates; drops them when the queue is full, to be read from the log. */
  void offer(List<Update> updates) {
    queue.offer(updates);
  }

  /** Takes note that a value was loaded, so that the room has it too; dropped when too many. */
  void kept(CachedValue value) {
    kept.offer(value);
  }

  /** The last revision written to the cache of the room. */
  long flushed() {
    return flushed;
  }

  /** Whether the cache of the room took the last flush. */
  boolean sound() {
    return sound;
  }

  /** Whether this node writes the cache of the room. */
  boolean applying() {
    return heldEpoch() != 0;
  }

  /** Epoch of the lease under which this node writes, 0 while another one does, or may. */
  long heldEpoch() {
    return lease.lapsed() ? 0 : epoch;
  }

  /** From now on this node writes: from where its predecessor, or its own disk, left off. */
  private void takeOver(long won) {
    sound = true;
    try {
      long revision = room.take(won);
      if (revision == 0
          || near.applied() - revision > catchUpLimit
          || revision > log.lastRevision()) {
        // Nothing there, too far behind, or of a database that this one is not.
        room.clear();
        long loaded = warmStart.getAsLong();
        revision = loaded == 0 ? near.applied() : loaded;
      }
      flushed = revision;
      room.applied(revision);
    } catch (RuntimeException e) {
      fault("the cache of the room could not be taken over", e);
      flushed = near.applied();
      sound = false;
    }
    epoch = won;
  }

  /** Gives the lease of the room back. */
  void release() {
    lease.release();
    epoch = 0;
  }

  /**
   * The cache of the room rests on updates that the database lost: nobody reads it until whoever
   * writes it has emptied it and starts after the revision. Called by the stream's thread, of this
   * node or another one, whichever finds out first. It does not wait for a frozen grid: then the
   * applier's thread does it as soon as that answers.
   */
  void startAfresh(long revision) {
    afresh.set(revision);
    try {
      var unused =
          calls.call(
              AFRESH,
              () -> {
                room.distrust();
                return true;
              });
    } catch (RuntimeException e) {
      distrusted = true;
      fault("the cache of the room could not be given up; it is when it works again", e);
    }
  }

  /** Ends the loop after its turn. May be called by any thread. */
  void stop() {
    stop.countDown();
  }

  /** No value is written any more: the turn ends with the call that goes on. By any thread. */
  void abandon() {
    abandoned = true;
  }

  /**
   * Waits until the first turn is over: who holds the lease has filled the cache. By any thread.
   *
   * @return false when it is not within the limit
   */
  boolean begun(Duration limit) throws InterruptedException {
    return begun.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * The loop until {@link #stop()}: a turn at once and one per interval, and sooner when much waits
   * or the lease changes hands. Between two turns a value that changes all the time is not written:
   * a write occupies two members of the grid, and costs more than the update did.
   */
  void run() {
    long flushNanos = TimeUnit.MILLISECONDS.toNanos(flushMillis);
    long last = System.nanoTime() - flushNanos;
    try {
      do {
        long now = System.nanoTime();
        if (now - last >= flushNanos || behind() || leaseMoved()) {
          last = now;
          tick();
          begun.countDown();
        }
      } while (!stop.await(Math.max(1, flushMillis / LOOKS), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean behind() {
    return queue.size() >= eager || (epoch != 0 && near.applied() - flushed >= EAGER_UPDATES);
  }

  /** Also keeps the lease between two turns. */
  private boolean leaseMoved() {
    try {
      return lease.epoch() != epoch;
    } catch (RuntimeException | Error e) {
      LOG.log(Level.FINE, "the turn will say what is wrong with the lease", e);
      return true;
    }
  }

  /** One turn of the loop. Never throws. */
  void tick() {
    long start = afresh.getAndSet(-1);
    List<List<Update>> batches = new ArrayList<>();
    queue.drainTo(batches);
    if (start >= 0) {
      kept.clear();
      flushed = start;
      sound = false;
      batches.clear();
    }
    try {
      long held = lease.epoch();
      if (held == 0) {
        epoch = 0;
        kept.clear();
        giveUpWhatIsDistrusted();
        return;
      }
      giveUpWhatIsDistrusted();
      if (held != epoch) {
        takeOver(held);
      }
      if (start >= 0) {
        flushed = start;
        sound = false;
        room.clear();
      }
      List<Update> updates = new ArrayList<>();
      batches.forEach(updates::addAll);
      apply(updates);
      populate();
    } catch (ServiceException e) {
      // The update log is away; what was dropped here is read from it later.
      LOG.log(Level.FINE, "catch-up of the cache of the room has to wait", e);
    } catch (RuntimeException | Error e) {
      fault("the applier met a fault", e);
    }
  }

  private void giveUpWhatIsDistrusted() {
    if (distrusted) {
      room.distrust();
      distrusted = false;
    }
  }

  private void apply(List<Update> updates) {
    List<Update> next = new ArrayList<>(updates.size());
    long last = flushed;
    for (Update update : updates) {
      if (update.revision() > last + 1) {
        break;
      }
      if (update.revision() == last + 1) {
        next.add(update);
        last = update.revision();
      }
    }
    if (!next.isEmpty()) {
      flush(next);
    }
    catchUp();
  }

  /**
   * Reads the log until the cache is as far as the near cache, and no further: the log holds what
   * is committed but has not come to the near cache yet, and a value taken from there lacks it, so
   * it must not be stated.
   */
  private void catchUp() {
    long upTo = near.applied();
    while (flushed < upTo && queue.isEmpty()) {
      List<Update> missing =
          log.after(flushed, CATCH_UP_BATCH).stream()
              .takeWhile(update -> update.revision() <= upTo)
              .toList();
      if (missing.isEmpty()) {
        return;
      }
      if (missing.getFirst().revision() != flushed + 1) {
        LOG.warning("the update log does not reach back: the cache of the room starts afresh");
        sound = false;
      }
      flush(missing);
    }
  }

  private void flush(List<Update> updates) {
    long last = updates.getLast().revision();
    try {
      goOn();
      if (!sound) {
        room.clear();
        sound = true;
      }
      Changes changes = Changes.of(updates, this::firstKept);
      // Segments before groups: how far back trimming goes is read from the old group.
      changes.segments().forEach(this::writeSegment);
      changes.groups().forEach(this::writeGroup);
      changes.accounts().forEach(this::writeAccount);
      if (afresh.get() >= 0) {
        // The database lost some of these meanwhile: the next turn starts afresh.
        return;
      }
      room.applied(last);
      meters.applyBatch().observe(updates.size());
    } catch (RuntimeException | Error e) {
      fault("the cache of the room could not be written; it is cleared when it works again", e);
      sound = false;
    }
    flushed = last;
  }

  private long firstKept(GroupId group) {
    byte[] value = room.get(RoomKind.GROUP, RoomCodec.key(group));
    return value == null ? 1 : RoomCodec.group(value, 0).state().firstSeq();
  }

  private void writeGroup(GroupId id, List<Update> updates) {
    GroupReplica replica = near.groupIfPresent(id);
    String key = RoomCodec.key(id);
    if (replica == null) {
      replica = followed(RoomKind.GROUP, key, RoomCodec::group, updates);
    }
    if (replica != null) {
      GroupReplica.AsOf current = replica.current();
      put(RoomKind.GROUP, key, RoomCodec.encode(current.state(), current.revision()));
    }
  }

  private void writeSegment(SegmentKey id, List<Update> updates) {
    String key = RoomCodec.key(id);
    byte[] value =
        near.atRest(
            applied -> {
              Segment segment = near.segmentIfPresent(id);
              return segment == null ? NOTHING : segment.encoded();
            });
    if (value.length == 0) {
      Segment followed = followed(RoomKind.SEGMENT, key, RoomCodec::segment, updates);
      value = followed == null ? NOTHING : followed.encoded();
    }
    if (value.length > 0) {
      put(RoomKind.SEGMENT, key, value);
    }
  }

  private void writeAccount(Long id, List<Update> updates) {
    String key = RoomCodec.key(id);
    byte[] value =
        near.atRest(
            applied -> {
              AccountReplica account = near.accountIfPresent(id);
              return account == null ? NOTHING : account.encoded();
            });
    if (value.length == 0) {
      AccountReplica followed = followed(RoomKind.ACCOUNT, key, RoomCodec::account, updates);
      value = followed == null ? NOTHING : followed.encoded();
    }
    if (value.length > 0) {
      put(RoomKind.ACCOUNT, key, value);
    }
  }

  private interface Decoder<V> {
    V decode(byte[] value, long atLeast);
  }

  /** The value of the room brought up to date, or null when it has none or it cannot follow. */
  private <V extends CachedValue> @Nullable V followed(
      RoomKind kind, String key, Decoder<V> decoder, List<Update> updates) {
    goOn();
    byte[] value = room.get(kind, key);
    if (value == null) {
      return null;
    }
    try {
      V replica = decoder.decode(value, 0);
      boolean follows = true;
      for (Update update : updates) {
        follows = follows && (update.revision() <= replica.revision() || replica.apply(update));
      }
      if (follows) {
        return replica;
      }
    } catch (RuntimeException e) {
      LOG.log(Level.FINE, "a value of the room cannot be used: " + key, e);
    }
    room.remove(kind, key);
    return null;
  }

  /** Nothing more is asked of the grid once nobody waits for this thread any longer. */
  private void goOn() {
    if (abandoned) {
      throw new RoomCalls.AwayException("this node stops");
    }
  }

  private void put(RoomKind kind, String key, byte[] value) {
    goOn();
    if (value.length > valueBytes) {
      room.remove(kind, key);
    } else {
      room.put(kind, key, value);
    }
  }

  private void populate() {
    List<CachedValue> values = new ArrayList<>();
    kept.drainTo(values);
    if (!sound) {
      return;
    }
    for (CachedValue value : values) {
      switch (value) {
        case GroupReplica group -> writeGroup(group.state().id(), List.of());
        case Segment segment -> writeSegment(segment.key(), List.of());
        case AccountReplica account -> writeAccount(account.account(), List.of());
      }
    }
  }

  private void fault(String what, Throwable e) {
    meters.roomFaults().increment();
    LOG.log(sound ? Level.WARNING : Level.FINE, what, e);
  }

  /** Which values a run of updates changes, each with the updates that concern it. */
  private record Changes(
      Map<GroupId, List<Update>> groups,
      Map<SegmentKey, List<Update>> segments,
      Map<Long, List<Update>> accounts) {

    private interface FirstKept {
      long of(GroupId group);
    }

    static Changes of(List<Update> updates, FirstKept firstKept) {
      Changes changes = new Changes(new HashMap<>(), new HashMap<>(), new HashMap<>());
      for (Update update : updates) {
        if (update.seq() > 0) {
          add(changes.groups, update.group(), update);
          for (SegmentKey key : segments(update, firstKept)) {
            add(changes.segments, key, update);
          }
        }
        for (Long account : AccountReplica.concerned(update)) {
          add(changes.accounts, account, update);
        }
      }
      return changes;
    }

    private static <K> void add(Map<K, List<Update>> map, K key, Update update) {
      map.computeIfAbsent(key, k -> new ArrayList<>()).add(update);
    }

    private static Set<SegmentKey> segments(Update update, FirstKept firstKept) {
      Set<SegmentKey> keys = new LinkedHashSet<>();
      GroupId group = update.group();
      SegmentKey own = SegmentKey.of(group, update.seq());
      if (update.kind() == EntryKind.MESSAGE_EDITED) {
        keys.add(SegmentKey.of(group, update.target()));
      } else if (update.kind() == EntryKind.MESSAGE_RECALLED) {
        range(keys, group, update.target(), update.seq());
      } else if (update.kind() == EntryKind.HISTORY_TRIMMED && update.target() > 0) {
        range(keys, group, firstKept.of(group), update.target());
      }
      keys.add(own);
      return keys;
    }

    private static void range(Set<SegmentKey> keys, GroupId group, long from, long to) {
      long last = SegmentKey.of(group, to).index();
      for (long index = SegmentKey.of(group, from).index(); index <= last; index++) {
        keys.add(new SegmentKey(group, index));
      }
    }
  }
}
