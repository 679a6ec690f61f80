package org.plenum.web.push;

import java.time.Clock;
import org.plenum.group.api.GroupId;

/** Makes channels and hubs for tests. */
final class TestChannels {
  private TestChannels() {}

  static GroupChannel channel() {
    World world = new World(1);
    return new GroupChannel(GroupId.newId(Clock.systemUTC()), world.workers()[0], 0);
  }
}
