package org.plenum.reader;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.plenum.platform.metrics.Meters;
import org.plenum.reader.api.ConsistencyReport;
import org.plenum.update.Update;
import org.plenum.update.UpdateListener;
import org.plenum.update.UpdateLog;
import org.plenum.update.UpdateStream;

/**
 * The parts of a reader, joined. Applier and snapshots are null when there is no cache of the room.
 */
record Reader(
    NearCache near,
    GroupQueries queries,
    ReaderStore store,
    RoomReplica room,
    @Nullable Applier applier,
    @Nullable Snapshots snapshots) {
  private static final Logger LOG = Logger.getLogger(Reader.class.getName());

  /** Makes a reader that follows the stream; its applier is caught up but its loop not running. */
  static Reader start(
      ReaderConfig config,
      ReaderStore store,
      @Nullable RoomStore room,
      UpdateLog log,
      UpdateStream stream,
      Path folder,
      Clock clock,
      Meters registry) {
    ReaderMeters meters = ReaderMeters.of(registry);
    AtomicReference<@Nullable Applier> applier = new AtomicReference<>();
    NearCache near =
        new NearCache(
            config,
            meters,
            value -> {
              Applier current = applier.get();
              if (current != null) {
                current.kept(value);
              }
            });
    Snapshots snapshots = null;
    if (room != null) {
      applier.set(new Applier(near, room, log, () -> true, config, meters));
      snapshots = new Snapshots(folder, room, log, clock, meters);
    }
    Applier running = applier.get();
    Snapshots noted = snapshots;
    near.startAt(
        stream.subscribe(
            new UpdateListener() {
              @Override
              public void onUpdates(List<Update> updates) {
                near.onUpdates(updates);
                if (noted != null) {
                  noted.noteErasures(updates);
                }
                if (running != null) {
                  running.offer(updates);
                }
              }

              @Override
              public void onAnotherHistory(long revision) {
                // The room first: what is loaded from now on does not come from it.
                if (running != null) {
                  running.startAfresh(revision);
                }
                near.onAnotherHistory(revision);
              }
            }));
    if (room != null && running != null && snapshots != null) {
      load(config, room, log, near, running, snapshots);
      gauges(registry, near, running, snapshots);
    }
    registry.gauge("reader_near_bytes", "Heap of the near cache", near::bytes);
    RoomReplica replica = new RoomReplica(room, meters);
    GroupQueries queries =
        new GroupQueries(
            near, new ReaderSource(store, replica, meters), store, config.positionWait(), meters);
    return new Reader(near, queries, store, replica, running, snapshots);
  }

  private static void load(
      ReaderConfig config,
      RoomStore room,
      UpdateLog log,
      NearCache near,
      Applier applier,
      Snapshots snapshots) {
    try {
      room.clear();
      long revision = snapshots.load(log.lastRevision(), config.catchUpLimit());
      applier.startAt(revision == 0 ? near.applied() : revision);
      applier.tick();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "the cache of the room starts empty", e);
      applier.startAt(near.applied());
    }
  }

  private static void gauges(
      Meters registry, NearCache near, Applier applier, Snapshots snapshots) {
    registry.gauge(
        "reader_room_lag",
        "Updates that the cache of the room is behind this node",
        () -> Math.max(0, near.applied() - applier.flushed()));
    registry.gauge(
        "reader_snapshot_age_seconds",
        "Age of the newest snapshot, -1 for none",
        snapshots::ageSeconds);
    registry.gauge(
        "reader_snapshot_bytes", "Size of the newest snapshot", () -> snapshots.state().bytes());
  }

  ReaderStatus status(long streamRevision) {
    Snapshots.State snapshot =
        snapshots == null ? new Snapshots.State(0, null, 0, 0, null) : snapshots.state();
    return new ReaderStatus(
        Math.min(streamRevision, near.applied()),
        near.bytes(),
        applier != null,
        applier != null && applier.sound(),
        applier == null ? 0 : applier.flushed(),
        snapshot.revision(),
        snapshot.at(),
        snapshot.fault());
  }

  ConsistencyReport consistency(int sample) {
    return new ConsistencyChecks(near, room, store).run(sample);
  }
}
