package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;

/** The reader serves from its near cache even when the cache of the room is away. */
@ApplicationScoped
public class ReaderProbe implements HealthProbe {
  @Inject private ReaderNode reader;

  @Override
  public String name() {
    return "reader";
  }

  @Override
  public boolean up() {
    return reader.status().appliedRevision() >= 0;
  }

  @Override
  public Map<String, String> facts() {
    ReaderStatus status = reader.status();
    return Map.of(
        "nearCacheMebibytes", Long.toString(status.nearBytes() >> 20),
        "roomCache",
            status.dataGrid() ? (status.roomSound() ? "sound" : "catching up") : "not used",
        "roomRevision", Long.toString(status.roomRevision()),
        "snapshotRevision", Long.toString(status.snapshotRevision()));
  }
}
