package org.plenum.reader;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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
    UpdateLog log,
    @Nullable Applier applier,
    @Nullable Snapshots snapshots) {
  /**
   * Makes a reader that follows the stream. Where the grid is this process alone its applier is
   * caught up; elsewhere it is after the first turn of its loop, which nothing here waits for. The
   * loop is not running.
   */
  static Reader start(
      ReaderConfig config,
      ReaderStore store,
      @Nullable RoomStore room,
      RoomCalls calls,
      UpdateLog log,
      ApplierLease lease,
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
      Snapshots made = new Snapshots(folder, room, log, clock, meters);
      snapshots = made;
      applier.set(
          new Applier(
              near,
              room,
              calls,
              log,
              lease,
              () -> made.load(log.lastRevision(), config.catchUpLimit()),
              config,
              meters));
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
              public void onLateReading(long revision) {
                near.onLateReading(revision);
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
      if (calls == RoomCalls.DIRECT) {
        // The holder of the lease fills the cache before anything is served (GRP-6).
        running.tick();
      }
      gauges(registry, near, running, snapshots);
    }
    registry.gauge("reader_near_bytes", "Heap of the near cache", near::bytes);
    RoomReplica replica = new RoomReplica(room, meters, calls);
    GroupQueries queries =
        new GroupQueries(
            near, new ReaderSource(store, replica, meters), store, config.positionWait(), meters);
    return new Reader(near, queries, store, replica, log, running, snapshots);
  }

  private static void gauges(
      Meters registry, NearCache near, Applier applier, Snapshots snapshots) {
    registry.gauge(
        "reader_room_lag",
        "Updates that the cache of the room is behind this node",
        () -> applier.applying() ? Math.max(0, near.applied() - applier.flushed()) : 0);
    registry.gauge(
        "reader_applying",
        "1 while this node writes the cache of the room, else 0",
        () -> applier.applying() ? 1 : 0);
    registry.gauge(
        "reader_applier_epoch",
        "Epoch under which this node writes the cache of the room, 0 for none",
        applier::heldEpoch);
    registry.gauge(
        "reader_room_revision",
        "Last revision that this node wrote to the cache of the room",
        applier::flushed);
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
        applier != null && applier.applying(),
        applier != null && applier.sound(),
        applier == null ? 0 : applier.flushed(),
        snapshot.revision(),
        snapshot.at(),
        snapshot.fault());
  }

  ConsistencyReport consistency(int sample, Duration limit) {
    return new ConsistencyChecks(near, room, store, log, limit, System::nanoTime).run(sample);
  }
}
