package org.plenum.container;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.UserTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.stream.LongStream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.naming.InitialContext;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.arquillian.junit5.container.annotation.ArquillianTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.plenum.account.api.Account;
import org.plenum.account.api.AccountService;
import org.plenum.group.api.Actor;
import org.plenum.group.api.CommandAnswer;
import org.plenum.group.api.CommandAnswer.Accepted;
import org.plenum.group.api.CommandAnswer.Rejected;
import org.plenum.group.api.CommandEnvelope;
import org.plenum.group.api.Durability;
import org.plenum.group.api.GroupCommand;
import org.plenum.group.api.GroupCommandService;
import org.plenum.group.api.GroupId;
import org.plenum.group.api.GroupQueryService;
import org.plenum.group.api.GroupType;
import org.plenum.group.api.PostingRule;
import org.plenum.group.api.ReadPoint;
import org.plenum.platform.ErrorCode;
import org.plenum.platform.Ids;
import org.plenum.platform.SchemaMigration;
import org.plenum.platform.WorkerPool;
import org.plenum.platform.metrics.Meters;
import org.plenum.update.Update;
import org.plenum.update.UpdateBatchCodec;
import org.plenum.update.UpdateStream;
import org.plenum.writer.WriterTransactionBean;

/** What the container has to do for Plenum, whatever the database. Runs inside the server. */
@ArquillianTest
abstract class PlenumInContainerContract {
  private static final Actor ADA = new Actor(1_000_001, "Ada Lovelace");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Resource(lookup = "jdbc/plenum")
  private DataSource dataSource;

  @Resource(lookup = "jms/plenum/ConnectionFactory")
  private ConnectionFactory connections;

  @Resource(lookup = "jms/plenum/GroupUpdateTopic")
  private Topic topic;

  @Inject private GroupCommandService commands;
  @Inject private GroupQueryService queries;
  @Inject private AccountService accounts;
  @Inject private UpdateStream stream;
  @Inject private WriterTransactionBean transactions;
  @Inject private Config config;
  @Inject private Meters meters;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  private ManagedThreadFactory threads;

  @Inject
  @ConfigProperty(name = "plenum.data.dir")
  private String dataFolder;

  private final Clock clock = Clock.systemUTC();

  /** The database's product. */
  abstract String product();

  @Test
  void theDatabaseIsTheOneThatTheDomainNames() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo(product());
    }
  }

  @Test
  void tracingAsksTheApplicationBeforeTheDataGrid() {
    ConfigValue skipped = config.getConfigValue("mp.opentracing.server.skip-pattern");
    assertThat(skipped.getSourceName()).isEqualTo("plenum-tracing");
    List<String> asked = new ArrayList<>();
    config.getConfigSources().forEach(source -> asked.add(source.getName()));
    assertThat(asked).containsSubsequence("SystemProperty", "plenum-tracing", "Cluster");
  }

  @Test
  void everyMigrationRanInOrder() throws SQLException {
    List<Long> versions =
        column(
            "SELECT CAST(\"version\" AS BIGINT) FROM \"flyway_schema_history\""
                + " WHERE \"success\" AND \"version\" IS NOT NULL ORDER BY \"installed_rank\"",
            Long.class);
    assertThat(versions).isNotEmpty();
    assertThat(versions)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, versions.size()).boxed().toList());
    // The files of the deployed archive, with their checksums, are what was run.
    assertThat(SchemaMigration.migrate(dataSource).migrationsExecuted).isZero();
  }

  @Test
  void theEntityManagerReadsAndWritesTheMigratedSchema() {
    String name = "n" + UUID.randomUUID().toString().replace("-", "");
    Account made = accounts.create(name, "Maria Mitchell", true, "correct-horse-" + name);
    accounts.setDisabled(made.id(), true);
    Account read = accounts.byId(made.id()).orElseThrow();
    assertThat(read.name()).isEqualTo(name);
    assertThat(read.displayName()).isEqualTo("Maria Mitchell");
    assertThat(read.admin()).isTrue();
    assertThat(read.disabled()).isTrue();
    assertThat(read.createdAt()).isEqualTo(made.createdAt());
    assertThat(accounts.search(name, null, 10).items()).extracting(Account::id).contains(read.id());
  }

  @Test
  void theWriterHoldsTheLeaseAndKeepsIt() throws SQLException {
    String holder = column("SELECT holder FROM writer_lease", String.class).getFirst();
    long epoch = column("SELECT epoch FROM writer_lease", Long.class).getFirst();
    Instant until = expiry();
    assertThat(holder).startsWith("server@");
    assertThat(epoch).isPositive();
    await().pollInSameThread().atMost(PATIENCE).until(() -> expiry().isAfter(until));
    assertThat(column("SELECT epoch FROM writer_lease", Long.class)).containsExactly(epoch);
  }

  @Test
  void aBatchHasATransactionOfItsOwn() throws Exception {
    TransactionSynchronizationRegistry registry =
        InitialContext.doLookup("java:comp/TransactionSynchronizationRegistry");
    UserTransaction mine = InitialContext.doLookup("java:comp/UserTransaction");
    mine.begin();
    try {
      Object outer = registry.getTransactionKey();
      Object inner =
          transactions.inNew(
              connection -> {
                assertThat(registry.getTransactionStatus()).isEqualTo(Status.STATUS_ACTIVE);
                return registry.getTransactionKey();
              });
      assertThat(outer).isNotNull();
      assertThat(inner).isNotNull().isNotEqualTo(outer);
    } finally {
      mine.rollback();
    }
  }

  @Test
  void whatFailsInATransactionIsUndoneAsAWhole() throws SQLException {
    long before = column("SELECT COUNT(*) FROM update_log WHERE revision < 0", Long.class).get(0);
    assertThatThrownBy(
            () ->
                transactions.inNew(
                    connection -> {
                      insertLogRow(connection, -1);
                      insertLogRow(connection, -2);
                      insertLogRow(connection, -1);
                      return true;
                    }))
        .hasMessageContaining("update_log");
    assertThat(column("SELECT COUNT(*) FROM update_log WHERE revision < 0", Long.class))
        .containsExactly(before);
  }

  private static void insertLogRow(Connection connection, long revision) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO update_log (revision, epoch, group_id, seq, kind, actor_id, subject_id,"
                + " target, no, at) VALUES (?, 0, ?, 0, 0, 0, 0, 0, 0, CURRENT_TIMESTAMP)")) {
      insert.setLong(1, revision);
      insert.setObject(2, new UUID(0, 0));
      insert.executeUpdate();
    }
  }

  @Test
  void anAnswerMeansThatTheRowsAreCommitted() throws Exception {
    UserTransaction mine = InitialContext.doLookup("java:comp/UserTransaction");
    GroupId group = newGroup();
    mine.begin();
    Accepted answer;
    try {
      answer = post(group, "kept").orThrow();
    } finally {
      mine.rollback();
    }
    String text = "group_id = '" + group + "' AND seq = " + answer.seq();
    assertThat(column("SELECT json FROM timeline_entry WHERE " + text, byte[].class))
        .singleElement()
        .satisfies(
            json -> assertThat(new String(json, StandardCharsets.UTF_8)).contains("\"kept\""));
    assertThat(column("SELECT revision FROM update_log WHERE " + text, Long.class))
        .containsExactly(answer.revision());
    assertThat(column("SELECT epoch FROM update_log WHERE " + text, Long.class))
        .isEqualTo(column("SELECT epoch FROM writer_lease", Long.class));
  }

  @Test
  void aRefusedTransactionAnswersEachCommandAndRewindsTheHead() throws Exception {
    GroupId group = newGroup();
    long head = post(group, "before").orThrow().seq();
    UUID taken = Ids.newId(clock);
    UUID elsewhere = Ids.newId(clock);
    occupy(elsewhere, taken);
    List<CompletableFuture<CommandAnswer>> posts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      UUID clientId = i == 7 ? taken : Ids.newId(clock);
      posts.add(send(clientId, group, new GroupCommand.PostMessage("m" + i, null)));
    }
    List<Long> stored = new ArrayList<>();
    List<ErrorCode> refused = new ArrayList<>();
    for (CompletableFuture<CommandAnswer> each : posts) {
      switch (each.get(PATIENCE.toSeconds(), SECONDS)) {
        case Accepted accepted -> stored.add(accepted.seq());
        case Rejected rejected -> refused.add(rejected.code());
      }
    }
    assertThat(refused).containsExactly(ErrorCode.CLIENT_ID_REUSED);
    assertThat(stored)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(head + 1, head + 19).boxed().toList());
    assertThat(post(group, "after").orThrow().seq()).isEqualTo(head + 20);
    assertThat(
            column(
                "SELECT seq FROM timeline_entry WHERE group_id = '" + group + "' ORDER BY seq",
                Long.class))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, head + 20).boxed().toList());
    update("DELETE FROM timeline_entry WHERE group_id = '" + elsewhere + "'");
  }

  /** A row under a client id that the writer has not heard of: the database refuses its batch. */
  private void occupy(UUID group, UUID clientId) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO timeline_entry (group_id, seq, kind, actor_id, subject_id, no, at,"
                    + " client_id, request_hash, json)"
                    + " VALUES (?, 1, 0, 0, 0, 0, CURRENT_TIMESTAMP, ?, 1, ?)")) {
      insert.setObject(1, group);
      insert.setObject(2, clientId);
      insert.setBytes(3, new byte[] {'{', '}'});
      insert.executeUpdate();
    }
  }

  @Test
  void aReadOfAPositionHasTheWriteOfThatPosition() throws Exception {
    GroupId group = newGroup();
    Accepted answer = post(group, "read back").orThrow();
    List<byte[]> entries =
        queries
            .historyBefore(ADA.id(), group, Long.MAX_VALUE, 10, ReadPoint.of(answer.revision()))
            .entries();
    assertThat(new String(entries.getLast(), StandardCharsets.UTF_8))
        .contains("\"seq\":" + answer.seq(), "\"read back\"");
  }

  @Test
  void listenersSeeEveryUpdateOnceAndInOrder() throws Exception {
    List<Update> seen = new CopyOnWriteArrayList<>();
    GroupId group = newGroup();
    long from = stream.subscribe(seen::addAll);
    long last = 0;
    for (int i = 0; i < 50; i++) {
      last = post(group, "m" + i).orThrow().revision();
    }
    long expected = last;
    await()
        .pollInSameThread()
        .atMost(PATIENCE)
        .until(() -> !seen.isEmpty() && seen.getLast().revision() >= expected);
    assertThat(seen)
        .extracting(Update::revision)
        .startsWith(LongStream.rangeClosed(from + 1, expected).boxed().toArray(Long[]::new));
  }

  @Test
  void theUpdateTopicCarriesWhatWasCommitted() throws Exception {
    try (JMSContext context = connections.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
      JMSConsumer consumer = context.createConsumer(topic);
      GroupId group = newGroup();
      Accepted answer = post(group, "for the peers").orThrow();
      List<Update> received = new ArrayList<>();
      while (received.stream().noneMatch(each -> each.revision() == answer.revision())) {
        Message message = consumer.receive(PATIENCE.toMillis());
        assertThat(message).as("the next batch on the topic").isInstanceOf(BytesMessage.class);
        received.addAll(UpdateBatchCodec.decode(message.getBody(byte[].class)));
      }
      assertThat(received)
          .filteredOn(each -> each.revision() == answer.revision())
          .singleElement()
          .satisfies(
              update -> {
                assertThat(update.group()).isEqualTo(group);
                assertThat(update.seq()).isEqualTo(answer.seq());
                assertThat(new String(update.json(), StandardCharsets.UTF_8))
                    .contains("for the peers");
              });
    }
  }

  @Test
  void theDataGridHoldsBytesAndNoClassesOfOurs() throws Exception {
    CacheManager caching = InitialContext.doLookup("payara/CacheManager");
    GroupId group = newGroup();
    Accepted answer = post(group, "cached").orThrow();
    Cache<String, byte[]> groups = caching.getCache("plenum-groups", String.class, byte[].class);
    Cache<String, byte[]> segments =
        caching.getCache("plenum-segments", String.class, byte[].class);
    await().pollInSameThread().atMost(PATIENCE).until(() -> valueOf(groups, group) != null);
    await()
        .pollInSameThread()
        .atMost(PATIENCE)
        .until(
            () -> {
              byte[] segment = valueOf(segments, group + ":" + answer.seq() / 64);
              return segment != null
                  && new String(segment, StandardCharsets.UTF_8).contains("\"cached\"");
            });
  }

  /** The applier's epoch is in front of each key. */
  private static byte @Nullable [] valueOf(Cache<String, byte[]> cache, Object key) {
    for (Cache.Entry<String, byte[]> entry : cache) {
      if (entry != null && entry.getKey().endsWith("/" + key)) {
        return entry.getValue();
      }
    }
    return null;
  }

  @Test
  void aWorkerPoolRunsOnPlatformThreadsInTheContextOfTheApplication() throws Exception {
    Callable<String> task =
        () -> {
          assertThat(Thread.currentThread().isVirtual()).isFalse();
          assertThat(accounts.byId(-1)).isEmpty();
          DataSource found = InitialContext.doLookup("jdbc/plenum");
          try (Connection connection = found.getConnection()) {
            return connection.getMetaData().getDatabaseProductName();
          }
        };
    try (WorkerPool pool = new WorkerPool("container-test", 2, 10, threads, meters)) {
      FutureTask<String> future = new FutureTask<>(task);
      pool.execute(future);
      assertThat(future.get(20, SECONDS)).isEqualTo(product());
    }
  }

  @Test
  void configurationComesFromTheDomain() {
    assertThat(config.getValue("plenum.accounts.hash-iterations", Integer.class)).isEqualTo(5_000);
    Path folder = Path.of(dataFolder);
    assertThat(folder).isEqualTo(Path.of(System.getProperty("com.sun.aas.instanceRoot"), "plenum"));
    assertThat(Files.isDirectory(folder)).isTrue();
  }

  private GroupId newGroup() throws Exception {
    GroupId group = GroupId.newId(clock);
    send(
            group,
            new GroupCommand.CreateGroup(
                GroupType.PUBLIC, "In container", "", PostingRule.EVERYONE, 0, null, List.of()))
        .get(PATIENCE.toSeconds(), SECONDS)
        .orThrow();
    return group;
  }

  private CommandAnswer post(GroupId group, String text) throws Exception {
    return send(group, new GroupCommand.PostMessage(text, null)).get(PATIENCE.toSeconds(), SECONDS);
  }

  private CompletableFuture<CommandAnswer> send(GroupId group, GroupCommand command) {
    return send(Ids.newId(clock), group, command);
  }

  private CompletableFuture<CommandAnswer> send(
      UUID clientId, GroupId group, GroupCommand command) {
    return commands
        .submit(
            new CommandEnvelope(
                clientId,
                group,
                ADA,
                false,
                command,
                Durability.DISK,
                clock.instant().plus(PATIENCE)))
        .toCompletableFuture();
  }

  private Instant expiry() throws SQLException {
    return column("SELECT expires_at FROM writer_lease", OffsetDateTime.class)
        .getFirst()
        .toInstant();
  }

  private <T> List<T> column(String sql, Class<T> type) throws SQLException {
    List<T> values = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        values.add(type == byte[].class ? type.cast(row.getBytes(1)) : row.getObject(1, type));
      }
    }
    return values;
  }

  private void update(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.executeUpdate();
    }
  }
}
