package org.plenum.reader;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import org.plenum.platform.health.HealthProbe;

/**
 * The reader serves from its near cache even when the cache of the room is away; a thread of it
 * that has ended is a fault.
 */
@ApplicationScoped
public class ReaderProbe implements HealthProbe {
  @Inject private ReaderNode reader;

  @Override
  public String name() {
    return "reader";
  }

  @Override
  public boolean up() {
    return reader.alive() && reader.status().appliedRevision() >= 0;
  }

  @Override
  public Map<String, String> facts() {
    ReaderStatus status = reader.status();
    Map<String, String> facts = new HashMap<>();
    facts.put("nearCacheMebibytes", Long.toString(status.nearBytes() >> 20));
    facts.put(
        "roomCache",
        status.dataGrid() ? (status.roomSound() ? "sound" : "catching up") : "not used");
    facts.put("applying", Boolean.toString(status.applying()));
    facts.put("roomRevision", Long.toString(status.roomRevision()));
    facts.put("snapshotRevision", Long.toString(status.snapshotRevision()));
    if (status.snapshotFault() != null) {
      // The reason names files of the server: that is for its log.
      facts.put("snapshotFault", "the last snapshot could not be written, see the log");
    }
    return facts;
  }
}
