package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * On H2, whose database is in the killed process. The file belongs to the server that has opened it
 * again, so that one is asked, and whether its memory says what the database does. Rounds: {@code
 * -Dplenum.kill.rounds.h2}.
 */
@OnH2
class KillLoopH2IT extends KillLoopContract {
  @Override
  int rounds() {
    return Integer.getInteger("plenum.kill.rounds.h2", 2);
  }

  @Override
  List<PersistentPoster.Acknowledged> stored(
      Installation installation, String group, List<JsonNode> history) {
    JsonNode report = installation.person("ada").get("/consistency?sample=1000").expect(200).body();
    assertThat(report.path("consistent").asBoolean()).as(report.toString()).isTrue();
    return PersistentPosters.posted(history);
  }
}
