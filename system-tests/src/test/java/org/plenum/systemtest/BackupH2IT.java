package org.plenum.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.plenum.testkit.ChatSocket;
import org.plenum.testkit.ExternalProcess;
import org.plenum.testkit.RestClient;

/**
 * A backup that is taken while clients post and report, of a server that is then killed, in another
 * backup's middle; and what is there after its restore. Seed: {@code -Dplenum.seed}.
 */
@OnH2
class BackupH2IT {
  private static final List<String> PEOPLE = List.of("ada", "grace", "alan");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Test
  void whatWasAcknowledgedBeforeABackupIsThereAfterItsRestore(Installation installation)
      throws Exception {
    long seed = Long.getLong("plenum.seed", System.nanoTime());
    System.out.println("BackupH2IT: plenum.seed=" + seed);
    List<RestClient> people = PEOPLE.stream().map(installation::person).toList();
    RestClient ada = people.getFirst();
    String group = Groups.create(ada, "PUBLIC", people.get(1), people.get(2));
    String source = "backup-" + UUID.randomUUID();
    Path whole;
    List<PersistentPoster.Acknowledged> before;
    List<PersistentPoster.Acknowledged> all;
    try (PersistentPosters posters = new PersistentPosters(group, people, seed)) {
      posters.awaitMore(300);
      report(ada, source);
      List<Integer> counts = posters.counts();
      whole = newest(ada, installation, backup(ada));
      posters.awaitMore(100);
      posters.stop();
      ada.post("/backups", null).expect(202);
      installation.server().kill();
      before = posters.first(counts);
      all = posters.all();
    }
    assertThat(wholeOnes(installation)).allSatisfy(each -> tool(installation, "verify", each));

    tool(installation, "restore", whole);
    installation.server().restart();

    RestClient again = installation.person("ada");
    List<JsonNode> history = Groups.history(again, group);
    assertThat(Groups.seqs(history))
        .isEqualTo(LongStream.rangeClosed(1, history.size()).boxed().toList());
    List<PersistentPoster.Acknowledged> stored = PersistentPosters.posted(history);
    System.out.printf(
        "BackupH2IT: %d posts acknowledged before the backup, %d in it, %d in all%n",
        before.size(), stored.size(), all.size());
    assertThat(stored).containsAll(before);
    assertThat(stored).isEqualTo(all.subList(0, stored.size()));
    assertThat(stored.size()).as("the restore went back").isLessThan(all.size());
    Reported.awaitStored(again, source, 50);
    assertThat(Reported.keys(again, source))
        .isEqualTo(IntStream.range(0, 50).mapToObj(i -> "R-" + i).toList());
    JsonNode report = again.get("/consistency?sample=1000").expect(200).body();
    assertThat(report.path("consistent").asBoolean()).as(report.toString()).isTrue();

    // A client of the history that was given up is told so, and everything goes on.
    long head = history.size();
    try (ChatSocket socket = ChatSocket.open(again, Map.of(group, head + 500))) {
      JsonNode told = socket.await("resync", frame -> frame.path("head").asLong() == head);
      assertThat(told.path("history").asText()).isEqualTo("other");
    }
    assertThat(
            again
                .send("GET", "/groups/" + group, null, Map.of("Plenum-Position", "999999999"))
                .code())
        .isEqualTo("POSITION_NOT_REACHED");
    for (long seq = head + 1; seq <= head + 3; seq++) {
      JsonNode written =
          again.post("/groups/" + group + "/messages", Map.of("text", "on " + seq)).body();
      assertThat(written.path("seq").asLong()).isEqualTo(seq);
    }
    assertThat(backup(again)).isNotBlank();
    try (Stream<Path> left = Files.list(folder(installation))) {
      assertThat(left.filter(path -> path.toString().endsWith(".part")))
          .as("what the kill left")
          .isEmpty();
    }
  }

  private static void report(RestClient ada, String source) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      list.add(Reported.report(source, "R-" + i, "stock"));
    }
    ada.post("/reports", list).expect(200);
  }

  /** Makes one and gives its name. */
  private static String backup(RestClient ada) {
    String name = ada.post("/backups", null).expect(202).body().path("name").asText();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              JsonNode found = ada.get("/backups").expect(200).body().path("items");
              for (JsonNode each : found) {
                if (each.path("name").asText().equals(name)) {
                  assertThat(each.path("state").asText())
                      .as(each.toString())
                      .isNotEqualTo("FAILED");
                  return each.path("state").asText().equals("COMPLETE");
                }
              }
              return false;
            });
    return name;
  }

  private static Path newest(RestClient ada, Installation installation, String name) {
    JsonNode found = ada.get("/backups").expect(200).body().path("items").path(0);
    assertThat(found.path("name").asText()).isEqualTo(name);
    assertThat(found.path("revision").asLong()).isPositive();
    System.out.println("BackupH2IT: " + found);
    return folder(installation).resolve(name);
  }

  private static Path data(Installation installation) {
    return installation.server().domain().resolve("plenum");
  }

  private static Path folder(Installation installation) {
    return data(installation).resolve("backups");
  }

  private static List<Path> wholeOnes(Installation installation) throws IOException {
    try (Stream<Path> all = Files.list(folder(installation))) {
      return all.filter(Files::isDirectory)
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .toList();
    }
  }

  /** What {@code ./plenum restore} runs. */
  private static void tool(Installation installation, String command, Path backup) {
    Path domain = installation.server().domain();
    try (Stream<Path> modules = Files.list(domain.resolve("applications/plenum"))) {
      Path classes =
          modules
              .filter(path -> path.getFileName().toString().matches(".*plenum-ejb.*_jar"))
              .findFirst()
              .orElseThrow();
      ExternalProcess.run(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              classes + ":" + installation.server().payara().resolve("h2db/bin/h2.jar"),
              "org.plenum.backup.BackupTool",
              command,
              "--data",
              data(installation).toString(),
              "--from",
              backup.toString()),
          Map.of(),
          domain.resolve("logs/backup-tool.log"),
          PATIENCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
