package org.plenum.platform.health;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Whether the database answers. A short absence leaves the node in rotation: it reads from its
 * cache, and writes wait.
 */
@ApplicationScoped
public class DatabaseProbe implements HealthProbe {
  private static final int ANSWER_SECONDS = 2;

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  private volatile Duration grace = Duration.ZERO;
  private volatile long lastAnswer = System.nanoTime();
  private volatile String state = "not asked yet";

  @PostConstruct
  void configure() {
    grace = HealthConfig.from(ConfigProvider.getConfig()).databaseGrace();
  }

  @Override
  public String name() {
    return "database";
  }

  @Override
  public boolean up() {
    try (Connection connection = dataSource.getConnection()) {
      if (connection.isValid(ANSWER_SECONDS)) {
        lastAnswer = System.nanoTime();
        state = "answers";
        return true;
      }
      state = "does not answer";
    } catch (SQLException e) {
      state = "away: " + e.getMessage();
    }
    return System.nanoTime() - lastAnswer < grace.toNanos();
  }

  @Override
  public Map<String, String> facts() {
    return Map.of("state", state);
  }
}
