package org.plenum.systemtest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.plenum.testkit.RestClient;

/** On PostgreSQL. Rounds: {@code -Dplenum.kill.rounds}. */
@OnFaultyPostgres
class KillLoopIT extends KillLoopContract {
  @Override
  int rounds() {
    return Integer.getInteger("plenum.kill.rounds", 5);
  }

  @Override
  List<PersistentPoster.Acknowledged> stored(
      Installation installation, String group, List<JsonNode> history) throws SQLException {
    List<JsonNode> rows = new ArrayList<>();
    try (Connection connection = installation.postgres().connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT json FROM timeline_entry WHERE group_id = ?::uuid ORDER BY seq")) {
      query.setString(1, group);
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          rows.add(RestClient.json(new String(result.getBytes(1), StandardCharsets.UTF_8)));
        }
      }
    }
    return PersistentPosters.posted(rows);
  }
}
